"""The event log on Redis Streams: hot tier, group commit, reading, healing."""

from awe.adapters.left_out import left_out

# Before any module here: 2.5 MiB, for metrics that nobody switches on.
with left_out("opentelemetry.sdk.metrics"):
    import redis as redis
