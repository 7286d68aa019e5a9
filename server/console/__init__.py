"""The chair's console: the queue, what is on the floor, the call bar, the sitting; worked out from the document."""
