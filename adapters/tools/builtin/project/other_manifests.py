"""What projects in JavaScript, Rust and Go declare: package.json, Cargo.toml, go.mod."""

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any, Final

from awe.adapters.tools.builtin.project.declared import (
    RUNTIME,
    Declared,
    Manifest,
    ManifestBroken,
    is_table,
    table_at,
    text_or_none,
)

_NODE: Final = {
    "dependencies": RUNTIME,
    "devDependencies": "dev",
    "peerDependencies": "peer",
    "optionalDependencies": "optional",
}
_RUST: Final = {"dependencies": RUNTIME, "dev-dependencies": "dev", "build-dependencies": "build"}
_GO_BLOCK: Final = re.compile(r"^require\s*\(\s*$(.*?)^\)", re.MULTILINE | re.DOTALL)
_GO_LINE: Final = re.compile(r"^require\s+([^\s(].*)$", re.MULTILINE)


def package_json(text: str) -> Manifest:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ManifestBroken(f"no JSON: {error}") from error
    if not is_table(document):
        raise ManifestBroken("no object")
    found = [
        Declared(name, text_or_none(version) or "", group)
        for member, group in _NODE.items()
        for name, version in table_at(document, member).items()
    ]
    return Manifest("node", found, text_or_none(document.get("license")))


def cargo_toml(text: str) -> Manifest:
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ManifestBroken(f"no TOML: {error}") from error
    found = [*_crates(document, "")]
    found += _crates({"dependencies": table_at(document, "workspace", "dependencies")}, "workspace ")
    for target, tables in table_at(document, "target").items():
        found += _crates(tables, f"{target} ")
    return Manifest("rust", found, text_or_none(table_at(document, "package").get("license")))


def _crates(tables: Any, prefix: str) -> Iterator[Declared]:
    for member, group in _RUST.items():
        for name, said in table_at(tables, member).items():
            yield Declared(name, _crate_constraint(said), f"{prefix}{group}")


def _crate_constraint(said: Any) -> str:
    if is_table(said):
        named = ((key, said.get(key)) for key in ("version", "git", "path"))
        written = [str(value) if key == "version" else f"{key} {value}" for key, value in named if value]
        return ("workspace" if said.get("workspace") is True else ", ".join(written))[:300]
    return text_or_none(said) or ""


def go_mod(text: str) -> Manifest:
    lines = [line for block in _GO_BLOCK.findall(text) for line in block.splitlines()]
    lines += _GO_LINE.findall(text)
    found: list[Declared] = []
    for line in lines:
        wanted, _, comment = line.partition("//")
        match wanted.split():
            case [name, version]:
                group = "indirect" if comment.strip().startswith("indirect") else RUNTIME
                found.append(Declared(name.strip('"'), version, group))
            case _:
                continue
    return Manifest("go", found)
