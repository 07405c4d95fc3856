"""The event log in memory: the same semantics as on real servers, with every fault at hand.

``MemoryServer`` holds the partitions, both tiers of each, and what an operator or the healer does to them;
``MemoryEventLog`` is one process' client of one partition. `deciding` and `folding` are the executable
specification of what any implementation answers and keeps.
"""
