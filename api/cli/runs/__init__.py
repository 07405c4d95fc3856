"""`awe runs`: every verb reads the read models or the log, calls no tool, and needs no engine to be running."""

from awe.api.cli.nouns import SUMMARIES, noun
from awe.api.cli.runs.cancel import cancel
from awe.api.cli.runs.events import events
from awe.api.cli.runs.listing import list_
from awe.api.cli.runs.replay import replay
from awe.api.cli.runs.show import show
from awe.api.cli.runs.watch import watch

app = noun(SUMMARIES["runs"])
app.command("list")(list_)
for verb in (show, watch, cancel, events, replay):
    app.command()(verb)
