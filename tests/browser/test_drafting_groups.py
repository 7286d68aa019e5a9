"""A shared workspace in the editor: two delegations draft in it together, nobody else sees any of it, and all of it
comes before the meeting in one act (opinions/SPEC.md GR). And the names in what is exported of it.
"""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.desk import Desk
from tests.browser.stage import ACCESS, SHARE, Draft, House, Stage

NAME = "Zqskills together"
FIRST, SECOND = " zqfunds", " zqpublic"


def founded(house: House, draft: Draft) -> str:
    """A workspace of Alvania that Corvara has joined, by their pages; its code."""
    base = f"/opinions/{draft.id}/groups"
    with house.caller("alvania") as lead, house.caller("corvara") as invited:
        answer = lead.post(base, data={"name": NAME, "delegations": ["XCO"]})
        assert answer.status_code == 303, answer.text
        code = answer.headers["location"].split("?")[0].rsplit("/", 1)[1]
        assert invited.post(f"{base}/{code}", data={"step": "join"}).status_code == 303
    return code


def in_group(desk: Desk) -> Desk:
    """Goes from the delegation's own workspace to the group's, by the list in the tool bar."""
    desk.page.get_by_label("Drafting in").select_option(label=NAME)
    desk.page.wait_for_url("**?group=*")
    return desk.ready()


def test_gr1_gr2_two_delegations_draft_together_and_submit_in_one_act(
    house: House, stage: Stage, draft: Draft, tmp_path: Path
) -> None:
    """[GR1, GR2]"""
    code = founded(house, draft)
    other = stage.desk("dunmara", draft)
    lead, joined = in_group(stage.desk("alvania", draft)), in_group(stage.desk("corvara", draft))
    access, share = draft.paragraph(ACCESS), draft.paragraph(SHARE)
    lead.type_at(access, "affordable", FIRST)
    joined.type_at(share, "experience", SECOND)
    lead.sees(share, SECOND.strip())
    joined.sees(access, FIRST.strip())
    lead.saved()
    joined.saved()
    assert not any(word.encode() in frame for word in (FIRST, SECOND, NAME, code) for frame in other.received)

    page = lead.page.context.new_page()
    page.goto(f"{lead.origin}/opinions/{draft.id}/groups/{code}")
    page.get_by_label("Reason").fill("Both of us need it.")
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.get_by_role("status").first).to_be_visible()
    page.close()
    for desk in (other, lead, joined):
        desk.sees(access, FIRST.strip())
        desk.sees(share, SECOND.strip())
    brought = [one for one in draft.document().record.amendments.values() if one.delegation == "XAL"]
    assert [(one.sponsors, one.reason) for one in brought] == [(("XCO",), "Both of us need it.")] * 2

    other.page.get_by_role("button", name="Export", exact=True).click()
    dialog = other.page.get_by_role("dialog", name="Export")
    dialog.get_by_label("Text with square brackets").check()
    dialog.get_by_label("Plain text (TXT)").check()
    dialog.get_by_label("No names").check()
    with other.page.expect_download() as download:
        dialog.get_by_role("button", name="Download").click()
    written = Path(download.value.path()).read_text(encoding="utf-8")
    assert SECOND.strip() in written
    assert "XAL" not in written
