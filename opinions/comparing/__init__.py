"""Two texts compared: which paragraph is which, which words changed, what of it is substance, and by whose decision."""
