"""Projections that are not the engine's own: where they come from, and what can be wrong with them."""
