"""Comments on the text among those who negotiate it, and a delegation's own notes."""
