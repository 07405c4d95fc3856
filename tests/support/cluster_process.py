"""A Redis Cluster of three masters of the embedded Valkey on loopback ports."""

import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from support.redis_client import connect
from support.server_process import START_SECONDS, ValkeyPortProcess, free_port

SLOTS = 16384


class ClusterProcess:
    """Starts when entered; every slot is served when `__enter__` returns. `nodes` may be killed one by one."""

    def __init__(self, home: Path, size: int = 3) -> None:
        self.buses = [free_port() for _ in range(size)]
        self.nodes = [
            ValkeyPortProcess(home / str(number), "--cluster-enabled", "yes", "--cluster-port", str(bus))
            for number, bus in enumerate(self.buses)
        ]

    @property
    def url(self) -> str:
        return self.nodes[0].url

    def __enter__(self) -> Self:
        with ExitStack() as started:
            clients = [connect(started.enter_context(node).url) for node in self.nodes]
            share = -(-SLOTS // len(clients))
            for number, client in enumerate(clients):
                started.enter_context(client)
                last = min((number + 1) * share, SLOTS) - 1
                client.execute_command("CLUSTER ADDSLOTSRANGE", number * share, last)
                client.execute_command("CLUSTER SET-CONFIG-EPOCH", number + 1)
            for node, bus in zip(self.nodes, self.buses, strict=True):
                clients[0].execute_command("CLUSTER MEET", "127.0.0.1", node.port, bus)
            for client in clients:
                _await_cluster(client, len(clients))
                client.close()
            started.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        for node in self.nodes:
            node.__exit__()


def _await_cluster(client: Any, size: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    wanted = {"cluster_state": "ok", "cluster_known_nodes": str(size), "cluster_slots_assigned": str(SLOTS)}
    while True:
        info: dict[str, str] = client.execute_command("CLUSTER INFO")
        if wanted.items() <= info.items():
            return
        if time.monotonic() > deadline:
            raise RuntimeError(f"the cluster did not form: {info}")
        time.sleep(0.02)
