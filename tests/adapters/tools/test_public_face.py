import subprocess
import sys

import pytest

import awe
from awe.adapters.tools.context import ArtifactRef, ToolContext
from awe.adapters.tools.decorator import tool
from awe.adapters.tools.errors import ToolError
from awe.projections.projector import Key, Projector, Row, Table
from awe.projections.views.entry import Entry


def test_what_a_module_of_tools_needs_is_there() -> None:
    assert awe.tool is tool
    assert awe.ToolContext is ToolContext
    assert awe.ToolError is ToolError
    assert awe.ArtifactRef is ArtifactRef
    assert {"tool", "ToolContext", "ToolError", "ArtifactRef"} <= set(dir(awe))
    with pytest.raises(AttributeError, match="no attribute 'tools'"):
        _ = awe.tools


def test_what_a_projection_needs_is_there() -> None:
    assert (awe.Projector, awe.Table, awe.Entry) == (Projector, Table, Entry)
    assert (awe.Key, awe.Row) == (Key, Row)
    assert {"Projector", "Table", "Entry", "Key", "Row"} <= set(dir(awe))


def test_nothing_is_imported_before_it_is_asked_for() -> None:
    code = (
        "import sys, awe; assert 'pydantic' not in sys.modules; awe.tool; assert 'pydantic' in sys.modules; awe.Projector;"
        "assert not {'redis', 'psycopg', 'mcp', 'matplotlib', 'faststream'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
