"""Contributions: the register, what they propose at which paragraph, and the compilation of it all."""
