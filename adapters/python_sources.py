"""Python code that people bring along: a module by its dotted name, or a file.

A file is imported under a name of its own, so two folders may each have their `tools.py`. Its folder can be imported
from only while the file itself is imported, and what came from there is forgotten again: another file's neighbours
may have the same names. Nothing is written beside it.
"""

import hashlib
import importlib
import importlib.util
import sys
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from types import ModuleType
from typing import Final, Literal

_PREFIX: Final = "awe_file_"
_lock = RLock()  # the search path of modules is the whole process'


class SourceUnusable(Exception):  # noqa: N818 (named for the fact)
    """The code cannot be had; the message says which, where, and why."""


@dataclass(frozen=True, slots=True)
class Source:
    """`place` is a dotted name or an absolute path; in another process it leads to the same code."""

    kind: Literal["module", "file"]
    place: str

    @classmethod
    def file(cls, path: Path) -> "Source":
        return cls("file", str(path.resolve()))


def imported(source: Source, what: str) -> ModuleType:
    """The module or file, imported once a process. `what` it holds is for messages, for instance `tools`.

    Raises:
        SourceUnusable: it is not there, it is no Python, or its code fails; the fault of its code is the cause.
    """
    with _lock:
        if source.kind == "file":
            return _file(Path(source.place), what)
        try:
            return importlib.import_module(source.place)
        except (Exception, SystemExit) as error:
            raise SourceUnusable(cannot_load(what, source.place, error)) from error


def cannot_load(what: str, place: str, error: BaseException) -> str:
    """Say which line of the code it was, where it can be told."""
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == place or frame.filename.endswith(f"/{place.replace('.', '/')}.py")
    ]
    line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None
    where = f"{place}, line {line}" if line else place
    return f"the {what} of {where} cannot be loaded: {type(error).__name__}: {error}"


def _file(path: Path, what: str) -> ModuleType:
    name = f"{_PREFIX}{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise SourceUnusable(f"{path} is no Python file; its name must end with .py")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        with _importable(path.parent):
            spec.loader.exec_module(module)
    except BaseException as error:
        del sys.modules[name]
        if isinstance(error, Exception | SystemExit):
            raise SourceUnusable(cannot_load(what, str(path), error)) from error
        raise
    return module


@contextmanager
def _importable(folder: Path) -> Generator[None]:
    before, silent = set(sys.modules), sys.dont_write_bytecode
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        sys.dont_write_bytecode = silent
        sys.path.remove(str(folder))
        forgotten = {name for name in set(sys.modules) - before if _lies_in(sys.modules.get(name), folder)}
        for name in set(sys.modules) - before:
            if name.partition(".")[0] in forgotten:
                del sys.modules[name]


def _lies_in(module: ModuleType | None, folder: Path) -> bool:
    """Whether a module or package stands right in the folder; one of a library installed below it does not."""
    spec = getattr(module, "__spec__", None)
    if spec is None or spec.name.startswith(_PREFIX):
        return False
    places = spec.submodule_search_locations or ([spec.origin] if spec.has_location else [])
    return any(Path(place).parent == folder for place in places)
