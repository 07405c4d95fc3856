from typing import TYPE_CHECKING

from awe.adapters.eventsourcing.factory import LogFactory
from awe.adapters.redis_streams.eventsourcing.journal import RedisJournal
from awe.adapters.redis_streams.eventsourcing.servers import Servers

if TYPE_CHECKING:
    from eventsourcing.utils import Environment, EnvType


class RedisFactory(LogFactory):
    """Recorders on the server, or the cluster, at ``AWE_REDIS_URL`` (or ``REDIS_URL``)."""

    URLS = ("AWE_REDIS_URL", "REDIS_URL")

    def __init__(self, env: "Environment | EnvType | None") -> None:
        super().__init__(env)
        url = next((found for name in self.URLS if (found := self.env.get(name))), None)
        if url is None:
            raise OSError(
                "AWE_REDIS_URL is not set: set it to the server, for example redis://127.0.0.1:6379/0."
            )
        self._servers = Servers(url)
        self._journals: dict[str, RedisJournal] = {}

    def journal(self, partition: str) -> RedisJournal:
        """Return a partition; it is opened by the first append."""
        return self._journals.setdefault(partition, RedisJournal(self._servers, partition, self.patience))

    def close(self) -> None:
        """Close every connection; what is asked afterwards opens new ones."""
        self._servers.close()
