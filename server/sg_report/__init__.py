"""The Secretary-General's report: its sections with every state they were saved in, files of it, and comments on it."""
