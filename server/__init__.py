"""The application around the documents: sockets, HTTP, sign-in, storage, jobs, files in and out, commands.

The only place that awaits. It decides nothing about the text: permissions, effects and wording come from
`opinions`, what an update may do from `crdt`.
"""
