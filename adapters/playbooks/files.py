"""Reads one file as a document, in YAML or JSON as its name says; every fault names the file, and the line if it can."""

from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

from awe.adapters.playbooks.faults import FileFault, GoalFileError, Lines
from awe.adapters.playbooks.yaml_document import MOST_BYTES, YamlError, read_yaml
from awe.domain.plan.lint.document import UnreadableError, read_json
from awe.domain.plan.lint.limits import LIMITS, Limits
from awe.domain.plan.playbook.shape import misshapes

YAML: Final = (".yaml", ".yml")
SUFFIXES: Final = (*YAML, ".json")

_JSON_LIMITS: Final = Limits(max_bytes=MOST_BYTES)
_MOST_FINDINGS: Final = 100

Model = TypeVar("Model", bound=BaseModel)


class Document(NamedTuple):
    """A document, the file it came from, and the lines of its values (none for JSON)."""

    file: str
    value: JsonValue
    lines: Lines

    def fault(self, path: str, message: str, hint: str) -> FileFault:
        return FileFault(self.file, self.lines.of(path), path, message, hint)


def read_bytes(path: Path, *, at_most: int) -> bytes:
    """The bytes of a file, one more than `at_most` when there are too many; raises `GoalFileError`."""
    try:
        with path.open("rb") as file:
            return file.read(at_most + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        message = f"the file cannot be read: {reason}"
        raise GoalFileError(
            FileFault(str(path), None, "", message, "Check the name and the rights.")
        ) from error


def read_document(path: Path) -> Document:
    """The document in a file of at most 1 MiB; raises `GoalFileError`."""
    data = read_bytes(path, at_most=MOST_BYTES)
    name = str(path)
    try:
        if path.suffix in YAML:
            return Document(name, *read_yaml(data))
        return Document(name, read_json(data, _JSON_LIMITS), Lines())
    except YamlError as error:
        raise GoalFileError(FileFault(name, error.line, error.path, error.message, error.hint)) from error
    except UnreadableError as error:
        raise GoalFileError(FileFault(name, None, error.path, error.message, error.hint)) from error


def read_model(path: Path, model: type[Model], *others: type[BaseModel]) -> tuple[Model, Document]:
    """The model that a file's document is; `others` are models inside it. Raises `GoalFileError`."""
    document = read_document(path)
    try:
        return model.model_validate(document.value), document
    except ValidationError as error:
        found = [document.fault(*wrong) for wrong in misshapes(error, model, *others)]
        raise GoalFileError(*found[:_MOST_FINDINGS]) from error


def read_plan(path: Path) -> dict[str, JsonValue]:
    """The document of a plan, in JSON of at most 8 MiB or in YAML; whether it is a plan, the linter says."""
    if path.suffix in YAML:
        document = read_document(path)
    else:
        data = read_bytes(path, at_most=LIMITS.max_bytes)
        try:
            document = Document(str(path), read_json(data, LIMITS), Lines())
        except UnreadableError as error:
            raise GoalFileError(FileFault(str(path), None, error.path, error.message, error.hint)) from error
    if not isinstance(document.value, dict):
        raise GoalFileError(
            document.fault("", "a plan is an object", "`awe plan schema` prints its JSON Schema.")
        )
    return document.value
