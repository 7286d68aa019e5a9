"""Word files under way into a text: looked at, not yet entered."""
