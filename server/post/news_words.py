"""The news in words: one line each, the same on the page and in the letter."""

from collections.abc import Mapping

from opinions.model import Paragraph
from opinions.news import NewsItem, NewsKind
from opinions.proposal_words import edits_of
from opinions.record import Amendment, AmendmentKind, Document
from server.wording import AMENDMENT_STATUSES, ATTITUDES, RULINGS, counted

HEADINGS: Mapping[NewsKind, str] = {
    NewsKind.FROZEN: "Versions",
    NewsKind.CALLED: "Calls for objections",
    NewsKind.OUTCOME: "Outcomes",
    NewsKind.SUBMITTED: "New amendments",
    NewsKind.REVISED: "Amendments revised",
    NewsKind.WITHDRAWN: "Withdrawn",
    NewsKind.POSITION: "Positions",
    NewsKind.WORDS: "Agreed text changed",
    NewsKind.ADDED: "Paragraphs put in",
    NewsKind.REMOVED: "Paragraphs taken out",
    NewsKind.COMMENTED: "Comments",
    NewsKind.ANSWERED: "Comments answered",
    NewsKind.REPLIED: "Answers to you",
}
MAX_WORDS = 120
"""Characters of an amendment's words in a line: enough to know it again; the text itself is a link away."""


def called(amendment: Amendment) -> str:
    """Whose amendment it is and its number: `KEN #38`; `#38` where the name is withheld."""
    number = f"#{amendment.number}" if amendment.number else ""
    return " ".join(filter(None, (str(amendment.delegation), number)))


def does(amendment: Amendment, paragraph: Paragraph | None) -> str:
    """What an amendment does, in words: `replace “shall” by “should”`."""
    match amendment.kind:
        case AmendmentKind.SUP:
            return "delete the paragraph"
        case AmendmentKind.ADD:
            text = paragraph.text if paragraph is not None and paragraph.added == amendment.id else ""
            return f"add a paragraph: {_quoted(text)}" if text else "add a paragraph"
    edits = edits_of(paragraph, amendment) if paragraph is not None else ()
    if not edits:
        return "put words in square brackets" if amendment.kind is AmendmentKind.BRACKET else "change words"
    first = edits[0]
    more = f" and {len(edits) - 1} more" if len(edits) > 1 else ""
    if amendment.kind is AmendmentKind.BRACKET:
        return f"put {_quoted(first.struck)} in square brackets{more}"
    if not first.struck:
        return f"add {_quoted(first.put)}{more}"
    if not first.put:
        return f"delete {_quoted(first.struck)}{more}"
    return f"replace {_quoted(first.struck)} by {_quoted(first.put)}{more}"


def line(item: NewsItem, document: Document) -> str:
    """One item of the news as a sentence without its paragraph, which the page cites beside it."""
    if item.version is not None:
        return f"“{item.version.label}” was frozen"
    if item.kind is NewsKind.REPLIED and item.remarks is not None:
        return f"{counted(item.remarks.count, 'answer')} {item.remarks.name}"
    if item.remarks is not None:
        what = counted(item.remarks.count, "new comment")
        if item.kind is NewsKind.ANSWERED:
            what = f"what became of {counted(item.remarks.count, 'comment')}"
        return f"“{item.remarks.name}”: {what}"
    amendment = item.amendment
    if amendment is None:
        return HEADINGS[item.kind]
    what = does(amendment, document.text.find(amendment.paragraph))
    if not amendment.open:  # its marks are gone: there are no words any more to tell what it does by
        what = f"{AMENDMENT_STATUSES[amendment.status].lower()} since then"
    match item.kind:
        case NewsKind.OUTCOME if item.decision is not None:
            note = f" ({item.decision.note})" if item.decision.note else ""
            return f"{called(amendment)}: {RULINGS[item.decision.ruling]}{note}"
        case NewsKind.POSITION if item.stance is not None:
            who = item.stance.delegation or "A delegation"
            return f"{who} {ATTITUDES[item.stance.attitude]} on {called(amendment)}"
        case NewsKind.WITHDRAWN:
            return f"{called(amendment)} was withdrawn"
        case NewsKind.REVISED:
            return f"{called(amendment)}, revision {amendment.revision}: {what}"
    return f"{called(amendment)}: {what}"


def _quoted(text: str) -> str:
    words = " ".join(text.split())
    return f"“{words if len(words) <= MAX_WORDS else words[: MAX_WORDS - 1].rstrip() + '…'}”"
