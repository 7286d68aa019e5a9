"""Files that nobody should be able to hurt the server with, each by name; made the same every time.

`REFUSED` says, for each, words that the refusal must contain; files that are only odd are in `odd_files`. Addresses in
them lead to a listening socket of the test: a single connection fails it.
"""

import zipfile
import zlib
from collections.abc import Callable, Mapping

from tests.word import writing as w
from tests.word.hostile_archives import ARCHIVES

Made = Callable[[int], bytes]
"""Makes a file whose addresses lead to this port."""

DOCTYPES = {
    "laughs": '<!DOCTYPE w:document [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>",
    "quadratic": f'<!DOCTYPE w:document [<!ENTITY a "{"a" * 100_000}">]>',
    "file": '<!DOCTYPE w:document [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
    "http": '<!DOCTYPE w:document [<!ENTITY a SYSTEM "http://127.0.0.1:{port}/a">]>',
    "parameter": '<!DOCTYPE w:document [<!ENTITY % a SYSTEM "http://127.0.0.1:{port}/a.dtd"> %a;]>',
    "subset": '<!DOCTYPE w:document SYSTEM "http://127.0.0.1:{port}/word.dtd">',
    "bare": "<!DOCTYPE w:document>",
}


def replaced(name: str, content: bytes, **others: str) -> bytes:
    """A good file with one part replaced."""
    return w.zipped({**w.parts(w.p(w.run("good")), custom=None, **others), name: content})


def declared(doctype: str, port: int, part: str = "word/document.xml") -> bytes:
    """A document with a document type, and an entity where the words are."""
    doctype = doctype.replace("{port}", str(port))
    entity = "&a;" if "ENTITY a " in doctype else ""
    if doctype.count("ENTITY") > 5:
        entity = "&j;"
    text = w.part("document", f"<w:body><w:p><w:r><w:t>{entity}</w:t></w:r></w:p></w:body>")
    return replaced(part, text.replace(w.HEAD, w.HEAD + doctype).encode())


def related(kind: str, target: str, mode: str = "External", inner: str = "") -> bytes:
    """A document with one more relationship."""
    told = f' TargetMode="{mode}"' if mode else ""
    one = f'<Relationship Id="rId77" Type="{w.RELATIONS}/{kind}" Target="{target}"{told}/>'
    return w.docx(w.p(w.run("words"), inner), relations=one)


def typed(content_type: str) -> bytes:
    """A document that says it is something else."""
    made = w.parts(w.p(w.run("words")))
    name = "[Content_Types].xml"
    made[name] = made[name].replace(f"{w.WORD}.document.main+xml".encode(), content_type.encode())
    return w.zipped(made)


def with_part(name: str, content: bytes = b"x") -> bytes:
    """A document with one part more."""
    return w.zipped({**w.parts(w.p(w.run("words"))), name: content})


def without(name: str) -> bytes:
    """A document with one part less."""
    made = w.parts(w.p(w.run("words")))
    del made[name]
    return w.zipped(made)


def _fields(*instructions: str) -> bytes:
    begun = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
    told = "".join(f"<w:r><w:instrText>{one}</w:instrText></w:r>" for one in instructions)
    ended = '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>x</w:t></w:r>'
    return w.docx(w.p(begun + told + ended + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'))


def as_utf16(text: str) -> bytes:
    return text.replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")


def document_part(inner: str) -> str:
    return w.part("document", f"<w:body>{inner}</w:body>")


_OLE = '<w:object><o:OLEObject Type="Embed" ProgID="Package" r:id="rId77"/></w:object>'
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
_MACRO_TYPE = "application/vnd.ms-word.document.macroEnabled.main+xml"

OTHERS: Mapping[str, tuple[Made, str]] = {
    # --- other kinds of file
    "empty": (lambda _: b"", "empty"),
    "noise": (lambda _: zlib.compress(b"noise") * 9, "not a Word document"),
    "rtf": (lambda _: b"{\\rtf1 hello}", "RTF"),
    "pdf": (lambda _: b"%PDF-1.7\n", "PDF"),
    "html": (lambda _: b"<html><script src=//x></script>", "web page"),
    "svg": (lambda _: b"<svg onload='x()'/>", "web page"),
    "old_doc": (lambda _: _COMPOUND, "old .doc"),
    "password": (lambda _: _COMPOUND + "EncryptedPackage".encode("utf-16-le"), "password"),
    "opendocument": (lambda _: w.zipped({"mimetype": b"application/vnd.oasis.opendocument.text"}), "OpenDocument"),
    "any_archive": (lambda _: w.zipped({"readme.txt": b"x"}), "no Word document"),
    "spreadsheet": (
        lambda _: typed("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"),
        "spreadsheet",
    ),
    "presentation": (
        lambda _: typed("application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"),
        "presentation",
    ),
    "template": (lambda _: typed(f"{w.WORD}.template.main+xml"), "template"),
    "unknown_type": (lambda _: typed("application/xml"), "not a Word document"),
    # --- macros and objects
    "docm": (lambda _: typed(_MACRO_TYPE), "macros"),
    "dotm": (lambda _: typed("application/vnd.ms-word.template.macroEnabledTemplate.main+xml"), "macros"),
    "vba_part": (lambda _: with_part("word/vbaProject.bin"), "macros"),
    "vba_elsewhere": (lambda _: with_part("customXml/VBAPROJECT.BIN"), "macros"),
    "vba_related": (lambda _: related("vbaProject", "media/x.png", mode=""), "macros"),
    "activex": (lambda _: with_part("word/activeX/activeX1.xml", b"<x/>"), "ActiveX"),
    "ole_part": (lambda _: with_part("word/embeddings/oleObject1.bin"), "object of another program"),
    "ole_related": (lambda _: related("oleObject", "media/x.png", mode=""), "OLE"),
    "ole_element": (lambda _: w.docx(w.p(f"<w:r>{_OLE}</w:r>")), "OLE"),
    "html_chunk": (lambda _: related("aFChunk", "chunk.html", mode=""), "altChunk"),
    "html_chunk_element": (lambda _: w.docx('<w:altChunk r:id="rId77"/>'), "altChunk"),
    "sub_document": (lambda port: related("subDocument", f"http://127.0.0.1:{port}/x.docx"), "another document"),
    # --- other places
    "linked_picture": (lambda port: related("image", f"http://127.0.0.1:{port}/x.png"), "another place"),
    "linked_picture_file": (lambda _: related("image", "file:///etc/hostname"), "another place"),
    "linked_picture_share": (lambda _: related("image", "\\\\127.0.0.1\\share\\x.png"), "another place"),
    "linked_without_mode": (lambda port: related("image", f"http://127.0.0.1:{port}/x.png", mode=""), "another place"),
    "template_http": (lambda port: related("attachedTemplate", f"http://127.0.0.1:{port}/x.dotm"), "a template"),
    "template_share": (lambda _: related("attachedTemplate", "file://127.0.0.1/share/x.dotm"), "a template"),
    "template_share_slashes": (lambda _: related("attachedTemplate", "file:///\\\\127.0.0.1\\x.dotm"), "a template"),
    "linked_frame": (lambda port: related("frame", f"http://127.0.0.1:{port}/"), "another place"),
    "linked_object": (lambda port: related("oleObject", f"http://127.0.0.1:{port}/x.xls"), "OLE"),
    "mail_merge": (lambda port: related("mailMergeSource", f"http://127.0.0.1:{port}/x.csv"), "another place"),
    "linked_from_a_header": (
        lambda port: replaced(
            "word/_rels/header.xml.rels",
            w.relationships(
                f'<Relationship Id="r" Type="{w.RELATIONS}/image" Target="http://127.0.0.1:{port}/" '
                'TargetMode="External"/>'
            ).encode(),
            header=w.p(w.run("head")),
        ),
        "another place",
    ),
    "main_part_elsewhere": (
        lambda port: replaced(
            "_rels/.rels",
            w.relationships(
                f'<Relationship Id="r" Type="{w.RELATIONS}/officeDocument" Target="http://127.0.0.1:{port}/" '
                'TargetMode="External"/>'
            ).encode(),
        ),
        "another place",
    ),
    "main_part_missing": (lambda _: without("word/document.xml"), "which of its parts is the text"),
    "two_main_parts": (
        lambda _: replaced(
            "_rels/.rels",
            w.relationships(
                f'<Relationship Id="a" Type="{w.RELATIONS}/officeDocument" Target="word/document.xml"/>'
                f'<Relationship Id="b" Type="{w.RELATIONS}/officeDocument" Target="word/styles.xml"/>'
            ).encode(),
        ),
        "which of its parts is the text",
    ),
    "no_types": (lambda _: without("[Content_Types].xml"), "no Word document"),
    "no_body": (lambda _: replaced("word/document.xml", w.part("document", "").encode()), "no text"),
    # --- fields
    "dde": (lambda _: _fields('DDE excel "x" "y"'), "DDE"),
    "ddeauto_in_pieces": (lambda _: _fields(" DDE", "AUTO ", "c:\\\\windows\\\\system32\\\\cmd.exe"), "DDEAUTO"),
    "dde_simple": (lambda _: w.docx(w.p('<w:fldSimple w:instr="ddeauto cmd"/>')), "DDEAUTO"),
    "include_picture": (lambda port: _fields(f'INCLUDEPICTURE "http://127.0.0.1:{port}/x"'), "INCLUDEPICTURE"),
    "include_text": (lambda _: _fields('INCLUDETEXT "/etc/hostname"'), "INCLUDETEXT"),
    "link": (lambda _: _fields("LINK Excel.Sheet.8 x"), "LINK"),
    "dde_in_a_footnote": (
        lambda _: w.docx(
            w.p('<w:r><w:footnoteReference w:id="2"/></w:r>'),
            footnotes='<w:footnote w:id="2"><w:p><w:fldSimple w:instr="DDE x"/></w:p></w:footnote>',
        ),
        "DDE",
    ),
    "fields_in_fields": (
        lambda _: w.docx(w.p('<w:r><w:fldChar w:fldCharType="begin"/></w:r>' * 60)),
        "fields inside each other",
    ),
    # --- XML
    **{
        f"doctype_{name}": (lambda port, doctype=doctype: declared(doctype, port), "document type")  # type: ignore[misc]
        for name, doctype in DOCTYPES.items()
    },
    "doctype_in_styles": (lambda port: declared(DOCTYPES["file"], port, "word/styles.xml"), "document type"),
    "doctype_in_relationships": (lambda port: declared(DOCTYPES["http"], port, "_rels/.rels"), "document type"),
    "doctype_in_types": (lambda port: declared(DOCTYPES["laughs"], port, "[Content_Types].xml"), "document type"),
    "doctype_in_utf16": (
        lambda _: replaced(
            "word/document.xml", as_utf16(document_part("&a;").replace("?>\n", "?>" + DOCTYPES["file"], 1))
        ),
        "document type",
    ),
    "undefined_entity": (lambda _: replaced("word/document.xml", document_part("&nbsp;").encode()), "well-formed"),
    "not_closed": (lambda _: replaced("word/document.xml", document_part("<w:p>").encode()), "well-formed"),
    "cut_off": (
        lambda _: replaced("word/document.xml", document_part(w.p(w.run("x")) * 99).encode()[:900]),
        "well-formed",
    ),
    "empty_part": (lambda _: replaced("word/document.xml", b""), "well-formed"),
    "null_character": (lambda _: replaced("word/document.xml", document_part("<w:p>\0</w:p>").encode()), "well-formed"),
    "not_utf8": (
        lambda _: replaced("word/document.xml", document_part("<w:p>@</w:p>").encode().replace(b"@", b"\xff")),
        "UTF-8",
    ),
    "overlong_utf8": (
        lambda _: replaced("word/document.xml", document_part("@").encode().replace(b"@", b"\xc0\xbcw:p/\xc0\xbe")),
        "UTF-8",
    ),
    "utf7": (
        lambda _: replaced("word/document.xml", document_part("+ADwAdw:p/+AD4-").replace("UTF-8", "UTF-7").encode()),
        "UTF-7",
    ),
    "ebcdic": (lambda _: replaced("word/document.xml", document_part("").encode("cp500")), ""),
    "deep": (lambda _: w.docx("<w:sdt>" * 20_000 + "</w:sdt>" * 20_000), "inside each other"),
    "deep_tables": (
        lambda _: w.docx("<w:tbl><w:tr><w:tc>" * 500 + "</w:tc></w:tr></w:tbl>" * 500),
        "inside each other",
    ),
    "deep_insertions": (
        lambda _: w.docx(w.p('<w:ins w:id="1" w:author="A">' * 5_000 + "</w:ins>" * 5_000)),
        "inside each other",
    ),
    "many_attributes": (
        lambda _: w.docx("<w:p " + " ".join(f'a{n}=""' for n in range(100_000)) + "/>"),
        "attributes",
    ),
    "many_namespaces": (
        lambda _: w.docx("<w:p " + " ".join(f'xmlns:n{n}="u"' for n in range(5_000)) + "/>"),
        "attributes",
    ),
    "three_million_paragraphs": (lambda _: w.docx("<w:p/>" * 2_500_000), "packed"),
    "many_elements": (lambda _: w.zipped(w.parts("<w:p/>" * 700_000), zipfile.ZIP_STORED), "elements"),
    "long_text": (lambda _: w.docx(w.p(w.run("a b " * 3_900_000))), "packed"),
    "long_text_stored": (
        lambda _: w.zipped(w.parts(w.p(w.run("a" * 9_900_000))), zipfile.ZIP_STORED),
        "characters",
    ),
    # --- more than a text
    "many_paragraphs": (lambda _: w.zipped(w.parts("<w:p/>" * 20_001), zipfile.ZIP_STORED), "20000 paragraphs"),
    "many_characters": (lambda _: w.docx(w.p(w.run("abc, " * 1_000)) * 201), "characters"),
    "many_stretches": (
        lambda _: w.zipped(
            w.parts(w.p(*((w.run("a"), w.run("b", "<w:i/>"))[n % 2] for n in range(60_001)))), zipfile.ZIP_STORED
        ),
        "stretches",
    ),
    "comments_on_the_same_words": (
        lambda _: w.docx(
            w.p(*(f'<w:commentRangeStart w:id="{n}"/>' for n in range(4_000)), *(w.run("x") for _ in range(9_000))),
            comments="".join(w.comment(n, "A", "x") for n in range(4_000)),
        ),
        "comments are on the same words",
    ),
    "many_comments": (
        lambda _: w.docx(w.p(), comments="".join(w.comment(n, "A", "x") for n in range(5_001))),
        "comments",
    ),
}
"""Made of a good document with one thing changed."""

REFUSED: Mapping[str, tuple[Made, str]] = {**ARCHIVES, **OTHERS}
