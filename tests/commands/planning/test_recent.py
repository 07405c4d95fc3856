"""A memory that stays within its bounds, and forgets what was not used for longest."""

from awe.commands.planning.recent import Recent


def kept(memory: Recent[str, int]) -> str:
    return "".join(name for name in "abcd" if memory.get(name) is not None)


def test_what_was_used_last_stays() -> None:
    memory: Recent[str, int] = Recent(most=2, heaviest=100)
    memory.put("a", 1, 1)
    memory.put("b", 2, 1)
    assert memory.get("a") == 1
    memory.put("c", 3, 1)
    assert kept(memory) == "ac"


def test_all_together_are_no_heavier_than_allowed() -> None:
    memory: Recent[str, int] = Recent(most=10, heaviest=10)
    memory.put("a", 1, 5)
    memory.put("b", 2, 5)
    memory.put("c", 3, 6)
    assert kept(memory) == "c"
    memory.put("d", 4, 4)
    assert kept(memory) == "cd"


def test_what_is_too_heavy_is_not_kept_and_drives_nothing_out() -> None:
    memory: Recent[str, int] = Recent(most=10, heaviest=10)
    memory.put("a", 1, 5)
    memory.put("b", 2, 11)
    assert kept(memory) == "a"


def test_the_same_again_counts_once() -> None:
    memory: Recent[str, int] = Recent(most=10, heaviest=10)
    for value in range(5):
        memory.put("a", value, 6)
    memory.put("b", 2, 4)
    assert kept(memory) == "ab"
    assert memory.get("a") == 4
    assert len(memory) == 2
