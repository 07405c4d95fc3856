"""Append ids are never reused: a random prefix for each process start, and a counter."""

from itertools import count

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
_PREFIX_BYTES = 9


class AppendIds:
    """Gives out append ids of one process."""

    def __init__(self, entropy: bytes) -> None:
        """``entropy``: at least 9 random bytes, of this process start alone."""
        if len(entropy) < _PREFIX_BYTES:
            raise ValueError(f"Append ids need {_PREFIX_BYTES} bytes of entropy, not {len(entropy)}.")
        self._prefix = _digits(int.from_bytes(entropy[:_PREFIX_BYTES], "big"))
        self._counter = count(1)

    def new(self) -> str:
        """Return an id that no append has had, about 14 characters long."""
        return f"{self._prefix}.{next(self._counter):x}"


def _digits(number: int) -> str:
    found: list[str] = []
    while number:
        number, digit = divmod(number, len(_ALPHABET))
        found.append(_ALPHABET[digit])
    return "".join(reversed(found))
