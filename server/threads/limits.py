"""What comments may grow to, and until when their authors may change them."""

from datetime import timedelta

MAX_TEXT = 4_000
"""Characters of one comment: a page of print; longer reasons are papers, and go on the register."""
MAX_WORDS = 300
"""Characters of the words that a comment is about: five lines of a text; more is the paragraph."""
MAX_ANSWERS = 200
"""Answers in one thread; a talk that goes on longer is begun anew."""
MAX_OF_PARTY = 2_000
"""Comments and answers of one delegation (or of chair, or secretariat) to all in one Opinion, and as many notes: ten
times what the liveliest of them wrote in a year, so that one party cannot fill the table for the others.
"""
MAX_LISTED = 1_000
"""Threads in one answer, the newest; the rest are counted."""
MAX_GIVEN_OUT = 20_000
"""Threads in one file: what ten parties may say at most; a spreadsheet still opens it."""
CHANGED_WITHIN = timedelta(hours=24)
"""Time in which an author may reword a comment to all that nobody has answered; afterwards it can be taken out."""
MAX_LINKS = 20
"""Links in one line of a comment; the rest stay plain words."""
