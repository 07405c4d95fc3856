"""When Python looks for cycles among objects: not while a batch of events is decoded, folded and let go."""

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Generator[None]:
    """Look for no cycles: decoded events have none, and looking through them costs more than folding them."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()
