"""What is deployed with the server: files read by their own tools, alerts raised by their faults, the backup drill."""
