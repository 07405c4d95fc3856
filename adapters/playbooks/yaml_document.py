"""YAML as people's way of writing JSON: whatever the file says, what comes out is a JSON document or a reason why not.

Of YAML only this is read: mappings with texts as keys, sequences, and scalars. A plain scalar is `null`, `true`,
`false`, a number as JSON writes it, or a text: so `yes`, `010`, `12:30` and `2024-05-01` stay the texts they look
like. There are no anchors and aliases (a few lines of them are gigabytes), no tags, no second document, and no key
twice. Size and nesting are bounded.
"""

import json
import re
from typing import Any, Final, NamedTuple, NoReturn, cast

import yaml
from pydantic import JsonValue

from awe.adapters.playbooks.faults import Lines
from awe.domain.plan.lint.document import UnreadableError, read_json
from awe.domain.plan.lint.limits import Limits
from awe.domain.plan.pointer import join

MOST_BYTES: Final = 1_048_576
_LONGEST_KEY: Final = 1_000
LIMITS: Final = Limits(max_bytes=8 * MOST_BYTES, max_values=200_000)  # of the document as JSON

_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORDS: Final[dict[str, JsonValue]] = {"": None, "~": None, "null": None, "true": True, "false": False}
_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,999})")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


class YamlError(Exception):
    """The bytes are no document: on which line, at which place, what is wrong, what to do."""

    def __init__(self, line: int | None, path: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.line, self.path, self.message, self.hint = line, path, message, hint


class YamlDocument(NamedTuple):
    value: JsonValue
    lines: Lines


def read_yaml(data: bytes) -> YamlDocument:
    """The document; raises `YamlError` and nothing else."""
    if len(data) > MOST_BYTES:
        message = f"{len(data):,} bytes are more than the limit of {MOST_BYTES:,}"
        raise YamlError(None, "", message, "Keep what is large out of the file.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise YamlError(line, "", "not UTF-8", "Save the file as UTF-8.") from error
    reader = _Reader()
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = f"not YAML: {error.problem or error.context or 'it cannot be read'}"
        hint = "Check the indentation, and put texts with `: ` or `#` in quotation marks."
        raise YamlError(mark.line + 1 if mark else None, reader.place, message, hint) from error
    except yaml.YAMLError as error:
        message = "not YAML: a character that no YAML file may have"
        raise YamlError(None, reader.place, message, "Write it as an escape in a quoted text.") from error
    lines = reader.lines
    try:
        value = read_json(json.dumps(reader.document).encode(), LIMITS)
    except UnreadableError as error:
        raise YamlError(lines.of(error.path), error.path, error.message, error.hint) from error
    return YamlDocument(value, lines)


class _Open(NamedTuple):
    """A container whose end has not come yet, and its token in the one around it."""

    value: dict[str, JsonValue] | list[JsonValue]
    lines: Lines
    token: str | int


class _Reader:
    """Builds the document from the parser's events, with a stack of its own: no nesting exhausts Python's."""

    def __init__(self) -> None:
        self.document: JsonValue = None
        self.lines = Lines()
        self._open: list[_Open] = []
        self._key: str | None = None
        self._documents = 0
        self._values = 0

    @property
    def place(self) -> str:
        """Where the reading is."""
        return join(*(container.token for container in self._open[1:]), *self._here())

    def take(self, event: Any) -> None:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._refuse(
                    line, "a second document in the file", "Remove the line with --- and what follows."
                )
        elif isinstance(event, yaml.NodeEvent):
            self._node(event, line)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()

    def _node(self, event: Any, line: int) -> None:
        if event.anchor is not None:
            hint = "Write the value out; quote a text that begins with & or *."
            self._refuse(line, "anchors and aliases are not allowed", hint)
        if event.tag is not None:
            self._refuse(
                line, f"the tag {event.tag[:80]!r} is not allowed", "Remove it; quote what is a text."
            )
        naming = bool(self._open) and isinstance(self._open[-1].value, dict) and self._key is None
        if naming:
            self._name(event, line)
        elif isinstance(event, yaml.ScalarEvent):
            self._put(_scalar(event), line)
        else:
            if len(self._open) >= LIMITS.max_nesting:
                message = f"nested deeper than {LIMITS.max_nesting} levels"
                self._refuse(line, message, "Flatten the structure.")
            container: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
            token = next(iter(self._here()), "")
            self._open.append(_Open(container, self._put(container, line), token))

    def _name(self, event: Any, line: int) -> None:
        key = event.value if isinstance(event, yaml.ScalarEvent) else None
        if key is None:
            self._refuse(line, "a key has to be a text", "Quote a key that has brackets or braces.")
        if len(key) > _LONGEST_KEY:
            self._refuse(line, f"a key of {len(key):,} characters", f"At most {_LONGEST_KEY:,} are allowed.")
        if key in cast("dict[str, JsonValue]", self._open[-1].value):
            self._refuse(line, f"the key '{key[:80]}' stands twice", "Keep one of them.")
        self._key = key

    def _put(self, value: JsonValue, line: int) -> Lines:
        """Put a value where the reading is; returns the lines of what comes into it."""
        self._values += 1
        if self._values > LIMITS.max_values:
            self._refuse(
                line, f"more than {LIMITS.max_values:,} values", "Keep what is large out of the file."
            )
        lines = Lines(line, {})
        if not self._open:
            self.document, self.lines = value, lines
            return lines
        container = self._open[-1]
        for token in self._here():
            container.lines.members[str(token)] = lines
        if isinstance(container.value, list):
            container.value.append(value)
        else:
            container.value[cast("str", self._key)] = value
            self._key = None
        return lines

    def _here(self) -> tuple[str | int, ...]:
        """The token of the value that comes next, if it is known yet."""
        if self._open and isinstance(self._open[-1].value, list):
            return (len(self._open[-1].value),)
        return () if self._key is None else (self._key,)

    def _refuse(self, line: int, message: str, hint: str) -> NoReturn:
        raise YamlError(line, self.place, message, hint)


def _scalar(event: Any) -> JsonValue:
    text: str = event.value
    if not event.implicit[0]:  # quoted, or a block of text
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text
