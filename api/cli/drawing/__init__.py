"""A plan as a picture: layers (what stands in which column), crossings (in which order), placement (at which height), svg.

Everything is deterministic: equal plans give equal bytes.
"""
