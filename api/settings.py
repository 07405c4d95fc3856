"""What an operator can set, each by an environment variable `AWE_<NAME>`, and what holds when nothing is set.

A wrong value stops the start with the variable's name, never its value: URLs carry passwords, and only show redacted.
A name that is not known stops it too, since a misspelt setting that is ignored does the most harm.
"""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Secret,
    SecretStr,
    ValidationError,
)

from awe.adapters.servers.durability import Durability
from awe.adapters.servers.urls import redacted

PREFIX = "AWE_"
EMBEDDED_PARTITIONS = 1
PRODUCTION_PARTITIONS = 16


class SettingsError(Exception):
    """Some variables are wrong; the message has a line for each, saying what is expected."""


class ServerUrl(Secret[str]):
    """A URL with credentials; it shows without them, and `get_secret_value` gives it whole."""

    def _display(self) -> str:
        return redacted(self.get_secret_value())


def _scheme(*allowed: str) -> AfterValidator:
    def check(url: ServerUrl) -> ServerUrl:
        if urlsplit(url.get_secret_value()).scheme not in allowed:
            raise ValueError(f"must begin with {' or '.join(f'{scheme}://' for scheme in allowed)}")
        return url

    return AfterValidator(check)


def _listed(given: object) -> object:
    """Names separated by commas; empty ones are none."""
    if not isinstance(given, str):
        return given
    return tuple(name for name in map(str.strip, given.split(",")) if name)


def _origin(text: str) -> str:
    """An origin as browsers name it, without a path."""
    parts = urlsplit(text)
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or f"{parts.scheme}://{parts.netloc}" != text
    ):
        raise ValueError("expected origins like https://example.org, separated by commas")
    return text


Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Origins = Annotated[tuple[Annotated[str, AfterValidator(_origin)], ...], BeforeValidator(_listed)]
Folders = Annotated[tuple[Path, ...], BeforeValidator(_listed)]


class Settings(BaseModel):
    """Each field is the variable of its name in capitals, after AWE_."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    home: Annotated[
        Path | None, Field(description="the folder of the embedded servers, and of what runs leave behind")
    ] = None
    redis_url: Annotated[
        Annotated[ServerUrl, _scheme("redis", "rediss", "unix")] | None,
        Field(description="a running Redis or Valkey, instead of an embedded one"),
    ] = None
    postgres_url: Annotated[
        Annotated[ServerUrl, _scheme("postgresql", "postgres")] | None,
        Field(description="a running PostgreSQL, instead of an embedded one"),
    ] = None
    partitions: Annotated[
        int | None,
        Field(ge=1, le=99, description="partitions of the log, fixed when an installation is created"),
    ] = None
    durability: Annotated[Durability, Field(description="what an acknowledged append survives")] = "always"
    clock_skew_ms: Annotated[
        int, Field(ge=0, description="tolerated difference of the clocks of servers and hosts")
    ] = 1000
    embedded_linger_s: Annotated[
        float, Field(ge=0, le=86_400, description="how long an embedded server waits for its next user")
    ] = 5.0

    tools: Annotated[
        Names, Field(description="modules and files whose tools a worker serves, separated by commas")
    ] = ()
    projections: Annotated[
        Names,
        Field(description="modules and files whose projections are fed too, separated by commas"),
    ] = ()
    weak_intents: Annotated[
        Names,
        Field(description="tools whose writes may happen twice after a loss, separated by commas"),
    ] = ()
    playbooks: Annotated[Folders, Field(description="folders of playbooks, separated by commas")] = ()
    artifacts: Annotated[
        Path | None,
        Field(description="the folder of artifacts and large payloads, shared by all workers"),
    ] = None
    slots: Annotated[int, Field(ge=1, le=10_000, description="how many tasks a worker does at once")] = 16
    lease_s: Annotated[
        float, Field(ge=5, le=3600, description="after how long a silent worker's tasks go to others")
    ] = 30.0
    otel: Annotated[
        Literal["off", "on"],
        Field(description="whether attempts are spans of the tracer provider that the process is given"),
    ] = "off"

    http_host: Annotated[str, Field(description="the address that 'awe serve' listens on")] = "127.0.0.1"
    http_port: Annotated[
        int, Field(ge=0, le=65_535, description="the port that 'awe serve' listens on; 0 for any free one")
    ] = 8080
    api_key: Annotated[
        SecretStr | None, Field(description="the key that clients of 'awe serve' show, 20 characters or more")
    ] = None
    api_keys_file: Annotated[
        Path | None, Field(description="a file with a line NAME KEY for each client of 'awe serve'")
    ] = None
    allowed_origins: Annotated[
        Origins, Field(description="other origins whose web pages may use 'awe serve', separated by commas")
    ] = ()
    graphql_introspection: Annotated[
        bool, Field(description="whether clients may ask 'awe serve' for its GraphQL schema")
    ] = False
    http_body_bytes: Annotated[
        int, Field(ge=1_024, le=100_000_000, description="the largest body of a request")
    ] = 1_048_576
    http_timeout_s: Annotated[
        float, Field(gt=0, le=3_600, description="how long a request may take until its answer begins")
    ] = 30.0
    http_drain_s: Annotated[
        float,
        Field(ge=0, le=3_600, description="how long running requests may take when 'awe serve' is stopped"),
    ] = 20.0
    ready_lag_events: Annotated[
        int, Field(ge=0, description="events that read models may be behind before /readyz fails")
    ] = 10_000
    ready_lag_s: Annotated[
        float, Field(ge=0, description="seconds that read models may be behind before /readyz fails")
    ] = 60.0

    debug: Annotated[bool, Field(description="show tracebacks of expected faults too")] = False

    @property
    def embedded(self) -> bool:
        """Whether the log is this installation's own: nobody else may be there to keep it."""
        return self.redis_url is None

    @property
    def partition_count(self) -> int:
        """How many partitions an installation gets when it is created: as set, else by where its log lives."""
        if self.partitions is not None:
            return self.partitions
        return EMBEDDED_PARTITIONS if self.redis_url is None else PRODUCTION_PARTITIONS

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read the settings; an empty variable counts as not set.

        Raises:
            SettingsError: names every wrong or unknown variable.
        """
        names = {_variable(field): field for field in cls.model_fields}
        given = {name: value for name, value in environ.items() if name.startswith(PREFIX) and value}
        wrong = [_unknown(name, list(names)) for name in given if name not in names]
        try:
            settings = cls.model_validate(
                {names[name]: value for name, value in given.items() if name in names}
            )
        except ValidationError as error:
            wrong += [
                f"{_variable(str(each['loc'][0]))}: {each['msg']}."
                for each in error.errors(include_input=False)
            ]
            raise SettingsError("\n".join(wrong)) from None
        if wrong:
            raise SettingsError("\n".join(wrong))
        return settings


def _variable(field: str) -> str:
    return f"{PREFIX}{field.upper()}"


def _unknown(name: str, known: list[str]) -> str:
    alike = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {alike[0]}?" if alike else f"known are {', '.join(known)}."
    return f"{name}: there is no such setting; {hint}"
