"""`awe mcp serve` before a real client: structured results, and nothing but the protocol on standard output."""

import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.types import TextContent

from support.goal_folders import TOOLS
from support.server_homes import next_home

PLAYBOOK = """
name: counting
match: {phrases: [count words]}
inputs: {type: object, properties: {text: {type: string}}, required: [text]}
plan:
  tasks:
    - id: count
      tool_requests: [{tool: my.count, arguments: {text: {$param: text}}}]
      acceptance_criteria: [{id: some, source: output.words > 0}]
  outputs: {words: {$from: count, path: /words}}
"""


@asynccontextmanager
async def client(home: Path, folder: Path) -> AsyncGenerator[Client]:
    (folder / "tools.py").write_text(TOOLS, encoding="utf-8")
    (folder / "playbook.yaml").write_text(PLAYBOOK, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWE_")}
    variables = {
        "PYTHONPATH": os.pathsep.join(sys.path),
        "AWE_HOME": str(home),
        "AWE_PLAYBOOKS": str(folder),
        "AWE_EMBEDDED_LINGER_S": "0",
    }
    command = ["-m", "awe", "mcp", "serve", "--actor", "mcp:test", "--tools", str(folder / "tools.py")]
    server = StdioServerParameters(command=sys.executable, args=command, env={**kept, **variables})
    async with Client(server, read_timeout_seconds=60) as connected:
        yield connected


async def asked(connected: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await connected.call_tool(tool, arguments)
    assert not result.is_error, result.content
    content: dict[str, Any] | None = result.structured_content
    assert content is not None
    return content


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # (of the client's own pipes)
async def test_a_goal_from_a_client(session_homes: Path, tmp_path: Path) -> None:
    async with client(next_home(session_homes), tmp_path) as connected:
        tools = {tool.name: tool for tool in (await connected.list_tools()).tools}
        assert set(tools) == {"submit_goal", "list_runs", "show_run"}
        assert all(tool.output_schema for tool in tools.values())

        refused = await asked(connected, "submit_goal", goal="sing a song")
        assert (refused["run"], refused["status"], refused["findings"][0]["code"]) == (
            None,
            "refused",
            "G001",
        )

        goal = {"goal": "please count words", "inputs": {"text": "a b c"}, "idempotency_key": "k"}
        begun = await asked(connected, "submit_goal", **goal)
        assert (begun["status"], begun["findings"]) == ("submitted", [])
        assert (await asked(connected, "submit_goal", **goal))["run"] == begun["run"]

        shown = await asked(connected, "show_run", run=begun["run"], wait_s=60)
        assert (shown["status"], shown["outputs"]) == ("succeeded", {"words": 3})
        (listed,) = (await asked(connected, "list_runs", status=["succeeded"]))["runs"]
        assert listed["run"] == begun["run"]

        missing = await connected.call_tool("show_run", {"run": "r-00-" + "0" * 26})
        assert missing.is_error
        assert isinstance(missing.content[0], TextContent)
        assert "There is no run" in missing.content[0].text
