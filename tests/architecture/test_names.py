"""Files are named for a concept, and the tree names no machine and no registry."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMELESS = re.compile(r"(^|/)(utils?|helpers?|common|misc|manager)(\.py|/)", re.IGNORECASE)
REGISTRY = re.compile(
    r"^\s*(-i|--(extra-)?index-url|--find-links) ?|file:/{3}|https?://[^ \"]*/(simple|packages)/",
    re.MULTILINE,
)


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [Path(name) for name in listed.stdout.decode().split("\0") if name]


def test_no_file_is_named_for_nothing() -> None:
    assert [name for name in tracked() if NAMELESS.search(str(name))] == []


def test_locks_name_no_registry() -> None:
    for lock in ROOT.glob("*.lock"):
        assert REGISTRY.search(lock.read_text(encoding="utf-8")) is None, lock.name
        assert "--hash=sha256:" in lock.read_text(encoding="utf-8")
