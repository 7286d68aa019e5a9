# ruff: noqa: RUF001
"""DOCX files written by hand, a case of the format each; and exports of our own."""

from collections.abc import Mapping
from datetime import UTC, datetime

from opinions.model import DelegationCode
from opinions.roles import Delegation, DelegationKind, Region
from opinions.views import View
from server.export.sheet import Origin, make_sheet
from server.export.word import to_docx
from tests.support.builders import amendment, document, ins, paragraph, struck
from tests.word import writing as w

XAA, XAB, XAC = "Delegation of Ruritania", "Grand Fenwick & Freedonia", "وفد بلاد السند"
NUMBERING = (
    '<w:abstractNum w:abstractNumId="7">'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%1)"/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerRoman"/><w:lvlText w:val="%2)"/></w:lvl>'
    '<w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="&#xF0B7;"/></w:lvl>'
    '</w:abstractNum><w:abstractNum w:abstractNumId="8">'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1"/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%2"/></w:lvl>'
    "</w:abstractNum>"
    '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="8"/></w:num>'
    '<w:num w:numId="3"><w:abstractNumId w:val="7"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/>'
    "</w:lvlOverride></w:num>"
)
_PARTIES = {
    code: Delegation(DelegationCode(code), name, DelegationKind.MEMBER_STATE, Region.EUROPE)
    for code, name in (("XAA", XAA), ("XAB", XAB), ("XAC", XAC))
}


def numbered(number: int, level: int) -> str:
    """The properties of a paragraph of a list."""
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'


def _note(number: int, *inner: str) -> str:
    return f'<w:footnote w:id="{number}">{w.p("<w:r><w:footnoteRef/></w:r>", *inner)}</w:footnote>'


def _reference(number: int) -> str:
    return f'<w:r><w:footnoteReference w:id="{number}"/></w:r>'


def _exported() -> bytes:
    text = document(
        paragraph("par-1", "that ", ins("am-1", "all ", struck("am-2", "the ")), struck("am-2", "some "), "Members"),
        paragraph("par-2", ins("am-3", "a paragraph that is new"), added="am-3"),
        paragraph("par-3", "宽带连接 و النطاق العريض & <tags>"),
        amendments=[amendment("am-1", "XAA"), amendment("am-2", "XAB"), amendment("am-3", "XAC")],
    )
    origin = Origin(
        "WTPF-26", "o-1", "Draft Opinion 1", "Fourth draft", datetime(2026, 1, 23, 17, 4, tzinfo=UTC), "UTC"
    )
    return to_docx(make_sheet(origin, text, View.MARKED, _PARTIES))


CASES: Mapping[str, bytes] = {
    "plain": w.docx(w.p(w.run("one")), w.p(), w.p(w.run("two  with   blanks "))),
    "insertion_and_deletion": w.docx(
        w.p(w.run("that "), w.ins(XAA, w.run("all ")), w.dele(XAB, w.run("some ")), w.run("Members"))
    ),
    "deletion_in_insertion": w.docx(
        w.p(w.ins(XAA, w.run("all "), w.dele(XAB, w.run("of the ")), w.run("other ")), w.run("Members"))
    ),
    "insertion_in_insertion": w.docx(w.p(w.ins(XAA, w.run("one "), w.ins(XAB, w.run("two ")), w.run("three")))),
    "deletion_of_whole_insertion": w.docx(w.p(w.run("x"), w.ins(XAA, w.dele(XAB, w.run("never"))), w.run("y"))),
    "paragraph_inserted": w.docx(
        w.p(w.run("one")), w.p(w.ins(XAA, w.run("two")), mark=w.ins_mark(XAA)), w.p(w.run("three"))
    ),
    "paragraph_deleted": w.docx(
        w.p(w.run("one")), w.p(w.dele(XAA, w.run("two")), mark=w.del_mark(XAA)), w.p(w.run("three"))
    ),
    "paragraph_inserted_and_deleted": w.docx(
        w.p(w.run("one")),
        w.p(w.ins(XAA, w.dele(XAB, w.run("two"))), mark=w.ins_mark(XAA) + w.del_mark(XAB)),
        w.p(w.run("three")),
    ),
    "paragraph_split": w.docx(w.p(w.run("one, "), mark=w.ins_mark(XAA)), w.p(w.run("and two")), w.p(w.run("three"))),
    "paragraphs_joined": w.docx(w.p(w.run("one, "), mark=w.del_mark(XAA)), w.p(w.run("and two")), w.p(w.run("three"))),
    "three_inserted_from_the_end_of_one": w.docx(
        w.p(w.run("one"), mark=w.ins_mark(XAA)),
        w.p(w.ins(XAA, w.run("new")), mark=w.ins_mark(XAA)),
        w.p(w.ins(XAA, w.run("newer"))),
        w.p(w.run("two")),
    ),
    "words_moved": w.docx(
        w.p(w.moved_from(XAA, "m1", 8, w.run("gone ")), w.run("one")),
        w.p(w.run("two "), w.moved_to(XAA, "m1", 9, w.run("gone "))),
    ),
    "words_moved_and_changed": w.docx(
        w.p(w.moved_from(XAA, "m1", 8, w.run("gone ")), w.run("one")),
        w.p(w.run("two "), w.moved_to(XAA, "m1", 9, w.run("go"), w.dele(XAB, w.run("ne")), w.ins(XAC, w.run("es")))),
    ),
    "table_with_changes": w.docx(
        w.p(w.run("before")),
        w.table(
            w.row(w.p(w.run("a1")), w.p(w.ins(XAA, w.run("a2")))),
            w.row(w.p(w.dele(XAB, w.run("b1 ")), w.run("b")), w.p(w.run("c")) + w.p(w.run("d"))),
        ),
        w.p(w.run("behind")),
    ),
    "table_in_a_table": w.docx(
        w.table(w.row(w.p(w.run("a")), w.table(w.row(w.p(w.run("b")), w.p(w.ins(XAA, w.run("c"))))) + w.p())), w.p()
    ),
    "footnotes": w.docx(
        w.p(w.run("one"), _reference(2), w.run(" two"), w.ins(XAA, _reference(3))),
        footnotes=_note(2, w.run(" plain")) + _note(3, w.run(" with "), w.ins(XAB, w.run("changes"))),
    ),
    "comments": w.docx(
        w.p(w.commented(1, w.run("word")), w.run(" more "), w.commented(2, w.ins(XAA, w.run("new")))),
        comments=w.comment(1, XAB, "why") + w.comment(2, XAC, "لماذا"),
    ),
    "numbered": w.docx(
        *(w.p(w.run(f"item {at}"), properties=numbered(1, level)) for at, level in enumerate((0, 0, 1, 1, 0, 2))),
        w.p(w.ins(XAA, w.run("new item")), properties=numbered(1, 0), mark=w.ins_mark(XAA)),
        w.p(w.run("the last")),
        numbering=NUMBERING,
    ),
    "arabic": w.docx(
        w.p(w.run("أن "), w.ins(XAC, w.run("النفاذ ", "<w:rtl/>")), w.dele(XAA, w.run("ICT ")), w.run("للجميع")),
        w.p(w.ins(XAC, w.run("فقرة")), mark=w.ins_mark(XAC)),
        w.p(w.run("أخيرة")),
    ),
    "chinese": w.docx(w.p(w.run("考虑到"), w.ins(XAA, w.run("普遍")), w.dele(XAB, w.run("连通性")), w.run("；"))),
    "russian_and_signs": w.docx(
        w.p(w.run("«связь» – № 5 & <b> \u00a0"), w.ins(XAA, w.run("\u2014 да"))), w.p(w.run("𝔘😀"))
    ),
    "italics": w.docx(
        w.p(w.run("considering"), style="Call"),
        w.p(w.run("a)\tthat "), w.run("all", "<w:i/>"), w.run(" of ", '<w:rStyle w:val="Emphasis"/>'), w.run("us")),
    ),
    "groups": w.docx(
        w.p(
            w.run("see "),
            w.field("REF x \\h", w.run("page 3")),
            f'<w:hyperlink w:anchor="x">{w.run(" link")}{w.ins(XAA, w.run(" new"))}</w:hyperlink>',
            f"<w:sdt><w:sdtPr/><w:sdtContent>{w.run(' sdt')}</w:sdtContent></w:sdt>",
            f'<w:smartTag w:uri="u" w:element="e">{w.run(" smart")}</w:smartTag>',
        ),
        f"<w:sdt><w:sdtPr/><w:sdtContent>{w.p(w.run('in a control'))}</w:sdtContent></w:sdt>",
    ),
    "bookmarks_and_proofs": w.docx(
        w.p(
            '<w:bookmarkStart w:id="1" w:name="here"/>',
            '<w:proofErr w:type="spellStart"/>',
            w.run("wo"),
            w.run("rd"),
            '<w:bookmarkEnd w:id="1"/>',
            "<w:r><w:lastRenderedPageBreak/><w:t>s</w:t></w:r>",
        )
    ),
    "signs": w.docx(
        w.p("<w:r><w:t>a</w:t><w:noBreakHyphen/><w:t>b</w:t><w:softHyphen/><w:t>c</w:t><w:br/><w:t>d</w:t></w:r>"),
        w.p('<w:r><w:sym w:font="Symbol" w:char="F061"/><w:tab/><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>'),
    ),
    "flattened": w.docx(w.p(w.run("(Rev. Busan, 2014Buenos Aires, 2017)"))),
    "formatting_changed": w.docx(
        w.p(
            w.run("bold", f"<w:b/>{w.said('rPrChange', XAB)}><w:rPr/></w:rPrChange>"),
            w.ins(XAA, w.run(" new")),
            properties=f'<w:jc w:val="left"/>{w.said("pPrChange", XAC)}><w:pPr/></w:pPrChange>',
        )
    ),
    "exported": _exported(),
}
"""Every one of these is the same to pandoc and to us: accepted, rejected, and by whom."""
