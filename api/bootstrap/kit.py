"""What plans are made and judged with, the same before a goal is submitted and when it is worked on."""

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from awe.adapters.schemas import JsonSchemas
from awe.adapters.tools.registry import Registry
from awe.api.bootstrap.folders import Folders
from awe.api.bootstrap.means import Means, means
from awe.api.bootstrap.tool_names import load_tools, queues_of
from awe.api.settings import Settings
from awe.commands.planning.given_plans import GivenPlans
from awe.commands.planning.planner import Planner
from awe.commands.planning.playbooks import Playbooks
from awe.domain.plan.playbook.model import Playbook


@dataclass(frozen=True, slots=True)
class Kit(Means):
    """`queues` are the task queues that a worker with this kit serves: the default one, and one for each file of tools."""

    folders: Folders
    registry: Registry
    queues: Sequence[str]
    planners: Sequence[Planner]
    schemas: JsonSchemas


@contextmanager
def kit(settings: Settings, *, tools: Iterable[str] = ()) -> Generator[Kit]:
    """Load the built-in tools, those of the settings and these (modules, or paths of Python files), and the playbooks.

    Raises:
        ToolLoadError: some tools cannot be loaded.
        GoalFileError: a playbook cannot be used.
        ServerError: the home has a path that no installation can use.
    """
    folders, schemas = Folders.of(settings), JsonSchemas()
    named = (*settings.tools, *tools)
    with means(settings) as held:
        planners = (
            GivenPlans(blobs=held.blobs),
            Playbooks(_playbooks(settings.playbooks, schemas), schemas=schemas),
        )
        registry, queues = load_tools(named), queues_of(named)
        yield Kit(held.blobs, held.expressions, folders, registry, queues, planners, schemas)


def _playbooks(named: Sequence[Path], schemas: JsonSchemas) -> Sequence[Playbook]:
    if not named:
        return ()
    from awe.adapters.playbooks.library import load  # noqa: PLC0415 (with it comes YAML, and most have no playbooks)

    return load(named, schemas)
