"""The notation of negotiated texts: reading bracketed plain text into a document, and writing it again.

`read` -> `Reading`, `write` (the same text back), `write_text` (any view as plain text), `counts` ->
`BracketCounts`. The modules in the order of their work: `scan` (pairs), `kinds` (what each pair is), `attribution`
and `parties` (who stands behind it), `lines` and `structure` (paragraphs, labels), `cuts` and `paragraphs` (words
and layout apart), `reading`, `layout`, `writing`.
"""

from opinions.notation.analysis import BracketCounts, counts
from opinions.notation.reading import Problem, Reading, read
from opinions.notation.writing import write, write_text

__all__ = ["BracketCounts", "Problem", "Reading", "counts", "read", "write", "write_text"]
