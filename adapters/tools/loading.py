"""Where tools come from: a module by its dotted name, or a file.

A file is imported under a name of its own, so two goals may each have their `tools.py`. Its folder can be imported
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
from typing import Final, Literal, NoReturn

from awe.adapters.tools.definition import Definition, definition_of
from awe.adapters.tools.errors import ToolLoadError

_PREFIX: Final = "awe_tools_"
_lock = RLock()  # the search path of modules is the whole process'


@dataclass(frozen=True, slots=True)
class Source:
    """`place` is a dotted name or an absolute path; in another process it leads to the same tools."""

    kind: Literal["module", "file"]
    place: str

    @classmethod
    def file(cls, path: Path) -> "Source":
        return cls("file", str(path.resolve()))


def load(source: Source) -> tuple[Definition, ...]:
    """The tools in a module or file; raises `ToolLoadError`."""
    with _lock:
        module = _module(source.place) if source.kind == "module" else _file(Path(source.place))
    values = (definition_of(value) for value in vars(module).values())
    found = tuple({id(each): each for each in values if each is not None}.values())
    if not found:
        raise ToolLoadError(f"{source.place} has no tool; decorate a function with @tool")
    return found


def _module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:  # noqa: BLE001 (whatever its code does, the loader says so)
        _cannot_load(name, error)


def _file(path: Path) -> ModuleType:
    name = f"{_PREFIX}{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ToolLoadError(f"{path} is no Python file; its name must end with .py")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        with _importable(path.parent):
            spec.loader.exec_module(module)
    except BaseException as error:
        del sys.modules[name]
        if isinstance(error, Exception | SystemExit):
            _cannot_load(str(path), error)
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


def _cannot_load(place: str, error: BaseException) -> NoReturn:
    """Say which line of the tools' own file it was, where it can be told."""
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == place or frame.filename.endswith(f"/{place.replace('.', '/')}.py")
    ]
    line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None
    where = f"{place}, line {line}" if line else place
    kind = type(error).__name__
    raise ToolLoadError(f"the tools of {where} cannot be loaded: {kind}: {error}") from error
