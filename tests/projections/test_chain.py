from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from awe.projections import chain

FIELDS = st.tuples(st.binary(max_size=6), st.binary(max_size=6), st.binary(max_size=6))


def test_i30_the_chain_is_the_documented_hash() -> None:
    event = sha256(b"\0\0\0\x01a\0\0\0\x02bc\0\0\0\x00").digest()
    assert chain.digest(b"a", b"bc", b"") == event
    first = sha256(bytes(32) + (1).to_bytes(8) + event).digest()
    assert chain.extend(chain.GENESIS, 1, event) == first
    assert chain.extend_all(chain.GENESIS, 1, [event, event]) == chain.extend(first, 2, event)


@given(FIELDS, FIELDS)
def test_i30_no_two_entries_share_a_digest_by_where_their_fields_end(
    one: tuple[bytes, bytes, bytes], other: tuple[bytes, bytes, bytes]
) -> None:
    assert (chain.digest(*one) == chain.digest(*other)) == (one == other)


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=2, max_size=6), st.data())
def test_i30_any_change_drop_or_move_changes_the_end(digests: list[bytes], data: st.DataObject) -> None:
    whole = chain.extend_all(chain.GENESIS, 1, digests)
    at = data.draw(st.integers(0, len(digests) - 1))
    changed = [*digests[:at], bytes([digests[at][0] ^ 1]) + digests[at][1:], *digests[at + 1 :]]
    assert chain.extend_all(chain.GENESIS, 1, changed) != whole
    assert chain.extend_all(chain.GENESIS, 1, [*digests[:at], *digests[at + 1 :]]) != whole
    assert chain.extend_all(chain.GENESIS, 2, digests) != whole
