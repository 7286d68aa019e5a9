"""One seeded harness for the whole drafting room: real rooms, hub and seats on a clock that never waits.

Everything happens in one event loop whose time is virtual (`loop`), over a network that holds frames back, loses and
cuts (`network`), in server processes that stop and die (`house`), before a store that is slow, fails or dies in the
middle (`tests.support.memory_store`). Delegates (`delegate`) do what an honest browser does and keep what they typed;
an intruder (`intruder`) does not. The auditor (`auditor`) sees every commit and every frame and holds them against the
promises at once; at the end (`ending`) everything must come to rest.

`python -m tests.simulation SEED --steps` prints a seed's whole history. The same seed is the same history, on every
machine.
"""
