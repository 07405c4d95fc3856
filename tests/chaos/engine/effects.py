"""What the tools' calls left behind, read back from their folder."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from chaos.engine.tools import CALLS, FILES, LINES

Place = tuple[str, str]
"""Run and task key."""


@dataclass(frozen=True, slots=True)
class Effects:
    """`calls` counts the calls by tool and place, `lines` the lines of `chaos.add` by place.

    `files` holds what each file of `chaos.put` says by its key, `keys` the keys by place.
    """

    calls: Counter[tuple[str, str, str]]
    lines: Counter[Place]
    files: Mapping[str, str]
    keys: Mapping[Place, list[str]]

    @classmethod
    def read(cls, folder: Path) -> Self:
        files: dict[str, str] = {}
        keys: dict[Place, list[str]] = {}
        for file in (folder / FILES).iterdir():
            if "." in file.name:  # its call was killed before it was whole
                continue
            told = json.loads(file.read_bytes())
            files[file.name] = told["value"]
            keys.setdefault((told["run"], told["task"]), []).append(file.name)
        calls = Counter((tool, run, task) for tool, run, task in map(str.split, _lines(folder / CALLS)))
        lines = Counter((run, task) for run, task in map(str.split, _lines(folder / LINES)))
        return cls(calls, lines, files, keys)

    def calls_of(self, tool: str) -> int:
        """How many calls of a tool there were."""
        return sum(count for (called, _, _), count in self.calls.items() if called == tool)


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []
