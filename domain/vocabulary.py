"""All that can happen in a run, in one place: whoever can say it can read it."""

from typing import Final, get_args

from awe.domain.codec import Codec
from awe.domain.events import encode
from awe.domain.run.events import RunEvent
from awe.domain.task.events import TaskEvent
from awe.domain.upcasting import STEPS

CODEC: Final = Codec((*get_args(RunEvent), *get_args(TaskEvent)), STEPS)

decode = CODEC.decode

__all__ = ["CODEC", "decode", "encode"]
