"""What a process needs that calls no tools: the blobs of the installation, and what judges conditions."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from awe.adapters.artifacts.files import FileBlobs
from awe.adapters.expressions import CelExpressions
from awe.api.bootstrap.folders import blobs
from awe.api.settings import Settings


@dataclass(frozen=True, slots=True)
class Means:
    """The part of a kit that is dear neither to load nor to keep."""

    blobs: FileBlobs
    expressions: CelExpressions


@contextmanager
def means(settings: Settings) -> Generator[Means]:
    """The means of an installation; no tools and no playbooks are looked for.

    Raises:
        ServerError: the home has a path that no installation can use.
    """
    with CelExpressions() as expressions:
        yield Means(blobs(settings), expressions)
