import re
from collections.abc import Iterator

from awe.domain import rejections
from awe.domain.rejections import CallStillPossible, OperationRejected, Rejected, RunRejected, TaskRejected


def _below(kind: type[Rejected]) -> Iterator[type[Rejected]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)


GROUPS = {RunRejected, TaskRejected, OperationRejected}
LEAVES = [kind for kind in _below(Rejected) if kind not in GROUPS]


def test_each_rejection_has_its_own_stable_code() -> None:
    codes = [kind.code for kind in LEAVES]
    assert len(set(codes)) == len(codes)
    for kind in LEAVES:
        assert kind.code == re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).lower()


def test_the_drawn_tree_is_the_real_one() -> None:
    drawn = re.findall(r"[├└]── (\w+) +(\w+)", rejections.__doc__ or "")
    assert drawn == [(kind.__name__, kind.code) for kind in LEAVES]


def test_a_call_that_may_still_act_says_when_to_come_back() -> None:
    rejection = CallStillPossible(1_234)
    assert rejection.judge_after_ms == 1_234
    assert "1234" in str(rejection)
