"""Consultation rounds, comments, and what was done about each."""
