"""A projection is built anew beside the one that is read, compared with it, and then read in its place (I29).

What is decided stands with projection control first; the effect in Postgres follows, and is repeated until both agree.
"""
