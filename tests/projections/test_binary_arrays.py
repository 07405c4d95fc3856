import psycopg
import pytest

from awe.projections.binary_arrays import BytesArray, TextArray


@pytest.mark.parametrize("elements", [[], [b""], [b"a", b"", "\u00fc\U0001f600".encode(), b"x" * 70_000]])
async def test_what_is_sent_arrives(postgres_database: str, elements: list[bytes]) -> None:
    async with await psycopg.AsyncConnection.connect(postgres_database, autocommit=True) as connection:
        cursor = await connection.execute(
            "SELECT array(SELECT unnest(%s)), array(SELECT unnest(%s))",
            (TextArray(elements), BytesArray([*elements, b"\x00\xff"])),
        )
        assert await cursor.fetchone() == (
            [each.decode() for each in elements],
            [*elements, b"\x00\xff"],
        )
