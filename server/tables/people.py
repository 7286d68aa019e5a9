"""Rosters, nominations, and roles by Opinion and phase."""
