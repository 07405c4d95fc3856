"""``PERSISTENCE_MODULE=awe.adapters.memory.eventsourcing``: the library's applications in memory, for their tests.

What an application records lives as long as its factory. The library looks for the one factory in this module.
"""

from awe.adapters.memory.eventsourcing.factory import MemoryFactory

__all__ = ["MemoryFactory"]
