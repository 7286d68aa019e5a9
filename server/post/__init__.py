"""Letters by e-mail: what they say, when they are due, how they are sent, and how one stops them."""
