"""What a Redis server must be like to keep the engine's promises, and what to do where it is not."""

from collections.abc import Iterator

from awe.adapters.servers.durability import Durability
from awe.adapters.servers.faults import Fault
from awe.adapters.servers.reasons import clock_skewed
from awe.adapters.servers.redis_answers import RedisAnswers
from awe.adapters.servers.versions import older

MINIMUM = (7, 0)
MEMORY_HIGH = 0.7  # above this share nothing new is begun
MEMORY_FULL = 0.95


def broken_rules(answers: RedisAnswers, durability: Durability, clock_skew_ms: int) -> tuple[Fault, ...]:
    return (
        *_kind(answers),
        *_log(answers, durability),
        *_memory(answers),
        *clock_skewed(answers.clock_skew_ms, clock_skew_ms),
    )


def _kind(answers: RedisAnswers) -> Iterator[Fault]:
    if older(answers.version, MINIMUM):
        yield Fault(
            "server_too_old",
            f"The server is {answers.product} {answers.version}; Redis 7.0 or any Valkey is needed.",
            "Upgrade it, or set AWE_REDIS_URL to another server.",
        )
    if answers.role == "slave":
        yield Fault(
            "replica",
            "The server is a replica; events can be written to a master only.",
            "Set AWE_REDIS_URL to the master.",
        )


def _log(answers: RedisAnswers, durability: Durability) -> Iterator[Fault]:
    if answers.appendonly is False:
        yield Fault(
            "aof_off",
            "The server has no append-only file: a restart would lose every event since its last snapshot.",
            "Run CONFIG SET appendonly yes, and CONFIG REWRITE to keep it.",
        )
    elif answers.appendfsync is None:
        yield Fault(
            "settings_hidden",
            "The server does not show appendfsync, so nobody can tell what it loses when its host dies.",
            "Look at its settings by other means, or allow this user CONFIG GET.",
            "warning",
        )
    elif answers.appendfsync == "no" or (durability == "always" and answers.appendfsync != "always"):
        needed = "always" if durability == "always" else "everysec"
        yield Fault(
            "fsync_weak",
            f"The server has appendfsync {answers.appendfsync}, which is less than durability {durability} promises.",
            f"Run CONFIG SET appendfsync {needed} and CONFIG REWRITE, or choose another AWE_DURABILITY.",
        )


def _memory(answers: RedisAnswers) -> Iterator[Fault]:
    if answers.maxmemory_policy not in {None, "noeviction"}:
        yield Fault(
            "evicts",
            f"The server has maxmemory-policy {answers.maxmemory_policy}: it would drop events when memory is short.",
            "Run CONFIG SET maxmemory-policy noeviction, and CONFIG REWRITE to keep it.",
        )
    if answers.maxmemory is None or answers.used_memory is None:
        return
    if answers.maxmemory == 0:
        yield Fault(
            "memory_unlimited",
            "The server has no memory limit, so the engine cannot slow down before the host runs out of memory.",
            "Run CONFIG SET maxmemory with about half of the host's memory, and CONFIG REWRITE to keep it.",
            "warning",
        )
        return
    share = answers.used_memory / answers.maxmemory
    if share >= MEMORY_HIGH:
        full = share >= MEMORY_FULL
        yield Fault(
            "memory_limit_reached" if full else "memory_high",
            f"The server uses {share:.0%} of its memory limit of {answers.maxmemory} bytes: "
            + ("it refuses, or will soon refuse, every event." if full else "nothing new is begun."),
            "Raise maxmemory (CONFIG SET, CONFIG REWRITE), or see why the archive lags: "
            "the log is trimmed only behind the archive.",
            "error" if full else "warning",
        )
