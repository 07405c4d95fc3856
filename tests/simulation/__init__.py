"""The whole engine on one thread, a clock that is a number, and one seed: any schedule of faults can be had again.

Processes are the real scheduler, worker and command handlers on the memory adapters; what happens to them, to their
requests and to their server is drawn from the seed. `audit` looks at every append as it is made, `aftermath` at what
is left when the faults have stopped and everything came to rest.
"""
