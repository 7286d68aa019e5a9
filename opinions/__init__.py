"""The domain: what an Opinion is, who may do what with it, and how its text is read and written.

Frozen values and pure functions. Nothing here does I/O, reads a clock, draws a random number or knows that
the text lives in a CRDT; the only third-party import is diff-match-patch, in `redline`.
"""
