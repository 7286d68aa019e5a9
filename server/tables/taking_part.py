"""How other programs take part: their keys, and where they are told of things."""
