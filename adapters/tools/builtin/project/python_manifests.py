"""What Python projects declare: pyproject.toml (also Poetry's), setup.cfg, and files of requirements."""

import configparser
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from awe.adapters.tools.builtin.project.declared import (
    RUNTIME,
    Declared,
    Manifest,
    ManifestBroken,
    is_table,
    table_at,
    text_or_none,
    texts,
)
from awe.adapters.tools.builtin.project.requirement import requirement, requirements

_PYTHON: Final = "python"
_COMMENT: Final = re.compile(r"(?:^|\s)#.*")
_OPTIONS: Final = re.compile(r"\s--?[a-z]")


def pyproject(text: str) -> Manifest:
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ManifestBroken(f"no TOML: {error}") from error
    project, poetry = table_at(document, "project"), table_at(document, "tool", "poetry")
    return Manifest(_PYTHON, [*_standard(document), *_poetry(poetry)], _licence(project, poetry))


def _standard(document: Mapping[str, Any]) -> Iterator[Declared]:
    project = table_at(document, "project")
    yield from requirements(texts(project.get("dependencies")), RUNTIME)
    for group, wanted in table_at(project, "optional-dependencies").items():
        yield from requirements(texts(wanted), f"optional: {group}")
    for group, wanted in table_at(document, "dependency-groups").items():
        yield from requirements(texts(wanted), f"group: {group}")
    yield from requirements(texts(table_at(document, "build-system").get("requires")), "build")


def _poetry(poetry: Mapping[str, Any]) -> Iterator[Declared]:
    yield from _poetry_group(table_at(poetry, "dependencies"), RUNTIME)
    yield from _poetry_group(table_at(poetry, "dev-dependencies"), "group: dev")
    for group, wanted in table_at(poetry, "group").items():
        yield from _poetry_group(table_at(wanted, "dependencies"), f"group: {group}")


def _poetry_group(wanted: Mapping[str, Any], group: str) -> Iterator[Declared]:
    for name, said in wanted.items():
        if name != "python":
            version = said.get("version") if is_table(said) else said
            yield Declared(name, text_or_none(version) or "", group)


def _licence(project: Mapping[str, Any], poetry: Mapping[str, Any]) -> str | None:
    said = project.get("license")
    found = said if isinstance(said, str) else table_at(project, "license").get("text")
    return text_or_none(found) or text_or_none(poetry.get("license"))


def setup_cfg(text: str) -> Manifest:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise ManifestBroken(f"no INI file: {str(error).splitlines()[0]}") from error
    found = requirements(_lines(parser.get("options", "install_requires", fallback="")), RUNTIME)
    found += requirements(_lines(parser.get("options", "setup_requires", fallback="")), "build")
    if parser.has_section("options.extras_require"):
        for group, wanted in parser.items("options.extras_require"):
            found += requirements(_lines(wanted), f"optional: {group}")
    return Manifest(_PYTHON, found, text_or_none(parser.get("metadata", "license", fallback=None)))


def _lines(text: str) -> list[str]:
    return [line for line in re.split(r"[\n]", text) if line.strip() and not line.strip().startswith("#")]


def requirements_file(text: str) -> Manifest:
    """Lines with options (`-r`, `--hash`, `-e`) name no package of their own."""
    found: list[Declared] = []
    for line in text.replace("\\\n", " ").splitlines():
        wanted = _OPTIONS.split(_COMMENT.sub("", line), maxsplit=1)[0].strip()
        if wanted and not wanted.startswith("-") and (package := requirement(wanted, RUNTIME)):
            found.append(package)
    return Manifest(_PYTHON, found)
