"""Which licence a text is, told by the words that only it has: whoever changed those wrote another licence."""

import re
from typing import Final, NamedTuple

_SPACE: Final = re.compile(r"[\W_]+")


class _Known(NamedTuple):
    """A licence, the phrases that are all in its text, and those of a relative that are not."""

    licence: str
    has: tuple[str, ...]
    lacks: tuple[str, ...] = ()


_BSD: Final = (
    "redistribution and use in source and binary forms",
    "redistributions of source code must retain",
)
_ENDORSE: Final = "endorse or promote products derived from this software"
_PERMISSION: Final = (
    "permission is hereby granted free of charge to any person obtaining a copy of this software"
)
_FAMILIES: Final = (
    _Known("Apache-2.0", ("apache license version 2 0",)),
    _Known("MPL-2.0", ("mozilla public license version 2 0",)),
    _Known("MPL-1.1", ("mozilla public license version 1 1",)),
    _Known("AGPL-3.0", ("gnu affero general public license version 3",)),
    _Known("LGPL-3.0", ("gnu lesser general public license version 3",)),
    _Known("LGPL-2.1", ("gnu lesser general public license version 2 1",)),
    _Known("GPL-3.0", ("gnu general public license version 3",)),
    _Known("GPL-2.0", ("gnu general public license version 2",)),
    _Known("BSL-1.0", ("boost software license version 1 0",)),
    _Known("EPL-2.0", ("eclipse public license v 2 0",)),
    _Known("Unlicense", ("this is free and unencumbered software released into the public domain",)),
    _Known("CC0-1.0", ("cc0 1 0 universal",)),
    _Known(
        "0BSD",
        ("permission to use copy modify and or distribute this software for any purpose",),
        (_ENDORSE, "provided that the above copyright notice"),
    ),
    _Known(
        "ISC",
        (
            "permission to use copy modify and",
            "distribute this software for any purpose",
            "provided that the above copyright notice and this permission notice appear in all copies",
        ),
    ),
    _Known(
        "MIT",
        (
            _PERMISSION,
            "the above copyright notice and this permission notice shall be included in all copies",
        ),
    ),
    _Known("BSD-4-Clause", (*_BSD, "all advertising materials mentioning features")),
    _Known("BSD-3-Clause", (*_BSD, _ENDORSE)),
    _Known("BSD-2-Clause", _BSD, (_ENDORSE,)),
)
_HEAD: Final = 1_500


def licence_of(text: str) -> str | None:
    """The SPDX name of the licence; None when it is none of those known, or not recognisably so.

    Licences that mention one another are told apart by their titles, which stand at the beginning.
    """
    words = f" {_SPACE.sub(' ', text).strip().lower()} "
    for known in _FAMILIES:
        where = words[:_HEAD] if len(known.has) == 1 else words
        if all(f"{phrase}" in where for phrase in known.has) and not any(
            phrase in words for phrase in known.lacks
        ):
            return known.licence
    return None
