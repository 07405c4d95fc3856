"""Bytes become a JSON document or a reason why not; nothing in the bytes makes the reader fail in another way.

Stricter than JSON's grammar, for what readers disagree on is no basis for a digest: no duplicate keys, no NaN or
Infinity, no integer beyond 2^53 - 1, no lone surrogate. Size, nesting, strings, and the number of values are bounded.
"""

import json
import math
from collections import Counter

from pydantic import JsonValue

from awe.domain.plan.lint.limits import Limits
from awe.domain.plan.pointer import join

_LARGEST_INTEGER = 2**53 - 1
_AS_A_STRING = "Write it as a string."
_BY_REFERENCE = "Store what is large as an artifact and pass a reference."


class UnreadableError(Exception):
    """The bytes are no document that a plan could be: where, what is wrong, and what to do about it."""

    def __init__(self, path: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.path, self.message, self.hint = path, message, hint


def read_json(data: bytes, limits: Limits) -> JsonValue:
    """The document; raises `UnreadableError` and nothing else."""
    if len(data) > limits.max_bytes:
        message = f"{len(data):,} bytes are more than the limit of {limits.max_bytes:,}"
        raise UnreadableError("", message, _BY_REFERENCE)
    return _Reader(limits).read(data)


class _Reader:
    """One reading. Every value is judged by itself; its place is looked for only when it is found wanting."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._duplicates: dict[
            int, tuple[str, JsonValue]
        ] = {}  # the object is kept, lest its identity be reused

    def read(self, data: bytes) -> JsonValue:
        document = self._parse(data)
        texts, others = self._leaves(document)
        if self._duplicates or any(map(self._text_fault, texts)) or any(map(self._fault, others)):
            self._refuse(document, ())
        return document

    def _leaves(self, document: JsonValue) -> tuple[set[str], list[JsonValue]]:
        """All texts, names among them and each once, and all else that holds nothing; bounds number and nesting."""
        texts, others = set[str](), list[JsonValue]()
        level, count = [document], 0
        for _ in range(self._limits.max_nesting + 1):
            count += len(level)
            if count > self._limits.max_values:
                raise UnreadableError("", f"more than {self._limits.max_values:,} values", _BY_REFERENCE)
            inside: list[JsonValue] = []
            for value in level:
                if isinstance(value, str):
                    texts.add(value)
                elif isinstance(value, dict):
                    texts.update(value)
                    inside.extend(value.values())
                elif isinstance(value, list):
                    inside.extend(value)
                else:
                    others.append(value)
            if not inside:
                return texts, others
            level = inside
        raise self._too_deep()

    def _parse(self, data: bytes) -> JsonValue:
        try:
            document: JsonValue = json.loads(data.decode("utf-8-sig"), object_pairs_hook=self._object)
        except UnicodeDecodeError as error:
            raise UnreadableError(
                "", f"byte {error.start:,} is not UTF-8", "Save the file as UTF-8."
            ) from error
        except json.JSONDecodeError as error:
            message = f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
            raise UnreadableError("", message, "Write plain JSON.") from error
        except RecursionError as error:
            raise self._too_deep() from error
        except ValueError as error:
            raise UnreadableError("", "a number has too many digits", _AS_A_STRING) from error
        return document

    def _object(self, pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
        members = dict(pairs)
        if len(members) < len(pairs):
            twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
            self._duplicates[id(members)] = (twice, members)
        return members

    def _fault(self, value: JsonValue) -> tuple[str, str] | None:
        """What is wrong with a value itself, and what to do about it."""
        if isinstance(value, str):
            return self._text_fault(value)
        if isinstance(value, dict):
            if id(value) in self._duplicates:
                return (
                    f"the key '{_readable(self._duplicates[id(value)][0])}' stands twice",
                    "Keep one of them.",
                )
            return next(filter(None, map(self._text_fault, value)), None)
        if isinstance(value, float) and not math.isfinite(value):
            return "NaN and Infinity are no JSON numbers", "Use a finite number, or null."
        if isinstance(value, int) and abs(value) > _LARGEST_INTEGER:
            return f"the integer is beyond ±{_LARGEST_INTEGER}", _AS_A_STRING
        return None

    def _text_fault(self, text: str) -> tuple[str, str] | None:
        if len(text) > self._limits.max_string:
            message = f"a string of {len(text):,} characters; the limit is {self._limits.max_string:,}"
            return message, _BY_REFERENCE
        if text.isascii() or text == _readable(text, len(text)):
            return None
        return "the string has a lone surrogate", "Write the whole character."

    def _refuse(self, value: JsonValue, at: tuple[str | int, ...]) -> None:
        """Raise the first fault in the value, with its place; the depth was bounded before."""
        if (fault := self._fault(value)) is not None:
            raise UnreadableError(join(*(_readable(token) for token in at)), *fault)
        if isinstance(value, dict | list):
            for token, inner in value.items() if isinstance(value, dict) else enumerate(value):
                self._refuse(inner, (*at, token))

    def _too_deep(self) -> UnreadableError:
        return UnreadableError(
            "", f"nested deeper than {self._limits.max_nesting} levels", "Flatten the structure."
        )


def _readable(token: str | int, most: int = 80) -> str:
    """The token as text that can be shown: not too long, without halves of characters."""
    return str(token)[:most].encode(errors="replace").decode()
