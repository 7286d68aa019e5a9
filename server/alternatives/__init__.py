"""Alternatives, packages and compromise text as pages show them, and their forms as commands."""
