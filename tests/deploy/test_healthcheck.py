"""The image's own check asks the server in its container, and lets containers without one be."""

import importlib.util
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType

import pytest

from deploy.conftest import DEPLOY
from support.server_process import free_port


class Served(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 503)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
        pass


@pytest.fixture
def port() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), Served) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield server.server_port
        server.shutdown()
        serving.join()


@pytest.fixture
def healthcheck() -> ModuleType:
    found = importlib.util.spec_from_file_location("healthcheck", DEPLOY / "healthcheck.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_only_200_is_well(healthcheck: ModuleType, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")  # not asked for what is in here
    assert healthcheck.answers(port, "/healthz")
    assert not healthcheck.answers(port, "/readyz")


def test_no_answer_is_not_well(healthcheck: ModuleType) -> None:
    assert not healthcheck.answers(free_port(), "/healthz")


@pytest.mark.parametrize(
    ("first_process", "serves"),
    [
        (b"/opt/awe/bin/python\0/opt/awe/bin/awe\0serve\0", True),
        (b"/sbin/docker-init\0--\0/opt/awe/bin/awe\0serve\0", True),
        (b"/opt/awe/bin/python\0/opt/awe/bin/awe\0worker\0", False),
        (b"/pause\0", False),
    ],
)
def test_only_who_serves_is_asked(
    healthcheck: ModuleType, tmp_path: Path, first_process: bytes, *, serves: bool
) -> None:
    (tmp_path / "cmdline").write_bytes(first_process)
    assert healthcheck.serves(tmp_path / "cmdline") is serves
