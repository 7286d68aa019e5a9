"""Taking part elsewhere: keys for other programs, telling them of events, a whole process as one JSON file."""
