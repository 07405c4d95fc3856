"""A plan's graph as text, exactly."""

from awe.api.cli import plan_text
from awe.api.cli.plan_outline import Outline
from awe.domain.plan.model import Plan

PLAN = Plan.model_validate(
    {
        "name": "release_notes",
        "goal": "Say what is new.",
        "version": 2,
        "tasks": [
            {"id": "collect", "tool_requests": [{"tool": "git.log", "version": "1"}]},
            {"id": "style", "tool_requests": [{"tool": "files.read"}]},
            {
                "id": "classify",
                "deps": ["collect"],
                "tool_requests": [{"tool": "text.classify", "arguments": {"text": {"$from": "item"}}}],
                "for_each": {"items": {"$from": "collect", "path": "/commits"}, "max_items": 200},
                "on_failure": "continue",
            },
            {
                "id": "write",
                "deps": ["classify"],
                "order_only": ["style"],
                "tool_requests": [
                    {"tool": "text.write", "arguments": {"about": {"$from": "classify"}}},
                    {"tool": "files.write", "arguments": {"text": {"$from": "requests/0", "path": "/text"}}},
                ],
                "when": "inputs.write",
            },
        ],
        "outputs": {"notes": {"$from": "write", "path": "/path"}, "asked": {"$from": "inputs"}},
    }
)


def test_the_graph_as_a_table() -> None:
    assert plan_text.text(Outline.of(PLAN)) == (
        "release_notes, version 2: 4 tasks in 3 levels\n"
        "Say what is new.\n"
        "\n"
        "LEVEL  TASK      AFTER                         TOOLS                    NOTES\n"
        "0      collect                                 git.log@1\n"
        "0      style                                   files.read\n"
        "1      classify  collect                       text.classify            "
        "for each of collect/commits, at most 200; run goes on if it fails\n"
        "2      write     classify, style (order only)  text.write, files.write  when inputs.write; gives notes"
    )


def test_the_graph_as_a_document() -> None:
    document = Outline.of(PLAN).document()
    assert document["levels"] == [["collect", "style"], ["classify"], ["write"]]
    assert document["links"] == [
        {"from": "collect", "to": "classify", "order_only": False, "bound": ("/commits",)},
        {"from": "classify", "to": "write", "order_only": False, "bound": ("/",)},
        {"from": "style", "to": "write", "order_only": True, "bound": ()},
    ]
    assert document["tasks"][2] == {
        "id": "classify",
        "title": "",
        "level": 1,
        "tools": ["text.classify"],
        "when": None,
        "for_each": {"items": {"$from": "collect", "path": "/commits"}, "max_items": 200},
        "on_failure": "continue",
        "outputs": (),
    }
