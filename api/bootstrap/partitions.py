"""What the partitions of an installation are called in both tiers."""


def partition_name(number: int) -> str:
    """Return the name under which the engine's partition of that number stands in both tiers."""
    return f"awe.{number:02d}"
