"""The examples of the pages, run: what each of the tools answers to its call."""

import json
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from awe.adapters.schemas import JsonSchemas
from awe.adapters.tools.builtin import MODULES
from awe.adapters.tools.context import ToolContext
from awe.adapters.tools.definition import Definition
from awe.adapters.tools.registry import Registry
from support.tool_pages.examples import EXAMPLES, FIRST
from support.tool_pages.page import INTRODUCTIONS, group_page, index_page
from support.tool_pages.sample import make_sample


def builtin_tools() -> dict[str, Definition]:
    """The tools that come with AWE, by name."""
    registered = Registry.load(MODULES).tools.values()
    return {each.definition.contract.name: each.definition for each in registered}


def pages(root: Path) -> dict[str, str]:
    """Every page by its name; the folder is for the sample and for what the examples make."""
    tools = builtin_tools()
    answers = run_examples(tools, root)
    return {
        "README.md": index_page(tools),
        **{f"{group}.md": group_page(group, tools, answers) for group in INTRODUCTIONS},
    }


def run_examples(tools: Mapping[str, Definition], root: Path) -> dict[str, Any]:
    """What each tool answers to its example, all of them in one run; arguments and answers keep the contract."""
    make_sample(root)
    schemas, answers = JsonSchemas(), dict[str, Any]()
    with _inside(root):
        for name in sorted(EXAMPLES, key=lambda each: each not in FIRST):
            contract, context = tools[name].contract, ToolContext.standalone(root)
            assert schemas.validate(EXAMPLES[name], contract.input_schema) == (), name
            answers[name] = call(tools[name], EXAMPLES[name], context)
            assert schemas.validate(answers[name], contract.output_schema) == (), name
    return answers


def call(tool: Definition, arguments: Mapping[str, Any], context: ToolContext) -> Any:
    """The answer of a tool to arguments in JSON, as JSON."""
    keywords = tool.keywords(json.dumps(arguments).encode())
    if tool.context is not None:
        keywords[tool.context] = context
    return json.loads(tool.encoded(tool.function(**keywords)))


@contextmanager
def _inside(folder: Path) -> Generator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
