"""A plan's graph as a table, level by level."""

from __future__ import annotations

from collections import defaultdict

from awe.api.cli.output import table
from awe.api.cli.plain import plain
from awe.api.cli.plan_outline import Outline, continues, each, tools


def text(outline: Outline) -> str:
    tasks = outline.plan.tasks
    after: defaultdict[int, list[str]] = defaultdict(list)
    for link in outline.links:
        after[link.target].append(tasks[link.source].id + " (order only)" * link.order_only)
    rows = [
        (
            str(level),
            tasks[task].id,
            ", ".join(after[task]),
            ", ".join(tools(tasks[task])),
            _notes(outline, task),
        )
        for level, members in enumerate(outline.levels)
        for task in members
    ]
    heading = "\n".join(filter(None, (outline.headline(), plain(outline.plan.goal))))
    return f"{heading}\n\n{table(('LEVEL', 'TASK', 'AFTER', 'TOOLS', 'NOTES'), rows)}"


def _notes(outline: Outline, index: int) -> str:
    task = outline.plan.tasks[index]
    when = f"when {task.when}" if task.when else ""
    results = ", ".join(outline.results.get(task.id, ()))
    return "; ".join(filter(None, (each(task), when, continues(task), results and f"gives {results}")))
