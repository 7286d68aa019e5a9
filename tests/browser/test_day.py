"""One full day: a text comes in with its brackets, delegations draft, the chair rules and freezes, files go out."""

import hashlib
import io
import re
from pathlib import Path

from docx import Document as read_docx
from playwright.sync_api import Locator, Page, expect

from opinions.record import Amendment, AmendmentKind, Status
from tests.browser.desk import Desk
from tests.browser.stage import Draft, House, Stage

TITLE = "SKILLS FOR THE DIGITAL ECONOMY"
NUMBER = "91"
TEXT = f"""DRAFT OPINION {NUMBER}: {TITLE}

The seventh World Telecommunication/ICT Policy Forum (Nassau, 2026),

recognizing

a) that digital skills [and literacy] are part of access;

b) that teachers need time [and money - XES: delete] to learn;

c) that enterprises train their own staff,

invites Member States

1 to include digital skills in their plans for schools;

2 to report [every year] on what they did.
"""
SKILLS, TEACHERS, STAFF = "that digital skills", "that teachers need", "that enterprises train"
PLANS, REPORTS = "to include digital skills", "to report"
LABEL = "Text at close of IEG-3"


def test_from_the_import_to_the_files_of_the_version(house: House, stage: Stage, tmp_path: Path) -> None:
    """What the day leads to is on the screen, in the version and in the files: the same words."""
    secretariat = stage.context().new_page()
    draft = put_on_the_table(secretariat, house)
    chair, dunmara, estavia = (stage.desk(persona, draft) for persona in ("chair", "dunmara", "estavia"))
    expect(chair.page.locator(".open-count")).to_have_text("3 open brackets")

    agreed, pending, added = the_drafting(dunmara, estavia, draft)
    the_rulings(chair, draft, agreed, added)
    assert draft.amendment(pending).status is Status.SUBMITTED
    rolling_before = lines_of(chair, "Text with square brackets")
    chair.view("Revision marks")
    refused_clean(chair)
    dialog = chair.open_freeze()
    for words in ("1 open bracket", "1 proposal pending", "Nobody is still sending"):
        expect(dialog).to_contain_text(words)
    dialog.get_by_role("button", name="Cancel").click()
    chair.freeze(LABEL)
    chair.told(LABEL)

    clean, rolling = lines_of(chair, "Agreed text only"), lines_of(chair, "Text with square brackets")
    assert rolling == rolling_before
    assert "a) that digital skills and literacy are part of access;" in clean
    assert "b) that teachers need time and money to learn;" in clean
    assert "2 to report on what they did." in clean
    assert any("every pupil" in line for line in clean)
    assert not any("their future" in line for line in clean)
    assert any("[for their future]" in line or "[XES: for their future]" in line for line in rolling), rolling
    chair.page.reload()
    chair.ready()
    for view, lines in (("Agreed text only", clean), ("Text with square brackets", rolling)):
        for form, kind in (("Plain text (TXT)", "txt"), ("Word (DOCX)", "docx")):
            content = exported(chair, LABEL, view, form, tmp_path / f"{view}.{kind}")
            assert squeezed(lines) == squeezed(body_of(content, kind, lines)), (view, kind)
    the_version(stage, house, draft, rolling)

    expect(estavia.page.locator(".head-facts")).to_contain_text("Second draft")
    chair.outcome(pending, "Agreed")
    staff = draft.paragraph(STAFF)
    estavia.until("([id, one]) => stage.runs(id).some(({ origin }) => origin.includes(one))", [staff, pending])
    assert draft.amendment(pending).status is Status.AGREED
    assert any("for their future" in line for line in lines_of(chair, "Agreed text only"))
    assert "future" in house.books.version(draft.id, 1)["text"]


def put_on_the_table(page: Page, house: House) -> Draft:
    """The secretariat's screens: look first, then found, then appoint the chair."""
    page.goto(f"{house.origin('secretariat')}/opinions/new")
    page.get_by_label("Title").fill(TITLE)
    page.get_by_label("Number").fill(NUMBER)
    page.get_by_label("Base text").fill(TEXT)
    page.get_by_role("button", name="Look at it first").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This is what was understood")
    expect(page.locator(".page-head")).to_contain_text("3 pairs of square brackets")
    page.get_by_role("button", name="Put it on the table").click()
    row = page.locator("li.opinion-row", has_text=TITLE)
    expect(row).to_contain_text("0 agreed, 0 considered of 9 paragraphs")
    draft = Draft(house.books.opinion_called(TITLE), TITLE, house.books)
    row.get_by_role("link", name="Chair of Draft Opinion").click()
    page.get_by_label("Chair", exact=True).select_option("chair")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_be_visible()
    return draft


def the_drafting(dunmara: Desk, estavia: Desk, draft: Draft) -> tuple[str, str, str]:
    """A replacement that will be agreed, an insertion that stays pending, a paragraph that will be agreed."""
    plans, staff = draft.paragraph(PLANS), draft.paragraph(STAFF)
    dunmara.strike(plans, "schools")
    dunmara.type("every pupil")
    dunmara.sees(plans, "every pupil")
    dunmara.saved()
    (agreed,) = dunmara.run(plans, "every pupil").insertion
    dunmara.submit(agreed, "Schools are not enough.")
    pending = estavia.propose(staff, "that enterprises train their own staff", " for their future")
    dunmara.put_caret(plans, "every pupil;")
    dunmara.page.keyboard.press("Enter")
    dunmara.type("to share what works;")
    dunmara.saved()
    added = next(id for id, words in dunmara.texts() if words == "to share what works;")
    amendment = dunmara.page.locator(f'.live-text p[data-id="{added}"]').get_attribute("data-added")
    assert amendment is not None
    dunmara.submit(amendment)
    assert draft.amendment(agreed).reason == "Schools are not enough."
    assert draft.amendment(amendment).kind is AmendmentKind.ADD
    return agreed, str(pending), amendment


def the_rulings(chair: Desk, draft: Draft, agreed: str, added: str) -> None:
    """Brackets lifted, words dropped, proposals agreed, paragraphs considered."""
    brackets = {one.id: one for one in draft.document().record.amendments.values() if one.kind is AmendmentKind.BRACKET}
    by_words = {words_in(draft, one): one.id for one in brackets.values()}
    chair.outcome(by_words["and literacy"], "Words agreed (lift brackets)")
    chair.told("Words agreed, brackets lifted")
    chair.outcome(by_words["and money"], "Words agreed (lift brackets)")
    chair.outcome(by_words["every year"], "Words not retained")
    chair.outcome(agreed, "Agreed")
    chair.outcome(added, "Agreed")
    for amendment, status in (
        (by_words["every year"], Status.NOT_RETAINED),
        (agreed, Status.AGREED),
        (added, Status.AGREED),
    ):
        draft.books.until_status(draft.id, amendment, status)
    expect(chair.page.locator(".open-count")).to_have_text("1 open bracket")
    for paragraph in draft.document().text:
        if (
            "their own staff" not in paragraph.text
            and draft.document().record.paragraph(paragraph.id).state != "agreed"
        ):
            chair.consider(paragraph.id)


def words_in(draft: Draft, bracket: Amendment) -> str:
    """What stands in a bracket."""
    runs = [run for paragraph in draft.document().text for run in paragraph.runs]
    return "".join(run.text for run in runs if any(mark.id == bracket.id for mark in run.marks)).strip()


def refused_clean(desk: Desk) -> None:
    """Clean text is not given out with anything open, but for who says so; the list tells what is open (I8)."""
    dialog = export_dialog(desk)
    dialog.get_by_label("Agreed text only").check()
    dialog.get_by_label("Plain text (TXT)").check()
    dialog.get_by_role("button", name="Download").click()
    expect(dialog.get_by_role("alert")).to_contain_text("This text is not clean")
    expect(dialog.locator(".obstacles")).to_contain_text("for their future")
    with desk.page.expect_download() as download:
        dialog.get_by_role("button", name="Export, marked on every page").click()
    assert "CONTAINS TEXT THAT IS NOT AGREED" in Path(download.value.path()).read_text(encoding="utf-8")
    expect(dialog).to_be_hidden()


def exported(desk: Desk, version: str, view: str, form: str, path: Path) -> bytes:
    """A version as a file, by the export dialog."""
    dialog = export_dialog(desk)
    dialog.get_by_role("combobox", name="Text").select_option(label=version)
    dialog.get_by_label(view).check()
    dialog.get_by_label(form).check()
    with desk.page.expect_download() as download:
        dialog.get_by_role("button", name="Download").click()
        if view == "Agreed text only":
            dialog.get_by_role("button", name="Export, marked on every page").click()
    download.value.save_as(path)
    expect(dialog).to_be_hidden()
    return path.read_bytes()


def export_dialog(desk: Desk) -> Locator:
    desk.page.get_by_role("button", name="Export", exact=True).click()
    dialog = desk.page.get_by_role("dialog", name="Export")
    expect(dialog).to_be_visible()
    return dialog


def lines_of(desk: Desk, view: str) -> list[str]:
    """The paragraphs of a view as they stand on the screen, labels included."""
    desk.view(view)
    shown = desk.page.get_by_role("region", name=view).locator(".opinion-text > *")
    return [re.sub(r"\s+", " ", text).strip() for text in shown.all_text_contents()]


def body_of(content: bytes, kind: str, lines: list[str]) -> list[str]:
    """The lines of the text in a file, without the heading above it."""
    if kind == "txt":
        return content.decode().partition("\n\n")[2].splitlines()
    paragraphs = [one.text for one in read_docx(io.BytesIO(content)).paragraphs]
    start = next(at for at, text in enumerate(paragraphs) if squeezed([text]) == squeezed(lines[:1]))
    return paragraphs[start : start + len(lines)]


def squeezed(lines: list[str]) -> list[str]:
    """Lines without blanks, which files set as they please; empty ones left out."""
    return [line for line in (re.sub(r"\s+", "", line) for line in lines) if line]


def the_version(stage: Stage, house: House, draft: Draft, rolling: list[str]) -> None:
    """The version's own page: the text of the screen, its fingerprint, and nothing that can be changed."""
    page = stage.context().new_page()
    page.goto(f"{house.origin('estavia')}/opinions/{draft.id}/versions")
    page.get_by_role("link", name=LABEL).click()
    shown = page.locator("article.sheet .opinion-text > *").all_text_contents()
    assert squeezed(shown) == squeezed(rolling)
    version = house.books.version(draft.id, 1)
    assert hashlib.sha256(version["text"].encode()).hexdigest() == version["fingerprint"]
    assert page.locator("article.sheet button, article.sheet input, [contenteditable=true]").count() == 0
