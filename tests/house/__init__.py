"""The house itself: lock files, sizes, names and imports of sources, and the promised commands."""
