"""Good files mangled at random: each is read or refused with a sentence; nothing else comes out of the reader."""

import random
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from server.word_in.reader import read_document
from server.word_in.refusals import WordRefused
from tests.word import writing as w
from tests.word.cases import CASES, NUMBERING, XAA, XAB, numbered
from tests.word.hostile_archives import GOOD

RICH = w.parts(
    "".join(
        (
            w.p(w.run("a)\tthat "), w.ins(XAA, w.run("all"), w.dele(XAB, w.run(" of"))), mark=w.ins_mark(XAA)),
            w.p(w.commented(1, w.moved_from(XAA, "m", 3, w.run("gone"))), properties=numbered(1, 1)),
            w.table(w.row(w.p(w.run("cell"), mark=w.del_mark(XAB)), w.p(), tracked=w.ins_mark(XAA))),
            w.p(w.field("REF x", w.run("7")), '<w:r><w:footnoteReference w:id="2"/></w:r>', style="Call"),
            w.p(w.moved_to(XAA, "m", 4, w.run("gone")), '<w:r><w:sym w:font="Symbol" w:char="F061"/></w:r>'),
            "<w:p><w:r><w:pict><v:textbox><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent>"
            "</v:textbox></w:pict></w:r></w:p>",
        )
    ),
    numbering=NUMBERING,
    comments=w.comment(1, XAB, "why", "00000001"),
    footnotes=f'<w:footnote w:id="2">{w.p(w.run("note"))}</w:footnote>',
    extended='<w15:commentEx w15:paraId="00000001" w15:done="1"/>',
)
PARTS = sorted(RICH)
PIECE = re.compile(r"<[^>]*>|[^<]+")
VALUES = ("", "0", "-1", "99999999999", "x", "true", "\u0661", "F0FF", "1e9", "NaN", " ", "宽")


def mangled(content: str, chance: random.Random) -> str:
    """Tags doubled, dropped, swapped or given other values: still XML more often than not."""
    pieces = PIECE.findall(content)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(2, len(pieces))
        other = chance.randrange(2, len(pieces))
        match chance.randrange(6):
            case 0:
                pieces[at] = re.sub(r'"[^"]*"', f'"{chance.choice(VALUES)}"', pieces[at], count=1)
            case 1:
                pieces[at], pieces[other] = pieces[other], pieces[at]
            case 2:
                pieces[at] += pieces[at] if pieces[at].endswith("/>") else ""
            case 3:
                pieces[at] = "" if pieces[at].endswith("/>") else pieces[at]
            case 4:
                pieces[at] = re.sub(r' w:\w+="[^"]*"', "", pieces[at], count=1)
            case _:
                name = chance.choice(("w:p", "w:r", "w:tbl", "w:ins", "w:sdt", "w:tc", "w:hyperlink", "w:pPr", "w:del"))
                pieces[at] = re.sub(r"^(</?)w:\w+", rf"\g<1>{name}", pieces[at])
    return "".join(pieces)


@given(st.randoms(use_true_random=False), st.sampled_from(PARTS))
@settings(max_examples=100)
def test_mangled_parts_are_read_or_refused(chance: random.Random, name: str) -> None:
    """Whatever the parts say, there is no other failure than the one with a sentence for people."""
    made = {**RICH, name: mangled(RICH[name].decode(), chance).encode()}
    read_or_refused(w.zipped(made))


@given(st.randoms(use_true_random=False), st.sampled_from(sorted(CASES)))
@settings(max_examples=100)
def test_mangled_bytes_are_read_or_refused(chance: random.Random, name: str) -> None:
    """The same of the archive itself."""
    content = bytearray(CASES[name])
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(content))
        match chance.randrange(4):
            case 0:
                content[at] = chance.randrange(256)
            case 1:
                del content[at : at + chance.randrange(1, 40)]
            case 2:
                content[at:at] = bytes(chance.randrange(1, 9))
            case _:
                content[at : at + 4] = chance.randrange(2**32).to_bytes(4, "little")
    read_or_refused(bytes(content))


def read_or_refused(content: bytes) -> None:
    said = ""
    try:
        read_document(content)
    except WordRefused as refused:
        said = str(refused)
    assert not said or (said.endswith(".") and len(said) > 40)


def test_the_rich_file_itself_is_read() -> None:
    """What is mangled above is good before."""
    assert [one.text for one in read_document(w.zipped(RICH)).paragraphs][:2] == ["that all of", "gone"]
    assert read_document(w.zipped(GOOD)).paragraphs[0].text == "good words"
