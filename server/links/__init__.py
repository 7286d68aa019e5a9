"""Links: streams of messages between a process that has sockets and one that has rooms (server/SPEC.md, N)."""
