"""What the archiver reads of an entry's effects is what `effects.read` reads of them."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from awe.adapters.redis_streams import effects
from awe.adapters.redis_streams.entries import append_id_of, effects_of
from awe.adapters.redis_streams.obligations import duties
from awe.commands.log import Ack, Advance, Limit, NewEvent, Position, Unit
from awe.projections.ports import Duties
from awe.projections.stored import StoredEntry

RUNS = ("r-00-a", "r-00-b")
acks = st.builds(
    Ack, st.just("local"), st.just("1-0"), st.integers(1, 12), st.sampled_from(["ap1", "ap2", "ü"])
)
advances = st.builds(
    Advance, st.sampled_from(["scheduler", "timer"]), st.builds(Position, st.integers(0, 9), st.just(1))
)
units = st.lists(
    st.builds(
        Unit,
        id=st.sampled_from(["ap1", "ap2", "ü"]),
        run=st.sampled_from(RUNS),
        events=st.lists(
            st.builds(
                NewEvent, st.just("t:a"), st.just("x/1"), st.just(b"{}"), st.sampled_from(["", "local"])
            ),
            min_size=1,
            max_size=3,
        ),
        counters=st.sampled_from([(), (Limit("calls", 3),)]),
        advance=st.none() | advances,
        acks=st.lists(acks, max_size=2),
        control=st.none() | st.just("a\tb}"),
        claims=st.integers(-1, 1),
    ),
    max_size=6,
)


@given(units)
def test_i05_duties_are_a_fold_of_the_effects(written: Sequence[Unit]) -> None:
    entries = list(_entries(written))
    claims: dict[str, int] = {}
    sent: dict[tuple[int, str], str] = {}
    acked: set[tuple[int, str]] = set()
    positions: dict[str, tuple[int, int]] = {}
    for entry in entries:
        done = effects_of(entry)
        if done.queue:
            sent[entry.n, append_id_of(entry)] = entry.run
        claims[entry.run] = claims.get(entry.run, 0) + done.claims
        for ack in done.acks:
            if sent.pop((ack.n, ack.append_id), None) is None:
                acked.add((ack.n, ack.append_id))
        if done.advance is not None:
            positions[done.advance.reactor] = (done.advance.to.n, done.advance.to.epoch)
    found = duties(entries)
    assert {run: change for run, change in found.claims.items() if change} == {
        run: change for run, change in claims.items() if change
    }
    assert Duties({}, found.dispatched, set(found.acked), found.positions) == Duties(
        {}, sent, acked, positions
    )


def _entries(written: Sequence[Unit]) -> Sequence[StoredEntry]:
    entries: list[StoredEntry] = []
    for unit in written:
        for place, event in enumerate(unit.events):
            meta = f"{unit.run}\t{event.aggregate}\t1\t{unit.id}\t{place}\t1790000000000"
            told = effects.written(unit, place)
            entries.append(
                StoredEntry(
                    len(entries) + 1,
                    event.type.encode(),
                    f"{meta}\t{told}".encode() if told else meta.encode(),
                    event.body,
                )
            )
    return entries
