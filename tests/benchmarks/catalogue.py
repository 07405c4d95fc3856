"""All that is measured, by the name `--only` takes."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from benchmarks.append import append, append_alone, append_partitions
from benchmarks.archive import archive
from benchmarks.engine.bulk import engine, engine_partitions
from benchmarks.engine.growing import engine_growth
from benchmarks.engine.process import engine_cold, engine_idle, engine_memory
from benchmarks.growth import growth
from benchmarks.healing import healing
from benchmarks.lint import lint
from benchmarks.memory import memory
from benchmarks.row import Row
from benchmarks.settings import Settings
from benchmarks.start_up import start_up
from benchmarks.tail_read import tail_read

Shape = Callable[[Settings], Awaitable[Sequence[Row]]]

SHAPES: Mapping[str, Shape] = {
    shape.__name__: shape
    for shape in (
        append,
        append_alone,
        append_partitions,
        memory,
        tail_read,
        archive,
        growth,
        lint,
        start_up,
        healing,
        engine,
        engine_partitions,
        engine_memory,
        engine_idle,
        engine_cold,
        engine_growth,
    )
}
