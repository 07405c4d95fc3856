import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from awe.adapters.tools.decorator import tool
from awe.adapters.tools.errors import ToolLoadError
from awe.adapters.tools.registry import Registry, queue_of

PLAIN = """
from awe import tool
@tool(name={name!r}, effect="read")
def plain(a: int = {default}) -> int:
    return a
"""

MADE_UP = """
import sys, types
sys.modules["made_up"] = types.ModuleType("made_up")
"""


@tool(name="a", effect="read")
def first() -> int:
    return 1


@tool(name="a", version="2", effect="write")
def second() -> int:
    return 2


@tool(name="a", effect="read")
def impostor() -> str:
    return "1"


def write(folder: Path, text: str, name: str = "tools.py") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def prepend(monkeypatch: Any, folder: Path) -> None:
    """Let modules be imported from the folder, while the test runs."""
    monkeypatch.syspath_prepend(folder)


def labels(registry: Registry) -> list[str]:
    return [each.definition.label for each in registry.tools.values()]


def test_a_registry_of_functions() -> None:
    registry = Registry.of([first, second])
    assert labels(registry) == ["a@1", "a@2"]
    newest = registry.catalogue.find("a", None)
    assert newest is not None
    assert newest.version == "2"
    assert registry.contract(newest.digest) is newest
    assert registry.contract("0" * 64) is None
    (note,) = registry.notes
    assert note.startswith("a@2 ")


def test_what_is_no_tool_is_refused() -> None:
    with pytest.raises(ToolLoadError, match="is no tool"):
        Registry.of([len])


def test_two_tools_of_one_name_and_version_are_an_error() -> None:
    with pytest.raises(ToolLoadError, match=r"two tools are called a@1: at .*test_registry\.py:\d+ and at"):
        Registry.of([first, impostor])
    with pytest.raises(ToolLoadError, match="two tools"):
        Registry.of([first]).merged(Registry.of([impostor]))


def test_registries_merge_and_a_tool_in_both_is_one() -> None:
    assert labels(Registry.of([first]).merged(Registry.of([second, first]))) == ["a@1", "a@2"]


def test_modules_by_their_dotted_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, PLAIN.format(name="m", default=1), "some_package/inner.py")
    prepend(monkeypatch, tmp_path)
    registry = Registry.load(["some_package.inner", "some_package.inner"])
    assert labels(registry) == ["m@1"]
    (registered,) = registry.tools.values()
    assert registered.source.place == "some_package.inner"


def test_each_file_is_a_module_of_its_own(tmp_path: Path) -> None:
    one = write(tmp_path / "one", PLAIN.format(name="x.one", default=1))
    two = write(tmp_path / "two", PLAIN.format(name="x.two", default=2))
    registry = Registry.load(files=[one, two, tmp_path / "one" / ".." / "one" / "tools.py"])
    assert labels(registry) == ["x.one@1", "x.two@1"]
    assert {path.name for path in tmp_path.rglob("*")} == {"one", "two", "tools.py"}


def test_a_file_imports_from_its_folder_only_while_it_is_imported(tmp_path: Path) -> None:
    before = list(sys.path)
    for number in (1, 2):
        folder = tmp_path / str(number)
        write(folder, f"NUMBER = {number}", "neighbour.py")
        write(folder, "from neighbour import NUMBER", "package/inner.py")
        write(
            folder,
            f"from package.inner import NUMBER\n{PLAIN.format(name=f'from{number}', default='NUMBER')}",
        )
    registry = Registry.load(files=[tmp_path / "1" / "tools.py", tmp_path / "2" / "tools.py"])
    schemas: list[Any] = [each.definition.contract.input_schema for each in registry.tools.values()]
    assert [schema["properties"]["a"]["default"] for schema in schemas] == [1, 2]
    assert sys.path == before
    assert {"neighbour", "package", "package.inner"}.isdisjoint(sys.modules)
    assert not list(tmp_path.rglob("__pycache__"))


def test_a_library_below_the_folder_is_not_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = write(tmp_path, "", "venv/site/some_library.py")
    prepend(monkeypatch, library.parent)
    write(tmp_path, MADE_UP + "import some_library\n" + PLAIN.format(name="x", default=1))
    try:
        Registry.load(files=[tmp_path / "tools.py"])
        assert isinstance(sys.modules["some_library"], ModuleType)
        assert "made_up" in sys.modules
    finally:
        for name in ("some_library", "made_up"):
            sys.modules.pop(name, None)


def test_installed_packages_name_their_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, PLAIN.format(name="installed", default=1), "some_plugin.py")
    write(
        tmp_path, "Metadata-Version: 2.1\nName: some-plugin\nVersion: 1\n", "some_plugin-1.dist-info/METADATA"
    )
    write(tmp_path, "[awe.tools]\nall = some_plugin\n", "some_plugin-1.dist-info/entry_points.txt")
    prepend(monkeypatch, tmp_path)
    assert "installed@1" in labels(Registry.load(entry_points=True))
    assert labels(Registry.load()) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = 1\n\nx = nothing", r"tools\.py, line 3 cannot be loaded: NameError: name 'nothing'"),
        ("x = 1\nx = = 2", r"tools\.py, line 2 cannot be loaded: SyntaxError"),
        ("import sys\nsys.exit(3)", r"tools\.py, line 2 cannot be loaded: SystemExit: 3"),
        ("import no_such_library", r"line 1 cannot be loaded: ModuleNotFoundError"),
        (
            "from awe import tool\n@tool(name='x', effect='read')\ndef f(x): ...",
            r"ToolDefinitionError: tool 'x' \(.*tools\.py:2\): parameter x has no annotation",
        ),
        ("x = 1", r"tools\.py has no tool; decorate"),
    ],
)
def test_a_file_that_cannot_be_used_is_an_error_that_says_where(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ToolLoadError, match=says):
        Registry.load(files=[write(tmp_path, text)])


def test_a_file_that_is_not_there_or_no_python_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ToolLoadError, match=r"nowhere\.py cannot be loaded: FileNotFoundError"):
        Registry.load(files=[tmp_path / "nowhere.py"])
    with pytest.raises(ToolLoadError, match=r"must end with \.py"):
        Registry.load(files=[write(tmp_path, "", "tools.txt")])


def test_an_interrupt_is_no_fault_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        Registry.load(files=[path])
    assert str(tmp_path) not in sys.path


def test_a_module_that_cannot_be_used_is_an_error_that_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "\n1 / 0", "some_broken.py")
    prepend(monkeypatch, tmp_path)
    with pytest.raises(ToolLoadError, match="some_broken, line 2 cannot be loaded: ZeroDivisionError"):
        Registry.load(["some_broken"])
    with pytest.raises(ToolLoadError, match="no_such_module cannot be loaded: ModuleNotFoundError"):
        Registry.load(["no_such_module"])


def test_a_queue_is_named_by_its_tools() -> None:
    contracts = [each.definition.contract for each in Registry.of([first, second]).tools.values()]
    name = queue_of(contracts)
    assert name == queue_of(reversed(contracts))
    assert name != queue_of(contracts[:1])
    prefix, _, digits = name.partition("-")
    assert (prefix, len(digits)) == ("tools", 12)
