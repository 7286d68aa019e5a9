"""Word files on their way in: `package` opens untrusted bytes, `reader` reads them, `isolated` does both in a process
that can do nothing else. What the text read means for a draft Opinion is decided in `opinions`.

`bringing.start(connection, opinion, file_id, source, by=..., by_name=..., at=..., delegation=..., contribution=...)`
begins to bring a kept file into an Opinion and gives the id of its page, `/opinions/{opinion}/word-in/{id}`, where it
is looked at and entered; `bringing.of_contribution(connection, contribution)` says what came of it.
"""
