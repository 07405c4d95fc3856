"""Versions, comparisons and estimates for programs, and the lines that people read of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from awe.projections.projector import Projector
from awe.projections.queries.standing import VersionStanding
from awe.projections.rebuild.comparing import Comparison
from awe.projections.rebuild.effects import Known
from awe.projections.rebuild.estimate import Estimate
from awe.projections.rebuild.rebuilding import Rebuilt
from awe.projections.tables import code_of


def version_document(
    of: VersionStanding, known: Known | None, projectors: Mapping[str, Projector]
) -> dict[str, Any]:
    """A version: how far behind the archive it is, in events, and whether this process has its code."""
    here = of.name in projectors and code_of(projectors[of.name]) == of.code
    return {
        "projection": of.name,
        "version": of.version,
        "state": _state(of, known),
        "live": of.live,
        "events": sum(each.n for each in of.partitions),
        "behind": sum(max(0, each.head - each.n) for each in of.partitions),
        "code": of.code,
        "code_here": here,
        "parked": of.parked,
        "stopped": of.stopped,
        "partitions": [
            {"partition": each.partition, "n": each.n, "head": each.head, "epoch": each.epoch}
            for each in of.partitions
        ],
    }


def _state(of: VersionStanding, known: Known | None) -> str:
    if known is not None and known.building:
        return "building"
    if of.stopped is not None:
        return "stopped"
    return "live" if of.live else "fed"


def comparison_document(found: Comparison) -> dict[str, Any]:
    return {
        "equal": found.equal,
        "version": found.version,
        "against": found.against,
        "rows": found.rows,
        "against_rows": found.against_rows,
        "differences": found.differences,
        "differing": list(found.differing),
        "not_compared": list(found.not_compared),
        "parked": found.parked,
        "against_parked": found.against_parked,
        "positions": dict(found.positions),
    }


def comparison_lines(name: str, found: Comparison) -> Sequence[str]:
    told = "equal" if found.equal else "different"
    lines = [f"version {found.version} of {name} is {told}: {found.report}"]
    return [*lines, *(f"  {each}" for each in found.differing)]


def rebuilt_document(name: str, rebuilt: Rebuilt) -> dict[str, Any]:
    return {
        "projection": name,
        "version": rebuilt.version,
        "live": rebuilt.live,
        "switched": rebuilt.live == rebuilt.version,
        "comparison": None if rebuilt.comparison is None else comparison_document(rebuilt.comparison),
    }


def estimate_document(found: Estimate) -> dict[str, Any]:
    return {
        "projection": found.projection,
        "version": found.version,
        "table": found.table,
        "events": found.events,
        "partitions": found.partitions,
        "sampled": found.sampled,
        "seconds": round(found.seconds, 1),
        "unknown": dict(found.unknown),
        "looked_at": found.counted,
        "poisoned": found.poisoned,
    }


def estimate_lines(found: Estimate) -> Sequence[str]:
    unknown = ", ".join(f"{kind} ({count:,})" for kind, count in found.unknown.items()) or "none"
    lines = [
        f"projection  {found.projection}, version {found.version}",
        f"table       {found.table}",
        f"events      {found.events:,} in {found.partitions} partitions",
        f"time        about {found.seconds:,.1f} s, by a sample of {found.sampled:,} events",
        f"unknown     {unknown}, among {found.counted:,} events looked at",
    ]
    return lines if found.poisoned is None else [*lines, f"poisoned    {found.poisoned}"]
