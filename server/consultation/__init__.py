"""Consultation: rounds on published drafts, comments of members and of the public, what became of each."""
