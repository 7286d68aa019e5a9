"""Letters to people: what is to be sent by e-mail, and what became of it."""

from sqlalchemy import Column, Index, Integer, String, Table, Text

from server.tables.base import Id, UtcTime, metadata, one_of

letters = Table(
    "letters",
    metadata,
    Column("id", Id, primary_key=True),
    # What the letter is: "invitation", "reminder", "confirmation", "digest" ...
    Column("kind", Text, nullable=False),
    # Whom it is for; empty for somebody without an account.
    Column("member", Id, nullable=False, server_default=""),
    Column("recipient", Text, nullable=False),
    Column("subject", Text, nullable=False),
    # Plain text; blanked once sent where it holds a secret (an invitation's link).
    Column("body", Text, nullable=False),
    # A link with which the recipient stops such letters at one click; empty where there is none.
    Column("unsubscribe", Text, nullable=False, server_default=""),
    Column("created_at", UtcTime, nullable=False),
    # Not before this time: quiet hours, or a pause after a try that failed.
    Column("due_at", UtcTime, nullable=False),
    Column("sent_at", UtcTime, nullable=True),
    Column("tries", Integer, nullable=False, server_default="0"),
    # Why the last try failed, in the words of the mail server where it said any.
    Column("last_error", Text, nullable=False, server_default=""),
    Column("state", String(16), nullable=False, server_default="waiting"),
    # Until then it is in the hands of one worker, and no other takes it up.
    Column("claimed_until", UtcTime, nullable=True),
    one_of("state", ("waiting", "sent", "refused", "given_up")),
)
Index("ix_letters_due", letters.c.sent_at, letters.c.due_at)
Index("ix_letters_member", letters.c.member)
