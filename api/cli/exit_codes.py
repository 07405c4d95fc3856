"""An exit code says what kind of end it was, so that scripts need not read messages; the numbers never change."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum


class ExitCode(IntEnum):
    OK = 0
    ERROR = 1
    INVALID = 2
    NOT_FOUND = 3
    CONFLICT = 4
    UNAVAILABLE = 5
    DIFFERENT = 6
    RUN_FAILED = 7
    UNRESOLVED = 8
    INTERRUPTED = 130


MEANINGS: Mapping[ExitCode, str] = {
    ExitCode.OK: "ok",
    ExitCode.ERROR: "error",
    ExitCode.INVALID: "wrong usage or invalid input, such as a plan with lint errors",
    ExitCode.NOT_FOUND: "not found",
    ExitCode.CONFLICT: "conflict, or denied by policy",
    ExitCode.UNAVAILABLE: "a dependency, such as Redis or Postgres, is unavailable",
    ExitCode.DIFFERENT: "verify found differences",
    ExitCode.RUN_FAILED: "the run failed or was cancelled",
    ExitCode.UNRESOLVED: "the run waits for a person: nobody knows whether a call had its effect",
    ExitCode.INTERRUPTED: "interrupted",
}
