"""API keys: who has one is known by its name. Of a key only its digest is kept, and comparing takes the same time for all."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from awe.api.settings import Settings

SHORTEST: Final = 20
_KEY: Final = re.compile(rf"[!-~]{{{SHORTEST},512}}")
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_DEFAULT_NAME: Final = "api"


class KeysUnusable(Exception):  # noqa: N818 (named for the fact)
    """The keys cannot be read, or are none; the message says what to do and never has one in it."""


class Keys:
    """Names by the digests of their keys; without any, whoever reaches this server may use it."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        """``keys`` has a name for each key."""
        self._names = {_digest(key): name for key, name in keys.items()}

    def __bool__(self) -> bool:
        return bool(self._names)

    def name_of(self, key: str) -> str | None:
        """Whose key it is; None when it is nobody's."""
        given, found = _digest(key), None
        for digest, name in self._names.items():
            if hmac.compare_digest(digest, given):
                found = name
        return found

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The keys that the settings name.

        Raises:
            KeysUnusable: a key is too short, or the file cannot be read.
        """
        keys: dict[str, str] = {}
        if settings.api_keys_file is not None:
            keys.update(_read(settings.api_keys_file.expanduser()))
        if settings.api_key is not None:
            key = settings.api_key.get_secret_value()
            if _KEY.fullmatch(key) is None:
                raise KeysUnusable(f"AWE_API_KEY: {_WANTED}")
            keys.setdefault(key, _DEFAULT_NAME)
        return cls(keys)


_WANTED: Final = (
    f"a key has {SHORTEST} to 512 visible ASCII characters and no space; 'openssl rand -hex 32' makes one."
)


def _read(path: Path) -> Mapping[str, str]:
    """Keys and their names from a file with a line for each: a name and a key, or a key alone."""
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no ASCII text"
        raise KeysUnusable(f"AWE_API_KEYS_FILE: the file {path} cannot be read: {why}.") from None
    keys: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        *names, key = words
        if len(names) > 1 or not all(map(_NAME.fullmatch, names)) or _KEY.fullmatch(key) is None:
            raise KeysUnusable(f"AWE_API_KEYS_FILE: line {number}: expected NAME KEY; {_WANTED}")
        keys[key] = names[0] if names else _DEFAULT_NAME
    if not keys:
        raise KeysUnusable(
            f"AWE_API_KEYS_FILE: the file {path} has no key; expected a line NAME KEY for each."
        )
    return keys


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
