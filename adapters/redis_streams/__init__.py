"""The event log on Redis Streams: hot tier, group commit, reading, healing."""
