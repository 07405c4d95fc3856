"""Work on tables: lists of objects, as many tools return them."""

from awe.adapters.tools.builtin.table.filter import table_filter
from awe.adapters.tools.builtin.table.from_csv import table_from_csv
from awe.adapters.tools.builtin.table.group import table_group
from awe.adapters.tools.builtin.table.join import table_join
from awe.adapters.tools.builtin.table.select import table_select
from awe.adapters.tools.builtin.table.sort import table_sort
from awe.adapters.tools.builtin.table.to_csv import table_to_csv
from awe.adapters.tools.builtin.table.top import table_top

__all__ = [
    "table_filter",
    "table_from_csv",
    "table_group",
    "table_join",
    "table_select",
    "table_sort",
    "table_to_csv",
    "table_top",
]
