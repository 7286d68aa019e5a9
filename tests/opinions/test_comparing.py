"""Two texts compared: nothing lost on either side, the same answer both ways, bounded work."""

import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinions.comparing.compare import Text, compare_texts
from opinions.comparing.pairing import MAX_LIKENED, Lineage
from opinions.comparing.substance import Nature, nature
from opinions.comparing.values import ChangeKind, Comparison, Fate, Found, after_side, before_side
from opinions.model import Kind, ParagraphId
from opinions.record import ParagraphState
from opinions.redline import Change
from opinions.views import Segment, ViewParagraph
from tests.bench.comparing import cases, text

WORDS = st.sampled_from(
    [
        "Member",
        "States",
        "shall",
        "should",
        "the",
        "the",
        "電信",
        "e\u0301",
        "[",
        "]",
        ";",
        "(MOD)",
        "السلام",
        "2.5",
        "\ue000",
    ]
)
SENTENCES = st.lists(WORDS, max_size=9).map(" ".join)
NAMES = st.integers(1, 9).map(lambda number: ParagraphId(f"p-{number:03}"))
PARAGRAPHS = st.builds(
    ViewParagraph,
    NAMES,
    st.sampled_from([Kind.PREAMBULAR_ITEM, Kind.OPERATIVE_ITEM]),
    st.integers(0, 1),
    st.sampled_from(["", "a)", "b)", "1"]),
    st.just(ParagraphState.BASE),
    SENTENCES.map(lambda words: (Segment(words),) if words else ()),
)
TEXTS = st.lists(PARAGRAPHS, max_size=8, unique_by=lambda one: one.id).map(lambda rows: Text(tuple(rows), {}))
LINES = st.dictionaries(NAMES, NAMES, max_size=3)


def of(*rows: tuple[str, str, str]) -> Text:
    """A text of items: id, label, words."""
    return Text(
        tuple(
            ViewParagraph(ParagraphId(name), Kind.OPERATIVE_ITEM, 0, label, ParagraphState.BASE, (Segment(words),))
            for name, label, words in rows
        ),
        {},
    )


def told(found: Comparison) -> list[tuple[str, str, str]]:
    return [(one.kind.value, one.deleted, one.inserted) for one in found.changes]


def same_way(found: Comparison) -> Sequence[object]:
    """What of a comparison must be the same whichever way it is read: who is whose partner, which words were kept."""
    return [
        (
            row.fate,
            row.before and row.before.number,
            row.after and row.after.number,
            row.found,
            tuple((piece.text, piece.change) for piece in row.pieces),
        )
        for row in found.rows
    ]


_OTHER_WAY = {
    Fate.ADDED: Fate.REMOVED,
    Fate.REMOVED: Fate.ADDED,
    Fate.MOVED: Fate.LEFT,
    Fate.LEFT: Fate.MOVED,
    Fate.SPLIT: Fate.JOINED,
    Fate.JOINED: Fate.SPLIT,
    Fate.KEPT: Fate.KEPT,
}
_SWAPPED = {Change.KEPT: Change.KEPT, Change.DELETED: Change.INSERTED, Change.INSERTED: Change.DELETED}


@given(TEXTS, TEXTS, LINES, LINES)
def test_cm1_both_sides_read_as_they_are(
    before: Text, after: Text, parents: dict[ParagraphId, ParagraphId], joined: dict[ParagraphId, ParagraphId]
) -> None:
    """[CM1] Kept and deleted make the earlier text, kept and inserted the later one, each paragraph once, in order."""
    found = compare_texts(before, after, lineage=Lineage(parents, joined))
    assert [(side.id, words) for side, words in before_side(found)] == [(p.id, p.text) for p in before.paragraphs]
    assert [(side.id, words) for side, words in after_side(found)] == [(p.id, p.text) for p in after.paragraphs]
    here = [row.here.number for row in found.rows if row.fate not in {Fate.REMOVED, Fate.LEFT, Fate.JOINED}]
    assert here == list(range(len(after.paragraphs)))
    stood = [row.before.number for row in found.rows if row.before and row.fate not in {Fate.MOVED, Fate.SPLIT}]
    assert stood == list(range(len(before.paragraphs)))
    assert [change.number for change in found.changes] == list(range(1, len(found.changes) + 1))


@given(TEXTS)
def test_cm1_a_text_does_not_differ_from_itself(one: Text) -> None:
    found = compare_texts(one, one)
    assert found.alike
    assert all(row.same for row in found.rows)


@given(TEXTS, TEXTS, LINES, LINES)
def test_cm4_swapped_texts_give_the_same_comparison_swapped(
    before: Text, after: Text, parents: dict[ParagraphId, ParagraphId], joined: dict[ParagraphId, ParagraphId]
) -> None:
    """[CM4] Insertions and deletions, added and removed, divided and joined change places; moves go back."""
    lineage = Lineage(parents, joined)
    found, back = compare_texts(before, after, lineage=lineage), compare_texts(after, before, lineage=lineage.reversed)
    there = {_known(row, turned=False): row for row in found.rows}
    assert there.keys() == {_known(row, turned=True) for row in back.rows}
    for row in back.rows:
        one = there[_known(row, turned=True)]
        assert one.found is row.found
        if Fate.LEFT not in {one.fate, row.fate}:
            assert _sides(one.pieces) == _sides([type(p)(p.text, _SWAPPED[p.change]) for p in row.pieces])
    counts = {kind: found.count(kind) for kind in ChangeKind}
    turned = {kind: back.count(kind) for kind in ChangeKind}
    assert counts[ChangeKind.ADDED] == turned[ChangeKind.REMOVED]
    assert counts[ChangeKind.SPLIT] == turned[ChangeKind.JOINED]
    for kind in (ChangeKind.MOVED, ChangeKind.LABEL, ChangeKind.KIND):
        assert counts[kind] == turned[kind]


def _known(row: object, *, turned: bool) -> tuple[object, ...]:
    fate, one, other = row.fate, row.before, row.after  # type: ignore[attr-defined]
    sides = (one and one.number, other and other.number)
    return (_OTHER_WAY[fate], sides[1], sides[0]) if turned else (fate, *sides)


def _sides(pieces: Sequence[object]) -> list[str]:
    return ["".join(p.text for p in pieces if p.change is change) for change in Change]  # type: ignore[attr-defined]


@given(TEXTS, TEXTS)
def test_cm8_the_same_texts_give_the_same_comparison(before: Text, after: Text) -> None:
    assert same_way(compare_texts(before, after)) == same_way(compare_texts(before, after))


def test_cm3_one_word_in_thirty_pages_is_one_word() -> None:
    """[CM3] The ordinary outcome of a forum: Opinion 2 gained the single word "relevant"."""
    case = cases()["one word"]
    found = compare_texts(text(case.before), text(case.after))
    assert told(found) == [("words", "", "relevant ")]
    assert (found.words, found.changes[0].nature) == (1, Nature.WORDS)


@pytest.mark.parametrize(("kept", "anew"), [(3, True), (4, True), (5, False), (10, False), (19, False)])
def test_cm3_up_to_a_fifth_of_its_words_in_common_a_paragraph_was_written_anew(kept: int, anew: bool) -> None:
    """Of twenty words: taken out and put in as one, else word by word, the kept ones kept."""
    words = [f"word{number}" for number in range(20)]
    others = [f"other{number}" for number in range(20)]
    after = [word if number < kept else other for number, (word, other) in enumerate(zip(words, others, strict=True))]
    found = compare_texts(of(("p-1", "1", " ".join(words))), of(("p-1", "1", " ".join(after))))
    (row,) = found.rows
    standing = "".join(piece.text for piece in row.pieces if piece.change is Change.KEPT).split()
    assert standing == ([] if anew else words[:kept])
    assert [one.words for one in found.changes] == [20 if anew else 20 - kept]


def test_cm2_paragraphs_are_paired_by_id_whatever_they_say() -> None:
    before = of(("aaaa", "a)", "noting"), ("bbbb", "b)", "considering"))
    after = of(("aaaa", "a)", "considering"), ("bbbb", "b)", "noting"))
    assert told(compare_texts(before, after)) == [
        ("words", "noting", "considering"),
        ("words", "considering", "noting"),
    ]


def test_cm2_texts_without_common_ids_are_paired_by_their_words_and_that_is_said() -> None:
    words = ["that broadband reaches all Member States;", "that spectrum is scarce and dear;", "that cables age;"]
    before = of(*((f"aaa{n}", f"{n}", one) for n, one in enumerate(words)))
    after = of(*((f"bbb{n}", f"{n}", one.replace("scarce", "rare")) for n, one in enumerate(words)))
    found = compare_texts(before, after)
    assert [row.found for row in found.rows] == [Found.EQUAL, Found.ALIKE, Found.EQUAL]
    assert told(found) == [("words", "scarce", "rare")]


def test_cm2_beyond_the_limit_only_equal_paragraphs_are_paired() -> None:
    before = of(*((f"a{n:05}", "", f"matter {n}, as it was") for n in range(MAX_LIKENED + 1)))
    after = of(*((f"b{n:05}", "", f"matter {n}, as it {'was' if n else 'is'}") for n in range(MAX_LIKENED + 1)))
    found = compare_texts(before, after)
    assert [row.fate for row in found.rows[:3]] == [Fate.REMOVED, Fate.ADDED, Fate.KEPT]
    assert all(row.found is Found.EQUAL for row in found.rows[2:])


def test_cm5_a_moved_paragraph_is_told_once_from_where_to_where() -> None:
    before = of(*((f"aaa{n}", f"{n}", f"matter {n} that is long enough") for n in range(1, 6)))
    rows = [(one.id, one.label, one.text) for one in before.paragraphs]
    after = of(*rows[1:4], rows[0], rows[4])
    found = compare_texts(before, after)
    assert [(row.fate, row.here.id) for row in found.rows if not row.same] == [
        (Fate.LEFT, "aaa1"),
        (Fate.MOVED, "aaa1"),
    ]
    assert [(one.kind, one.nature, one.substance) for one in found.changes] == [(ChangeKind.MOVED, Nature.ORDER, True)]


def test_cm5_of_two_that_changed_places_the_shorter_one_moved() -> None:
    short, long = ("aaaa", "a)", "a few words only"), ("bbbb", "b)", "a good many words more than the other one has")
    for one, other in ((short, long), (long, short)):
        found = compare_texts(of(one, other), of(other, one))
        assert [row.here.id for row in found.rows if row.fate is Fate.MOVED] == ["aaaa"]


def test_cm5_a_paragraph_divided_and_joined_again() -> None:
    """[CM5] Where the words themselves show it; no word changed, so it is form alone."""
    whole = of(("aaaa", "1", "that Members act; and that they report;"), ("cccc", "2", "something else"))
    parts = of(
        ("aaaa", "1", "that Members act;"), ("bbbb", "2", "and that they report;"), ("cccc", "3", "something else")
    )
    divided, joined = compare_texts(whole, parts), compare_texts(parts, whole)
    assert [row.fate for row in divided.rows] == [Fate.KEPT, Fate.SPLIT, Fate.KEPT]
    assert [row.fate for row in joined.rows] == [Fate.KEPT, Fate.JOINED, Fate.KEPT]
    assert {row.found for row in divided.rows} == {Found.ID, Found.EQUAL}
    assert not any(one.substance for one in (*divided.changes, *joined.changes))


def test_cm5_a_division_that_the_log_tells_is_followed_though_words_changed() -> None:
    whole = of(("aaaa", "1", "that Members act; and that they report;"))
    parts = of(("aaaa", "1", "that Members act;"), ("bbbb", "2", "that they report each year;"))
    found = compare_texts(whole, parts, lineage=Lineage({ParagraphId("bbbb"): ParagraphId("aaaa")}, {}))
    assert [(row.fate, row.found) for row in found.rows] == [(Fate.KEPT, Found.ID), (Fate.SPLIT, Found.LOG)]
    assert [one.inserted for one in found.changes if one.kind is ChangeKind.WORDS][-1].strip() == "each year"
    alone = compare_texts(whole, parts)
    assert [row.fate for row in alone.rows] == [Fate.KEPT, Fate.ADDED]


def test_cm5_what_was_joined_to_a_paragraph_that_moved_was_taken_out() -> None:
    """[CM5] Its words stand elsewhere than the rest of that paragraph did: both sides still read as they are."""
    names = ("aaaa", "bbbb", "cccc", "dddd")
    before = of(*((name, "", f"matter {name}") for name in names), ("eeee", "", "and this"))
    after = of(
        ("dddd", "", "matter dddd"),
        ("bbbb", "", "matter bbbb"),
        ("cccc", "", "matter cccc"),
        ("aaaa", "", "matter aaaa and this"),
    )
    joined = Lineage({}, {ParagraphId("eeee"): ParagraphId("aaaa")})
    found = compare_texts(before, after, lineage=joined)
    assert [words for _, words in before_side(found)] == [one.text for one in before.paragraphs]
    assert [words for _, words in after_side(found)] == [one.text for one in after.paragraphs]
    assert [row.fate for row in found.rows if row.here.id == "eeee"] == [Fate.REMOVED]


@pytest.mark.parametrize(
    ("deleted", "inserted", "left", "right", "expected"),
    [
        ("", "relevant ", "the ", "policy", Nature.WORDS),
        ("  ", " ", "a", "b", Nature.BLANKS),
        (" ", "", "10", "%", Nature.BLANKS),
        (";", ".", "act", "", Nature.PUNCTUATION),
        (",", "\uff0c", "act", " and", Nature.PUNCTUATION),
        ("2,", "2;", "in 201", " and", Nature.PUNCTUATION),
        (",", ".", "1", "5 million", Nature.WORDS),
        ("", "-", "of ", "5 degrees", Nature.WORDS),
        ("member states", "Member States", "all ", "", Nature.CAPITALS),
        ("a part", "apart", "", "", Nature.WORDS),
        ("", "(MOD) ", "", "that", Nature.TAG),
        ("ADD", "MOD", "(", ")", Nature.TAG),
        ("[", "", "", "shall", Nature.WORDS),
        ("/", "", "and", "or", Nature.WORDS),
        ("?", ".", "act", "", Nature.WORDS),
        ("30", "31", "", " June", Nature.WORDS),
    ],
)
def test_cm6_what_is_form_alone(deleted: str, inserted: str, left: str, right: str, expected: Nature) -> None:
    """[CM6] Blanks, listed punctuation that is in no number, tags; all else is substance."""
    assert nature(deleted, inserted, left, right) is expected
    assert nature(inserted, deleted, left, right) is expected


def test_cm6_another_kind_is_substance_and_another_label_is_not() -> None:
    item = of(("aaaa", "a)", "that Members act"))
    other = Text(
        (
            ViewParagraph(
                ParagraphId("aaaa"), Kind.PREAMBULAR_ITEM, 0, "1", ParagraphState.BASE, item.paragraphs[0].segments
            ),
        ),
        {},
    )
    found = compare_texts(item, other)
    assert [(one.kind, one.substance) for one in found.changes] == [(ChangeKind.KIND, True), (ChangeKind.LABEL, False)]


@pytest.mark.parametrize(
    "name",
    [
        "100 %, 35 %",
        "seven paragraphs, 35 % of words",
        "Chinese, rewritten",
        "two endless paragraphs of a, b sown anew",
        "a b b a, all ids new",
    ],
)
def test_cm8_the_worst_edits_of_thirty_pages_are_bounded(name: str) -> None:
    """[CM8] 1.5 seconds on a quiet core; `tests.bench.comparing` measures all of them. Here, as everywhere, tenfold."""
    case = cases()[name]
    before, after = text(case.before), text(case.after)
    began = time.process_time()
    found = compare_texts(before, after)
    assert time.process_time() - began < 15
    assert [words for _, words in after_side(found)] == [words for _, words in case.after]
