import pytest
from pydantic import ValidationError

from awe.domain.contracts import Effect, Idempotency, ToolContract


def contract(**changes: object) -> ToolContract:
    return ToolContract.model_validate(
        {
            "name": "git.log",
            "version": "1",
            "input_schema": {"type": "object", "properties": {"path": {"type": "string"}}},
            "output_schema": {"type": "array"},
            "effect": "read",
            **changes,
        }
    )


def test_the_digest_is_stable_over_releases() -> None:
    assert contract().digest == "3de08a222f07c6c3eff630379768a5a4d1fca64aaf47e2bdb490c0555ab6b2fe"


@pytest.mark.parametrize(
    "change",
    [
        {"name": "git.show"},
        {"version": "2"},
        {"input_schema": {}},
        {"output_schema": {}},
        {"effect": "write"},
        {"idempotency": "key"},
        {"timeout_ms": 1},
        {"output_cap_bytes": 1},
    ],
)
def test_whatever_decides_a_call_changes_the_digest(change: dict[str, object]) -> None:
    assert contract(**change).digest != contract().digest


def test_what_only_describes_leaves_the_digest() -> None:
    reordered = {"properties": {"path": {"type": "string"}}, "type": "object"}
    assert contract(deprecated=True, input_schema=reordered).digest == contract().digest


def test_a_changed_copy_is_another_contract() -> None:
    assert contract().model_copy() == contract()
    assert contract().model_copy(update={"version": "2"}).digest == contract(version="2").digest
    with pytest.raises(ValidationError, match="timeout_ms"):
        contract().model_copy(update={"timeout_ms": 0})


@pytest.mark.parametrize("number", [2**60, float("nan")])
def test_a_schema_without_a_canonical_form_is_refused(number: float) -> None:
    with pytest.raises(ValidationError, match="no canonical JSON form"):
        contract(output_schema={"maximum": number})


@pytest.mark.parametrize("name", ["", "-x", "a b", "a" * 129])
def test_a_name_is_short_and_plain(name: str) -> None:
    with pytest.raises(ValidationError, match="name"):
        contract(name=name)


@pytest.mark.parametrize(
    ("effect", "idempotency", "expected"),
    [
        (Effect.READ, Idempotency.NONE, True),
        (Effect.WRITE, Idempotency.NONE, False),
        (Effect.DESTRUCTIVE, Idempotency.NONE, False),
        (Effect.WRITE, Idempotency.KEY, True),
        (Effect.DESTRUCTIVE, Idempotency.IDEMPOTENT, True),
    ],
)
def test_only_a_write_without_any_idempotency_may_not_be_repeated(
    effect: Effect, idempotency: Idempotency, *, expected: bool
) -> None:
    assert contract(effect=effect, idempotency=idempotency).repeatable is expected
