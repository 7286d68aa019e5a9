"""A sheet as plain text, one paragraph after the other."""

from opinions.notation import write_text
from server.export.sheet import VIEW_NAMES, Sheet
from server.export.stamp import stamp


def to_text(sheet: Sheet) -> str:
    """The sheet with a short heading; the text below it reads as on the screen. Lines end with a line feed."""
    origin = sheet.origin
    heading = [origin.process, f"{origin.label} - {VIEW_NAMES[sheet.view]}", stamp(sheet)]
    if sheet.warning:
        heading.insert(2, sheet.warning.upper())
    return "\n".join(heading) + "\n\n" + body(sheet)


def body(sheet: Sheet) -> str:
    """The text alone, with its labels, set as `opinions.notation` reads it back."""
    return write_text(sheet.paragraphs, sheet.document.record)
