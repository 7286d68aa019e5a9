"""An Opinion's history as pages tell it: read on from the log, kept in chapters, put in words and drawn."""
