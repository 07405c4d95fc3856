"""Real servers and processes are cut, killed and restarted under load; every answer that was given must stay true.

Run from ``tests/``: ``python -m chaos --runs 200 --kills 200 --seed 1``. A run with the same seed makes the same choices; what
the machine makes of them differs.
"""
