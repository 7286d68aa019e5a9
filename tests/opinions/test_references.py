"""Where a text cites its own paragraphs, and what each citation means (L3)."""

import pytest

from opinions.model import Kind, Opinion, ParagraphId
from opinions.references import Problem, Reference, readings, references
from tests.support.builders import chapeau, ins, item, paragraph, struck, sub_item, title, verb

LABELS = {
    ParagraphId(name): label
    for name, label in {
        **{"c-1000": "a)", "c-2000": "b)", "c-3000": "b bis)", "r-1000": "a)", "r-2000": "b)"},
        **{"o-1000": "1", "o-2000": "2", "o-2100": "a)", "o-2200": "b)", "o-3000": "3 bis", "i-1000": "1"},
        **{"i-2000": "2", "i-3000": "2 bis"},
    }.items()
}


def text(*last: object, kind: Kind = Kind.PARAGRAPH) -> Opinion:
    """An Opinion of four groups whose last paragraph, behind them all, has these words."""
    return Opinion(
        (
            title("t-1000", "OPINION 2"),
            chapeau("t-2000", "The Forum,"),
            verb("v-1000", "considering"),
            item("c-1000", "x;"),
            item("c-2000", "x;"),
            item("c-3000", "x,"),
            verb("v-2000", "considering further"),
            item("r-1000", "x;"),
            item("r-2000", "x,"),
            verb("v-3000", "resolves", operative=True),
            item("o-1000", "x;", operative=True),
            item("o-2000", "x:", operative=True),
            sub_item("o-2100", "x;"),
            sub_item("o-2200", "x;"),
            item("o-3000", "x;", operative=True),
            verb("v-4000", "invites Member States", operative=True),
            item("i-1000", "x;", operative=True),
            item("i-2000", "x;", operative=True),
            item("i-3000", "x.", operative=True, added="a-proposed"),
            paragraph("p-last", *last, kind=kind),  # type: ignore[arg-type]
        )
    )


def found(*last: object) -> tuple[Reference, ...]:
    return references(text(*last), LABELS)


def meant(*last: object) -> list[tuple[str, list[str | None], str]]:
    """Of every citation its words, what its labels name, and its problem."""
    return [
        (one.words, [label.target for label in one.labels], one.problem.value if one.problem else "")
        for one in found(*last)
    ]


@pytest.mark.parametrize(
    ("words", "labels"),
    [
        ("taking into account considering b) above", ["c-2000"]),
        ("considering a), b) and b bis)", ["c-1000", "c-2000", "c-3000"]),
        ("considering a) to b bis) above", ["c-1000", "c-3000"]),
        ("considering (a) and (b)", ["c-1000", "c-2000"]),
        ("considering further b)", ["r-2000"]),
        ("as in Considering  further a) above", ["r-1000"]),
        ("resolves 2 above", ["o-2000"]),
        ("resolves 3bis above, and", ["o-3000"]),
        ("resolves 3 bis.", ["o-3000"]),
        ("resolves 2 a) and b) above", ["o-2000", "o-2100", "o-2200"]),
        ("resolves 1 and 2 b)", ["o-1000", "o-2000", "o-2200"]),
        ("resolves 1-2 above", ["o-1000", "o-2000"]),
        ("invites Member States 1", ["i-1000"]),
        ("resolves 2 above of this Opinion", ["o-2000"]),
        ("resolves 2 of this Opinion", ["o-2000"]),
        ("paragraph 3 bis above", ["o-3000"]),
        ("paragraph 3 bis", ["o-3000"]),
        ("in item b bis) above", ["c-3000"]),
    ],
)
def test_l3_what_a_citation_names(words: str, labels: list[str]) -> None:
    assert [(targets, problem) for _, targets, problem in meant(f"see {words} and so on")] == [(labels, "")], words


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("resolves 9 above", "missing"),
        ("considering c)", "missing"),
        ("resolves 2 below", "missing"),  # it stands above
        ("recognizing a) above", "missing"),  # no such verb here
        ("paragraph 1 above", "ambiguous"),
        ("b) above", "ambiguous"),
        ("invites Member States 2 bis", "proposed"),
        ("considering a) to considering-2", ""),
        ("resolves 1 of the said text", "unclear"),
    ],
)
def test_l3_what_is_not_one_standing_paragraph_is_told(words: str, problem: str) -> None:
    assert [problem for _, _, problem in meant(f"see {words};")] == [problem]


@pytest.mark.parametrize(
    "words",
    [
        "as provided in resolves 9 of Resolution 2 (Rev. Bucharest, 2022)",
        "Resolution 2 (Rev. Bucharest, 2022), resolves 2, and",
        "Resolution 101 (Rev. Bucharest, 2022) of the Plenipotentiary Conference, in its resolves 2",
        "paragraph 1 of the Tunis Agenda",
        "in paragraph 2 of Decision 641 of the Council",
        "resolves 1 and 2 of Opinion 4",
        "Decision 641, resolves 1",
        "paragraph 35 of the Geneva Declaration of Principles",
    ],
)
def test_l3_a_citation_of_another_text_is_nobodys_business_here(words: str) -> None:
    assert {one.problem for one in found(f"recalling {words},")} == {Problem.ANOTHER_TEXT}


def test_l3_where_another_text_is_named_nearby_nothing_is_guessed() -> None:
    assert [problem for _, _, problem in meant("that Resolution 2 asks for what resolves 1 is for")] == ["unclear"]
    assert [problem for _, _, problem in meant("that Resolution 2 asks for what resolves 1 above is for")] == [""]
    assert [problem for _, _, problem in meant("that Resolution 2 holds; that resolves 1 is for")] == [""]


@pytest.mark.parametrize(
    "words",
    ["invites 2 experts", "the 3 above", "resolves 12 disputes", "between 2 and 3 above the line", "considering all"],
)
def test_l3_a_count_is_no_citation(words: str) -> None:
    assert found(f"it {words}, and so on") == ()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("considérant", "au considérant b) ci-dessus"),
        ("considerando", "en el considerando b) supra"),
        ("учитывая", "в пункте учитывая b), выше"),
        ("إذ يضع في اعتباره", "في إذ يضع في اعتباره b) أعلاه"),
        ("考虑到", "上述考虑到b)"),
    ],
)
def test_l3_verbs_of_every_language_are_those_of_the_text(name: str, words: str) -> None:
    rows = (verb("v-1000", name), item("c-1000", "x;"), item("c-2000", "x,"), paragraph("p-last", words))
    labels = {ParagraphId("c-1000"): "a)", ParagraphId("c-2000"): "b)"}
    cited = [one for one in references(Opinion(rows), labels) if one.labels[0].words == "b"]
    assert [label.target for one in cited[:1] for label in one.labels] == ["c-2000"]


def test_l3_offsets_are_those_of_the_label_alone() -> None:
    (one,) = found("see considering (b bis) above")
    whole = "see considering (b bis) above"
    assert [whole[label.start : label.end] for label in one.labels] == ["b bis"]
    assert whole[one.start : one.end] == "considering (b bis) above"


# --- under negotiation ---


def test_l3_a_paragraph_is_read_as_it_stands_and_as_each_amendment_makes_it() -> None:
    words = paragraph("p-last", "see ", struck("a-one", "resolves 1"), ins("a-one", "resolves 2"), ins("a-two", "!"))
    assert {one.text for one in readings(words)} == {
        "see resolves 1",
        "see resolves 2",
        "see resolves 1!",
        "see resolves 2!",
    }


def test_l3_citations_in_pending_and_struck_words_are_found_each_in_its_reading() -> None:
    assert meant("see ", struck("a-one", "resolves 1"), ins("a-one", "resolves 2"), ".") == [
        ("resolves 1", ["o-1000"], ""),
        ("resolves 2", ["o-2000"], ""),
    ]


def test_l3_a_label_half_proposed_is_unclear() -> None:
    assert {problem for _, _, problem in meant("see resolves 3", ins("a-one", " bis"), " above.")} == {
        "missing",
        "unclear",
    }


def test_l3_verbs_headings_and_titles_cite_nothing() -> None:
    assert references(text("resolves 1", kind=Kind.HEADING), LABELS) == ()
