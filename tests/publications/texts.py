"""A text with everything in it: every kind of paragraph, every kind of mark, six languages."""

from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType

from opinions.model import DelegationCode, Kind, ParagraphId
from opinions.record import AmendmentKind, Document, ParagraphRecord
from opinions.roles import Delegation, DelegationKind, Region
from server.export.sheet import Origin
from tests.support.builders import (
    amendment,
    bracketed,
    chapeau,
    document,
    em,
    ins,
    item,
    noteref,
    paragraph,
    removal,
    struck,
    sub_item,
    title,
    verb,
)

AT = datetime(2026, 1, 23, 17, 4, tzinfo=UTC)
ORIGIN = Origin("WTPF-26", "Opinion 1", "Draft Opinion 1: Digital trust", "Fourth draft", AT, "Europe/Zurich", seq=12)
PARTIES = {
    code: Delegation(DelegationCode(code), f"Delegation {code} & Co", DelegationKind.MEMBER_STATE, Region.EUROPE)
    for code in ("XAA", "XAB", "XAC")
}
LABELS = {
    "par-01": "a)", "par-02": "b)", "par-03": "i)", "par-04": "ii)", "par-05": "c)", "par-11": "1", "par-12": "1 bis",
    "par-13": "2", "par-14": "3", "par-15": "4", "par-16": "5 quater",
}  # fmt: skip


def everything(times: int = 1, words: str = "that nobody is left behind;") -> Document:
    """The text; with `times` it has so many more paragraphs as take more pages, with `words` others in one of them."""
    one = document(
        title("par-t", "Draft Opinion 1: Digital trust"),
        chapeau("par-c", "The seventh World Telecommunication/ICT Policy Forum (Geneva, 2026),"),
        verb("par-v", "considering"),
        item("par-01", "that access ", struck("am-01", "depends"), ins("am-01", "relies"), " on income;"),
        item("par-02", "that ", bracketed("am-02", "skills of all kinds"), " matter, among them:"),
        sub_item("par-03", "of ", em("reading"), noteref("par-n", "1"), ";"),
        sub_item("par-04", "of counting", ins("am-05", " and ", struck("am-06", "coding"), " more"), ";"),
        item("par-05", words),
        verb("par-w", "invites Member States", operative=True),
        item("par-11", "أن الاتصالات [حق] للجميع ITU 2026؛", operative=True),
        item("par-12", "电信联盟，根据第641号决定；「成员国」【应】采取措施", operative=True),  # noqa: RUF001
        item("par-13", "Государства-члены [и Члены Секторов] суверенны;", operative=True),
        item("par-14", "à coopérer, « dès que possible », avec les États Membres;", operative=True),
        item("par-15", "a que señalen qué compañías están aquí;", operative=True),
        item("par-16", "to do so", operative=True),
        paragraph("par-h", "Follow-up", kind=Kind.HEADING),
        paragraph("par-p", ins("am-03", "that reports be made."), added="am-03"),
        paragraph("par-q", "that this be reviewed."),
        *(paragraph(f"par-x{one}", f"Paragraph {one}. " + "Many words follow. " * 20) for one in range(times - 1)),
        paragraph("par-n", "See Resolution 2 (Rev. Bucharest, 2022).", kind=Kind.FOOTNOTE),
        amendments=[
            amendment("am-01", "XAA"),
            amendment("am-02", "XAC"),
            amendment("am-03", "XAB", kind=AmendmentKind.ADD),
            removal("am-04", "XAC", paragraph="par-q"),
            amendment("am-05", "XAB"),
            amendment("am-06", "XAA"),
        ],
    )
    labels = {ParagraphId(name): ParagraphRecord(ParagraphId(name), label) for name, label in LABELS.items()}
    return replace(one, record=replace(one.record, paragraphs=MappingProxyType({**one.record.paragraphs, **labels})))
