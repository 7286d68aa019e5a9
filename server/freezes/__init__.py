"""Freezes: of a whole volume as one cut, and the keys that sign them."""
