"""Letters to people: what is to be sent by e-mail, and what became of it."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from server.tables.base import Id, Number, UtcTime, metadata, one_of

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

marks = Table(
    "marks",
    metadata,
    # How an Opinion stood at a seq (`opinions.news.Mark`): kept once for all who looked or were told then.
    Column("opinion", ForeignKey("opinions.id"), primary_key=True),
    Column("seq", Number, primary_key=True, autoincrement=False),
    Column("content", Text, nullable=False),
)

looks = Table(
    "looks",
    metadata,
    Column("member", ForeignKey("members.id"), primary_key=True),
    Column("opinion", ForeignKey("opinions.id"), primary_key=True),
    # "page": the person has opened the page of news; "digest": a letter has told of them; "brief": the brief has.
    Column("purpose", String(8), primary_key=True),
    Column("seq", Number, nullable=False),
    Column("at", UtcTime, nullable=False),
    # The look before: what the page still shows for a while, and on request.
    Column("former_seq", Number, nullable=True),
    Column("former_at", UtcTime, nullable=True),
    # The last line of the history of the Opinion's comments that was there then.
    Column("said", Number, nullable=False, server_default="0"),
    Column("former_said", Number, nullable=False, server_default="0"),
    one_of("purpose", ("page", "digest", "brief")),
)

wishes = Table(
    "wishes",
    metadata,
    # What a person wants to be told by e-mail (`server.post.wishes.Wishes`); no row: nothing.
    Column("member", ForeignKey("members.id"), primary_key=True),
    Column("pace", String(8), nullable=False),
    # A JSON array of ids; empty: every Opinion.
    Column("opinions", Text, nullable=False, server_default="[]"),
    # Hours of the person's own clock, 0 to 23; from and until alike: no quiet hours.
    Column("hour", Integer, nullable=False, server_default="18"),
    Column("quiet_from", Integer, nullable=False, server_default="22"),
    Column("quiet_until", Integer, nullable=False, server_default="7"),
    Column("zone", Text, nullable=False),
    # When the next digest is composed; None: never.
    Column("next_at", UtcTime, nullable=True, index=True),
    # What the letter is: the news, or the delegation's brief.
    Column("tells", String(8), nullable=False, server_default="news"),
    one_of("pace", ("off", "daily", "meeting")),
    one_of("tells", ("news", "brief")),
)
