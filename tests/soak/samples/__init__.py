"""Campaigns of a moment, each ending in another way: what the runner is tested with."""
