"""The collector's pace is the process's own again, once its roles have ended."""

import gc

from awe.api.roles.collecting import collected_seldom


def test_the_collector_is_slower_for_a_while() -> None:
    usual = gc.get_threshold()
    with collected_seldom():
        assert gc.get_threshold() > usual
        assert gc.get_freeze_count()
    assert gc.get_threshold() == usual
    assert not gc.get_freeze_count()
