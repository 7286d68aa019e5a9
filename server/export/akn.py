"""A paper as Akoma Ntoso 3 (OASIS LegalDocML 1.0, `akomantoso30.xsd`), profile AKN4UN: an Opinion is a `statement`.

Preambular rows are recitals, operative ones numbered paragraphs; square brackets are `inline name="bracketedText"`, and
one that stands directly behind another is its alternative (`alternativeTo`). Ids come from the paragraphs' own, so they
are the same in every version. A volume is a statement too, its Opinions are its attachments.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from lxml import etree

from opinions.model import Kind
from opinions.views import Segment, SegmentKind, View, ViewParagraph
from server.export.outline import LISTED, Item, items_of
from server.export.paper import Paper, Part, paper_of
from server.export.sheet import Sheet

NAMESPACE = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0"
SOURCE = "#unbracket"
_VERBS = frozenset({Kind.PREAMBULAR_VERB, Kind.OPERATIVE_VERB})
_OPERATIVE = frozenset({Kind.OPERATIVE_VERB, Kind.OPERATIVE_ITEM})
_REFUSED = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 has no place for."""


def to_akn(sheet: Sheet) -> bytes:
    """The sheet as an Akoma Ntoso document, in UTF-8."""
    return paper_akn(paper_of(sheet))


def paper_akn(paper: Paper) -> bytes:
    """The paper as an Akoma Ntoso document, in UTF-8."""
    root = etree.Element(f"{{{NAMESPACE}}}akomaNtoso", nsmap={None: NAMESPACE})
    _Writer(paper).document(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True) + b"\n"


class _Writer:
    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self._alone = paper.alone

    def document(self, root: etree._Element) -> None:
        paper = self._paper
        statement = _in(root, "statement", name="opinion" if self._alone else "report", contains="singleVersion")
        self._meta(statement, "", paper.title)
        first, *others = paper.parts
        self._text(statement, first)
        if others:
            attachments = _in(statement, "attachments")
            for number, part in enumerate(others, 1):
                attachment = _in(attachments, "attachment", eId=f"attachment_{number}")
                _say(_in(attachment, "heading", eId=f"attachment_{number}__heading"), part.heading)
                inner = _in(attachment, "statement", name="opinion", contains="singleVersion")
                self._meta(inner, f"!{_slug(part.id)}", part.heading)
                self._text(inner, part)

    def _meta(self, statement: etree._Element, component: str, title: str) -> None:
        """Work, expression and manifestation (AKN naming convention), and whom the marks name."""
        paper = self._paper
        day = f"{paper.as_of:%Y-%m-%d}"
        work = f"/akn/un/statement/opinion/itu/{paper.as_of:%Y}/{_slug(paper.process)}-{_slug(paper.name)}"
        expression = f"{work}/eng@{day}.{_slug(paper.short)}"
        manifestation = f"{expression}/{paper.view}.akn"
        meta = _in(statement, "meta")
        known = _in(meta, "identification", source=SOURCE)
        for name, address, label in (
            ("FRBRWork", work, "draft"),
            ("FRBRExpression", expression, "text"),
            ("FRBRManifestation", manifestation, "file"),
        ):
            one = _in(known, name)
            _in(one, "FRBRthis", value=f"{address}/{component}" if component else f"{address}/!main")
            _in(one, "FRBRuri", value=address)
            if name == "FRBRWork":
                _in(one, "FRBRalias", value=_clean(title), name="title")
            _in(one, "FRBRdate", date=day, name=label)
            _in(one, "FRBRauthor", href="#itu")
            if name == "FRBRWork":
                _in(one, "FRBRcountry", value="un")
                _in(one, "FRBRsubtype", value="opinion")
                _in(one, "FRBRnumber", value=_clean(paper.number or paper.name))
                _in(one, "FRBRname", value=_clean(paper.process))
            if name == "FRBRExpression":
                _in(one, "FRBRversionNumber", value=_clean(paper.short))
                _in(one, "FRBRlanguage", language="eng")
            if name == "FRBRManifestation":
                _in(one, "FRBRformat", value="application/akn+xml")
        references = _in(meta, "references", source=SOURCE)
        if not component:
            organizations = [("itu", "International Telecommunication Union"), *self._named()]
            for code, name in organizations:
                href = f"/akn/ontology/organization/{code}"
                _in(references, "TLCOrganization", eId=code, href=href, showAs=_clean(name))
            _in(references, "TLCObject", eId="unbracket", href="/akn/ontology/object/unbracket", showAs="Unbracket")
        else:
            _in(references, "TLCReference", name="part", href=f"#{component[1:]}", showAs=_clean(title))

    def _named(self) -> list[tuple[str, str]]:
        """The parties whose marks are in the text, by the ids that the marks refer to."""
        found: dict[str, str] = {}
        for part in self._paper.parts:
            for row in part.rows:
                for code in (*(one for segment in row.segments for one in segment.parties), *part.removers(row)):
                    party = part.sheet.parties.get(code)
                    found[_party(code)] = party.name if party else code
        return sorted(found.items())

    def _text(self, statement: etree._Element, part: Part) -> None:
        prefix = "" if self._alone else f"{_slug(part.id)}__"
        rows, body = _Rows(part, prefix, self._paper.view), list(part.rows)
        titles = len(body) - len(_after(body, frozenset({Kind.TITLE})))
        preface = _in(statement, "preface", eId=f"{prefix}preface")
        for warning in filter(None, (self._paper.warning,)):
            _say(_in(preface, "p", eId=f"{prefix}preface__warning", **{"class": "warning"}), warning)
        _say(_in(preface, "p", eId=f"{prefix}preface__stand", **{"class": "stand"}), self._paper.stamp)
        if part.heading:
            _say(_in(preface, "p", eId=f"{prefix}preface__heading", **{"class": "annex"}), part.heading)
        for row in body[:titles]:
            holder = _in(preface, "p", eId=rows.id(row) + "__block")
            rows.label(holder, row)
            rows.words(_in(holder, "docTitle", eId=rows.id(row)), row)
        body = body[titles:]
        start = next((n for n, row in enumerate(body) if row.kind in _OPERATIVE), None)
        if start is None:
            start = len(body) if any(row.kind is Kind.PREAMBULAR_VERB for row in body) else 0
        before, after = body[:start], body[start:]
        if before:
            rows.preamble(_in(statement, "preamble", eId=f"{prefix}preamble"), before)
        main = _in(statement, "mainBody", eId=f"{prefix}body")
        rows.main(main, after)
        if not after:
            _in(main, "p", eId=f"{prefix}body__empty")


class _Rows:
    """Writes the rows of one part."""

    def __init__(self, part: Part, prefix: str, view: View) -> None:
        self._part = part
        self._prefix = prefix
        self._marked = view is View.MARKED

    def id(self, row: ViewParagraph) -> str:
        return f"{self._prefix}{_slug(row.id)}"

    def preamble(self, parent: etree._Element, rows: list[ViewParagraph]) -> None:
        for verb, items in _groups(rows):
            if verb is not None and verb.kind in _VERBS and items:
                recitals = _in(parent, "recitals", eId=f"{self.id(verb)}__recitals")
                self.words(_in(_in(recitals, "intro", eId=f"{self.id(verb)}__intro"), "p", eId=self.id(verb)), verb)
                self._recitals(recitals, items)
                continue
            if verb is not None:
                name = "formula" if verb.kind is Kind.CHAPEAU else ""
                holder = _in(parent, name, name="chapeau", eId=f"{self.id(verb)}__block") if name else parent
                self._block(holder, verb)
            if items:
                self._recitals(_in(parent, "recitals", eId=f"{self.id(items[0].row)}__recitals"), items)

    def _recitals(self, parent: etree._Element, items: Iterable[Item]) -> None:
        for item in items:
            recital = _in(parent, "recital", eId=f"{self.id(item.row)}__item", **self._class(item.row))
            self._numbered(recital, item)

    def _numbered(self, parent: etree._Element, item: Item) -> None:
        self._num(parent, item.row)
        self.words(_in(parent, "p", eId=self.id(item.row)), item.row)
        if item.items:
            blocks = _in(parent, "blockList", eId=f"{self.id(item.row)}__list")
            for one in item.items:
                self._numbered(_in(blocks, "item", eId=f"{self.id(one.row)}__item", **self._class(one.row)), one)

    def main(self, parent: etree._Element, rows: list[ViewParagraph]) -> None:
        for verb, items in _groups(rows):
            host = parent
            if verb is not None and verb.kind in _VERBS and items:
                host = _in(parent, "hcontainer", name=verb.kind.value, eId=f"{self.id(verb)}__part")
                self.words(_in(_in(host, "intro", eId=f"{self.id(verb)}__intro"), "p", eId=self.id(verb)), verb)
            elif verb is not None:
                self._block(parent, verb)
            for item in items:
                self._paragraph(host, item, "paragraph")

    def _paragraph(self, parent: etree._Element, item: Item, name: str) -> None:
        one = _in(parent, name, eId=f"{self.id(item.row)}__item", **self._class(item.row))
        self._num(one, item.row)
        holder = _in(one, "intro" if item.items else "content", eId=f"{self.id(item.row)}__words")
        self.words(_in(holder, "p", eId=self.id(item.row)), item.row)
        for below in item.items:
            self._paragraph(one, below, "subparagraph")

    def _block(self, parent: etree._Element, row: ViewParagraph) -> None:
        block = _in(parent, "p", eId=self.id(row), **{"class": row.kind.value})
        self.label(block, row)
        self.words(block, row)

    def label(self, parent: etree._Element, row: ViewParagraph) -> None:
        """The label in front of words that are no item of a list."""
        if row.label:
            _say(_in(parent, "inline", name="num", eId=f"{self.id(row)}__num"), row.label).tail = " "

    def _num(self, parent: etree._Element, row: ViewParagraph) -> None:
        if row.label:
            _say(_in(parent, "num", eId=f"{self.id(row)}__num"), row.label)

    def _class(self, row: ViewParagraph) -> dict[str, str]:
        return {"class": f"{row.kind.value} {row.state.value}"}

    def words(self, parent: etree._Element, row: ViewParagraph) -> None:
        """The segments inside an element: brackets nested as they open and close, marks as they are."""
        if self._marked and row.removal:
            codes = self._part.removers(row)
            parent = _in(parent, "del", eId=f"{self.id(row)}__removal", **_refers(codes))
        hosts, brackets, numbers = [parent], _Brackets(), iter(range(1, len(row.segments) + 1))
        for segment in row.segments:
            match segment.kind:
                case SegmentKind.OPEN:
                    known = brackets.open(f"{self.id(row)}__bracket_{next(numbers)}", hosts[-1])
                    hosts.append(_in(hosts[-1], "inline", name="bracketedText", **known))
                    _append(hosts[-1], segment.text)
                case SegmentKind.CLOSE if len(hosts) > 1:
                    _append(hosts[-1], segment.text)
                    brackets.close(hosts.pop())
                case _:
                    self._segment(hosts[-1], row, segment, numbers)

    def _segment(self, host: etree._Element, row: ViewParagraph, segment: Segment, numbers: Iterator[int]) -> None:
        known = f"{self.id(row)}__mark_"
        match segment.kind:
            case SegmentKind.INSERTED:
                host = _in(host, "ins", eId=f"{known}{next(numbers)}", **_refers(segment.parties))
            case SegmentKind.DELETED:
                host = _in(host, "del", eId=f"{known}{next(numbers)}", **_refers(segment.parties))
                if segment.inserted_by:
                    host = _in(host, "ins")
            case SegmentKind.ATTRIBUTION | SegmentKind.NOTE:
                host = _in(host, "inline", name=segment.kind.value)
            case _:
                pass
        if segment.em:
            host = _in(host, "i")
        if segment.noteref is not None:
            note = f"#{self._prefix}{_slug(segment.noteref)}"
            host = _in(host, "ref", href=note, **{"class": "note"})
        _append(host, segment.text)


class _Brackets:
    """Which bracket is the alternative of which: of those that touch, all are the first one's."""

    def __init__(self) -> None:
        self._first: dict[etree._Element, str] = {}

    def open(self, known: str, host: etree._Element) -> dict[str, str]:
        before = host[-1] if len(host) and not host[-1].tail else None
        first = self._first.get(before) if before is not None else None
        return {"eId": known, "alternativeTo": first} if first else {"eId": known}

    def close(self, bracket: etree._Element) -> None:
        self._first[bracket] = bracket.get("alternativeTo") or bracket.get("eId") or ""


def _groups(rows: Sequence[ViewParagraph]) -> Iterator[tuple[ViewParagraph | None, tuple[Item, ...]]]:
    """Rows that are no items, each with the items that follow it."""
    head: ViewParagraph | None = None
    for listed, run in groupby(rows, key=lambda row: row.kind in LISTED):
        if listed:
            yield head, items_of(list(run))
            head = None
            continue
        *alone, head = run
        yield from ((one, ()) for one in alone)
    if head is not None:
        yield head, ()


def _after(rows: list[ViewParagraph], kinds: frozenset[Kind]) -> list[ViewParagraph]:
    start = next((n for n, row in enumerate(rows) if row.kind not in kinds), len(rows))
    return rows[start:]


def _refers(codes: Sequence[str]) -> dict[str, str]:
    return {"refersTo": f"#{_party(codes[0])}"} if codes else {}


def _party(code: str) -> str:
    return f"party-{_slug(code)}"


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "x"


def _clean(text: str) -> str:
    return _REFUSED.sub("", text)


def _in(parent: etree._Element, tag: str, /, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{NAMESPACE}}}{tag}", attributes)


def _say(element: etree._Element, text: str) -> etree._Element:
    element.text = _clean(text)
    return element


def _append(element: etree._Element, text: str) -> None:
    """Text behind what the element holds already."""
    told = _clean(text)
    if len(element):
        element[-1].tail = (element[-1].tail or "") + told
    else:
        element.text = (element.text or "") + told
