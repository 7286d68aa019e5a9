"""Honest browsers stay honest: whatever the server lets through, a browser that only looks on writes nothing.

A room in memory (the server's own, through the frames of its wire) with people who type and modified clients who send
what no editor would. After each update that the room accepts

- the product's page - session, editor, drawing in jsdom - has sent no update and its document has made none, also after
  somebody clicks into it; one looks on in live drafting, one in the workspace of the attacked delegation, one presides;
- the server (yrs), a bare Yjs document and ProseMirror show the same text with the same marks, and the page draws it;
- y-prosemirror, as its authors ship it, has made no update either, and shows the same.

At the end of each sitting a page opened anew, and the room replayed from its log, show the same text again.

What y-prosemirror can read. A mark of ours is spelled `insertion:<id>` with the value `true` (crdt/SPEC.md D4).
y-prosemirror spells marks that may overlap `insertion--<hash>` with the attributes as the value, and takes any other
key for the name of a mark type. With the editor's own schema it therefore knows none of our keys, and deletes every
text that carries one: that is why the product has a binding of its own. With a schema that has one mark type for every
key (web/test/support/plain_binding.ts) it can show all of our documents, so here it sees every update, none left out.
The figure `plain_rewrites` counts what it writes when somebody clicks into it at the end of a sitting, which is when it
compares its own document with the shared one.

What is left out: updates that lie about their neighbours, of which `tests/crdt/test_false_neighbours.py` tells.
"""

import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace

from crdt.protocol import ClientFrame
from crdt.room import Room
from opinions import commands
from opinions.model import AmendmentId, DelegationCode, Kind, Opinion, ParagraphId
from opinions.record import Document, ParagraphState, Ruling, Status
from opinions.roles import Actor
from tests.crdt.odd import Odd
from tests.soak.campaign import Campaign, Outcome
from tests.support.actors import THE_CHAIR, THE_SECRETARIAT, expert
from tests.support.builders import chapeau, document, em, item, paragraph, sub_item, title, verb
from tests.support.rooms import Sitting
from tests.support.watched_pages import Page, Pages, first_difference, spelled

ATTACKED, OTHER = DelegationCode("XAA"), DelegationCode("XAB")
UPDATES_OF_SITTING = 150
"""Accepted updates before a new sitting begins: odd words heap up, and each look reads the whole text."""
MOST_FAILURES = 5
"""Failures after which a run ends: more of the same tell nothing."""


def founding() -> Document:
    """A text in several scripts, with italics, an empty paragraph and levels."""
    return document(
        title("par-title", "Draft Opinion on \U0001f310 connectivity"),
        chapeau("par-chapeau", "The group of experts,"),
        verb("par-verb", "recognizing"),
        item("par-a", "that the divide persists, 数字鸿沟依然存在, in many countries"),
        item("par-b", "that ", em("all"), " Members cooperate"),
        sub_item("par-i", "on skills \U0001f469\u200d\U0001f4bb"),
        sub_item("par-ii", "e\u0301lan; سد الفجوة"),
        paragraph("par-empty", ""),
        item("par-1", "to measure what was done", operative=True),
    )


@dataclass
class Tally:
    """What a run has come to."""

    accepted: int = 0
    failures: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


class Sitters:
    """One sitting: who types, who attacks, who only looks on."""

    def __init__(self, pages: Pages, seed: int, number: int, *, tidying: bool = False) -> None:
        self.pages = pages
        self.chance = random.Random(f"{seed}/{number}")
        self.sitting = Sitting(founding())
        self.watching: dict[str, Page] = {}
        self.wrote: list[str] = []
        pages.ask("seed", seed=self.chance.randrange(1, 2**31))
        self.sitting.join("chair", THE_CHAIR, workspace=False)
        self.sitting.ask("chair", commands.OpenLiveDrafting(True))
        self.sitting.join("clerk", THE_SECRETARIAT, workspace=False)
        self.joins("looking", Actor("m-look", "L. Looking", expert().role, ATTACKED), plain=True, tidying=tidying)
        self.joins("drafting", Actor("m-draft", "D. Drafting", expert().role, ATTACKED), workspace=True)
        self.joins("presiding", replace(THE_CHAIR, member="m-chair-page"))
        self.joins("typing", Actor("m-type", "T. Typing", expert().role, OTHER))
        self.attackers = 0
        for name in ("attacker", "colleague"):
            self.begins(name)
        self.looks_are_right()

    @property
    def room(self) -> Room:
        """The server's side."""
        return self.sitting.room

    def joins(
        self, name: str, actor: Actor, *, workspace: bool = False, plain: bool = False, tidying: bool = False
    ) -> None:
        """Somebody opens the page."""
        party = actor.delegation or ""
        page = Page(self.pages, name, actor.member, workspace=workspace, party=party, plain=plain, tidying=tidying)
        self.sitting.clients[name] = self.watching[name] = page
        self.sitting.join(name, actor, workspace=workspace)

    def begins(self, name: str) -> None:
        """A modified client connects, with nothing it had before: `attacker` in live drafting, `colleague` at home."""
        if name in self.sitting.clients:
            self.sitting.leave(name)
            del self.sitting.clients[name]
        self.attackers += 1
        actor = Actor(f"m-{name}", f"A. {name}", expert().role, ATTACKED)
        self.sitting.join(name, actor, workspace=name == "colleague")

    # -- what is done

    def somebody_writes(self) -> str:
        """One thing is tried; the name of what was accepted, empty when nothing was."""
        match self.chance.choices(("attacker", "colleague", "typing", "ruling"), (6, 3, 3, 1))[0]:
            case "typing":
                return self._types()
            case "ruling":
                self._rules()
                return ""
            case name:
                return self._attacks(name)

    def _attacks(self, name: str) -> str:
        client, before = self.sitting.clients[name], self._logged()
        view = client.view()
        own = [one.id for one in view.record.amendments.values() if one.delegation == ATTACKED and one.open]
        foreign = [one.id for one in view.record.amendments.values() if one.id not in own]
        assert client.document is not None
        odd = Odd(client.document.state(), int(client.welcome["client"]), own, foreign, self.chance)
        update = odd.draw()
        if not update:
            return ""
        self.sitting.send(name, client.update(update, ATTACKED))
        if client.refusals:
            self.begins(name)
            return ""
        return odd.name if self._logged() > before else ""

    def _types(self) -> str:
        before = self._logged()
        page = self.watching["typing"]
        for frame in page.drafts(self.chance.randrange(2**31)):
            self.sitting.send("typing", frame)
        return "typed in the editor" if self._logged() > before else ""

    def _rules(self) -> None:
        """A command of somebody who may give it; what cannot be done is refused, and that is all."""
        chance, document = self.chance, self.room.document()
        paragraph = chance.choice(document.text.paragraphs).id if document.text.paragraphs else None
        after = chance.choice([None, *(one.id for one in document.text)])
        pending = [a for a in document.record.amendments.values() if a.status is Status.SUBMITTED]
        drafts = [a for a in self.sitting.clients["colleague"].view().record.amendments.values() if not a.number]
        acts: list[tuple[str, commands.Command]] = []
        if pending:
            one = chance.choice(pending)
            ruling = chance.choice([each for each in Ruling if each is not Ruling.REOPENED])
            acts.append(("chair", commands.RecordOutcome(one.id, one.revision, ruling)))
        if drafts:
            acts.append(("colleague", commands.Submit(chance.choice(drafts).id)))
        if paragraph:
            fresh = ParagraphId(f"p-cut-{chance.randrange(10**9)}")
            acts += [
                ("clerk", commands.MoveParagraph(paragraph, after)),
                ("clerk", commands.SplitParagraph(paragraph, chance.randint(0, 9), fresh)),
                ("clerk", commands.JoinParagraph(paragraph)),
                ("clerk", commands.RetypeParagraph(paragraph, chance.choice(list(Kind)), chance.randint(0, 2))),
                ("chair", commands.ConsiderParagraph(paragraph, chance.choice(list(ParagraphState)))),
                ("colleague", commands.ProposeRemoval(AmendmentId(f"a-rem-{chance.randrange(10**9)}"), paragraph)),
                ("chair", commands.Freeze(f"Draft {chance.randrange(10**6)}")),
            ]
        if acts:
            self.sitting.ask(*chance.choice(acts))

    def _logged(self) -> int:
        return sum(len(log) for log in self.sitting.shelf.logs.values())

    # -- what is seen

    def looks_are_right(self) -> list[str]:
        """What is wrong with what the pages show and wrote, each in a line."""
        wrong = []
        looks = self.pages.hear(self.watching, self.chance.randrange(10**6))
        for name, look in looks.items():
            frames = [frame for frame in look.sent if frame[0] in (ClientFrame.UPDATE, ClientFrame.COMMAND)]
            if frames or look.wrote:
                wrong.append(f"the page {name} wrote {look.wrote} updates and sent {len(frames)} by itself")
            if look.plain_wrote:
                wrong.append(f"y-prosemirror at {name} wrote {look.plain_wrote} updates by itself")
            if differs := first_difference(look.text, spelled(self._text_of(name))):
                wrong.append(f"the page {name} and the server differ, {differs}")
            wrong += [f"at {name}: {differs}" for differs in look.differences]
        return wrong

    def _text_of(self, name: str) -> Opinion:
        if name.startswith("drafting"):
            return self.room.workspace(ATTACKED).gate.live_view().text
        return self.room.document().text

    def ends(self) -> Iterator[str]:
        """Everything once more: in pages opened anew, and in a room replayed from its log."""
        self.joins("looking anew", Actor("m-look-2", "L. Anew", expert().role, ATTACKED), plain=True)
        self.joins("drafting anew", Actor("m-draft-2", "D. Anew", expert().role, ATTACKED), workspace=True)
        yield from self.looks_are_right()
        drafts = self._text_of("drafting")
        text = self.room.document().text
        self.sitting.open()
        if differs := first_difference(spelled(self.room.document().text), spelled(text)):
            yield f"replayed from the log, {differs}"
        if differs := first_difference(spelled(self._text_of("drafting")), spelled(drafts)):
            yield f"replayed from the log of the workspace, {differs}"

    def close(self) -> None:
        """Closes the pages."""
        for page in self.watching.values():
            with suppress(AssertionError):
                page.close()


def sit(pages: Pages, seed: int, number: int, tally: Tally, end: float, updates: int = UPDATES_OF_SITTING) -> None:
    """One sitting of a run, until so many updates were accepted or the time (monotonic) is over."""
    sitters = Sitters(pages, seed, number)
    try:
        accepted = tries = 0
        while accepted < updates and tries < 20 * updates:
            tries += 1
            what = sitters.somebody_writes()
            wrong = sitters.looks_are_right()
            place = f"seed {seed}, sitting {number}, try {tries} ({what or 'nothing accepted'})"
            tally.failures += [f"{place}: {one}" for one in wrong]
            if what:
                accepted += 1
                tally.counts[what] += 1
            if wrong or (time.monotonic() > end and accepted):
                break
        tally.accepted += accepted
        tally.counts["tries"] += tries
        tally.failures += [f"seed {seed}, sitting {number}, at its end: {one}" for one in sitters.ends()]
        tally.counts["plain rewrites"] += sitters.watching["looking"].click_plain()
    finally:
        sitters.close()


def run(seed: int, seconds: float) -> Outcome:
    """Sittings until the time is over."""
    end = time.monotonic() + seconds
    tally = Tally()
    number = 0
    with Pages() as pages:
        while (time.monotonic() < end or not tally.accepted) and len(tally.failures) < MOST_FAILURES:
            number += 1
            sit(pages, seed, number, tally, end)
    figures = {"sittings": number, "tried": tally.counts["tries"], "plain_rewrites": tally.counts["plain rewrites"]}
    figures["typed_in_the_editor"] = tally.counts["typed in the editor"]
    return Outcome(tally.accepted, tuple(tally.failures), figures)


CAMPAIGN = Campaign(
    name="updates seen by honest browsers",
    promise="A browser that looks on writes nothing, and yrs, Yjs and ProseMirror show the same text.",
    goal=10_000,
    run=run,
)
