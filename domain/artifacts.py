"""An artifact is a file that a run made: its bytes lie in the blob of its digest, its name is for people.

Which operation made it, from what and when, is said by the event that names it.
"""

from typing import Annotated

from pydantic import Field

from awe.domain.events import Count, Digest, Part


class Artifact(Part):
    """A named blob; `name` is a relative path with `/`, `sha256` the digest of its `bytes` bytes."""

    name: Annotated[str, Field(min_length=1, max_length=255)]
    media_type: Annotated[str, Field(min_length=1, max_length=127)]
    bytes: Count
    sha256: Digest
