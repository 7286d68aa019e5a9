"""A whole preparatory year in one evening: everything that was said is found at the end, where it belongs."""
