"""Planning is a task of the run like any other: it gets attempts, deadlines, retries and a dead letter for free.

Its work is one call of the planning tool, whose output the scheduler turns into the run's own events: a plan that was
found without fault is proposed and accepted at once, another is proposed and rejected, and then the run fails. What
an accepted plan lets begin is sent right behind its acceptance, and expects it.
"""

from typing import Any, cast

from pydantic_core import from_json, to_json

from awe.commands.planning.contract import PLAN_CONTRACT
from awe.commands.scheduler.answers import Answers
from awe.commands.scheduler.partition_schedule import PartitionSchedule
from awe.commands.scheduler.parts import Parts
from awe.commands.scheduler.plans import Plans
from awe.commands.scheduler.run_decisions import RunDecisions
from awe.commands.scheduler.starts import Starts
from awe.domain.events import Json
from awe.domain.failures import FailureClass
from awe.domain.fold import fold
from awe.domain.identifiers import PLANNING
from awe.domain.run import decisions
from awe.domain.run.events import Finding, RunEvent
from awe.domain.run.state import Run, RunStatus, evolve
from awe.domain.scheduling.outputs import Output
from awe.domain.scheduling.run_schedule import Ahead, RunSchedule
from awe.domain.task.state import TaskStatus
from awe.domain.task.work import Request, Work


class Planning:
    """Has plans made, and answers them."""

    def __init__(
        self,
        plan: PartitionSchedule,
        answers: Answers,
        starts: Starts,
        decisions: RunDecisions,
        parts: Parts,
    ) -> None:
        self._plan = plan
        self._answers = answers
        self._starts = starts
        self._decisions = decisions
        self._parts = parts
        self._plans = Plans(parts.blobs)

    def attend(self, schedule: RunSchedule, now_ms: int) -> None:
        """Have the run planned, or take what planning came to."""
        if schedule.planned is not None:
            self._answer(schedule, schedule.planned)
            return
        track = schedule.tracks.get(PLANNING)
        waits = track is None or (track.status is TaskStatus.WAITING and track.due_ms <= now_ms)
        if waits and (schedule.run, PLANNING) not in self._plan.starting:
            self._starts.ready(schedule, PLANNING, self._work(schedule), None)

    async def adopt(self, schedule: RunSchedule) -> None:
        """Read the plan that the run accepted."""
        proposal = schedule.plan_missing
        if proposal is None:
            return
        schedule.adopt(await self._plans.of(proposal))
        self._plan.dirty[schedule.run] = None  # while its plan was read, it may have been attended to in vain

    def _work(self, schedule: RunSchedule) -> Work:
        goal = schedule.goal
        arguments: dict[str, Json] = {
            "goal": goal.goal,
            "inputs": goal.inputs,
            "tools": None if goal.tools is None else list(goal.tools),
            "planning": goal.planning,
        }
        request = Request(PLAN_CONTRACT.name, PLAN_CONTRACT.digest, arguments)
        return Work((request,), deadline_ms=schedule.deadline_ms, control=schedule.control)

    def _answer(self, schedule: RunSchedule, planned: Output) -> None:
        if not self._decisions.begin(schedule):
            return
        if planned.blob is None:
            self._answers.spawn(self._decide(schedule, planned.value), schedule.run)
        else:
            self._answers.spawn(self._read(schedule, planned.blob), schedule.run)

    async def _read(self, schedule: RunSchedule, blob: str) -> None:
        await self._decide(schedule, from_json(await self._parts.blobs.get(blob)))

    async def _decide(self, schedule: RunSchedule, planned: Json) -> None:
        said = cast("dict[str, Any]", planned)
        inline = None if said["plan"] is None else await self._inline(said["digest"], said["plan"])
        if (
            self._plan.runs.get(schedule.run) is not schedule
            or schedule.state.status is not RunStatus.PLANNING
        ):
            self._decisions.drop(schedule)
            return  # it was cancelled, or ended, while blobs were read and written
        events: tuple[RunEvent, ...] = ()
        state = schedule.state
        refused = [Finding.model_validate(_finding(each)) for each in said["findings"] if _refuses(each)]
        if said["plan"] is not None:
            events = decisions.propose_plan(state, digest=said["digest"], plan=inline)
            state = _after(state, events)
        number = state.proposals
        accepted = said["plan"] is not None and not refused
        if accepted:
            events += decisions.accept_plan(state, number=number, contracts=said["pins"])
        else:
            if said["plan"] is not None:
                rejected = decisions.reject_plan(state, number=number, findings=refused)
                events += rejected
                state = _after(state, rejected)
            first = refused[0] if refused else None
            message = f"no plan was accepted: {first.message}" if first else "planning found no plan"
            events += decisions.fail(state, failure=FailureClass.INVALID_INPUT, message=message)
        version = schedule.version + len(events)
        append_id = self._decisions.send(schedule, events)
        if accepted:
            plan = self._plans.read(said["digest"], said["plan"])
            schedule.anticipate(plan, said["pins"] or {}, Ahead(version, append_id))
            self._plan.join(schedule)
            self._starts.dispatch(self._parts.clock.now_ms())

    async def _inline(self, digest: str, plan: dict[str, Json]) -> dict[str, Json] | None:
        """The plan as the event holds it; None when it is too large and lies in the blob of its digest."""
        if len(to_json(plan)) <= self._parts.limits.inline_work:
            return plan
        await self._plans.store(digest, plan)
        return None


def _after(state: Run, events: tuple[RunEvent, ...]) -> Run:
    return fold(state, evolve, events)


def _refuses(finding: dict[str, Any]) -> bool:
    return bool(finding["severity"] == "error")


def _finding(finding: dict[str, Any]) -> dict[str, Any]:
    return {
        name: finding[name] for name in ("code", "path", "message", "hint") if finding.get(name) is not None
    }
