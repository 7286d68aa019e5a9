"""Files that are odd and do no harm: they are read, and nothing of theirs is fetched, followed or lost."""

import hashlib
import zipfile
from collections.abc import Mapping

from tests.word import writing as w
from tests.word.hostile import DOCTYPES, Made, as_utf16, document_part, related, replaced, with_part

_GOOD = w.p(w.run("good"))
_LISTED = '<w:numPr><w:ilvl w:val="{}"/><w:numId w:val="{}"/></w:numPr>'
_BEGIN = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'


def _text(inner: str, old: str = "", new: str = "") -> bytes:
    """A document whose text part is this, with something in its XML replaced."""
    return replaced("word/document.xml", document_part(inner).replace(old, new, 1 if old == w.HEAD else -1).encode())


def _wild_numbers() -> bytes:
    levels = (
        '<w:lvl w:ilvl="0"><w:start w:val="-5"/><w:numFmt w:val="lowerRoman"/><w:lvlText w:val="%1%2%9"/></w:lvl>'
        '<w:lvl w:ilvl="77"/><w:lvl w:ilvl="8"><w:start w:val="2147483647"/><w:numFmt w:val="upperLetter"/>'
        '<w:lvlText w:val="%9"/></w:lvl>'
    )
    return w.docx(
        w.p(w.run("words"), properties=_LISTED.format("-7", "1")),
        w.p(w.run("more"), properties=_LISTED.format("99999999999999999999", "1")),
        w.p(w.run("last"), properties=_LISTED.format("x", "0x7")),
        numbering=f'<w:abstractNum w:abstractNumId="1">{levels}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num><w:num/>',
    )


def _ring_of_comments() -> bytes:
    return w.docx(
        w.p(w.commented(1, w.run("words"))),
        comments=w.comment(1, "A", "x", "00000001") + w.comment(2, "B", "y", "00000002"),
        extended='<w15:commentEx w15:paraId="00000001" w15:paraIdParent="00000002"/>'
        '<w15:commentEx w15:paraId="00000002" w15:paraIdParent="00000001"/>',
    )


def _senseless_marks() -> bytes:
    return w.docx(
        w.p(
            '<w:ins><w:r><w:t>words</w:t></w:r></w:ins><w:del w:author="" w:date="yesterday"/>',
            f'<w:ins w:author="{"A" * 9_000}" w:date="9999-99-99">{w.run(" more")}</w:ins>',
            '<w:moveFromRangeEnd w:id="5"/><w:commentRangeEnd w:id="77"/><w:bookmarkEnd w:id="1"/>',
        )
    )


def very_large() -> bytes:
    """A third of what the limits admit: 20,000 insertions, no two words alike. At the limits it is 2 s and 135 MiB."""
    words = (hashlib.sha256(str(n).encode()).hexdigest()[:10] for n in range(20_000))
    rows = (w.p(*(w.ins(f"A{n % 9}{m % 2}", w.run(next(words))) for m in range(20))) for n in range(1_000))
    return w.docx(*rows, w.p(w.run("in the end")))


HARMLESS: Mapping[str, tuple[Made, str]] = {
    "link_as_words": (
        lambda port: related(
            "hyperlink",
            f"http://127.0.0.1:{port}/",
            inner=f'<w:hyperlink r:id="rId77">{w.run(" and a link")}</w:hyperlink>',
        ),
        "words and a link",
    ),
    "template_of_the_writer": (
        lambda _: related("attachedTemplate", "file:///C:\\Users\\x\\Templates\\PE_ITU.dotm"),
        "words",
    ),
    "xinclude": (
        lambda port: _text(
            f'{_GOOD}<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="http://127.0.0.1:{port}/" '
            'parse="text"/>'
        ),
        "good",
    ),
    "stylesheet_instruction": (
        lambda port: _text(_GOOD, w.HEAD, f'{w.HEAD}<?xml-stylesheet href="http://127.0.0.1:{port}/x.xsl"?>'),
        "good",
    ),
    "schema_location": (
        lambda port: _text(
            _GOOD,
            "<w:document ",
            '<w:document xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            f'xsi:schemaLocation="u http://127.0.0.1:{port}/x.xsd" ',
        ),
        "good",
    ),
    "utf16": (lambda _: replaced("word/document.xml", as_utf16(document_part(w.p(w.run("宽带 good"))))), "宽带 good"),
    "with_a_bom": (lambda _: replaced("word/document.xml", b"\xef\xbb\xbf" + document_part(_GOOD).encode()), "good"),
    "strict": (
        lambda _: _text(
            w.p(w.ins("A", w.run("strictly"))),
            "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
            "http://purl.oclc.org/ooxml/wordprocessingml/main",
        ),
        "strictly",
    ),
    "archive_within": (lambda _: with_part("word/media/x.zip", w.docx(w.p())), "words"),
    "font_within": (lambda _: with_part("word/fonts/font1.odttf", bytes(99)), "words"),
    "doctype_in_a_part_not_read": (
        lambda port: with_part("customXml/item1.xml", DOCTYPES["subset"].replace("{port}", str(port)).encode()),
        "words",
    ),
    "ring_of_styles": (
        lambda _: w.docx(
            w.p(w.run("words"), style="a"),
            styles='<w:style w:styleId="a"><w:basedOn w:val="b"/></w:style>'
            '<w:style w:styleId="b"><w:basedOn w:val="a"/></w:style>',
        ),
        "words",
    ),
    "ring_of_lists": (
        lambda _: w.docx(
            w.p(w.run("words"), properties=_LISTED.format(0, 1)),
            numbering='<w:abstractNum w:abstractNumId="1"><w:styleLink w:val="s"/><w:numStyleLink w:val="s"/>'
            '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>',
        ),
        "words",
    ),
    "wild_numbers": (lambda _: _wild_numbers(), "more"),
    "note_within_itself": (
        lambda _: w.docx(
            w.p(w.run("words"), '<w:r><w:footnoteReference w:id="2"/></w:r>'),
            footnotes='<w:footnote w:id="2">'
            + w.p(w.run("note"), '<w:r><w:footnoteReference w:id="2"/></w:r>')
            + "</w:footnote>",
        ),
        "words1",
    ),
    "comments_in_a_ring": (lambda _: _ring_of_comments(), "words"),
    "marks_without_sense": (lambda _: _senseless_marks(), "words more"),
    "field_without_end": (lambda _: w.docx(w.p(_BEGIN, w.run("not hidden")), w.p(w.run("nor this"))), "nor this"),
    "paragraph_in_a_paragraph": (lambda _: w.docx(w.p(w.run("one"), w.p(w.run(" two")))), "one two"),
    "many_bookmarks": (
        lambda _: w.docx(w.p(*(f'<w:bookmarkStart w:id="{n}" w:name="ub_p_{n}"/>' for n in range(9_000)), w.run("x"))),
        "x",
    ),
    "direction_overrides": (lambda _: w.docx(w.p(w.run("abc\u202edef\u2066"))), "abc\u202edef\u2066"),
    "backtracking": (lambda _: w.docx(w.p(w.run("\u00a0" * 50_000 + "a)" + " " * 50_000))), "a)"),
    "stored_not_packed": (lambda _: w.zipped(w.parts(_GOOD), zipfile.ZIP_STORED), "good"),
    "very_large": (lambda _: very_large(), "in the end"),
}
"""The oddity by its name: what makes the file, and words that are read in it."""
