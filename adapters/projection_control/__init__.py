"""Projection control as an ordinary application of the `eventsourcing` package, on whichever persistence module.

One aggregate for each projection, its name the id. `deciding` holds the rules, `folding` what events mean.
"""
