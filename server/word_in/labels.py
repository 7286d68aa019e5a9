"""Labels that a writer typed (`a)`, a tab, the words) told from the words they stand before.

A label that was itself revised - renumbered by hand, or deleted with its paragraph - is still no word of the text:
numbers are the secretariat's, and an amendment never consists of one.
"""

import re
from dataclasses import replace

from opinions.incoming import ARRIVING, LEAVING, IncomingParagraph
from opinions.typed_labels import lead, places, without

_BIS = r"(?:[ \u00a0]?(?:bis|ter|quat(?:er)?|quinquies|sexies|septies|octies|alt))?"
_CORE = r"(?:\d{1,3}(?:\.\d{1,3}){0,3}|[a-z]{1,3}|[A-Z]|[ivxl]{1,6}|[\u0623-\u064a]|[\u0430-\u044f])"
_LABEL = re.compile(rf"[ \u00a0]*(\(?{_CORE}{_BIS}[).]?{_BIS}|[\u2013\u2014•◦▪‣·*-])[ \u00a0]*\t\s*")
"""A label ends at a tab: so it is typed in every Opinion of the Union, and so no sentence begins."""
_TYPED = re.compile(rf"[ \u00a0]*(\({_CORE}{_BIS}\)|(?:[a-z]{{1,2}}|[ivxl]{{1,6}}|\d{{1,3}}){_BIS}\))[ \u00a0]+(?=\S)")
"""`a) words`: without a tab a label needs its parenthesis."""
_OURS = re.compile(r"[^\t]+\t")
"""In a file of our own the label of a paragraph is what stands before its first tab: `OP4 bis`, whatever it is."""


def split_label(paragraph: IncomingParagraph, *, ours: bool = False) -> IncomingParagraph:
    """The paragraph with a typed label out of its text; tabs within the words are blanks from here on. `ours` says
    that the file was exported here, where a label is known by its tab alone.
    """
    if paragraph.place.startswith(("footnote", "endnote")):
        return _blank_tabs(_without_lead(paragraph))
    if paragraph.counted:
        return _blank_tabs(paragraph)
    forms = (_OURS,) if ours and paragraph.identity else (_LABEL, _TYPED)
    before = lead(paragraph.stretches, ARRIVING, forms)
    after = lead(paragraph.stretches, LEAVING, forms)
    if not before and not after:
        return _blank_tabs(paragraph)
    taken = places(paragraph.stretches, ARRIVING, len(before)) | places(paragraph.stretches, LEAVING, len(after))
    stretches = without(paragraph.stretches, taken)
    return _blank_tabs(replace(paragraph, stretches=stretches, label=(before or after).strip()))


def _without_lead(paragraph: IncomingParagraph) -> IncomingParagraph:
    """A note without the blank that parts its words from its number."""
    blanks = len(paragraph.text) - len(paragraph.text.lstrip())
    return replace(paragraph, stretches=without(paragraph.stretches, set(range(blanks)))) if blanks else paragraph


def _blank_tabs(paragraph: IncomingParagraph) -> IncomingParagraph:
    if "\t" not in paragraph.text:
        return paragraph
    return replace(
        paragraph, stretches=tuple(replace(one, text=one.text.replace("\t", " ")) for one in paragraph.stretches)
    )
