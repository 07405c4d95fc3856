"""Cuts a stopped server's append-only file as a crash of its host does: the last commands never reached the disk."""

import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

_FOLDER = "appendonlydir"


class AppendOnlyFile:
    """A server's append-only files. Older states are kept, since each healing rewrites what came before it."""

    def __init__(self, home: Path) -> None:
        """``home``: the server's folder, with its files under ``data``."""
        self._now = home / "data" / _FOLDER
        self._saved: list[Path] = []

    def save(self) -> None:
        """Keep the present state, which the next healing rewrites."""
        saved = self._now.parent.parent / f"saved-{len(self._saved)}"
        _copy(self._now, saved)
        self._saved.append(saved)

    def cut(self, log: str, keep: int) -> None:
        """Lose every transaction from the first one on that wrote an entry of a log above ``keep``."""
        self.save()
        for state in reversed(self._saved):
            if self._now.exists():
                subprocess.run(["rm", "-r", self._now], check=True)
            _copy(state, self._now)
            if _cut(_last_file(self._now), log.encode(), keep):
                return
        raise AssertionError(f"no state of the append-only file ends at entry {keep} of {log}")


def _copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-a", source, target], check=True)


def _last_file(folder: Path) -> Path:
    (manifest,) = folder.glob("*.manifest")
    names = [words[1] for line in manifest.read_text().splitlines() if (words := line.split())[-1] == "i"]
    return folder / names[-1]


def _cut(file: Path, log: bytes, keep: int) -> bool:
    """Cut the file, unless what is to be kept ends before it begins."""
    transaction = None
    begins_after = None
    for offset, command in commands(file.read_bytes()):
        match [part.upper() for part in command[:1]]:
            case [b"MULTI"]:
                transaction = offset
            case [b"EXEC"]:
                transaction = None
            case [b"XADD"] if command[1] == log:
                n = int(next(part for part in command[2:] if part.endswith(b"-0"))[:-2])
                begins_after = n - 1 if begins_after is None else begins_after
                if n > keep:
                    with file.open("r+b") as opened:
                        opened.truncate(offset if transaction is None else transaction)
                    return begins_after <= keep
            case _:
                pass
    return False


def commands(data: bytes) -> Iterator[tuple[int, Sequence[bytes]]]:
    """Yield each command with the offset at which it begins."""
    at = 0
    while at < len(data):
        begin = at
        end = data.index(b"\r\n", at)
        count = int(data[at + 1 : end])
        at = end + 2
        parts: list[bytes] = []
        for _ in range(count):
            end = data.index(b"\r\n", at)
            size = int(data[at + 1 : end])
            parts.append(data[end + 2 : end + 2 + size])
            at = end + 2 + size + 2
        yield begin, parts
