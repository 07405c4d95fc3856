"""Guides as programs: the files and commands of a page, run in an empty folder as a reader would, and what they print.

A file is a fenced block whose name stands in a line of its own before it. Commands are fenced blocks of `sh`; a
comment `# ends with N` is the exit code that the page promises, 0 where it promises none. A block of `text` right
after them is what they print: to standard output if they print anything there, else to standard error. A line `…`
stands for any number of lines.
"""

import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

TIMEOUT_S: Final = 100
_FENCED: Final = re.compile(
    r"(?:^`(?P<name>[^`\n]+)`\n\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_PROMISE: Final = re.compile(r"#\s*ends with (\d+)$")
_ANY: Final = "…"
_VARYING: Final = (
    (re.compile(r"\br-\d\d-[0-9a-z]{26}\b"), "RUN"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?"), "TIME"),
    (re.compile(r"\b\d+\.\d+s\b"), "DURATION"),
    (re.compile(r"\b(?=[0-9a-f]*\d)([0-9a-f]{64}|[0-9a-f]{12})\b"), "DIGEST"),
    (re.compile(r"\bcli:\w+"), "cli:ACCOUNT"),
    (re.compile(r"[ ]+"), " "),  # columns are as wide as what varies
)


@dataclass
class Commands:
    """A block of commands, what the page promises of them, and what came of them."""

    lines: Sequence[str]
    shown: str | None = None
    codes: Sequence[int] = ()
    out: str = ""
    err: str = ""

    @property
    def promised(self) -> Sequence[int]:
        found = (_PROMISE.search(line) for line in self.lines)
        return [int(each[1]) if each else 0 for each in found]

    @property
    def printed(self) -> str:
        return self.out or self.err


@dataclass
class Guide:
    """A page's files and commands in their order."""

    steps: Sequence["Commands | File"] = field(default_factory=list["Commands | File"])

    @property
    def commands(self) -> Iterator[Commands]:
        return (step for step in self.steps if isinstance(step, Commands))


@dataclass(frozen=True)
class File:
    name: str
    text: str


def read_guide(page: Path) -> Guide:
    steps: list[Commands | File] = []
    for block in _FENCED.finditer(page.read_text(encoding="utf-8")):
        text = block["text"]
        if block["name"]:
            steps.append(File(block["name"], text))
        elif block["kind"] == "sh":
            steps.append(Commands(text.splitlines()))
        elif block["kind"] == "text" and steps and isinstance(last := steps[-1], Commands):
            last.shown = text
        else:
            raise ValueError(f"{page.name} has a block that is no file, command or output: {text[:40]!r}")
    return Guide(steps)


def follow(guide: Guide, folder: Path, environment: Mapping[str, str]) -> None:
    """Do everything that the page says, in one shell; what is printed is kept beside the folder."""
    work, beside = folder / "work", folder / "beside"
    work.mkdir(parents=True)
    beside.mkdir()
    script = [f"cd {shlex.quote(str(work))}"]
    for number, step in enumerate(guide.steps):
        kept = beside / str(number)
        if isinstance(step, File):
            kept.write_text(step.text, encoding="utf-8")
            script.append(f"mkdir -p {shlex.quote(str(Path(step.name).parent))}")
            script.append(f"cp {kept} {shlex.quote(step.name)}")
        else:
            script += [
                f"{{ {line}\n}} >>{kept}.out 2>>{kept}.err; echo $? >>{kept}.codes" for line in step.lines
            ]
    subprocess.run(
        ["bash", "-c", "\n".join(script)],
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        timeout=TIMEOUT_S,
        check=True,
    )
    for number, step in enumerate(guide.steps):
        if isinstance(step, Commands):
            kept = beside / str(number)
            step.out, step.err, codes = (
                kept.with_name(f"{number}.{end}").read_text(encoding="utf-8")
                for end in ("out", "err", "codes")
            )
            step.codes = [int(code) for code in codes.split()]


def agrees(printed: str, shown: str) -> bool:
    """Whether what was printed is what the page shows, but for what varies."""
    wanted = "\n".join(r"(?s:.*)" if line == _ANY else re.escape(line) for line in _steady(shown))
    return re.fullmatch(wanted, "\n".join(_steady(printed))) is not None


def _steady(text: str) -> Iterator[str]:
    for line in text.strip("\n").splitlines():
        said = line.rstrip()
        for pattern, name in _VARYING:
            said = pattern.sub(name, said)
        yield said
