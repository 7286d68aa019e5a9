"""What is promised to a browser, wherever its room is."""
