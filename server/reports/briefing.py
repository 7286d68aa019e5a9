"""The brief for a capital in words: sections of items, the same on the page, in the letter and as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from types import MappingProxyType
from zoneinfo import ZoneInfo

from opinions.brief import Asked, Brief, Held, Offered, Touch, Touching, Typed, Waiting
from opinions.clean import settled
from opinions.compromise import Word
from opinions.news import NewsItem, NewsKind
from opinions.numbering import citations
from opinions.process_rules import ProcessRules
from opinions.record import Amendment, Decision, Document
from opinions.redline import Change, redline
from opinions.roles import Delegation
from opinions.statuses import Answer, CallState
from opinions.wording_kept import wordings
from server.consultation.rounds import Round
from server.opinion_store import OpinionRow
from server.post.news_words import HEADINGS, called, does, line
from server.reports.telling import Teller
from server.wording import AMENDMENT_STATUSES, ATTITUDES, RULINGS, headed, moment

NOTHING: Mapping[str, str] = MappingProxyType({})
MAX_ITEMS = 400
"""Items that one section tells; a capital reads no more, and the text has them all."""
WORDS: Mapping[Word, str] = {
    Word.ACCEPTS: "you accepted",
    Word.DECLINES: "you declined",
    Word.OTHERWISE: "you took another position",
    Word.SILENT: "you have said nothing of it yet",
}
ANSWERS: Mapping[Answer, str] = {
    Answer.OBJECT: "you objected",
    Answer.NEED_TIME: "you asked for time",
    Answer.NO_OBJECTION: "you have no objection",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing. `cited` and `paragraph` say where, both empty for what stands at no paragraph."""

    told: str
    cited: str = ""
    paragraph: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Things of one sort. `asks`: they wait for the delegation's own word. `more`: how many are not told."""

    key: str
    name: str
    items: tuple[Item, ...]
    asks: bool = False
    more: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """The brief of one draft Opinion. `since` says against what changes are told; empty: against nothing."""

    opinion: str
    name: str
    title: str
    since: str
    sections: tuple[Section, ...]
    asks: int

    @property
    def heading(self) -> str:
        """Its name with its title."""
        return headed(self.name, self.title)


@dataclass(frozen=True, slots=True)
class Briefer:
    """Tells briefs. `zone` is that of the meeting."""

    parties: Mapping[str, Delegation]
    zone: ZoneInfo

    def tell(
        self,
        row: OpinionRow,
        document: Document,
        found: Brief,
        news: Sequence[NewsItem],
        since: str,
        former: Mapping[str, str] = NOTHING,
    ) -> Told:
        """The brief of one Opinion; sections with nothing in them are left out. `former`: the agreed words of each
        paragraph as changes are told against, where they are known.
        """
        rows = (
            ("calls", "Calls for objections put to you, not answered", self._calls(document, found.calls), True),
            ("compromises", "Compromise texts for what you hold", self._offered(found.offered), False),
            ("typed", "Typed for you, to be confirmed or corrected", self._typed(found.typed), True),
            ("waiting", "Set aside or pending", self._waiting(found.waiting), False),
            # What calls put stands first already, with what was answered.
            *self._news(document, [one for one in news if one.kind is not NewsKind.CALLED], former),
            ("held", "Square brackets that you hold", self._held(document, found.held), False),
            ("spoken", "What others say of your proposals", self._spoken(found), False),
            ("touching", "Proposals that touch what you hold", self._touching(document, found.touching), False),
            ("reopening", "Requests to reopen agreed text", self._touching(document, found.reopening), False),
            ("answered", "Calls for objections that you answered", self._calls(document, found.answered), False),
            ("decided", "Calls for objections decided or withdrawn", self._calls(document, found.decided), False),
        )
        sections = []
        for key, name, items, asks in rows:
            listed = tuple(items)
            if listed:
                sections.append(Section(key, name, listed[:MAX_ITEMS], asks, max(0, len(listed) - MAX_ITEMS)))
        return Told(row.id, row.name, row.title, since, tuple(sections), found.asks)

    def _teller(self) -> Teller:
        return Teller(self.parties, self.zone)

    def _news(
        self, document: Document, news: Sequence[NewsItem], former: Mapping[str, str]
    ) -> Iterator[tuple[str, str, Iterator[Item], bool]]:
        now = {str(one.id): one.text for one in settled(document).text} if news else {}
        for kind, items in groupby(news, key=lambda item: item.kind):
            listed = []
            for item in items:
                place = str(item.paragraph or "")
                told = _changed(kind, former.get(place), now.get(place)) or line(item, document)
                listed.append(Item(told, item.cited.replace("*", ""), place if place in now else ""))
            name = HEADINGS[kind]
            yield f"news-{kind.value}", name if name.startswith("New") else f"New: {name.lower()}", iter(listed), False

    def _calls(self, document: Document, calls: Sequence[Asked]) -> Iterator[Item]:
        cited = {name: words.replace("*", "") for name, words in citations(document).items()}
        for one in calls:
            put = [found for item in one.call.items if (found := document.amendment(item.amendment)) is not None]
            words = "; ".join(f"{self._called(each)}: {self._does(document, each)}" for each in put)
            told = f"{words}. Put {moment(one.call.opened_at, self.zone)}"
            if one.answer is not None:
                told += f": {ANSWERS[one.answer.answer]}"
            elif one.call.state is not CallState.OPEN:
                told += ": you gave no answer"
            if one.call.decision is not None:
                told += f". {RULINGS[one.call.decision.ruling]}, {moment(one.call.decision.at, self.zone)}"
            elif one.call.state is not CallState.OPEN:
                told += f". {'Withdrawn by the chair' if one.call.state is CallState.WITHDRAWN else 'Void'}"
            told = f"{told}. “{one.call.note}”" if one.call.note else f"{told}."
            place = put[0].paragraph if put else None
            yield Item(told, cited.get(place, "") if place else "", str(place or "") if place in cited else "")

    def _does(self, document: Document, amendment: Amendment) -> str:
        """What an amendment does, in words; once its marks are gone, by the words on record."""
        if amendment.open:
            return does(amendment, document.text.find(amendment.paragraph))
        kept = wordings(document, amendment)
        if not kept:
            return amendment.kind.value
        struck, put = (_short(words) for words in (kept[0].struck, kept[0].put))
        return f"“{struck}” to “{put}”" if struck and put else f"“{struck or put or _short(kept[0].held)}”"

    def _offered(self, offered: Sequence[Offered]) -> Iterator[Item]:
        for one in offered:
            of = ", ".join(f"#{number}" for number in one.of)
            told = f"#{one.amendment.number}, revision {one.amendment.revision}, stands for {of}: {WORDS[one.word]}."
            yield Item(told, one.cited, str(one.paragraph))

    def _typed(self, typed: Sequence[Typed]) -> Iterator[Item]:
        for one in typed:
            on = called(one.amendment) if one.amendment else "the paragraph"
            told = f"{on}: words of the amendment" if one.stance is None else f"On {on}: your position"
            if one.stance is not None:
                told = f"{self._teller().stance(one.stance)}, on {on}"
            yield Item(f"{told}.", one.cited, str(one.paragraph))

    def _waiting(self, waiting: Sequence[Waiting]) -> Iterator[Item]:
        for one in waiting:
            what = called(one.amendment) if one.amendment else "The paragraph"
            how = AMENDMENT_STATUSES[one.amendment.status] if one.amendment else "Pending"
            us = ". It waits for you" if one.on_us else ""
            yield Item(f"{what}: {how}{us}.{self._why(one.decision)}", one.cited, str(one.paragraph))

    def _why(self, decision: Decision | None) -> str:
        if decision is None:
            return ""
        told = self._teller().circumstances(decision)
        return f" {told}" if told else ""

    def _held(self, document: Document, held: Sequence[Held]) -> Iterator[Item]:
        for one in held:
            names = self._teller().name
            said = "; ".join(f"{names(each.delegation)} {ATTITUDES[each.attitude]}" for each in one.others)
            status = AMENDMENT_STATUSES[one.amendment.status].lower()
            told = f"[{_short(one.words)}] {called(one.amendment)}, {status}."
            yield Item(f"{told} {said}." if said else told, one.cited, str(one.paragraph))

    def _spoken(self, found: Brief) -> Iterator[Item]:
        for one in found.spoken:
            told = f"{self._teller().stance(one.stance)}, on {called(one.amendment)}."
            yield Item(told, one.cited, str(one.amendment.paragraph))

    def _touching(self, document: Document, touching: Sequence[Touching]) -> Iterator[Item]:
        for one in touching:
            how = " In your words." if one.touch is Touch.WORDS else ""
            what = does(one.amendment, document.text.find(one.paragraph))
            reason = f" Reason: {one.amendment.reason}" if one.amendment.reason else ""
            told = f"{self._called(one.amendment)}: {what}.{how}{reason}"
            yield Item(told, one.cited, str(one.paragraph))

    def _called(self, amendment: Amendment) -> str:
        return f"#{amendment.number}, {self._teller().name(amendment.delegation)}"


def deadlines(rules: ProcessRules, rounds: Sequence[Round], now: datetime, zone: ZoneInfo) -> tuple[Item, ...]:
    """The dates ahead that the process and its consultations set, the next one first."""
    dates = [
        (rules.contributions_due, "Contributions until"),
        (rules.opinions_due, "Draft Opinions presented until"),
        (rules.nominations_due, "Nominations of experts until"),
        *((one.dates.closes_at, f"Comments in “{one.name}” until") for one in rounds),
    ]
    ahead = sorted((at, what) for at, what in dates if at is not None and at >= now)
    return tuple(Item(f"{what} {moment(at, zone)}") for at, what in ahead)


def plain_text(told: Told, most: int = MAX_ITEMS) -> list[str]:
    """The brief of one Opinion as lines of a letter."""
    lines = [told.heading, "=" * min(len(told.heading), 72)]
    if told.since:
        lines += ["", f"Changes are told since {told.since}."]
    if not told.sections:
        lines += ["", "Nothing waits for you here, and nothing is new."]
    for section in told.sections:
        lines += ["", section.name]
        for item in section.items[:most]:
            lines.append(f"- {item.cited}: {item.told}" if item.cited else f"- {item.told}")
        left = section.more + max(0, len(section.items) - most)
        if left:
            lines.append(f"- and {left} more")
    return lines


def _changed(kind: NewsKind, before: str | None, after: str | None) -> str:
    """What became of the agreed words of a paragraph, as far as both are known; empty for other news."""
    if kind is NewsKind.ADDED and after:
        return f"“{_short(after)}”"
    if kind is NewsKind.REMOVED and before:
        return f"“{_short(before)}”"
    if kind is not NewsKind.WORDS or before is None or after is None:
        return ""
    changes: list[tuple[str, str]] = []
    going = False
    for piece in redline(before, after):
        if piece.change is Change.KEPT:
            going = False
            continue
        gone, come = changes.pop() if going else ("", "")
        deleted = piece.change is Change.DELETED
        changes.append((gone + piece.text, come) if deleted else (gone, come + piece.text))
        going = True
    told = []
    for gone, come in changes:
        old, new = _short(gone), _short(come)
        told.append(f"“{old}” became “{new}”" if old and new else f"“{new}” came" if new else f"“{old}” went")
    return "; ".join(told)


def _short(words: str, most: int = 120) -> str:
    one = " ".join(words.split())
    return one if len(one) <= most else f"{one[: most - 1].rstrip()}…"
