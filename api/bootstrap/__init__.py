"""The composition root: nothing else builds adapters, and every process gets the same parts from the same settings."""

from awe.api.bootstrap.event_store import EventStore, event_store
from awe.api.bootstrap.partitions import partition_name

__all__ = ["EventStore", "event_store", "partition_name"]
