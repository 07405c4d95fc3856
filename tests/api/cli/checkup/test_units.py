import pytest

from awe.api.cli.checkup.units import milliseconds, size


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (None, "unknown"),
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (5 * 1024**2 + 512 * 1024, "5.5 MiB"),
        (3 * 1024**3, "3.0 GiB"),
        (7 * 1024**4, "7.0 TiB"),
        (9000 * 1024**4, "9000.0 TiB"),
    ],
)
def test_sizes(count: int | None, told: str) -> None:
    assert size(count) == told


@pytest.mark.parametrize(("value", "told"), [(None, "unknown"), (-12.34, "12.3 ms"), (0.0, "0.0 ms")])
def test_times(value: float | None, told: str) -> None:
    assert milliseconds(value) == told
