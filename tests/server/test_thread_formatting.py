"""What comments may look like, and that nothing typed is ever markup (server/SPEC.md, TH6)."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.threads.formatting import ATTRIBUTES, ELEMENTS, formatted, plain

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert&#40;1)</script></svg>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    '[x](https://a"onmouseover="alert(1))',
    "[x](https://a'onmouseover='alert(1))",
    "[x](https://a/><img/src=x/onerror=alert(1)>)",
    '[x" onclick="alert(1)](https://a.example)',
    "[[x](https://a.example)](javascript:alert(1))",
    "**<b onclick=alert(1)>x</b>**",
    "*<i style=background:url(javascript:alert(1))>x</i>*",
    "- <li onclick=alert(1)>",
    "1. </li></ol><script>alert(1)</script>",
    "https://a.example/<script>alert(1)</script>",
    "https://a.example/\"onmouseover='alert(1)'",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "<!--><script>alert(1)</script-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "</p></div></article><form action=//evil.example><input name=x>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<link rel=stylesheet href=//evil.example>",
    "<style>@import'//evil.example'</style>",
    "\u202e<script>\u202calert(1)",
    "<\x00script>alert(1)</\x00script>",
    "<scr\nipt>alert(1)</scr\nipt>",
    "**[*x*](https://a.example)**<script",
    "`<script>alert(1)</script>`",
    "{{ 7 * 7 }} {% raw %} ${7*7}",
)


class Reader(HTMLParser):
    """Reads HTML as a browser would, and keeps what elements and attributes there are."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ELEMENTS
        for name, value in attrs:
            assert name in ATTRIBUTES.get(tag, [])
            if name == "href":
                assert re.match(r"(https?://|mailto:)", value or "")

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)


def read(html: str) -> str:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader.words


@pytest.mark.parametrize("text", HOSTILE)
def test_th6_nothing_typed_is_markup(text: str) -> None:
    words = read(formatted(text))
    assert "alert(1)" not in text or "alert(1)" in words or "alert" in formatted(text), "it is shown as it was typed"
    assert read(plain(text)).replace("\n", "") == text.replace("\n", "").replace("\x00", "\ufffd") or "\x00" in text


@given(st.text("<>&\"'*[]()-1. \n:/abhjstpx\t", max_size=200))
def test_th6_whatever_is_typed_becomes_a_few_elements(text: str) -> None:
    read(formatted(text))
    read(plain(text))


def test_the_marks_that_there_are() -> None:
    html = formatted(
        "**Why** *so*? See [the paper](https://www.itu.int/x?a=1&b=2).\n\n- one\n- two\n1. a\nhttps://itu.int."
    )
    assert "<strong>Why</strong> <em>so</em>?" in html
    assert (
        '<a href="https://www.itu.int/x?a=1&amp;b=2" rel="noopener noreferrer nofollow" target="_blank">the paper</a>'
        in html
    )
    assert '<ul><li dir="auto">one</li><li dir="auto">two</li></ul><ol><li dir="auto">a</li></ol>' in html
    assert ">https://itu.int</a>." in html


def test_arithmetic_and_footnotes_are_no_emphasis() -> None:
    assert formatted("2*3*4 and a* b *c **") == '<p dir="auto">2*3*4 and a* b *c **</p>'
    assert plain("**as typed**\nthere") == '<p dir="auto">**as typed**<br>there</p>'
