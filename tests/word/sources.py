# ruff: noqa: RUF001
"""The texts of the committed files: what LibreOffice is given to make DOCX of. Names say what each one holds."""

from collections.abc import Callable, Mapping

from tests.support.office import Comment, Delete, DeleteParagraph, Insert, NewParagraph, Replace, Sitting
from tests.word import writing as w
from tests.word.fodt import Text, commented, em, items, note, p, table

XAA, XAB, XAC = "Delegation of Ruritania", "Grand Fenwick & Freedonia", "وفد بلاد السند"


def two_authors() -> str:
    """Insertions and deletions of two delegations in one sentence."""
    text = Text("Draft Opinion 1: Digital divides")
    return text.made(
        p(em("considering")),
        p(
            "that ",
            text.ins(XAA, "affordable "),
            "connectivity is ",
            text.dele(XAB, "universal"),
            text.ins(XAB, "meaningful"),
            " for all,",
        ),
        p("that ", text.dele(XAA, "some of "), "the Members agree;"),
    )


def new_paragraphs() -> str:
    """A paragraph inserted behind another, and two at once."""
    text = Text()
    return text.made(
        p("first ", text.ins(XAA, "words</text:p><text:p>second, all new")),
        p("third ", text.ins(XAB, "a</text:p><text:p>b</text:p><text:p>c ")),
        p("last"),
    )


def joined_paragraphs() -> str:
    """A deletion over the end of a paragraph, and a whole paragraph deleted."""
    text = Text()
    return text.made(
        p("first, ", text.dele(XAA, "its end", "the begin of the second "), "and the rest"),
        p("third", text.dele(XAB, "", "fourth, deleted whole")),
        p("fifth"),
    )


def arabic() -> str:
    """Arabic with Latin words inside, and an author with an Arabic name."""
    text = Text("مشروع الرأي 1")
    return text.made(
        p(em("إذ يضع في اعتباره")),
        p("أن النفاذ إلى ", text.dele(XAC, "الإنترنت"), text.ins(XAC, "النطاق العريض (ICT)"), " حق للجميع،"),
        p(text.ins(XAA, "[فقرة جديدة]"), " وإذ يلاحظ"),
    )


def chinese() -> str:
    """Chinese, where no blanks part the words."""
    text = Text("意见草案")
    return text.made(
        p(
            "考虑到",
            text.ins(XAA, "普遍而有意义的"),
            "连通性对",
            text.dele(XAB, "所有国家"),
            text.ins(XAB, "成员国"),
            "至关重要；",
        ),
        p("认识到【数字鸿沟】（", text.dele(XAA, "2014年"), "釜山）"),
    )


def lists() -> str:
    """Numbered items on two levels, one inserted."""
    text = Text()
    return text.made(
        p(em("noting")),
        items(
            p("that it is so;"),
            p("that ", text.ins(XAA, "this "), "follows:") + items(p("one;"), p("two;")),
            p("and so,"),
        ),
        p("between"),
        items(p("begins anew;"), p(text.dele(XAB, "old "), "ends.")),
    )


def tables() -> str:
    """A table with changes in its cells."""
    text = Text()
    return text.made(
        p("before"),
        table((p("Delegation"), p("Position")), (p("XAA"), p(text.ins(XAA, "supports"), text.dele(XAB, "opposes")))),
        p("behind ", text.ins(XAB, "the table")),
    )


def notes() -> str:
    """Footnotes and an endnote, with changes inside."""
    text = Text()
    return text.made(
        p("Title", note("footnote", 1, p("See Resolution ", text.dele(XAA, "1"), text.ins(XAA, "2"), " (Rev.)."))),
        p(
            "words",
            note("footnote", 2, p("plain")),
            " and more",
            note("endnote", 1, p("at the ", text.ins(XAB, "very "), "end")),
        ),
    )


def comments() -> str:
    """Comments of two authors, one on changed words, one across two."""
    text = Text()
    return text.made(
        p("that ", commented("c1", XAA, "Is this agreed language?", "universal"), " access"),
        p(commented("c2", XAB, "See CL-26/9 & [1]", text.ins(XAA, "meaningful") + " and affordable"), " access"),
    )


def brackets() -> str:
    """Square brackets of every kind beside revision marks."""
    text = Text()
    return text.made(
        p("to [bridge the divide - EUR, BRA retain / ", text.ins(XAA, "[reduce]"), " the divides - KEN]"),
        p("Opinion[s] [", text.dele(XAB, "shall"), "][should]"),
    )


FLAT: Mapping[str, Callable[[], str]] = {
    one.__name__: one
    for one in (
        *(two_authors, new_paragraphs, joined_paragraphs, arabic, chinese, lists, tables, notes, comments, brackets),
    )
}
"""LibreOffice opens these and saves them as DOCX."""

_BASE = (
    w.p(w.run("recognizing"), style="Call"),
    w.p(w.run("a)\tthat all the Members have agreed on the words;")),
    w.p(w.run("b)\tthat 所有人 and الجميع are reached,")),
    w.p(w.run("invites Member States"), style="Call"),
    w.p(w.run("1\tto go on with it;")),
    w.p(w.run("2\tto stop in time;")),
    w.p(w.run("3\tto report to the next meeting.")),
)

EDITED: Mapping[str, tuple[bytes, tuple[Sitting, ...]]] = {
    "edited_by_one": (
        w.docx(*_BASE),
        (Sitting(XAA, (Replace("agreed on", "considered"), Insert("go on", ", with care,"), Delete("in time"))),),
    ),
    "edited_by_three": (
        w.docx(*_BASE),
        (
            Sitting(
                XAA, (Insert("have agreed", " [fully and finally]"), NewParagraph("to stop", "2bis\tto begin anew;"))
            ),
            Sitting(XAB, (Delete("and finally"), Replace("report", "present a report"))),
            Sitting(XAC, (DeleteParagraph("to go on"), Comment("the words", "Which words?"))),
        ),
    ),
    "edited_again": (
        w.docx(
            w.p(w.run("that "), w.ins(XAB, w.run("all the good "))),
            w.p(w.run("Members "), w.dele(XAB, w.run("and others ")), w.run("agree")),
        ),
        (Sitting(XAA, (Delete("the good"), Insert("agree", " and act"), Replace("Members", "States"))),),
    ),
}
"""LibreOffice opens these DOCX, its authors edit them, and it saves them as DOCX."""

AROUND: Mapping[str, bytes] = {
    "around_nested": w.docx(
        w.p(
            w.run("that "),
            w.ins(XAA, w.run("all "), w.dele(XAB, w.run("of the ")), w.run("other ")),
            w.run("Members"),
        )
    ),
    "around_paragraphs": w.docx(
        w.p(w.run("one")),
        w.p(w.ins(XAA, w.run("two")), mark=w.ins_mark(XAA)),
        w.p(w.dele(XAB, w.run("three")), mark=w.del_mark(XAB)),
        w.p(w.run("four")),
    ),
    "around_moved": w.docx(
        w.p(w.run("one "), w.moved_from(XAA, "move1", 8, w.run("the words that move "))),
        w.p(w.run("two "), w.moved_to(XAA, "move1", 9, w.run("the words that move "))),
        w.p(w.run("three")),
    ),
    "around_scripts": w.docx(
        w.p(w.run("宽带"), w.dele(XAA, w.run("连接")), w.ins(XAC, w.run("الاتصالات"))),
        w.p(w.run("a)\tАраб "), w.ins(XAB, w.run("и русский"))),
    ),
    "around_comments": w.docx(
        w.p(w.commented(1, w.run("universal")), w.run(" access")),
        w.p(w.run("and "), w.commented(2, w.ins(XAA, w.run("more")))),
        comments=w.comment(1, XAB, "Why so?") + w.comment(2, XAC, "لماذا؟"),
    ),
}
"""DOCX files that go to OpenDocument and back: LibreOffice writes what it has understood."""
