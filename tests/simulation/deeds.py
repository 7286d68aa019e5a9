"""What people do: experts draft and propose, the chair rules and freezes, the secretariat types and rearranges.

A deed is made from what its author's screen shows, as in life; what others do meanwhile is not known to it.
"""

from collections.abc import Callable
from random import Random

from opinions import commands
from opinions.amendments import struck_digest
from opinions.carry import drafts_of
from opinions.closing_commands import MarkRenumbering
from opinions.edits import AddParagraph, DeleteText, Edit, InsertText, RemoveParagraph, SetMark
from opinions.model import AmendmentId, Kind, Mark, MarkKind, Paragraph, ParagraphId, Run
from opinions.record import Amendment, Document, ParagraphState, Ruling, Status
from opinions.roles import Role
from tests.simulation.delegate import Delegate, own
from tests.simulation.typed import TOKEN, Typed

Deed = Callable[["Hands", Delegate], bool]
"""Does one thing; False when there was nothing to do it on."""
_BODY = (Kind.PARAGRAPH, Kind.OPERATIVE_ITEM, Kind.PREAMBULAR_ITEM, Kind.SUB_ITEM)
_LONG = " ".join(f"considering item {number}," for number in range(120))


class Hands:
    """Carries deeds out, one after the other, all drawn from one source."""

    def __init__(self, random: Random, typed: Typed, *, live: bool, structure: bool, gavels: bool) -> None:
        self.random = random
        self.typed = typed
        self.made: dict[str, list[Edit]] = {}
        self._numbers = 0
        self._weights = {
            Role.EXPERT: _EXPERT,
            Role.FOCAL_POINT: _EXPERT,
            Role.CHAIR: _CHAIR if gavels else _QUIET_CHAIR,
            Role.SECRETARIAT: {**_TYPIST, **(_STRUCTURE if structure else {}), **(_CHAIR if gavels else {})},
        }
        self._live = live

    def act(self, delegate: Delegate) -> str:
        """One thing that this person does now; its name, empty when there was nothing to do."""
        if delegate.copy.document is None:
            return ""
        if self._live and delegate.home and self._goes_over(delegate):
            return "switch"
        table = self._weights[delegate.actor.role]
        name = self.random.choices(list(table), list(table.values()))[0]
        return name if _DEEDS[name](self, delegate) else ""

    def _goes_over(self, delegate: Delegate) -> bool:
        if delegate.copy.workspace and delegate.live_drafting and self.random.random() < 0.3:
            delegate.switch(False)
            return True
        if not delegate.copy.workspace and (not delegate.live_drafting or self.random.random() < 0.1):
            delegate.switch(True)
            return True
        return False

    # -- typing

    def types(self, who: Delegate) -> bool:
        """New words, in a draft of one's own or a new one."""
        return self._typed(who, 1)

    def pastes(self, who: Delegate) -> bool:
        """Words at several places and a paragraph, in one transaction."""
        return self._typed(who, self.random.randint(2, 4), paragraph=True)

    def pastes_much(self, who: Delegate) -> bool:
        """A page at once."""
        return self._typed(who, 1, filling=_LONG)

    def _typed(self, who: Delegate, places: int, *, paragraph: bool = False, filling: str = "") -> bool:
        self._choose_party(who)
        view = who.copy.view()
        if not self._may_type(who) or not view.text.paragraphs:
            return False
        edits: list[Edit] = []
        words: list[str] = []
        for place in self.random.sample(view.text.paragraphs, min(places, len(view.text.paragraphs))):
            amendment = self._draft_in(who, view, place)
            token = self.typed.word(who.name, who.party, amendment, place.id)
            at = self.typed.outside(place.text, self._somewhere(place, amendment))
            edits.append(InsertText(place.id, at, self.typed.decorated(token) + filling, own(amendment)))
            words.append(token)
        if paragraph:
            edit, token = self._new_paragraph(who, view)
            edits.append(edit)
            words.append(token)
        return self._write(who, edits, words)

    def adds_a_paragraph(self, who: Delegate) -> bool:
        """A paragraph of one's own."""
        self._choose_party(who)
        if not self._may_type(who):
            return False
        edit, token = self._new_paragraph(who, who.copy.view())
        return self._write(who, [edit], [token])

    def _new_paragraph(self, who: Delegate, view: Document) -> tuple[AddParagraph, str]:
        amendment, name = self.typed.mint("a"), self.typed.mint("p")
        token = self.typed.word(who.name, who.party, amendment, name)
        after = self.random.choice([None, *(paragraph.id for paragraph in view.text)])
        runs = (Run(self.typed.decorated(token) + " ", own(amendment)),)
        kind = self.random.choice(_BODY)
        return AddParagraph(after, Paragraph(ParagraphId(name), kind, 0, runs, AmendmentId(amendment))), token

    def takes_back(self, who: Delegate) -> bool:
        """Some of one's own pending words, out again."""
        self._choose_party(who)
        view = who.copy.view()
        places = [
            (paragraph, start, run)
            for paragraph in view.text
            for start, run in _starts(paragraph)
            if run.insertion and self._is_own(who, view, run.insertion)
        ]
        if not places or not self._may_type(who):
            return False
        paragraph, start, run = self.random.choice(places)
        begin = start + self.random.randrange(len(run.text))
        end = min(start + len(run.text), begin + self.random.randint(1, 12))
        self.typed.take_back(paragraph.text, begin, end)
        return self._write(who, [DeleteText(paragraph.id, begin, end)])

    def removes_a_paragraph(self, who: Delegate) -> bool:
        """A paragraph of one's own that nobody else has written in."""
        view = who.copy.view()
        mine = [
            paragraph
            for paragraph in view.text
            if paragraph.added
            and self._is_own(who, view, paragraph.added)
            and all(run.insertion and self._is_own(who, view, run.insertion) for run in paragraph.runs)
        ]
        if not mine or not self._may_type(who):
            return False
        paragraph = self.random.choice(mine)
        self.typed.remove(paragraph, who.party)
        return self._write(who, [RemoveParagraph(paragraph.id)])

    def strikes(self, who: Delegate) -> bool:
        """Words of anybody, struck; or a strike of one's own lifted."""
        return self._marks(who, MarkKind.DELETION, self.random.random() < 0.8)

    def brackets(self, who: Delegate) -> bool:
        """Words of anybody, between brackets."""
        return self._marks(who, MarkKind.BRACKET, self.random.random() < 0.9)

    def _marks(self, who: Delegate, kind: MarkKind, on: bool) -> bool:
        self._choose_party(who)
        view = who.copy.view()
        places = [paragraph for paragraph in view.text if paragraph.runs]
        if not places or not self._may_type(who):
            return False
        paragraph = self.random.choice(places)
        start = self.random.randrange(len(paragraph.text))
        end = min(len(paragraph.text), start + self.random.randint(1, 30))
        mark = Mark(kind, self._draft_in(who, view, paragraph))
        self.typed.mark(paragraph.text, start, end, who.party if kind is MarkKind.DELETION else "")
        return self._write(who, [SetMark(paragraph.id, start, end, mark, on)])

    def undoes(self, who: Delegate) -> bool:
        """The last thing of one's own that can be taken back."""
        view = who.copy.view()
        made = self.made.get(who.name, [])
        while made and self._may_type(who):
            match made.pop():
                case InsertText(name, _, text):
                    paragraph = view.text.find(name)
                    at = paragraph.text.find(text) if paragraph else -1
                    if paragraph is None or at < 0 or not self._all_own(who, view, paragraph, at, at + len(text)):
                        continue
                    self.typed.take_back(paragraph.text, at, at + len(text))
                    return self._write(who, [DeleteText(name, at, at + len(text))], remember=False)
                case SetMark(name, start, end, mark, on):
                    paragraph = view.text.find(name)
                    if paragraph is None or end > len(paragraph.text) or not self._is_own(who, view, mark.id):
                        continue
                    # Other words may stand there by now, and be marked in part.
                    strikes = mark.kind is MarkKind.DELETION and not on
                    self.typed.mark(paragraph.text, start, end, who.party if strikes else "")
                    return self._write(who, [SetMark(name, start, end, mark, not on)], remember=False)
                case _:
                    continue
        return False

    def says_it_twice(self, who: Delegate) -> bool:
        """The last frame goes out a second time."""
        who.repeat()
        return True

    def reloads(self, who: Delegate) -> bool:
        """The page is loaded again."""
        who.reload()
        return True

    def _write(
        self, who: Delegate, edits: list[Edit], words: list[str] | None = None, *, remember: bool = True
    ) -> bool:
        who.write(edits, words or [])
        if remember and len(edits) == 1:
            self.made.setdefault(who.name, []).append(edits[0])
        return True

    def _choose_party(self, who: Delegate) -> None:
        if not who.home and who.parties:
            who.party = self.random.choice(list(who.parties))

    def _may_type(self, who: Delegate) -> bool:
        return who.ready and (who.copy.workspace or who.live_drafting or not who.home)

    def _is_own(self, who: Delegate, view: Document, amendment: str) -> bool:
        found = view.amendment(amendment)
        return found is not None and who.editable(view, amendment)

    def _all_own(self, who: Delegate, view: Document, paragraph: Paragraph, start: int, end: int) -> bool:
        inside = [run for at, run in _starts(paragraph) if at < end and at + len(run.text) > start]
        return all(run.insertion and self._is_own(who, view, run.insertion) for run in inside)

    def _draft_in(self, who: Delegate, view: Document, paragraph: Paragraph) -> str:
        held = [
            name
            for name, amendment in sorted(view.record.amendments.items())
            if amendment.paragraph == paragraph.id and self._is_own(who, view, name)
        ]
        return self.random.choice(held) if held and self.random.random() < 0.8 else self.typed.mint("a")

    def _somewhere(self, paragraph: Paragraph, amendment: str) -> int:
        """Often behind one's own last words, as typing goes on."""
        ends = [at + len(run.text) for at, run in _starts(paragraph) if run.insertion == amendment]
        if ends and self.random.random() < 0.5:
            return ends[-1]
        return self.random.randint(0, len(paragraph.text))

    # -- commands

    def ask(self, who: Delegate, command: commands.Command, party: str = "") -> bool:
        """Gives a command over the socket."""
        self._numbers += 1
        key = f"key-{self._numbers:06}-{self.random.randrange(10**6):06}"
        who.ask(commands.to_json(command), party, key)
        return True

    def _one(self, who: Delegate, fits: Callable[[Amendment], bool]) -> Amendment | None:
        found = [amendment for _, amendment in sorted(who.copy.view().record.amendments.items()) if fits(amendment)]
        return self.random.choice(found) if found else None

    def submits(self, who: Delegate) -> bool:
        """A draft goes before the group."""
        draft = self._one(who, lambda one: one.status is Status.DRAFT and one.delegation == who.party)
        if draft is None or not who.copy.workspace:
            return False
        # What it strikes of its delegation's own words goes with it, also what crept into the strike and is shown so.
        view = who.copy.view()
        for paragraph in view.text:
            striking = drafts_of(view) if paragraph.added == draft.id else {draft.id}
            for start, run in _starts(paragraph):
                if striking & run.ids(MarkKind.DELETION):
                    self.typed.mark(paragraph.text, start, start + len(run.text), who.party)
        seen = struck_digest(view, draft.id)
        reason = f"reason {self.random.randrange(1000)}"
        return self.ask(who, commands.Submit(draft.id, reason=reason, struck=seen), who.party)

    def discards(self, who: Delegate) -> bool:
        """A draft is thrown away."""
        draft = self._one(who, lambda one: one.status is Status.DRAFT and one.delegation == who.party)
        if draft is None or not who.copy.workspace:
            return False
        self.typed.discard(draft.id)
        return self.ask(who, commands.Discard(draft.id), who.party)

    def proposes_removal(self, who: Delegate) -> bool:
        """A SUP."""
        paragraphs = who.copy.view().text.paragraphs
        if not paragraphs or not who.home:
            return False
        paragraph = self.random.choice(paragraphs)
        return self.ask(who, commands.ProposeRemoval(AmendmentId(self.typed.mint("a")), paragraph.id), who.party)

    def withdraws(self, who: Delegate) -> bool:
        """What was submitted is taken back."""
        mine = self._one(who, lambda one: one.status is Status.SUBMITTED and one.delegation == who.party)
        if mine is None:
            return False
        self.typed.discard(mine.id)
        return self.ask(who, commands.Withdraw(mine.id), who.party)

    def cosponsors(self, who: Delegate) -> bool:
        """Another's amendment is joined, or left again."""
        other = self._one(who, lambda one: one.status is Status.SUBMITTED and one.delegation != who.party)
        if other is None:
            return False
        return self.ask(who, commands.Cosponsor(other.id, other.revision, self.random.random() < 0.8), who.party)

    def rules(self, who: Delegate) -> bool:
        """The gavel falls."""
        pending = self._one(who, lambda one: one.status in (Status.SUBMITTED, Status.SET_ASIDE))
        if pending is None:
            return False
        ruling = self.random.choice([ruling for ruling in Ruling if ruling is not Ruling.REOPENED])
        return self.ask(
            who, commands.RecordOutcome(pending.id, pending.revision, ruling, ruled_by=self._chair_for(who))
        )

    def reopens(self, who: Delegate) -> bool:
        """What was decided is open again."""
        decided = (Status.AGREED, Status.AGREED_AD_REFERENDUM, Status.NOT_RETAINED, Status.SUPERSEDED)
        found = self._one(who, lambda one: one.status in decided)
        if found is None:
            return False
        return self.ask(who, commands.Reopen(found.id, ruled_by=self._chair_for(who)))

    def calls_for_objections(self, who: Delegate) -> bool:
        """A revision is pinned, or released."""
        pending = self._one(who, lambda one: one.status is Status.SUBMITTED)
        if pending is None:
            return False
        return self.ask(
            who, commands.CallForObjections(pending.id, pending.revision, not pending.pinned, self._chair_for(who))
        )

    def considers(self, who: Delegate) -> bool:
        """A paragraph is ruled on as it stands."""
        paragraphs = who.copy.view().text.paragraphs
        if not paragraphs:
            return False
        state = self.random.choice([state for state in ParagraphState if state is not ParagraphState.BASE])
        paragraph = self.random.choice(paragraphs).id
        return self.ask(who, commands.ConsiderParagraph(paragraph, state, ruled_by=self._chair_for(who)))

    def freezes(self, who: Delegate) -> bool:
        """The text becomes a version."""
        renumber = self.random.random() < 0.3
        label = f"Text {self.random.randrange(100)}"
        if renumber and who.actor.role is Role.SECRETARIAT:
            self.ask(who, MarkRenumbering(note="Asked for in the room."))
        return self.ask(who, commands.Freeze(label, ruled_by=self._chair_for(who)))

    def opens_live_drafting(self, who: Delegate) -> bool:
        """Everybody types on the screen, or no longer."""
        if not self._live:
            return False
        return self.ask(who, commands.OpenLiveDrafting(not who.live_drafting))

    def admits_observers(self, who: Delegate) -> bool:
        """The sitting is closed to observers, or opened."""
        return self.ask(who, commands.AdmitObservers(self.random.random() < 0.5))

    def corrects(self, who: Delegate) -> bool:
        """An editorial correction of words that nobody proposes."""
        places = [
            (paragraph, at, run)
            for paragraph in who.copy.view().text
            for at, run in _starts(paragraph)
            if not run.insertion and not TOKEN.search(run.text)
        ]
        if not places:
            return False
        paragraph, at, run = self.random.choice(places)
        start = at + self.random.randrange(len(run.text))
        end = min(at + len(run.text), start + self.random.randint(1, 6))
        return self.ask(
            who, commands.CorrectText(paragraph.id, start, end, paragraph.text[start:end], self.random.choice("xyé"))
        )

    def splits(self, who: Delegate) -> bool:
        """A paragraph is cut in two."""
        paragraphs = [paragraph for paragraph in who.copy.view().text if len(paragraph.text) > 4]
        if not paragraphs:
            return False
        paragraph = self.random.choice(paragraphs)
        at = self.random.randint(1, len(paragraph.text) - 1)
        for found in TOKEN.finditer(paragraph.text):
            if found.start() < at < found.end():
                at = found.end()
        if at >= len(paragraph.text):
            return False
        fresh = ParagraphId(self.typed.mint("p"))
        return self.ask(who, commands.SplitParagraph(paragraph.id, at, fresh, paragraph.text[:at]))

    def joins(self, who: Delegate) -> bool:
        """Two paragraphs become one."""
        paragraphs = who.copy.view().text.paragraphs
        return bool(paragraphs) and self.ask(who, commands.JoinParagraph(self.random.choice(paragraphs).id))

    def moves(self, who: Delegate) -> bool:
        """A paragraph stands elsewhere."""
        paragraphs = who.copy.view().text.paragraphs
        if not paragraphs:
            return False
        after = self.random.choice([None, *(paragraph.id for paragraph in paragraphs)])
        return self.ask(who, commands.MoveParagraph(self.random.choice(paragraphs).id, after))

    def inserts(self, who: Delegate) -> bool:
        """A paragraph of base text."""
        names = [None, *(paragraph.id for paragraph in who.copy.view().text)]
        name = ParagraphId(self.typed.mint("p"))
        kind = self.random.choice(_BODY)
        return self.ask(who, commands.InsertParagraph(name, self.random.choice(names), kind, "to note progress,"))

    def retypes(self, who: Delegate) -> bool:
        """A paragraph becomes another kind."""
        paragraphs = who.copy.view().text.paragraphs
        if not paragraphs:
            return False
        return self.ask(who, commands.RetypeParagraph(self.random.choice(paragraphs).id, self.random.choice(_BODY)))

    def _chair_for(self, who: Delegate) -> str:
        return "R. Chair" if who.actor.role is Role.SECRETARIAT else ""


def _starts(paragraph: Paragraph) -> list[tuple[int, Run]]:
    """The runs with the code point each begins at."""
    found: list[tuple[int, Run]] = []
    at = 0
    for run in paragraph.runs:
        found.append((at, run))
        at += len(run.text)
    return found


_DEEDS: dict[str, Deed] = {
    name: getattr(Hands, name)
    for name in (
        *("types", "pastes", "pastes_much", "adds_a_paragraph", "takes_back", "removes_a_paragraph", "strikes"),
        *("brackets", "undoes", "says_it_twice", "reloads", "submits", "discards", "proposes_removal", "withdraws"),
        *("cosponsors", "rules", "reopens", "calls_for_objections", "considers", "freezes", "opens_live_drafting"),
        *("admits_observers", "corrects", "splits", "joins", "moves", "inserts", "retypes"),
    )
}
_EXPERT = {
    **{"types": 30, "pastes": 5, "pastes_much": 1, "adds_a_paragraph": 4, "takes_back": 8, "removes_a_paragraph": 2},
    **{"strikes": 8, "brackets": 6, "undoes": 8, "says_it_twice": 3, "reloads": 2, "submits": 12, "discards": 2},
    **{"proposes_removal": 2, "withdraws": 3, "cosponsors": 4},
}
_CHAIR = {
    **{"rules": 20, "reopens": 5, "calls_for_objections": 4, "considers": 4, "freezes": 4, "opens_live_drafting": 4},
    **{"admits_observers": 1},
}
_QUIET_CHAIR = {"opens_live_drafting": 2, "freezes": 1, "considers": 1}
_TYPIST = {"types": 12, "strikes": 4, "brackets": 3, "takes_back": 4, "undoes": 3, "pastes": 2, "reloads": 1}
_STRUCTURE = {"corrects": 5, "splits": 3, "joins": 3, "moves": 4, "inserts": 3, "retypes": 2, "withdraws": 1}
EVERY_DEED = frozenset(_DEEDS)
