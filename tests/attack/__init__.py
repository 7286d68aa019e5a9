"""The room under attack: classes of hostile input, each with what the server must answer (`python -m tests.attack`)."""
