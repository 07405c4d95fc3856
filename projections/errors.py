"""What can go wrong between the log's two tiers; every message says what to do.

ArchiveError
├── ArchiveUnavailable   Postgres is away or too slow: try again, nothing is known of the transaction
├── Fenced               the partition's row in Postgres moved on: read it again before the next write
├── Diverged             the tiers contradict each other: the partition stops, a person must look
└── SchemaRefused        this release cannot work with what it found in Postgres
"""


class ArchiveError(Exception):
    """Base of what can go wrong with the archive."""


class ArchiveUnavailable(ArchiveError):  # noqa: N818 - named for the fact, like the outcomes of the log
    """Postgres did not answer in time or at all. A transaction under way may have been committed or not."""


class Fenced(ArchiveError):  # noqa: N818 - likewise
    """The partition stands at another epoch or head than the writer believed; nothing was written."""


class Diverged(ArchiveError):  # noqa: N818 - likewise
    """Log and archive differ, or both miss an event."""


class SchemaRefused(ArchiveError):  # noqa: N818 - likewise
    """The server is too old, the schema too new, or a migration was altered after it had been applied."""
