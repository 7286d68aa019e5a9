"""What was said of a text goes on with it: when two are merged, when one is split, when a paragraph is cut in two."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinions.commands import SplitParagraph
from opinions.landing import spoken_of
from opinions.model import ParagraphId
from opinions.record import Document
from server.presenting.kept_ids import kept_ids
from server.presenting.lineage import Forebear, lineage, successor
from server.settings import Settings
from tests.server.test_contributions import commanded, entered, living, noted, registered
from tests.support.builders import document, item
from tests.support.consulting import FRESH, HOUR, frozen, link, newest, put_up, said, send, shift
from tests.support.strategies import documents
from tests.support.visitors import House, house

BROADBAND = (
    "OPINION 6: BROADBAND\n\nconsidering\n\na) that [all] rural areas need links that grow,\n\n"
    "b) that prices of access stay high, and that girls are left behind most of all,\n"
)
SPACE = "OPINION 7: SPACE\n\nconsidering\n\na) that orbits are scarce and shared by many,\n"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(Settings(data_dir=tmp_path_factory.mktemp("carried") / "data")) as started:
        yield started


def tabled(running: House, title: str, text: str) -> str:
    """The id of a draft that was presented and put on the table."""
    form = {"title": title, "stage": "text", "words": text, "document": "CL-26/9"}
    answer = running.post("m-xaa-1", "/ledger/present", form)
    key = answer.headers["location"].split("?")[0].rsplit("/", 1)[1]
    assert running.post("m-sec", f"/ledger/{key}/table", {"title": title, "text": text}).status_code == 303
    return str(key)


def at(running: House, opinion: str, words: str) -> ParagraphId:
    """The paragraph that holds these words."""
    return next(one.id for one in living(running, opinion).text if words in one.text)


def ids(found: Document) -> list[ParagraphId]:
    return [one.id for one in found.text]


def texts(found: Document) -> list[str]:
    return [one.text for one in found.text]


# --- which paragraph is whose


FIRST = document(item("p-1", "that all agree on this much,"), item("p-2", "considering"))
OTHER = document(item("p-1", "that others wait for links,"), item("p-3", "considering"))


def fresh() -> Iterator[str]:
    return (f"p-new-{number}" for number in range(100))


def test_paragraphs_of_both_keep_their_ids_and_one_that_both_share_goes_to_the_first() -> None:
    merged = [*texts(FIRST), "that this is new to everybody here,", *texts(OTHER)]
    found = kept_ids(merged, [FIRST, OTHER], fresh().__next__)
    assert found == ("p-1", "p-2", "p-new-0", "p-new-1", "p-3")


def test_a_reworded_paragraph_keeps_its_id_and_a_short_other_word_does_not() -> None:
    found = kept_ids(["that nearly all agree on this much,", "noting"], [FIRST], fresh().__next__)
    assert found == ("p-1", "p-new-0")


@given(documents(), documents(), st.randoms(use_true_random=False))
def test_ids_are_unique_whatever_is_merged(one: Document, two: Document, order: object) -> None:
    merged = [*texts(one), *texts(two)]
    found = kept_ids(merged, [one, two], (f"n-{number}" for number in range(10_000)).__next__)
    assert len(found) == len(set(found)) == len(merged)
    # What nothing is changed in, is all there.
    assert set(kept_ids(texts(one), [one], iter(()).__next__)) == set(ids(one)) or len(set(texts(one))) < len(ids(one))


# --- on the pages


def test_comments_and_proposals_on_two_opinions_stand_at_their_paragraphs_in_the_one_made_of_them(
    running: House,
) -> None:
    first, second = tabled(running, "Broadband", BROADBAND), tabled(running, "Space", SPACE)
    rural, orbits = at(running, first, "rural areas"), at(running, second, "orbits")
    for one in (first, second):
        frozen(running, one)
    round_id = put_up(running, text=[f"{first}/1", f"{second}/1"])
    said(running, "m-views", round_id, "On rural areas.", opinion=first, paragraph=rural)
    said(running, "m-views", round_id, "On orbits.", opinion=second, paragraph=orbits)
    said(running, "m-views", round_id, "On all of space.", opinion=second, paragraph="")
    paper = registered(running, "C26/61", opinions=[first, second])
    wish = noted(running, paper, first, paragraph=rural, kind="replace", was="links that grow", words="fair links")
    other = noted(running, paper, second, paragraph=orbits, kind="replace", was="scarce", words="limited")
    text = f"{BROADBAND}\n\nd) that orbits are scarce, and shared by many,\n"
    form = {"draft": [first, second], "title": "Broadband and space", "text": text, "note": "One theme."}
    answer = running.post("m-sec", "/ledger/merge", form)
    assert answer.status_code == 303, answer.text
    merged = answer.headers["location"].split("?")[0].rsplit("/", 1)[1]
    assert ids(living(running, merged))[:4] == ids(living(running, first))
    assert at(running, merged, "orbits") == orbits
    assert running.write(lambda c: lineage(c, merged)) == (Forebear(first, True), Forebear(second, True))
    assert running.write(lambda c: successor(c, second)) == merged
    page = running.get("m-xaa-1", f"/opinions/{merged}/comments").text
    assert page.index("On all of space.") < page.index("rural areas need") < page.index("On rural areas.")
    assert page.index("On rural areas.") < page.index("shared by many") < page.index("On orbits.")
    compiled = running.get("m-sec", f"/opinions/{merged}/compilation").text
    assert compiled.count("C26/61") >= 2
    assert compiled.index("fair links") < compiled.index("shared by many") < compiled.index("limited")
    # They are entered where they are now, and nowhere else.
    assert entered(running, paper, wish, other).status_code == 303
    record = living(running, merged).record.amendments.values()
    assert [(one.delegation, one.source) for one in record if one.source] == [("XAA", "C26/61")] * 2
    assert "#" in running.get("m-sec", f"/contributions/{paper}").text


def test_what_is_said_of_a_part_that_is_split_off_goes_with_it_and_stays_too(running: House) -> None:
    first = tabled(running, "Fibre", BROADBAND)
    rural, girls = at(running, first, "rural areas"), at(running, first, "girls")
    frozen(running, first)
    round_id = put_up(running, text=[f"{first}/1"])
    said(running, "m-views", round_id, "On rural areas.", opinion=first, paragraph=rural)
    said(running, "m-views", round_id, "On girls.", opinion=first, paragraph=girls)
    part = "OPINION 8: GIRLS\n\nconsidering\n\na) that prices of access stay high, and that girls are left behind,\n"
    answer = running.post("m-sec", f"/ledger/{first}/split", {"title": "Girls", "text": part, "note": "Two matters."})
    second = answer.headers["location"].split("?")[0].rsplit("/", 1)[1]
    assert at(running, second, "girls") == girls
    page = running.get("m-xaa-1", f"/opinions/{second}/comments").text
    assert "On girls." in page
    assert "On rural areas." not in page
    assert "On girls." in running.get("m-xaa-1", f"/opinions/{first}/comments").text


# --- news of comments


def test_comments_and_answers_of_others_are_news(running: House) -> None:
    opinion = tabled(running, "News", SPACE)
    frozen(running, opinion)
    round_id = put_up(running, text=[f"{opinion}/1"], name="On space")
    address = f"/opinions/{opinion}/new"
    for who in ("m-xaa-1", "m-xbb-1"):
        assert "first look" in running.get(who, address).text
    said(running, "m-xaa-1", round_id, "Mine.", opinion=opinion, paragraph="")
    said(running, "m-views", round_id, "A view.", opinion=opinion, paragraph="")
    assert "1 new" in running.get("m-xaa-1", "/").text, "one's own is no news"
    assert "2 new" in running.get("m-xbb-1", "/").text
    assert "“On space”: 2 new comments" in running.get("m-xbb-1", address).text
    assert "2 new comments" in running.get("m-xbb-1", address).text, "also when it is loaded again"
    assert "new</b>" not in running.get("m-xbb-1", "/").text
    comment = newest(running)
    answer = {"comment": comment, "disposition": "noted", "reason": "Thanks.", "place": "", "merged": ""}
    path = f"/consultation/{round_id}/opinions/{opinion}/answers"
    assert running.post("m-sec", path, answer).status_code == 303
    assert "what became of 1 comment" in running.get("m-xbb-1", address).text
    assert running.get("m-views", address).status_code == 403


# --- a paragraph cut in two


def test_a_comment_follows_the_words_it_is_about_into_the_second_part(running: House) -> None:
    first = tabled(running, "Prices", BROADBAND)
    long = at(running, first, "girls")
    frozen(running, first)
    round_id = put_up(running, text=[f"{first}/1"])
    for words in ("“girls are left behind” says too little.", "Prices of access were never so low.", "I agree."):
        said(running, "m-views", round_id, words, opinion=first, paragraph=long)
    said(running, "m-views", round_id, "Better:", opinion=first, paragraph=long, proposed="that girls, left behind")
    cut = living(running, first).text.find(long)
    assert cut is not None
    commanded(running, first, SplitParagraph(long, cut.text.index(" and that"), ParagraphId("p-second")))
    page = running.get("m-xaa-1", f"/opinions/{first}/comments").text
    order = [page.index(words) for words in ("never so low", "I agree.", "and that girls are", "says too", "Better:")]
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("body", "proposed", "part"),
    [
        ("", "", 0),
        ("I agree with all of this.", "", 0),
        ("«the second half» is unclear", "", 1),
        ("nothing", "the second half, reworded", 1),
        ("the first half reads well, the second one badly", "", 0),
        ('"half"', "", 0),
    ],
)
def test_which_part_is_spoken_of(body: str, proposed: str, part: int) -> None:
    assert spoken_of(["that the first half reads well,", "that the second half is reworded,"], body, proposed) == part


# --- a button pressed twice


def test_what_is_sent_twice_is_there_once(running: House) -> None:
    form = {"title": "Twice", "stage": "text", "words": BROADBAND, "document": "CL-26/9"}
    first, again = (running.post("m-xaa-1", "/ledger/present", form).headers["location"] for _ in range(2))
    assert first == again
    opinion = tabled(running, "Twice", BROADBAND)
    part = {"title": "Twice, a part", "text": SPACE, "note": "Two matters."}
    first, again = (running.post("m-sec", f"/ledger/{opinion}/split", part).headers["location"] for _ in range(2))
    assert first == again
    frozen(running, opinion)
    round_id = put_up(running, text=[f"{opinion}/1"])
    members = [said(running, "m-xaa-1", round_id, "Mine.", opinion=opinion, paragraph="") for _ in range(2)]
    assert members[0] == members[1]
    file = [("files", ("a.txt", b"More.", "text/plain"))]
    sent = [send(running, round_id, files=file, opinion=opinion, paragraph="") for _ in range(2)]
    assert [one.status_code for one in sent] == [200, 200]
    assert running.post(None, link(running)).status_code == 303, "the one letter's link confirms"
    waiting = running.get("m-sec", f"/consultation/{round_id}/moderation").text
    assert waiting.count(FRESH["body"]) == waiting.count(">a.txt<") == 1
    paper = registered(running, "C26/62", opinions=[opinion])
    view = {"paragraph": at(running, opinion, "rural"), "kind": "view", "words": "We are for it."}
    assert noted(running, paper, opinion, **view) == noted(running, paper, opinion, **view)


def test_words_written_while_a_round_closes_are_given_back(running: House) -> None:
    opinion = tabled(running, "Closing", SPACE)
    frozen(running, opinion)
    round_id = put_up(running, text=[f"{opinion}/1"])
    shift(running, round_id, -2 * HOUR, -HOUR / 60)
    answer = send(running, round_id, opinion=opinion, paragraph="", body="<b>Written</b> for an hour.")
    assert answer.status_code == 409
    assert "&lt;b&gt;Written&lt;/b&gt; for an hour." in answer.text
    assert running.get(None, f"/consultations/{round_id}/comment").status_code == 200
