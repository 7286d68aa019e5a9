"""An Opinion's log written without a room: commands carried out one after the other, each as the entry it makes."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count

from hypothesis import strategies as st

from crdt.document import SharedDocument
from crdt.founding import founding_entry
from crdt.log import Entry, EntryKind, chained
from crdt.protocol import compact
from crdt.stream import OPINION_CLIENT
from opinions import commands
from opinions.acting import Context
from opinions.closing_commands import Renumber
from opinions.edits import Edit, InsertText, PutAmendment, PutOpinion
from opinions.errors import OpinionError
from opinions.model import AmendmentId, DelegationCode, Mark, MarkKind, Paragraph, ParagraphId
from opinions.procedure import carry_out
from opinions.proposals import Proposal, Replacement
from opinions.record import SECRETARIAT, Amendment, AmendmentKind, Document, ParagraphState, Ruling
from opinions.roles import Actor
from tests.support.actors import THE_CHAIR, THE_SECRETARIAT, expert
from tests.support.builders import amendment, at

PARTIES = ("XAA", "XAB", "XAC")


class Logbook:
    """A log that grows by commands; `document` is what the group sees."""

    def __init__(self, document: Document, opinion: str = "op1") -> None:
        self.opinion = opinion
        self.entries: list[Entry] = [
            founding_entry(opinion, document, member="m-sec", name="S. Clerk", at=at(), source="TD 7")
        ]
        self._copy = SharedDocument(OPINION_CLIENT, self.entries[0].updates)
        self._ids = count(1)
        self.versions = 0

    @property
    def document(self) -> Document:
        return self._copy.view()

    def new_id(self, prefix: str) -> str:
        """An id that this log has not used."""
        return f"{prefix}-new-{next(self._ids):05}"

    def command(self, command: commands.Command, actor: Actor = THE_SECRETARIAT, party: str = "") -> bool:
        """Carries a command out; False: it was refused, and nothing is in the log."""
        now = at(len(self.entries))
        acting = DelegationCode(party or actor.delegation or SECRETARIAT)
        context = Context(actor, acting, now, self.new_id)
        try:
            outcome = carry_out(command, self.document, None, context)
        except OpinionError:
            return False
        change = outcome.main
        if outcome.before is not None:
            first = compact(commands.to_json(Renumber()))
            self.log(outcome.before.edits, EntryKind.COMMAND, actor, acting, first, "{}")
        kind, result = EntryKind.COMMAND, "{}"
        if isinstance(command, commands.Freeze):
            self.versions += 1
            kind, result = EntryKind.FREEZE, compact({"version": self.versions, "label": command.label})
        self.log(change.edits, kind, actor, acting, compact(commands.to_json(command)), result)
        return True

    def type_words(self, paragraph: str, offset: int, text: str, party: str = "XAA", amendment_id: str = "") -> str:
        """Somebody types words of a new amendment under live drafting; the amendment's id."""
        document = self.document
        number = document.record.opinion.next_number
        name = amendment_id or self.new_id("a")
        mark = Mark(MarkKind.INSERTION, name)
        edits: list[Edit] = [InsertText(ParagraphId(paragraph), offset, text, frozenset({mark}))]
        if name not in document.record.amendments:
            opened = amendment(name, party, paragraph=paragraph, number=number)
            edits += [PutAmendment(opened), PutOpinion(replace(document.record.opinion, next_number=number + 1))]
        self.log(edits, EntryKind.UPDATE, expert(party), DelegationCode(party))
        return name

    def log(
        self,
        edits: Sequence[Edit],
        kind: EntryKind,
        actor: Actor,
        party: str,
        command: str = "",
        result: str = "",
    ) -> None:
        """Puts an entry of these edits at the end."""
        update, _ = self._copy.write(edits)
        self._copy.mirror.settle()
        last = self.entries[-1]
        entry = Entry(
            last.seq + 1,
            kind,
            last.at + timedelta(minutes=1),
            (update,) if update else (),
            member=actor.member,
            name=actor.name,
            party=party,
            command=command,
            result=result,
        )
        self.entries.append(chained(self.opinion, entry, last.hash))


# --- deeds, drawn


@st.composite
def logbooks(draw: st.DrawFn, documents: st.SearchStrategy[Document], *, most: int = 14) -> Logbook:
    """A log of some commands and of typing under live drafting, drawn one by one; refused ones are not in it."""
    book = Logbook(draw(documents))
    for _ in range(draw(st.integers(0, most))):
        draw(st.sampled_from(_DEEDS))(draw, book)
    return book


def _paragraph(draw: st.DrawFn, book: Logbook) -> Paragraph | None:
    paragraphs = book.document.text.paragraphs
    return draw(st.sampled_from(paragraphs)) if paragraphs else None


def _amendment(draw: st.DrawFn, book: Logbook) -> Amendment | None:
    standing = [one for _, one in sorted(book.document.record.amendments.items())]
    return draw(st.sampled_from(standing)) if standing else None


def _propose(draw: st.DrawFn, book: Logbook) -> None:
    if (place := _paragraph(draw, book)) is None:
        return
    party = draw(st.sampled_from(PARTIES))
    text = place.text
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(start + 4, len(text))))
    words = draw(st.sampled_from(("", "new", "other words ")))
    kind = draw(st.sampled_from((AmendmentKind.MOD, AmendmentKind.MOD, AmendmentKind.SUP, AmendmentKind.ADD)))
    row: tuple[Replacement, ...] = ()
    if kind is AmendmentKind.MOD:
        row = (Replacement(start, end, text[start:end], words),)
    added = kind is AmendmentKind.ADD
    proposal = Proposal(
        AmendmentId(book.new_id("a")),
        DelegationCode(party),
        kind,
        ParagraphId(book.new_id("p")) if added else place.id,
        row,
        place.id if added else None,
        place.kind,
        text="an added paragraph" if added else "",
    )
    book.command(commands.EnterProposals(proposals=(proposal,)), expert(party), party)


def _rule(draw: st.DrawFn, book: Logbook) -> None:
    if (one := _amendment(draw, book)) is not None:
        rulings = (Ruling.AGREED, Ruling.AGREED, Ruling.NOT_RETAINED, Ruling.SET_ASIDE, Ruling.AGREED_AD_REFERENDUM)
        book.command(commands.RecordOutcome(one.id, one.revision, draw(st.sampled_from(rulings))), THE_CHAIR)


def _reopen(draw: st.DrawFn, book: Logbook) -> None:
    if (one := _amendment(draw, book)) is not None:
        book.command(commands.Reopen(one.id), THE_CHAIR)


def _withdraw(draw: st.DrawFn, book: Logbook) -> None:
    if (one := _amendment(draw, book)) is not None:
        book.command(commands.Withdraw(one.id), THE_SECRETARIAT, one.delegation)


def _split(draw: st.DrawFn, book: Logbook) -> None:
    if (place := _paragraph(draw, book)) is not None:
        at_ = draw(st.integers(1, max(len(place.text) - 1, 1)))
        book.command(commands.SplitParagraph(place.id, at_, ParagraphId(book.new_id("p"))))


def _join(draw: st.DrawFn, book: Logbook) -> None:
    if (place := _paragraph(draw, book)) is not None:
        book.command(commands.JoinParagraph(place.id))


def _move(draw: st.DrawFn, book: Logbook) -> None:
    one, other = _paragraph(draw, book), _paragraph(draw, book)
    if one is not None and other is not None:
        book.command(commands.MoveParagraph(one.id, other.id))


def _insert(draw: st.DrawFn, book: Logbook) -> None:
    if (place := _paragraph(draw, book)) is not None:
        paragraph = ParagraphId(book.new_id("p"))
        book.command(commands.InsertParagraph(paragraph, place.id, place.kind, "put in by the clerk"))


def _correct(draw: st.DrawFn, book: Logbook) -> None:
    if (place := _paragraph(draw, book)) is not None and place.text:
        start = draw(st.integers(0, len(place.text) - 1))
        was = place.text[start : start + 2]
        book.command(commands.CorrectText(place.id, start, start + len(was), was, "ok"))


def _consider(draw: st.DrawFn, book: Logbook) -> None:
    if (place := _paragraph(draw, book)) is not None:
        book.command(
            commands.ConsiderParagraph(place.id, draw(st.sampled_from((ParagraphState.AGREED, ParagraphState.OPEN)))),
            THE_CHAIR,
        )


def _freeze(_: st.DrawFn, book: Logbook) -> None:
    book.command(commands.Freeze(f"Version {book.versions + 1}"), THE_CHAIR)


def _type(draw: st.DrawFn, book: Logbook) -> None:
    if (place := _paragraph(draw, book)) is not None:
        book.type_words(place.id, len(place.text), "typed", draw(st.sampled_from(PARTIES)))


_DEEDS: tuple[Callable[[st.DrawFn, Logbook], None], ...] = (
    *(_propose, _propose, _propose, _rule, _rule, _rule, _reopen, _reopen, _withdraw, _split, _join, _move, _insert),
    *(_correct, _consider, _freeze, _type, _type),
)
