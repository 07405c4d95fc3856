"""The libraries that the installed distribution says it needs are looked for, each by name."""

import sys
from pathlib import Path

import pytest

from awe.api.cli.checkup.check import Status
from awe.api.cli.checkup.installation import installation


@pytest.fixture
def distribution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    info = tmp_path / "some_engine-7.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: some-engine\nVersion: 7.0\n"
        "Requires-Dist: pydantic<3,>=2\nRequires-Dist: no-such-library[extra]==1\n"
        'Requires-Dist: no-such-extra; extra == "more"\n'
    )
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return "some-engine"


def test_a_missing_library_is_a_fault_and_those_of_extras_are_not_needed(distribution: str) -> None:
    checks = list(installation(distribution))
    (fault,) = (check for check in checks if check.status is not Status.OK)
    assert (fault.code, fault.message) == ("library_missing", "no-such-library is not installed.")
    assert fault.hint == "Install awe again, with its requirements: pip install --force-reinstall some-engine"
    assert checks[0].message == "7.0"
    assert checks[-1].message.startswith("pydantic 2.")
    assert "no-such" not in checks[-1].message


def test_this_installation_is_whole() -> None:
    assert all(check.status is Status.OK for check in installation())
