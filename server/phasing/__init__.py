"""Phases at work: what is open now, extensions, warnings of soft rules, reminders of deadlines."""
