"""Everything that is promised, proved: a folder per package, and `browser` for the whole product on a screen.

Real parts only: real documents, real sockets, a real database, a real browser. No test waits by sleeping.
"""
