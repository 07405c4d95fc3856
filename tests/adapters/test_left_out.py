"""Modules that pass for not installed while a library is imported."""

import subprocess
import sys
from importlib import import_module
from textwrap import dedent

import pytest

from awe.adapters.left_out import left_out


def test_a_module_is_not_there_until_the_block_ends() -> None:
    sys.modules.pop("this", None)
    with left_out("this"), pytest.raises(ImportError):
        import_module("this")
    assert "this" not in sys.modules


def test_what_is_loaded_already_stays() -> None:
    with left_out("textwrap"):
        assert import_module("textwrap").dedent is dedent


def test_clients_of_redis_and_work_queues_take_nothing_along() -> None:
    code = """
        import sys
        from awe.adapters.work_queue.application import WorkQueue
        unwanted = {"uvicorn", "msgspec", "opentelemetry.sdk.metrics", "psutil"}
        print(sorted(unwanted & {*sys.modules}))
        import opentelemetry.sdk.metrics, uvicorn
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(code)],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
