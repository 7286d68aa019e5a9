"""Files that become a base text: what is read, what is dropped and told, what is refused."""

from datetime import UTC, datetime
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinions.notation import read
from server.imports import MAX_IMPORT, ImportRefused, from_html, read_source


def test_paragraphs_of_html_become_lines() -> None:
    source = from_html(
        "<h1>DRAFT OPINION 1</h1><p>The Forum,</p><ul><li>a) that <b>all</b> [shall][should] act;</li></ul>"
    )
    assert source.text == "DRAFT OPINION 1\n\nThe Forum,\n\na) that all [shall][should] act;\n"
    assert source.dropped == {"b": 1}


def test_what_is_dropped_is_told_by_name() -> None:
    source = from_html(
        '<p onclick="x()">kept <i>words</i></p><script>alert("no")</script><style>p{}</style><img src=x>'
    )
    assert source.text == "kept words\n"
    assert source.dropped == {"i": 1, "script": 1, "style": 1, "img": 1}
    assert source.report == "Dropped: i (1), img (1), script (1), style (1)"


def test_signs_of_markup_in_the_words_stay_signs() -> None:
    assert from_html("<p>a &lt; b &amp;amp; c &quot;d&quot; e&nbsp;f</p>").text == 'a < b &amp; c "d" e f\n'


@pytest.mark.parametrize(
    "html",
    [
        "<svg><script>evil()</script></svg><p>x</p>",
        "<math><mtext><mglyph><style></math><img onerror=evil()></style></mglyph></mtext></math><p>x</p>",
        "<p>x</p><!-- evil() --><noscript>evil()</noscript>",
        "<template><p>evil()</p></template><p>x</p>",
        "<iframe srcdoc='<p>evil()</p>'>evil()</iframe><p>x</p>",
    ],
)
def test_contents_that_are_no_words_of_the_text_do_not_get_in(html: str) -> None:
    assert "evil" not in from_html(html).text
    assert "x" in from_html(html).text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<ol><li>one</li><li>two</li></ol>", "1\tone\n\n2\ttwo\n"),
        ("<ol type=a start=3><li>one</li><li value=6><p>two</p></li></ol>", "c) one\n\nf) two\n"),
        ("<ol type='i'><li>one<li>two</ol>", "i) one\n\nii) two\n"),
        ("<ol><li>one<ol type=a><li>in</li></ol></li><li>two</li></ol>", "1\tone\n\na) in\n\n2\ttwo\n"),
        ("<ol type=a><li>c) its own</li><li><i>d)</i> too</li></ol>", "c) its own\n\nd) too\n"),
        ("<ol type=a><li>\n  [that &amp; this]</li><li></li><li>z</li></ol>", "a) [that & this]\n\nc) z\n"),
        ("<ul><li>one</li></ul><li>loose</li><ol start=x><li>a thing</li></ol>", "one\n\nloose\n\n1\ta thing\n"),
    ],
)
def test_labels_that_a_list_only_draws_are_spelled(html: str, text: str) -> None:
    assert from_html(html).text == text


def test_spelled_labels_are_read_as_labels() -> None:
    source = from_html("<p>considering</p><ol type=a><li>x;</li><li>y,</li></ol><p>agrees</p><ol><li>to z</li></ol>")
    numbers = count()
    reading = read(source.text, at=datetime(2026, 1, 21, tzinfo=UTC), new_id=lambda: f"p-{next(numbers)}")
    labels = [reading.document.record.paragraph(one.id).label for one in reading.document.text]
    assert labels == ["", "a)", "b)", "", "1"]


@given(st.text(max_size=200))
def test_any_text_is_read_without_failing(html: str) -> None:
    source = from_html(html)
    assert "\0" not in source.text or "\0" in html


@given(
    st.lists(
        st.text(st.characters(categories=["L", "N", "P"], exclude_characters="<>&"), min_size=1, max_size=20),
        max_size=6,
    )
)
def test_words_in_paragraphs_come_through_whole(paragraphs: list[str]) -> None:
    html = "".join(f"<p>{words}</p>" for words in paragraphs)
    assert from_html(html).text.split() == paragraphs


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("draft.docx", b"PK", "TXT and HTML can be imported"),
        ("draft.txt", b"\xff\xfe", "not UTF-8 \\(byte 0\\)"),
        ("draft.txt", b"a\0b", "binary"),
        ("draft.txt", bytes(MAX_IMPORT + 1), "Split it"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(name: str, content: bytes, told: str) -> None:
    with pytest.raises(ImportRefused, match=told):
        read_source(name, content)


def test_a_mark_of_byte_order_is_no_word() -> None:
    assert read_source("draft.TXT", "\ufeffwords".encode()).text == "words"
