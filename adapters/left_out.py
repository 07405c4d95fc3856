"""What a library takes along wherever it is installed, and what nothing here uses of it, stays out of memory."""

import sys
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def left_out(*modules: str) -> Generator[None]:
    """As long as the block lasts, these modules pass for not installed, except those that are loaded already.

    For libraries that do without them, while they are imported; what asks for the modules later gets them.
    """
    absent = [name for name in modules if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]  # None is how the import system is told
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
