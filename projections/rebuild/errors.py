"""What can keep a projection from being built, compared or read; every message says what to do.

RebuildError
├── ProjectionUnknown   this process has no projector of that name, or there is no such version
├── Busy                somebody else works on the versions of this projection
├── Poisoned            an event cannot be applied
└── NotLevel            two versions do not stand at one position, and nobody feeds one of them
"""


class RebuildError(Exception):
    """Base of what can go wrong in a rebuild. The version that is read is as it was."""


class ProjectionUnknown(RebuildError):  # noqa: N818 - named for the fact, like the outcomes of the log
    """Nothing is known under that name or number."""


class Busy(RebuildError):  # noqa: N818 - likewise
    """Another process has the lock of the projection."""


class Poisoned(RebuildError):  # noqa: N818 - likewise
    """An event cannot be applied; nothing of its page was written."""


class NotLevel(RebuildError):  # noqa: N818 - likewise
    """A version does not move on."""
