"""What a look shows: rows side by side, the words of a file with their marks in the colours of those who made them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from markupsafe import Markup

from opinions.incoming import ARRIVING, LEAVING, IncomingParagraph
from opinions.judged_differences import REFUSED
from opinions.marked import marked
from opinions.matching import How, Match
from opinions.model import DelegationCode, ParagraphId
from opinions.numbering import citations
from opinions.overlay import SILENT
from opinions.reading_proposals import Difference, Row, What
from opinions.record import SECRETARIAT
from opinions.views import ViewParagraph, named
from server.html_view import Regions, regions_of, segments_html
from server.word_in.choices import AS, BASE, NEW, NOBODY, OUT
from server.word_in.looking import Look

_NEAR = 6
"""Neighbours of its place that a paragraph can be paired with by hand, beside those without partner."""

Options = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ShownDifference:
    """One difference with what can be made of it. `state` says what it comes to: enters, base, out, there."""

    key: str
    title: str
    code: str
    author: str
    region: str
    struck: str
    put: str
    note: str
    options: Options
    chosen: str
    state: str


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One paragraph of both texts, or of one."""

    number: int | None
    cited: str
    ours: Markup | None
    theirs: Markup | None
    label: str
    place: str
    how: str
    pairs: Options
    paired: str
    differences: list[ShownDifference] = field(default_factory=list)
    there: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    alone: bool = False
    change: int = 0
    """Its number among the rows in which there is something to see or decide, from 1; 0 for the others."""

    @property
    def quiet(self) -> bool:
        """Whether there is nothing to see or decide: the paragraph stays as it is."""
        return not (self.differences or self.there or self.remarks or self.alone)


@dataclass(frozen=True, slots=True)
class Block:
    """Rows shown together; `folded` ones stay as they are."""

    rows: list[ShownRow]
    folded: bool = False


def blocks(look: Look) -> list[Block]:
    """All rows of a look in reading order, those that stay as they are folded."""
    result: list[Block] = []
    changes = count(1)
    for row in _Shower(look).rows():
        if not row.quiet:
            row = replace(row, change=next(changes))
        if result and result[-1].folded == row.quiet:
            result[-1].rows.append(row)
        else:
            result.append(Block([row], folded=row.quiet))
    return result


def party_options(look: Look) -> Options:
    """The delegations that authors can be mapped to, with their codes."""
    possible = look.judging.possible
    listed = [(one.code, f"{one.code}, {one.name}") for one in look.delegations if one.code in possible]
    return [(str(code), name) for code, name in listed] + [(str(SECRETARIAT), "SEC, Secretariat")]


class _Shower:
    def __init__(self, look: Look) -> None:
        self._look = look
        self._regions = regions_of(look.delegations)
        self._ours = {row.id: row for row in marked(look.document, named)}
        self._cited = {name: told.replace("*", "") for name, told in citations(look.document).items()}
        self._order = [paragraph.id for paragraph in look.document.text]
        self._place = {paragraph: number for number, paragraph in enumerate(self._order)}
        self._alone = [row.paragraph for row in look.understanding.rows if row.match.incoming is None and row.ours]
        self._last = 0
        codes = [*look.parties.values(), *(DelegationCode(code) for code in look.choices.also)]
        if look.bringing.delegation:
            codes.append(DelegationCode(look.bringing.delegation))
        if look.judging.own is not None:
            codes = [look.judging.own]
        elif look.bringing.kind == "consolidated":
            codes.append(SECRETARIAT)
        self._codes = [code for code in dict.fromkeys(codes) if code in look.judging.possible]

    def rows(self) -> Iterator[ShownRow]:
        for row in self._look.understanding.rows:
            if row.ours:
                self._last = self._place.get(row.paragraph, self._last)
            yield self._row(row)

    def _row(self, row: Row) -> ShownRow:
        ours = self._ours.get(row.paragraph) if row.ours else None
        unit = row.incoming
        number = row.match.incoming
        chosen = self._look.choices.pairs.get(str(number), "") if number is not None else ""
        proposed = any(one.what is What.ADDED and one.author != SILENT for one in row.differences)
        alone = row.match.incoming is None or (not row.ours and not proposed)
        doubtful = row.match.how not in (How.IDENTITY, How.SAME) or row.match.moved
        return ShownRow(
            number,
            self._cited.get(row.paragraph, "") if ours else "",
            self._words(ours) if ours else None,
            incoming_html(unit, self._look.parties, self._regions) if unit else None,
            unit.label if unit else "",
            unit.place if unit else "",
            "new paragraph" if proposed else how_words(row.match),
            self._pairs(row) if number is not None and (doubtful or chosen) else [],
            chosen,
            [self._difference(one, row) for one in row.differences],
            [self._there(one.author, one.amendment) for one in row.there],
            [one.message for one in row.remarks],
            alone=alone and not (row.incoming is None and not row.differences),
        )

    def _words(self, ours: ViewParagraph) -> Markup:
        label = Markup('<span class="label">{}</span> ').format(ours.label) if ours.label else Markup("")
        return label + segments_html(ours.segments, self._regions, marks=True)

    def _pairs(self, row: Row) -> Options:
        """What a paragraph of the file can be paired with: those of ours without partner, and its neighbours."""
        near = self._order[max(self._last - _NEAR, 0) : self._last + _NEAR + 1]
        mine = [row.paragraph] if row.ours else []
        listed = dict.fromkeys((*mine, *self._alone, *near))
        found = [(str(one), self._name(one)) for one in listed if one in self._place]
        found.sort(key=lambda one: self._place[ParagraphId(one[0])])
        return [("", "as found"), (NEW, "a new paragraph"), (NOBODY, "left out"), *found]

    def _name(self, paragraph: ParagraphId) -> str:
        text = self._look.document.text.find(paragraph)
        words = " ".join(text.text.split())[:60] if text else ""
        cited = self._cited.get(paragraph, "")
        return f"{cited}: {words}" if cited else words

    def _difference(self, one: Difference, row: Row) -> ShownDifference:
        look = self._look
        code = str(look.parties.get(one.author, ""))
        judgement = look.judged.get(one.key, REFUSED)
        state = "base" if judgement.base else "enters" if judgement.delegation else "out"
        return ShownDifference(
            one.key,
            _TITLES[one.what],
            str(judgement.delegation or code),
            one.author or "nobody marked it",
            f"region-{self._regions.get(code, 'sec')}" if code else "region-none",
            one.struck if one.what is not What.BRACKET else "",
            f"[{one.put}]" if one.what is What.BRACKET else one.put,
            one.note,
            self._options(one),
            look.choices.differences.get(one.key, ""),
            state,
        )

    def _options(self, one: Difference) -> Options:
        usual = self._look.judging.usual(one)
        said = "left out" if usual == OUT else "base text" if usual == BASE else f"amendment of {usual[len(AS) :]}"
        if one.author != SILENT and one.author not in self._look.parties and usual == OUT:
            said = "nobody named yet"
        options: Options = [("", f"As above: {said}")]
        if self._look.judging.own is None and not one.pending and one.what is not What.BRACKET:
            options.append((BASE, "Base text"))
        options += [(f"{AS}{code}", f"Amendment of {code}") for code in self._codes]
        return [*options, (OUT, "Leave it out")]

    def _there(self, author: str, amendment: str) -> str:
        found = self._look.document.amendment(amendment)
        name = f"#{found.number} of {found.delegation}" if found else amendment
        return f"{name} is in the text already ({author})."


_TITLES: Mapping[What, str] = {
    What.WORDS: "Words",
    What.BRACKET: "Square brackets",
    What.ADDED: "New paragraph",
    What.REMOVED: "Paragraph out",
}


def how_words(match: Match) -> str:
    """How two paragraphs were found to be one, and how surely."""
    share = f"{round(match.sureness * 100)} % of the words"
    said = {
        How.IDENTITY: "known by our own export",
        How.HAND: "paired by hand",
        How.SAME: "same words",
        How.LABEL: f"same label, {share}",
        How.SIMILAR: share,
        How.NONE: "only in the file" if match.living is None else "not in the file",
    }[match.how]
    return f"{said}, stands elsewhere" if match.moved else said


def incoming_html(unit: IncomingParagraph, parties: Mapping[str, DelegationCode], regions: Regions) -> Markup:
    """The paragraph as it came in: insertions and deletions in the colours of their delegations, each run signed."""
    pieces = [Markup('<span class="label">{}</span> ').format(unit.label) if unit.label else Markup("")]
    before = ""
    for stretch in unit.stretches:
        marks = [one for one in stretch.revisions if one.kind in ARRIVING | LEAVING]
        signature = ", ".join(dict.fromkeys(parties.get(one.author, one.author) or "?" for one in marks))
        if before and signature != before:
            pieces.append(_signed(before))
        before = signature
        text = Markup("<em>{}</em>").format(stretch.text) if stretch.em else Markup("{}").format(stretch.text)
        for one in reversed(marks):
            tag = "ins" if one.kind in ARRIVING else "del"
            code = parties.get(one.author)
            region = regions.get(code, "sec") if code else "none"
            text = Markup('<{tag} class="region-{region}" title="{author}">{text}</{tag}>').format(
                tag=tag, region=region, author=one.author, text=text
            )
        if stretch.comments:
            text += Markup('<sup class="remark" title="Commented on">c</sup>')
        pieces.append(text)
    if before:
        pieces.append(_signed(before))
    return Markup("").join(pieces)


def _signed(names: str) -> Markup:
    return Markup('<sup class="party">{}</sup>').format(names)


def summary(look: Look) -> Sequence[str]:
    """What entering would do, a phrase each."""
    return tuple(_phrases(look))


def _phrases(look: Look) -> Iterable[str]:
    proposals = look.made.entered.proposals
    parties = {one.delegation for one in proposals}
    if proposals:
        yield f"{_many(len(proposals), 'amendment')} of {_many(len(parties), 'delegation')}"
    if look.made.entered.base:
        yield _many(len(look.made.entered.base), "change", "changes") + " of base text"
    if look.made.entered.counters:
        yield _many(len(look.made.entered.counters), "counter-proposal") + " behind them"
    if look.made.waiting:
        yield _many(len(look.made.waiting), "change") + " of words that this file brings, which cannot go in with them"
    if look.incoming.comments:
        yield _many(len(look.incoming.comments), "comment")
    there = {(one.author, one.amendment) for row in look.understanding.rows for one in row.there}
    if there:
        yield f"{len(there)} in the text already"
    out = sum(
        judgement == REFUSED and not _stays(one)
        for one in look.understanding.differences
        for judgement in (look.judged.get(one.key, REFUSED),)
    )
    if out:
        yield f"{out} left out"
    stays = sum(_stays(one) and look.judged.get(one.key, REFUSED) == REFUSED for one in look.understanding.differences)
    if stays:
        yield f"{_many(stays, 'paragraph')} of ours not in the file, which {'stay' if stays > 1 else 'stays'}"


def _stays(one: Difference) -> bool:
    return one.what is What.REMOVED and one.author == SILENT


def _many(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
