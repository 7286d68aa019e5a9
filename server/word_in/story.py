"""One story of a file (the body, a footnote) walked in reading order: paragraphs of stretches with their marks.

Elements that only group others (hyperlinks, content controls, smart tags, fields) are walked through; what holds words
and cannot be shown in place (text boxes) follows its paragraph; what holds none (pictures, equations) is remarked on.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from lxml import etree

from opinions.incoming import ARRIVING, LEAVING, IncomingParagraph, Revision, RevisionKind, Stretch
from server.word_in.drawings import drawn
from server.word_in.fields import Fields, judge
from server.word_in.names import paragraph_of
from server.word_in.numbering import Numbering
from server.word_in.refusals import MAX_CHARACTERS, MAX_OPEN_COMMENTS, MAX_PARAGRAPHS, MAX_STRETCHES, WordRefused
from server.word_in.remarks import Remarks
from server.word_in.revisions import KINDS, RANGE_MARKS, Marks, stacked
from server.word_in.styles import Styles, switched_attribute
from server.word_in.symbols import UNKNOWN, symbol
from server.word_in.xml import MC, W, alternative, child, local, switched, value

GROUPS = frozenset({"hyperlink", "smartTag", "sdt", "sdtContent", "customXml", "dir", "bdo", "fldSimple", "rubyBase"})
"""Elements that are walked through as if they were not there."""
_NOTES = {"footnoteReference": "footnote", "endnoteReference": "endnote"}
_SIGNS = {"tab": "\t", "ptab": "\t", "br": " ", "cr": " ", "noBreakHyphen": "\u2011", "softHyphen": "\u00ad"}
"""What single elements of a run stand for. A new line in a paragraph is a blank: a paragraph is one row of words."""


@dataclass
class File:
    """What all the stories of a file share."""

    styles: Styles
    numbering: Numbering
    remarks: Remarks
    known_comments: frozenset[str]
    notes: dict[str, dict[str, etree._Element]]
    marks: Marks = field(default_factory=Marks)
    footnotes: list[IncomingParagraph] = field(default_factory=list)
    anchored: set[str] = field(default_factory=set)
    """The comments that stand on words."""
    identities: set[str] = field(default_factory=set)
    """The ids met so far: a copy of a paragraph is another paragraph."""
    tables: int = 0
    boxes: int = 0
    note_counts: dict[str, int] = field(default_factory=dict)
    paragraphs: int = 0
    stretches: int = 0
    characters: int = 0

    def count(self, stretches: int, characters: int) -> None:
        """Counts a paragraph; refuses a text that has outgrown what is read."""
        self.paragraphs += 1
        self.stretches += stretches
        self.characters += characters
        for number, most, what in (
            (self.paragraphs, MAX_PARAGRAPHS, "paragraphs"),
            (self.stretches, MAX_STRETCHES, "stretches of differing marks"),
            (self.characters, MAX_CHARACTERS, "characters"),
        ):
            if number > most:
                raise WordRefused(f"The text has more than {most} {what}. Hand it in in parts.")


class Story:
    """Walks a story. `paragraphs` grow as it goes."""

    def __init__(
        self, file: File, root: etree._Element, base: tuple[Revision, ...] = (), *, in_note: bool = False
    ) -> None:
        self.paragraphs: list[IncomingParagraph] = []
        self._file = file
        self._fields = Fields(root)
        self._base = base
        self._in_note = in_note
        self._comments: dict[str, None] = {}
        self._identity = ""
        self._row: _Row | None = None
        if not self._fields.balanced:
            file.remarks.simplified("A field of Word begins or ends nowhere; its words are shown as they stand.")

    def walk(self, container: etree._Element, place: str = "") -> None:
        """Read the whole story."""
        first = len(self.paragraphs)
        self._blocks(container, place, self._base)
        self._settle(first)

    # --- blocks

    def _blocks(self, container: Iterable[etree._Element], place: str, revisions: tuple[Revision, ...]) -> None:
        for element in container:
            name = local(element)
            if name == "p":
                self._paragraph(element, place, revisions)
            elif name == "tbl":
                self._settle(max(len(self.paragraphs) - 1, 0))
                self._table(element, place, revisions)
            elif name in KINDS:
                self._blocks(element, place, stacked(revisions, (self._file.marks.revision(element),)))
            elif name in ("altChunk", "subDoc"):
                raise WordRefused(
                    "The file pulls another document into its text (altChunk or sub-document). Open it in Word, save "
                    "it as a new .docx and hand that in."
                )
            elif element.tag == MC + "AlternateContent":
                self._blocks(alternative(element), place, revisions)
            elif not self._passed(element, name) and name not in ("sectPr", "tblPr", "tblGrid", "sdtPr", "sdtEndPr"):
                if _mathematical(element):
                    self._file.remarks.left_out("An equation was left out.", _near(self.paragraphs))
                else:
                    self._blocks(element, place, revisions)

    def _table(self, table: etree._Element, place: str, revisions: tuple[Revision, ...]) -> None:
        self._file.tables += 1
        number = self._file.tables
        self._file.remarks.simplified("A table was read cell by cell, each cell as paragraphs.", f"table {number}")
        outer = f"{place}, " if place else ""
        for row_number, row in enumerate(_within(table, "tr"), 1):
            of_row = stacked(revisions, self._file.marks.of_row(row))
            for cell_number, cell in enumerate(_within(row, "tc"), 1):
                of_cell = stacked(of_row, self._file.marks.of_cell(cell))
                first = len(self.paragraphs)
                self._blocks(cell, f"{outer}table {number}, row {row_number}, cell {cell_number}", of_cell)
                if not of_cell:
                    self._settle(first)
        for element in table:
            self._passed(element, local(element))

    def _settle(self, first: int) -> None:
        """Lets the last paragraph of a cell, note or text keep its mark where words would flow out of it: there is no
        next paragraph to join with, and Word keeps the mark then.
        """
        if len(self.paragraphs) <= first:
            return
        last = self.paragraphs[-1]
        for out in (LEAVING, ARRIVING):
            if not any(one.kind in out for one in last.mark):
                continue
            remaining = ""
            for paragraph in reversed(self.paragraphs[first:]):
                if paragraph is not last and not any(one.kind in out for one in paragraph.mark):
                    break
                remaining += _remaining(paragraph, out)
            if remaining:
                last = replace(last, mark=tuple(one for one in last.mark if one.kind not in out))
                self.paragraphs[-1] = last

    def _paragraph(self, element: etree._Element, place: str, revisions: tuple[Revision, ...]) -> None:
        properties = child(element, "pPr")
        style = self._file.styles.paragraph(properties)
        row = _Row(style)
        outer, self._row = self._row, row
        self._remark_properties(properties)
        self._inline(element, revisions)
        self._row = outer
        numbered = self._file.numbering.label(properties, style)
        identity, self._identity = row.identity or self._identity, ""
        stretches = row.joined()
        if stretches:
            self._file.anchored.update(comment for comment, _ in row.points)
        self._file.count(len(stretches), sum(len(one.text) for one in stretches))
        self.paragraphs.append(
            IncomingParagraph(
                stretches,
                self._file.styles.name(style),
                numbered[0] if numbered else "",
                numbered[1] if numbered else 0,
                identity,
                stacked(revisions, self._file.marks.of_paragraph(properties)),
                place,
                bool(numbered and numbered[0]),
                self._file.styles.italic(style),
            )
        )
        for box, around in row.boxes:
            self._file.boxes += 1
            self._file.remarks.simplified(
                "A text box was read as paragraphs behind the one it hangs on.", f"text box {self._file.boxes}"
            )
            first = len(self.paragraphs)
            self._blocks(box, f"text box {self._file.boxes}", around)
            self._settle(first)

    def _remark_properties(self, properties: etree._Element | None) -> None:
        if properties is None:
            return
        for name in ("pPrChange", "numberingChange"):
            if child(properties, name) is not None:
                self._file.remarks.formatting(value(child(properties, name), "author"))
        if child(properties, "rPr", "rPrChange") is not None:
            self._file.remarks.formatting(value(child(properties, "rPr", "rPrChange"), "author"))
        if child(properties, "sectPr") is not None:
            self._file.remarks.simplified("The text has sections; their breaks were left out.")
        if child(properties, "framePr") is not None:
            self._file.remarks.simplified("A paragraph in a frame was read where it stands in the file.")

    # --- words

    def _inline(self, container: Iterable[etree._Element], revisions: tuple[Revision, ...]) -> None:
        for element in container:
            name = local(element)
            if name == "r":
                self._run(element, revisions)
            elif name in KINDS:
                self._inline(element, stacked(revisions, (self._file.marks.revision(element),)))
            elif name in GROUPS:
                if name == "fldSimple":
                    judge(value(element, "instr"))
                self._inline(element, revisions)
            elif element.tag == MC + "AlternateContent":
                self._inline(alternative(element), revisions)
            elif _mathematical(element):
                self._file.remarks.left_out("An equation was left out.", _near(self.paragraphs, self._row))
            elif name == "p":
                self._inline(element, revisions)  # a paragraph where only words may stand: its words are not lost
            else:
                self._passed(element, name)

    def _passed(self, element: etree._Element, name: str) -> bool:
        """Marks that stand between words or between paragraphs; whether this was one."""
        if name in RANGE_MARKS:
            self._file.marks.moves.pass_by(element)
        elif name == "commentRangeStart":
            if value(element, "id") in self._file.known_comments:
                self._comments[value(element, "id")] = None
            if len(self._comments) > MAX_OPEN_COMMENTS:
                raise WordRefused(
                    f"More than {MAX_OPEN_COMMENTS} comments are on the same words. Take the settled ones out in Word."
                )
        elif name == "commentRangeEnd":
            self._comments.pop(value(element, "id"), None)
        elif name == "bookmarkStart":
            identity = paragraph_of(value(element, "name"))
            if identity in self._file.identities:
                return True
            self._file.identities.add(identity)
            if self._row is not None:
                self._row.identity = self._row.identity or identity
            else:
                self._identity = self._identity or identity
        else:
            return False
        return True

    def _run(self, run: etree._Element, revisions: tuple[Revision, ...]) -> None:
        assert self._row is not None, "runs stand in paragraphs"
        properties = child(run, "rPr")
        if properties is not None:
            if child(properties, "rPrChange") is not None:
                self._file.remarks.formatting(value(child(properties, "rPrChange"), "author"))
            if switched(child(properties, "vanish")):
                self._file.remarks.simplified("Words that Word hides are shown.", _words(run))
        em = self._file.styles.emphasized(self._row.style, properties)
        self._contents(run, revisions, em)

    def _contents(self, run: Iterable[etree._Element], revisions: tuple[Revision, ...], em: bool) -> None:
        assert self._row is not None, "runs stand in paragraphs"
        for element in run:
            name = local(element)
            if name in ("t", "delText"):
                self._say(element.text or "", revisions, em)
            elif name in _SIGNS:
                self._say(_SIGNS[name], revisions, em)
            elif name == "sym":
                letter = symbol(value(element, "font"), value(element, "char"))
                if letter == UNKNOWN:
                    self._file.remarks.simplified(
                        f"A sign of the font {value(element, 'font')[:60]!r} is not known here and shows as {UNKNOWN}."
                    )
                self._say(letter, revisions, em)
            elif name == "fldChar":
                self._fields.char(element)
            elif name in ("instrText", "delInstrText"):
                self._fields.instruct(element.text or "")
            elif name in _NOTES:
                self._note(element, _NOTES[name], revisions)
            elif name == "commentReference":
                self._point(value(element, "id"))
            elif name in ("drawing", "pict", "object"):
                self._drawn(element, revisions)
            elif name == "ruby":
                self._inline(element.iterchildren(W + "rubyBase"), revisions)
            elif element.tag == MC + "AlternateContent":
                self._contents(alternative(element), revisions, em)
            elif name not in ("rPr", "rt"):
                self._passed(element, name)

    def _say(self, text: str, revisions: tuple[Revision, ...], em: bool, noteref: str = "") -> None:
        assert self._row is not None, "words stand in paragraphs"
        if text and not self._fields.silent:
            self._file.anchored.update(self._comments)
            noteref, self._row.own_mark = noteref or self._row.own_mark, ""
            self._row.stretches.append(Stretch(text, revisions, em, noteref, tuple(self._comments)))

    def _point(self, comment: str) -> None:
        """A comment that has a point and no words in its range is put on the words before it, or else behind it."""
        assert self._row is not None, "references stand in paragraphs"
        if comment in self._file.known_comments and comment not in self._file.anchored:
            self._row.points.append((comment, len(self._row.stretches)))

    def _note(self, element: etree._Element, kind: str, revisions: tuple[Revision, ...]) -> None:
        note = self._file.notes.get(kind, {}).get(value(element, "id"))
        if note is None or self._in_note:
            return
        number = self._file.note_counts[kind] = self._file.note_counts.get(kind, 0) + 1
        place = f"{kind} {number}"
        if switched_attribute(element, "customMarkFollows"):
            assert self._row is not None, "notes are called in paragraphs"
            self._row.own_mark = place  # the words behind are the mark that its writer gave it
        else:
            self._say(str(number), revisions, False, place)
        story = Story(self._file, note, revisions, in_note=True)
        story.walk(note, place)
        self._file.footnotes.extend(story.paragraphs)

    def _drawn(self, element: etree._Element, revisions: tuple[Revision, ...]) -> None:
        assert self._row is not None, "drawings stand in paragraphs"
        boxes, described = drawn(element)
        self._row.boxes.extend((box, revisions) for box in boxes)
        if not boxes:
            where = described or _near(self.paragraphs, self._row)
            self._file.remarks.left_out("A picture or drawing was left out.", where)


@dataclass
class _Row:
    """A paragraph in the making."""

    style: str
    stretches: list[Stretch] = field(default_factory=list)
    boxes: list[tuple[etree._Element, tuple[Revision, ...]]] = field(default_factory=list)
    points: list[tuple[str, int]] = field(default_factory=list)
    identity: str = ""
    own_mark: str = ""

    def joined(self) -> tuple[Stretch, ...]:
        """The stretches, neighbours with the same marks made one."""
        for comment, at in self.points:
            if self.stretches:
                spot = max(at - 1, 0)
                one = self.stretches[spot]
                if comment not in one.comments:
                    self.stretches[spot] = replace(one, comments=(*one.comments, comment))
        rows: list[tuple[list[str], Stretch]] = []
        for one in self.stretches:
            if rows and _alike(rows[-1][1], one):
                rows[-1][0].append(one.text)
            else:
                rows.append(([one.text], one))
        return tuple(one if len(words) == 1 else replace(one, text="".join(words)) for words, one in rows)


def _alike(one: Stretch, other: Stretch) -> bool:
    """Whether two stretches have the same marks."""
    return (
        one.em == other.em
        and one.noteref == other.noteref
        and one.revisions == other.revisions
        and one.comments == other.comments
    )


def _remaining(paragraph: IncomingParagraph, out: frozenset[RevisionKind]) -> str:
    return "".join(one.text for one in paragraph.stretches if not any(mark.kind in out for mark in one.revisions))


def _within(parent: etree._Element, name: str) -> Iterable[etree._Element]:
    """The rows of a table, the cells of a row: also those inside content controls."""
    for element in parent:
        if local(element) == name:
            yield element
        elif local(element) in ("sdt", "sdtContent", "customXml", "ins", "del"):
            yield from _within(element, name)


def _mathematical(element: etree._Element) -> bool:
    return isinstance(element.tag, str) and element.tag.endswith(("}oMath", "}oMathPara"))


def _words(element: etree._Element) -> str:
    return "".join(one.text or "" for one in element.iter(W + "t", W + "delText"))[:80]


def _near(paragraphs: list[IncomingParagraph], row: _Row | None = None) -> str:
    """The words by which somebody finds the place."""
    words = "".join(one.text for one in row.stretches) if row else ""
    if not words.strip() and paragraphs:
        words = paragraphs[-1].text
    return words.strip()[-60:]
