"""`awe projections`: read models are rebuilt beside those that are read, compared, switched, and given up."""

from awe.api.cli.nouns import SUMMARIES, noun
from awe.api.cli.projections.listing import list_, status
from awe.api.cli.projections.parked import app as parked
from awe.api.cli.projections.rebuild import rebuild
from awe.api.cli.projections.rows import rows
from awe.api.cli.projections.versions import drop, resume, rollback, switch, verify

app = noun(SUMMARIES["projections"])
app.command("list")(list_)
for verb in (status, rows, rebuild, verify, switch, rollback, drop, resume):
    app.command()(verb)
app.add_typer(parked, name="parked")
