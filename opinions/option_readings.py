"""What each option of alternatives would read like in place, side by side, and why one cannot be picked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from opinions.acting import Context
from opinions.alternatives import amendments_of
from opinions.edits import applied
from opinions.errors import OpinionError
from opinions.model import AmendmentId, DelegationCode, Opinion, ParagraphId
from opinions.on_table import Alternatives, Option
from opinions.picking import outcomes, pick_option
from opinions.record import Amendment, Document, Record
from opinions.redline import tokens
from opinions.roles import Actor, Role
from opinions.table_commands import PickOption
from opinions.words import proposals

_ANYBODY = Actor("", "chair", Role.CHAIR)
_AROUND = 60
"""Words that all options share are shown up to so many before and after those in which they differ."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph as one option leaves it: `words` are what it reads where the options differ, between what all share.
    `stands`: whether the paragraph is there at all.
    """

    paragraph: ParagraphId
    before: str = ""
    words: str = ""
    after: str = ""
    stands: bool = True


@dataclass(frozen=True, slots=True)
class OptionReading:
    """One option in place, other proposals left out as if they failed; `refused` says why it cannot be picked now."""

    option: Option
    passages: tuple[Passage, ...] = ()
    refused: str = ""


def option_readings(document: Document, alternatives: Alternatives, at: datetime) -> tuple[OptionReading, ...]:
    """The options, each as picking it now would leave the paragraphs concerned."""
    narrow = narrowed(document, alternatives)
    ids = [paragraph.id for paragraph in narrow.text]
    texts: list[Mapping[ParagraphId, str]] = []
    refusals: list[str] = []
    for option in alternatives.options:
        try:
            after = _picked(narrow, alternatives, option, at)
        except OpinionError as error:
            texts.append({})
            refusals.append(error.message)
            continue
        texts.append(_plain(after))
        refusals.append("")
    read = [found for found, refused in zip(texts, refusals, strict=True) if not refused]
    shared = {name: _shared([found.get(name, "") for found in read]) for name in ids}
    return tuple(
        OptionReading(option, () if refused else tuple(_passage(name, found, shared[name]) for name in ids), refused)
        for option, found, refused in zip(alternatives.options, texts, refusals, strict=True)
    )


def _picked(document: Document, alternatives: Alternatives, option: Option, at: datetime) -> Document:
    context = Context(_ANYBODY, DelegationCode(""), at, lambda kind: f"{kind}-none")
    command = PickOption(alternatives.id, option.label, outcomes(document, alternatives, option), note="Tried.")
    return applied(document, pick_option(command, document, context).edits)


def _plain(document: Document) -> Mapping[ParagraphId, str]:
    """The paragraphs without what is still proposed; brackets that stay are not drawn."""
    return {
        paragraph.id: "".join(run.text for run in paragraph.runs if run.insertion is None)
        for paragraph in document.text
        if paragraph.added is None
    }


def narrowed(document: Document, alternatives: Alternatives) -> Document:
    """The paragraphs that the options are about, with the amendments that stand there: what is asked of alternatives is
    answered there alike, and much faster than on a long text.
    """
    members = frozenset(amendments_of(alternatives))
    numbers: dict[str, list[int]] = {}
    removals = {one.paragraph: one.id for name in members if (one := document.amendment(name)) and one.kind == "SUP"}
    for number, paragraph in enumerate(document.text):
        here = members & proposals(paragraph)
        for name in (*here, *((removals[paragraph.id],) if paragraph.id in removals else ())):
            numbers.setdefault(name, []).append(number)
    # A bracket holds all from its first to its last paragraph (T4).
    wanted = sorted({number for found in numbers.values() for number in range(found[0], found[-1] + 1)})
    text = Opinion(tuple(document.text.paragraphs[number] for number in wanted))
    ids = {mark.id for paragraph in text for run in paragraph.runs for mark in run.marks}
    ids.update(members, (paragraph.added or "" for paragraph in text))
    found: dict[AmendmentId, Amendment] = {
        AmendmentId(name): one for name in ids if (one := document.amendment(name)) is not None
    }
    record = document.record
    kept = {paragraph.id: record.paragraph(paragraph.id) for paragraph in text}
    return Document(text, Record(found, kept, record.opinion, {f"alternatives:{alternatives.id}": alternatives}))


def _shared(texts: Sequence[str]) -> tuple[int, int]:
    """How many characters all have in common at their beginning and at their end, in whole words."""
    rows = [tokens(text) for text in texts]
    first = _alike(rows)
    last = _alike([row[first:][::-1] for row in rows])
    sample = rows[0] if rows else []
    end = len("".join(sample[len(sample) - last :])) if last else 0
    return len("".join(sample[:first])), end


def _alike(rows: Sequence[Sequence[str]]) -> int:
    count = 0
    for column in zip(*rows, strict=False):
        if len(set(column)) > 1:
            break
        count += 1
    return count


def _passage(name: ParagraphId, texts: Mapping[ParagraphId, str], shared: tuple[int, int]) -> Passage:
    if name not in texts:
        return Passage(name, stands=False)
    text, (first, last) = texts[name], shared
    before, words, after = text[:first], text[first : len(text) - last], text[len(text) - last :]
    return Passage(name, _end_of(before), words, _beginning_of(after))


def _end_of(text: str) -> str:
    return text if len(text) <= _AROUND else f"…{text[-_AROUND:].partition(' ')[2]}"


def _beginning_of(text: str) -> str:
    return text if len(text) <= _AROUND else f"{text[:_AROUND].rpartition(' ')[0]}…"
