"""What must be true once the faults have stopped and everything came to rest."""

from typing import Any

from awe.adapters.memory.folding import fold
from awe.commands.scheduler.partition_schedule import PartitionSchedule
from awe.domain.run.state import ENDED as RUN_ENDED
from awe.domain.scheduling.run_schedule import RunSchedule
from awe.domain.task.state import TaskStatus
from simulation.ledger import intent_of
from simulation.programs import Installation
from simulation.story import AT_WORK, RunStory
from simulation.world import World


def unfinished(installation: Installation) -> list[str]:
    """The runs that have not ended, with what they are at."""
    found: list[str] = []
    told = {story.run: story for story in installation.world.audit.stories()}
    for goal in installation.goals:
        run = installation.run_of(goal)
        if run not in told:
            found.append(f"{goal.name}: not submitted")
        elif told[run].state.status not in RUN_ENDED:
            found.append(f"{goal.name} ({run}): {told[run].state.status}, {_at_work(told[run])}")
    return found


def waiting_for_people(installation: Installation) -> list[str]:
    """The goals of runs that wait with nothing but unknown outcomes: somebody has to resolve or cancel those."""
    told = {story.run: story for story in installation.world.audit.stories()}
    found: list[str] = []
    for goal in installation.goals:
        story = told.get(installation.run_of(goal))
        if story is not None and story.state.status not in RUN_ENDED:
            at_work = {story.tasks[key].status for key in story.at(*AT_WORK)}
            if at_work == {TaskStatus.UNKNOWN}:
                found.append(goal.name)
    return found


def check(installation: Installation) -> None:
    """Compare what is left with what the log says."""
    world = installation.world
    for name in world.partitions:
        partition = world.server.partition(name)
        world.audit.owed(partition, world.audit.seen(name))
        for queue, messages in partition.derived.queues.items():
            for event in messages.values():
                world.audit.wrong(f"{name}: queue {queue} still has {event.run} {event.aggregate} (I5)")
        anew = fold(partition.entries())
        if partition.derived.positions != anew.positions and not _moved_alone(world, name):
            world.audit.wrong(
                f"{name}: positions {partition.derived.positions}, by the entries {anew.positions}"
            )
    _acknowledged(world)
    _reported(world)
    _views(installation)


def _moved_alone(world: World, name: str) -> bool:
    """A unit without events moves a position and leaves no entry: then it stands higher than the entries say."""
    partition = world.server.partition(name)
    anew = fold(partition.entries()).positions
    return all(
        anew[reactor].n <= position.n <= partition.n
        for reactor, position in partition.derived.positions.items()
        if reactor in anew
    )


def _acknowledged(world: World) -> None:
    """What callers were told stands where they were told, unless the server may lose it."""
    if world.audit.lossy:
        return
    for name in world.partitions:
        at = {entry.event.n: entry.event.append_id for entry in world.server.partition(name).entries()}
        for (where, append_id), told in world.audit.acknowledged.items():
            if where == name and any(at.get(told.first + each) != append_id for each in range(told.count)):
                world.audit.wrong(f"{name}: {append_id} was acknowledged at {told.first} and is not there")


def _reported(world: World) -> None:
    """What a worker that lives on was told by a tool stands in the log (I11, I21)."""
    if world.audit.lossy:
        return
    reported = world.audit.reported()
    for returned in world.ledger.returned:
        intent = intent_of(returned.call)
        if not returned.process.dead and intent not in reported:
            world.audit.wrong(
                f"{returned.process.name} never reported {intent}, which returned at {returned.at_s:.3f} s"
            )


def _views(installation: Installation) -> None:
    """Each scheduler in office sees what a fold from the first event on sees."""
    world = installation.world
    for process in world.live("scheduler"):
        for name, task in installation.terms[process.name]:
            term = _local(task.get_coro(), "term")
            if term is None or not world.server.partition(name).roles:
                continue
            if world.server.partition(name).roles["scheduler"].holder == process.name:
                world.coverage.events["views compared"] += 1
                _compare(world, name, term._plan)


def _local(coroutine: Any, name: str) -> Any:
    frame = coroutine.cr_frame
    return None if frame is None else frame.f_locals.get(name)


def _compare(world: World, name: str, plan: PartitionSchedule) -> None:
    wrong = world.audit.wrong
    if plan.position.n != world.server.partition(name).n:
        wrong(
            f"{name}: its scheduler stands at {plan.position}, the log at {world.server.partition(name).head}"
        )
    stories = {
        run: each
        for run, each in world.audit.seen(name).stories.items()
        if each.state.status not in RUN_ENDED
    }
    if set(plan.runs) != set(stories):
        wrong(f"{name}: its scheduler attends to {sorted(plan.runs)}, unfinished are {sorted(stories)}")
        return
    if any(plan.unclaimed.values()) or plan.starting:
        wrong(f"{name}: its scheduler counts {dict(plan.unclaimed)} unclaimed, {plan.starting} on their way")
    for run, story in stories.items():
        schedule: RunSchedule = plan.runs[run]  # type: ignore[index]
        if schedule.state != story.state:
            wrong(f"{run}: its scheduler sees {schedule.state.status}, the log says {story.state.status}")
        for key, task in story.tasks.items():
            track = schedule.tracks[key]
            if (track.status, track.attempt) != (task.status, task.attempt):
                wrong(f"{run}/{key}: its scheduler sees {track.status}, the log says {task.status}")


def _at_work(story: RunStory) -> dict[str, str]:
    return {key: story.tasks[key].status for key in story.at(*AT_WORK)}
