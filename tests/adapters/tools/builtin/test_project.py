from pathlib import Path
from typing import Any

import pytest

from awe.adapters.tools.builtin.project import project_dependencies, project_licences
from awe.adapters.tools.builtin.project.licence_text import licence_of
from support.git_repository import LINK, GitRepository
from support.tool_pages.sample import MIT

POETRY = """
[tool.poetry]
license = "BSD-3-Clause"
[tool.poetry.dependencies]
python = "^3.11"
attrs = "^23"
rich = {version = ">=13", extras = ["x"]}
local = {path = "../local"}
[tool.poetry.dev-dependencies]
black = "*"
[tool.poetry.group.docs.dependencies]
sphinx = ">=7"
"""
PYPROJECT = """
[build-system]
requires = ["setuptools>=77"]
[project]
license = {text = "Apache-2.0"}
dependencies = ["a>=1,<2", "b[x, y] ; python_version < '3.12'", "c @ https://example.org/c.zip", "d (>=1)", "-bad", "e f"]
[project.optional-dependencies]
fast = ["hiredis"]
[dependency-groups]
dev = ["pytest>=9", {include-group = "lint"}]
"""
SETUP_CFG = """
[metadata]
license = MIT
[options]
install_requires =
    a>=1
    # a comment
    b; python_version < "3.12"
setup_requires = wheel
[options.extras_require]
docs = sphinx
"""
REQUIREMENTS = """
# all of it
-r base.txt
-e git+https://example.org/x
--no-index
a==1.0 \\
    --hash=sha256:abc  # pinned
b>=2 # why
https://example.org/c.zip
"""
CARGO = """
[package]
name = "x"
license = "MIT OR Apache-2.0"
[dependencies]
serde = { version = "1", features = ["derive"] }
rand = "0.8"
mine = { path = "../mine" }
shared = { workspace = true }
odd = 3
[dev-dependencies]
criterion = "0.5"
[build-dependencies]
cc = "1"
[workspace.dependencies]
shared = "2"
[target.'cfg(unix)'.dependencies]
libc = "0.2"
"""
GO = """module example.org/x

go 1.22

require example.org/one v1.0.0

require (
\texample.org/two v2.0.0
\texample.org/three v3.0.0 // indirect
\t// a comment
)
"""
PACKAGE = """{"license": "ISC", "dependencies": {"a": "^1"}, "devDependencies": {"b": "2"},
 "peerDependencies": {"c": "*"}, "optionalDependencies": {"d": 3}}"""


def declared(tmp_path: Path, **files: str) -> dict[str, list[tuple[str, str, str]]]:
    with GitRepository(tmp_path) as made:
        made.commit({name.replace("__", "/").replace("_dot_", "."): text for name, text in files.items()})
    found: dict[str, list[tuple[str, str, str]]] = {}
    for each in project_dependencies(str(tmp_path))["dependencies"]:
        found.setdefault(each["source"], []).append((each["name"], each["constraint"], each["group"]))
    return found


def test_a_standard_pyproject(tmp_path: Path) -> None:
    assert declared(tmp_path, pyproject_dot_toml=PYPROJECT)["pyproject.toml"] == [
        ("a", ">=1,<2", "runtime"),
        ("b", "[x, y] ; python_version < '3.12'", "runtime"),
        ("c", "@ https://example.org/c.zip", "runtime"),
        ("d", "(>=1)", "runtime"),
        ("hiredis", "", "optional: fast"),
        ("pytest", ">=9", "group: dev"),
        ("setuptools", ">=77", "build"),
    ]


def test_a_pyproject_of_poetry(tmp_path: Path) -> None:
    assert declared(tmp_path, pyproject_dot_toml=POETRY)["pyproject.toml"] == [
        ("attrs", "^23", "runtime"),
        ("rich", ">=13", "runtime"),
        ("local", "", "runtime"),
        ("black", "*", "group: dev"),
        ("sphinx", ">=7", "group: docs"),
    ]
    assert project_licences(str(tmp_path))["names"] == ["BSD-3-Clause"]


def test_setup_cfg_and_requirements(tmp_path: Path) -> None:
    told = declared(
        tmp_path,
        setup_dot_cfg=SETUP_CFG,
        **{"requirements-dev_dot_txt": REQUIREMENTS, "requirements__docs_dot_txt": "x\n"},
    )
    assert told["setup.cfg"] == [
        ("a", ">=1", "runtime"),
        ("b", '; python_version < "3.12"', "runtime"),
        ("wheel", "", "build"),
        ("sphinx", "", "optional: docs"),
    ]
    assert told["requirements-dev.txt"] == [("a", "==1.0", "runtime"), ("b", ">=2", "runtime")]
    assert told["requirements/docs.txt"] == [("x", "", "runtime")]


def test_other_languages(tmp_path: Path) -> None:
    told = declared(tmp_path, web__package_dot_json=PACKAGE, Cargo_dot_toml=CARGO, go_dot_mod=GO)
    assert told["web/package.json"] == [
        ("a", "^1", "runtime"),
        ("b", "2", "dev"),
        ("c", "*", "peer"),
        ("d", "", "optional"),
    ]
    assert told["Cargo.toml"] == [
        ("serde", "1", "runtime"),
        ("rand", "0.8", "runtime"),
        ("mine", "path ../mine", "runtime"),
        ("shared", "workspace", "runtime"),
        ("odd", "", "runtime"),
        ("criterion", "0.5", "dev"),
        ("cc", "1", "build"),
        ("shared", "2", "workspace runtime"),
        ("libc", "0.2", "cfg(unix) runtime"),
    ]
    assert told["go.mod"] == [
        ("example.org/two", "v2.0.0", "runtime"),
        ("example.org/three", "v3.0.0", "indirect"),
        ("example.org/one", "v1.0.0", "runtime"),
    ]


def test_a_manifest_that_cannot_be_read_is_listed_with_its_fault(tmp_path: Path) -> None:
    with GitRepository(tmp_path) as made:
        made.commit(
            {
                "pyproject.toml": "not = = toml",
                "setup.cfg": "no section",
                "package.json": "[]",
                "web/package.json": "{",
                "Cargo.toml": "=",
                "requirements.txt": "a\n" * 600_000,
                "node_modules/x/package.json": PACKAGE,
                "vendor/go.mod": GO,
            }
        )
        made.commit({"link/package.json": "../package.json"}, mode=LINK)
    told = project_dependencies(str(tmp_path))
    faults = {each["path"]: each["fault"] for each in told["manifests"]}
    assert (told["total"], told["dependencies"]) == (0, [])
    assert sorted(faults) == [
        "Cargo.toml",
        "package.json",
        "pyproject.toml",
        "requirements.txt",
        "setup.cfg",
        "web/package.json",
    ]
    assert faults["package.json"] == "no object"
    assert all(faults.values())


def test_dependencies_are_cut_and_counted(tmp_path: Path) -> None:
    with GitRepository(tmp_path) as made:
        made.commit({"requirements.txt": "a\nb\nc\n"})
    told = project_dependencies(str(tmp_path), limit=2)
    assert (len(told["dependencies"]), told["total"], told["truncated"]) == (2, 3, True)


BSD = "Redistribution and use in source and binary forms, with or without ... * Redistributions of source code must retain "
LICENCES: list[tuple[str, str | None]] = [
    ("                    Apache License\n              Version 2.0, January 2004", "Apache-2.0"),
    (MIT, "MIT"),
    (BSD + "the above", "BSD-2-Clause"),
    (BSD + "... used to endorse or promote products derived from this software", "BSD-3-Clause"),
    (BSD + "3. All advertising materials mentioning features", "BSD-4-Clause"),
    ("GNU GENERAL PUBLIC LICENSE\n Version 3, 29 June 2007 ... GNU Affero General Public License", "GPL-3.0"),
    ("GNU GENERAL PUBLIC LICENSE\n Version 2, June 1991", "GPL-2.0"),
    ("GNU LESSER GENERAL PUBLIC LICENSE\n Version 2.1, February 1999", "LGPL-2.1"),
    ("GNU LESSER GENERAL PUBLIC LICENSE\n Version 3, 29 June 2007", "LGPL-3.0"),
    ("GNU AFFERO GENERAL PUBLIC LICENSE\n Version 3, 19 November 2007", "AGPL-3.0"),
    ("Mozilla Public License Version 2.0\n====", "MPL-2.0"),
    ("Mozilla Public License, version 2.0", "MPL-2.0"),
    ("All rights reserved.", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "licence"), LICENCES)
def test_licences_are_told_by_their_words(text: str, licence: str | None) -> None:
    assert licence_of(text) == licence


def test_licences_are_listed_with_their_places(tmp_path: Path) -> None:
    with GitRepository(tmp_path) as made:
        made.commit(
            {
                "LICENSE": MIT,
                "LICENSES/GPL-3.0-or-later.txt": LICENCES[5][0],
                "sub/COPYING.LESSER": LICENCES[7][0],
                "license.py": MIT,
                "LICENCE-own": "All rights reserved.",
                "package.json": PACKAGE,
                "pyproject.toml": PYPROJECT,
                "src/licensed.txt": MIT,
            }
        )
    told: Any = project_licences(str(tmp_path))
    assert {each["source"]: (each["licence"], each["kind"]) for each in told["licences"]} == {
        "LICENCE-own": (None, "text"),
        "LICENSE": ("MIT", "text"),
        "LICENSES/GPL-3.0-or-later.txt": ("GPL-3.0", "text"),
        "sub/COPYING.LESSER": ("LGPL-2.1", "text"),
        "package.json": ("ISC", "declared"),
        "pyproject.toml": ("Apache-2.0", "declared"),
    }
    assert told["names"] == ["Apache-2.0", "GPL-3.0", "ISC", "LGPL-2.1", "MIT"]


def test_an_empty_repository_has_neither(tmp_path: Path) -> None:
    with GitRepository(tmp_path):
        pass
    assert project_dependencies(str(tmp_path))["manifests"] == []
    assert project_licences(str(tmp_path)) == {"licences": [], "names": [], "truncated": False}
