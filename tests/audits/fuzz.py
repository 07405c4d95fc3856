"""Fuzz the schema that clients were promised, on a server of its own: `python -m audits.fuzz --examples 100 --seeds 1 2 3`.

Every answer must be what `answers` says. Afterwards the server must be ready, the installation without fault, and every read
model equal to one that is built anew.
"""

import argparse
import http.client
import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, cast
from urllib.parse import urlsplit

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

from audits.answers import EVENTS, Answer, checked
from audits.asked import PLAYBOOK, Asked, Known, kinds
from support.installation import Installation, installation
from support.server_homes import server_homes

_KEY: Final = "a-key-for-the-time-of-a-fuzz"
_MODELS: Final = ("artifacts", "dead_letters", "operations", "run_details", "runs", "tasks")
_TOLD: Final = {
    "name": PLAYBOOK,
    "version": 1,
    "title": "Count words",
    "match": {"phrases": ["count it"], "keywords": ["count"]},
    "inputs": {"type": "object", "properties": {"text": {"type": "string", "default": "a b"}}},
    "plan": {
        "tasks": [
            {
                "id": "count",
                "tool_requests": [{"tool": "text.count", "arguments": {"text": {"$param": "text"}}}],
            }
        ]
    },
}


class Client:
    """One connection after another to a server, and what it answered."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self._connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=30)
        self.known = Known()
        self.seen: Counter[str] = Counter()
        self.asked = 0
        self.slowest_s = 0.0

    def ask(self, kind: str, asked: Asked) -> None:
        """Send a request and check what comes.

        Raises:
            AssertionError: the answer is not what it must be.
        """
        headers = {
            "Authorization": f"Bearer {_KEY}",
            "Accept": asked.accept,
            "Content-Type": asked.content_type,
        }
        begun_s = time.perf_counter()
        self._connection.request("POST", "/graphql", asked.body, headers)
        response = self._connection.getresponse()
        body = response.read()
        answer = Answer(
            response.status,
            response.headers.get_content_type(),
            body,
            time.perf_counter() - begun_s,
        )
        self.asked += 1
        self.slowest_s = max(self.slowest_s, answer.seconds)
        codes = checked(answer)
        for code in set(codes) or {"no error"}:
            self.seen[f"{kind}: {answer.status} {code}"] += 1
        if answer.status == 200 and answer.media_type != EVENTS:
            self.known.learn(json.loads(body).get("data"))

    def ready(self) -> bool:
        self._connection.request("GET", "/readyz")
        response = self._connection.getresponse()
        response.read()
        return response.status == 200


def fuzzed(client: Client, seeds: Sequence[int], examples: int) -> Sequence[str]:
    """Ask as many examples of each kind with each seed; what was wrong, each with its least example."""
    wrong: list[str] = []
    for name, strategy in kinds(client.known).items():
        for number in seeds:
            try:
                _run(client, name, strategy, number, examples)
            except Exception as error:  # noqa: BLE001 (every kind is tried, and all that is wrong told)
                notes = " ".join(getattr(error, "__notes__", ()))
                wrong.append(f"{name}, seed {number}: {type(error).__name__}: {error!s:.2000} {notes}")
    return wrong


def _run(client: Client, kind: str, strategy: SearchStrategy[Asked], number: int, examples: int) -> None:
    def ask(asked: Asked) -> None:
        client.ask(kind, asked)

    wanted = settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=cast("Any", list(HealthCheck)),
    )
    test: Any = wanted(seed(number)(given(asked=strategy)(ask)))
    test()


def consistent(made: Installation) -> Sequence[str]:
    """What the program itself finds wrong with the installation afterwards."""
    commands: list[tuple[str, ...]] = [("doctor",)]
    for each in _MODELS:
        commands += [("projections", "rebuild", each, "--no-switch"), ("projections", "verify", each)]
    answers = [(command, made.awe(*command)) for command in commands]
    return [
        f"awe {' '.join(command)}: {ran.code}: {ran.err}{ran.out}" for command, ran in answers if ran.code
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m audits.fuzz", description="Fuzz the GraphQL schema.")
    parser.add_argument("--examples", type=int, default=150, help="of each kind with each seed")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    told = parser.parse_args(arguments)
    with server_homes() as root:
        playbooks = root / "playbooks"
        playbooks.mkdir(mode=0o755)
        (playbooks / f"{PLAYBOOK}.json").write_text(json.dumps(_TOLD))
        with installation(root, AWE_API_KEY=_KEY, AWE_PLAYBOOKS=os.fspath(playbooks)) as made:
            client, wrong = _on(made, told.seeds, told.examples)
    for each, count in sorted(client.seen.items()):
        print(f"{count:6} {each}")  # noqa: T201 (a program of its own)
    said = f"{client.asked} answers, {len(client.known.runs)} ids of runs"
    print(f"{said}, slowest {client.slowest_s:.3f} s, {len(wrong)} wrong")  # noqa: T201
    for each in wrong:
        print(f"WRONG {each}", file=sys.stderr)  # noqa: T201
    return 1 if wrong else 0


def _on(made: Installation, seeds: Sequence[int], examples: int) -> tuple[Client, Sequence[str]]:
    with made.begun("up") as engine, made.begun("serve", "--port", "0") as server:
        engine.wait_for("running")
        said = server.wait_for("listening on").splitlines()[-1]
        client = Client(next(word.rstrip(";") for word in said.split() if word.startswith("http")))
        until_s = time.monotonic() + 60
        while not client.ready() and time.monotonic() < until_s:
            time.sleep(0.1)
        wrong = [*fuzzed(client, seeds, examples)]
        if not client.ready():
            wrong.append("the server is not ready any more")
        wrong += consistent(made)
        for each in (server, engine):
            each.signal(signal.SIGTERM)
            ended = each.end()
            if ended.code or "Traceback" in ended.err:
                wrong.append(f"a process ended with {ended.code}: {ended.err[-3000:]}")
    return client, wrong


if __name__ == "__main__":
    sys.exit(main())
