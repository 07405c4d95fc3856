"""A tool contract says everything a caller may rely on, and its digest names exactly that.

Runs, approvals and operations pin the digest, so two contracts with one digest are interchangeable: the digest covers
what decides a call and its outcome, and nothing that merely describes it. Deprecation is left out, since deprecating
a tool changes no call of the runs that already pinned it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Self

import rfc8785
from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

ToolName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_./-]{0,127}$")]


class Effect(StrEnum):
    """What a call may do to the world; `destructive` is a write that cannot be taken back."""

    READ = "read"
    WRITE = "write"
    DESTRUCTIVE = "destructive"


class Idempotency(StrEnum):
    """What happens when one call is made twice.

    `idempotent`: the second changes nothing. `key`: the tool recognises the operation's idempotency key and answers
    the second as it answered the first. `none`: the effect may happen twice.
    """

    IDEMPOTENT = "idempotent"
    KEY = "key"
    NONE = "none"


def repeatable(effect: Effect, idempotency: Idempotency) -> bool:
    """Whether a call whose outcome is not known may simply be made again with the same key."""
    return effect is Effect.READ or idempotency is not Idempotency.NONE


class ToolContract(BaseModel):
    """One version of one tool. The schemas are JSON Schema 2020-12; `timeout_ms` and `output_cap_bytes` are limits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ToolName
    version: Annotated[str, Field(min_length=1, max_length=64)]
    input_schema: dict[str, JsonValue]
    output_schema: dict[str, JsonValue]
    effect: Effect
    idempotency: Idempotency = Idempotency.NONE
    timeout_ms: Annotated[int, Field(gt=0)] = 30_000
    output_cap_bytes: Annotated[int, Field(gt=0)] = 262_144
    deprecated: bool = False

    @cached_property
    def digest(self) -> str:
        """SHA-256 in hex of the RFC 8785 canonical JSON of all fields but `deprecated`."""
        return hashlib.sha256(rfc8785.dumps(self.model_dump(mode="json", exclude={"deprecated"}))).hexdigest()

    @property
    def repeatable(self) -> bool:
        return repeatable(self.effect, self.idempotency)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A changed copy is another contract: checked, and with a digest of its own (pydantic's keeps the old one)."""
        if update is None:
            return super().model_copy(deep=deep)
        return self.model_validate({**self.model_dump(), **update})

    @model_validator(mode="after")
    def _has_a_digest(self) -> Self:
        """A schema with a number that JSON readers disagree on has no canonical form, hence no identity."""
        try:
            _ = self.digest
        except rfc8785.CanonicalizationError as error:
            raise ValueError(f"a schema of tool {self.name!r} has no canonical JSON form: {error}") from error
        return self
