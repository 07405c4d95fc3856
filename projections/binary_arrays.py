"""Arrays of text and bytes as Postgres reads them in binary: a driver that adapts each element costs several times more."""

from collections.abc import Collection
from struct import Struct
from typing import Any, ClassVar, Self

import psycopg
from psycopg import pq
from psycopg.abc import Buffer
from psycopg.adapt import Dumper

_ONE_DIMENSION, _NO_NULLS, _LOWER_BOUND = 1, 0, 1
_head = Struct(">iiIii").pack
_length = Struct(">i").pack


class _Array(bytes):
    """An array as it is sent."""

    element_oid: ClassVar[int]

    def __new__(cls, elements: Collection[bytes]) -> Self:
        parts = [_head(_ONE_DIMENSION, _NO_NULLS, cls.element_oid, len(elements), _LOWER_BOUND)]
        for element in elements:
            parts += (_length(len(element)), element)
        return super().__new__(cls, b"".join(parts))


class TextArray(_Array):
    """``text[]`` of UTF-8."""

    element_oid = psycopg.adapters.types["text"].oid


class BytesArray(_Array):
    """``bytea[]``."""

    element_oid = psycopg.adapters.types["bytea"].oid


class _AsItIs(Dumper):
    format = pq.Format.BINARY

    def dump(self, obj: Any) -> Buffer | None:
        return obj  # type: ignore[no-any-return]


class _TextArrayDumper(_AsItIs):
    oid = psycopg.adapters.types["text"].array_oid


class _BytesArrayDumper(_AsItIs):
    oid = psycopg.adapters.types["bytea"].array_oid


psycopg.adapters.register_dumper(TextArray, _TextArrayDumper)
psycopg.adapters.register_dumper(BytesArray, _BytesArrayDumper)
