"""What people meet when the server dies under their fingers, or when they open a second tab."""

import subprocess
import sys

from tests.browser.desk import Desk
from tests.browser.stage import ACCESS, NEED, Draft, House, Stage

ALVANIA = "XAL"


def test_nothing_typed_is_lost_or_doubled_when_the_server_is_killed(house: House, stage: Stage, draft: Draft) -> None:
    """I5 and I7: saved means saved; what was not is sent when the server is back, once."""
    chair, alvania, bressay = stage.live(draft, "alvania", "bressay")
    access, need = draft.paragraph(ACCESS), draft.paragraph(NEED)
    alvania.type_at(access, "to support ", "first ")
    alvania.saved()
    alvania.put_caret(access, "first ")
    alvania.type("second ")
    house.server.kill()
    alvania.type("third ")
    bressay.type_at(need, "that broadband ", "hardly ")
    house.server.start()
    for desk in (chair, alvania, bressay):
        desk.try_now()
        desk.ready()
    for desk in (alvania, bressay):
        desk.saved()
    for desk in (chair, alvania, bressay):
        desk.reads(access, ACCESS.replace("to support ", "to support first second third "))
        desk.reads(need, NEED.replace("that broadband ", "that broadband hardly "))
    assert [words for _, words in chair.texts()] == [one.text for one in draft.document().text]
    command = [sys.executable, "-m", "server", "verify-log", "--data-dir", str(house.server.data_dir)]
    checked = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_two_tabs_of_one_person_write_under_two_leases(stage: Stage, draft: Draft) -> None:
    """Both tabs show both, and neither loses a word to the other."""
    first = stage.desk("alvania", draft)
    second = Desk(first.page.context.new_page(), "alvania", draft.id, first.origin).open()
    stage.desks.append(second)
    place = draft.paragraph(ACCESS)
    for desk in (first, second):
        desk.put_caret(place, "to support ")
    for number in range(1, 4):
        first.type(f"one{number} ")
        second.type(f"two{number} ")
    for desk in (first, second):
        desk.saved()
        for number in range(1, 4):
            desk.sees(place, f"one{number} ")
            desk.sees(place, f"two{number} ")
    first.reads(place, second.text(place))
    clients = {one.client for one in draft.log(ALVANIA) if one.kind == "update"}
    assert len(clients) == 2
    assert next(one.text for one in draft.document(ALVANIA).text if one.id == place) == first.text(place)


def test_a_second_tab_submits_what_the_first_has_typed(stage: Stage, draft: Draft) -> None:
    """A draft is the delegation's: whoever of it submits, all its tabs go on from there."""
    first = stage.desk("dunmara", draft)
    colleague, bressay = stage.desk("dunmara-2", draft), stage.desk("bressay", draft)
    place = draft.paragraph(ACCESS)
    first.type_at(place, "to support ", "lasting ")
    first.saved()
    (amendment,) = first.run(place, "lasting ").insertion
    colleague.sees(place, "lasting ")
    colleague.submit(amendment)
    bressay.sees(place, "lasting ")
    first.until("id => document.querySelector('#card-' + id + ' .card-head .status.draft') === null", amendment)
    first.put_caret(place, "lasting ")
    first.type("and fair ")
    first.saved()
    first.sees(place, "lasting and fair ")
    assert "and fair" not in bressay.text(place)
    (revised,) = first.run(place, "and fair ").insertion
    assert draft.amendment(revised, "XDU").revises == amendment
    first.submit(revised)
    bressay.sees(place, "lasting and fair ")
    assert draft.amendment(amendment).revision == 2
