"""A slice of the round trips through LibreOffice, and the test of the test: a file that lost a word is found."""

from dataclasses import replace

from server.export.sheet import Sheet
from tests.soak.office_round_trips import as_word, drawn, through


def test_drafts_come_back_from_libreoffice_and_a_lost_word_is_found() -> None:
    """[PB1, PB2]"""
    # The last two hold changed paragraphs without a word, of which LibreOffice keeps no mark.
    batch = [*drawn(20261123)[:6], drawn(2141595911)[10], drawn(2141596031)[8]]
    written: list[Sheet] = []

    def writes(sheet: Sheet) -> bytes:
        """The product's file; of the third document without the words of its longest paragraph."""
        written.append(sheet)
        return as_word(sheet if len(written) != 3 else _shortened(sheet))

    told = list(through(batch, writes))
    assert [bool(one) for one in told] == [number == 2 for number in range(len(batch))], told
    assert "of the text is not in the file" in told[2]


def _shortened(sheet: Sheet) -> Sheet:
    longest = max(sheet.paragraphs, key=lambda row: sum(len(one.text) for one in row.segments))
    rows = tuple(replace(row, segments=()) if row is longest else row for row in sheet.paragraphs)
    return replace(sheet, paragraphs=rows)
