"""Small work on texts."""

from awe.adapters.tools.builtin.text.count import text_count
from awe.adapters.tools.builtin.text.extract_json import text_extract_json
from awe.adapters.tools.builtin.text.find import text_find
from awe.adapters.tools.builtin.text.join import text_join
from awe.adapters.tools.builtin.text.template import text_template

__all__ = ["text_count", "text_extract_json", "text_find", "text_join", "text_template"]
