"""The small repository and the values that the examples on the pages work on."""

from pathlib import Path
from typing import Any

from support.git_repository import ADA, GRACE, GitRepository

FOLDER = "clones/calculator"

MIT = (
    "MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a copy of this software"
    " ...\nThe above copyright notice and this permission notice shall be included in all copies ...\n"
)
PROJECT = (
    '[project]\nname = "calculator"\nlicense = "MIT"\ndependencies = ["rich>=13", "typer"]\n\n'
    '[dependency-groups]\ndev = ["pytest>=9"]\n'
)
ADD = "def add(a, b):\n    return a + b\n"
DIVIDE = ADD + "\n\ndef divide(a, b):\n    return a / b  # TODO: say what happens with 0\n"

MONTHS: list[dict[str, Any]] = [
    {"month": "2026-01", "commits": 2, "lines": 21},
    {"month": "2026-02", "commits": 1, "lines": 4},
]
PEOPLE: list[dict[str, Any]] = [
    {"name": "Ada", "team": "core", "commits": 12},
    {"name": "Grace", "team": "tools", "commits": 30},
    {"name": "Linus", "team": "core", "commits": 3},
]


def make_sample(root: Path) -> None:
    """The repository of the examples, below the folder."""
    with GitRepository(root / FOLDER) as made:
        made.commit(
            {"LICENSE": MIT, "pyproject.toml": PROJECT, "calculator/add.py": ADD},
            "Add two numbers",
            at="2026-01-05T10:00:00+00:00",
        )
        first = made.commit(
            {"README.md": "# Calculator\n\nIt adds.\n"},
            "Say what it is",
            author=GRACE,
            at="2026-01-20T09:30:00+00:00",
        )
        made.tag("v1.0.0", first, "The first release", at="2026-01-21T08:00:00+00:00")
        made.commit({"calculator/add.py": DIVIDE}, "Divide, too", author=ADA, at="2026-02-02T16:45:00+00:00")
