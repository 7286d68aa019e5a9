"""Seeds that are run every time: the first ones, and each that found something, with a word on what it was.

What a seed does changes whenever the plan, the deeds or the room change: so each fault it found also has a test of its
own beside what was mended (named here), and stays in the list because it is an eventful one.
"""

EVERY_TIME = range(300)
"""Run by `make test`; `make soak` goes on from fresh ones."""

FOUND: dict[int, str] = {}
"""Seeds outside of `EVERY_TIME` that found a fault."""
