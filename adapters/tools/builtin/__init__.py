"""The tools that come with AWE, one package a group; each package has its tools as members once it is imported.

A module here imports no heavy library before one of its tools is called: a catalogue is read more often than used.
"""

from typing import Final

MODULES: Final = (
    "awe.adapters.tools.builtin.chart",
    "awe.adapters.tools.builtin.document",
    "awe.adapters.tools.builtin.git",
    "awe.adapters.tools.builtin.project",
    "awe.adapters.tools.builtin.table",
    "awe.adapters.tools.builtin.text",
    "awe.adapters.tools.builtin.workspace",
)
"""What a registry loads to have them all."""
