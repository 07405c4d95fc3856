"""JSON that is UTF-8 already, sent to Postgres as it is: no driver decodes and encodes it on the way."""

from typing import Any

import psycopg
from psycopg import pq
from psycopg.abc import Buffer
from psycopg.adapt import Dumper


class JsonText(bytes):
    """A ``json`` value."""


class _AsItIs(Dumper):
    format = pq.Format.BINARY
    oid = psycopg.adapters.types["json"].oid

    def dump(self, obj: Any) -> Buffer | None:
        return obj  # type: ignore[no-any-return]


psycopg.adapters.register_dumper(JsonText, _AsItIs)
