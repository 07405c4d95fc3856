"""All that is measured, by the name `--only` takes."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from benchmarks.append import append, append_alone, append_partitions
from benchmarks.archive import archive
from benchmarks.engine.bulk import engine, engine_bare, engine_partitions
from benchmarks.engine.by_role import engine_roles
from benchmarks.engine.growing import engine_growth
from benchmarks.engine.process import engine_cold, engine_idle, engine_memory
from benchmarks.growth import growth
from benchmarks.healing import healing
from benchmarks.lint import lint
from benchmarks.memory import memory
from benchmarks.reading.listing import reading_runs
from benchmarks.reading.one_run import reading_run
from benchmarks.reading.rebuilding import reading_rebuild, reading_rebuild_memory
from benchmarks.reading.subscribers import reading_subscribers
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
        engine_bare,
        engine_partitions,
        engine_memory,
        engine_roles,
        engine_idle,
        engine_cold,
        engine_growth,
        reading_runs,
        reading_run,
        reading_subscribers,
        reading_rebuild,
        reading_rebuild_memory,
    )
}
