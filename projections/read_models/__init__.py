"""The read models that come with the engine."""

from typing import Final

from awe.projections.projector import Projector
from awe.projections.read_models.artifacts import Artifacts
from awe.projections.read_models.dead_letters import DeadLetters
from awe.projections.read_models.operations import Operations
from awe.projections.read_models.run_details import RunDetails
from awe.projections.read_models.runs import Runs
from awe.projections.read_models.tasks import Tasks

BUILT_IN: Final[tuple[Projector, ...]] = (
    Runs(),
    RunDetails(),
    Tasks(),
    Operations(),
    Artifacts(),
    DeadLetters(),
)
