"""Projectors come from modules by dotted names, from Python files, and from installed packages (`awe.projections`).

Every class that is a complete projector and defined right there is made, without arguments; so is no other. A file is
imported under a name of its own, and nothing is written beside it.
"""

import hashlib
import importlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Iterable, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Final, NoReturn

from awe.adapters.projectors.errors import ProjectorLoadError
from awe.projections.projector import Projector

GROUP: Final = "awe.projections"
_PREFIX: Final = "awe_projections_"


def load(modules: Iterable[str] = (), files: Iterable[Path] = ()) -> Sequence[Projector]:
    """The projectors of these modules and files, and of installed packages that name modules in their entry points.

    Raises:
        ProjectorLoadError: one cannot be imported, or has no projector that is complete.
    """
    installed = [each.module for each in entry_points(group=GROUP)]
    found = [each for name in dict.fromkeys((*installed, *modules)) for each in _of(_module(name), name)]
    for path in dict.fromkeys(each.resolve() for each in files):
        found += _of(_file(path), str(path))
    return found


def _of(module: ModuleType, place: str) -> Sequence[Projector]:
    classes = [
        each
        for each in vars(module).values()
        if inspect.isclass(each) and issubclass(each, Projector) and each.__module__ == module.__name__
    ]
    made: list[Projector] = []
    for each in classes:
        if inspect.isabstract(each) or not all(hasattr(each, name) for name in _SAID):
            continue
        try:
            made.append(each())
        except Exception as error:  # noqa: BLE001 (whatever its code does, the loader says so)
            _cannot_load(place, error)
    if not made:
        lacking = (
            f": {classes[0].__name__} lacks some of {', '.join((*_SAID, 'keys', 'apply'))}" if classes else ""
        )
        raise ProjectorLoadError(f"{place} has no projection{lacking}")
    return made


_SAID: Final = ("name", "version", "events", "table")


def _module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:  # noqa: BLE001 (likewise)
        _cannot_load(name, error)


def _file(path: Path) -> ModuleType:
    name = f"{_PREFIX}{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ProjectorLoadError(f"{path} is no Python file; its name must end with .py")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    silent, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(module)
    except BaseException as error:
        del sys.modules[name]
        if isinstance(error, Exception | SystemExit):
            _cannot_load(str(path), error)
        raise
    finally:
        sys.dont_write_bytecode = silent
    return module


def _cannot_load(place: str, error: BaseException) -> NoReturn:
    """Say which line of the file it was, where it can be told."""
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == place or frame.filename.endswith(f"/{place.replace('.', '/')}.py")
    ]
    line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None
    where = f"{place}, line {line}" if line else place
    raise ProjectorLoadError(
        f"the projections of {where} cannot be loaded: {type(error).__name__}: {error}"
    ) from error
