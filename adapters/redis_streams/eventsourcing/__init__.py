"""``PERSISTENCE_MODULE=awe.adapters.redis_streams.eventsourcing``: the library's applications on Redis or Valkey.

The same script appends as for the engine. A partition here has no archive: the log in Redis is all there is. The
library looks for the one factory in this module.
"""

from awe.adapters.redis_streams.eventsourcing.factory import RedisFactory

__all__ = ["RedisFactory"]
