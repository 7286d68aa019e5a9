# ruff: noqa: RUF001
"""Status tags of negotiated texts: `[Agreed ad ref]`, `[pending]`, `[agreed in informals]`.

They say what became of a paragraph and are neither its wording nor an open bracket (guide: domain 2.1).
"""

import re

from opinions.record import ParagraphState

_AD_REFERENDUM = (
    r"(?:provisionally |text )?(?:agreed )?ad[ -]ref(?:erendum|\.)?|provisionally agreed"
    r"|agreed(?: text)? in (?:the )?(?:principle|ieg[\w-]*|working group)(?: [\w-]+)?"
    r"|agreed subject to .{1,40}"
)
_INFORMALS = r"agreed(?: text)? in (?:the )?(?:informals?|(?:small|drafting) group)(?: [\w-]+)?"
_AGREED = r"agreed|closed|text agreed|agreed text"
_OPEN = (
    r"(?:agreed )?pending(?: .{1,40})?|not agreed|under (?:discussion|consideration)"
    r"|(?:still )?open|withdrawn"
)
_STATUS = re.compile(
    rf"(?:(?P<agreed_ad_referendum>{_AD_REFERENDUM})|(?P<agreed_in_informals>{_INFORMALS})|(?P<agreed>{_AGREED})"
    rf"|(?P<reopened>re-?opened)|(?P<open>{_OPEN}))\.?",
    re.IGNORECASE,
)
"""Each group is named as the state that it says."""
_SURE = re.compile(rf"(?:{_AD_REFERENDUM}|{_INFORMALS})\.?", re.IGNORECASE)
_PIECE = re.compile(r"\s*[\[［【][^\]］】]*[\]］】]")
_GLYPHS = re.compile(r"[\[［【\]］】]")


def is_status(words: str) -> bool:
    """Whether these words, brackets stripped, are what drafts write for a paragraph's status."""
    return _STATUS.fullmatch(words) is not None


def is_surely_status(words: str) -> bool:
    """Whether they would be a status even in the middle of a sentence, where `agreed` may be wording."""
    return _SURE.fullmatch(words) is not None


def tag_state(tag: str) -> ParagraphState | None:
    """What a tag as the source wrote it says of its paragraph, the last one of several; None if it says nothing."""
    state = None
    for piece in _GLYPHS.split(tag):
        match = _STATUS.fullmatch(piece.strip().strip("*_").strip())
        if match:
            state = ParagraphState(match.lastgroup or "open")
    return state


def tag_pieces(tag: str) -> list[str]:
    """The single tags of a stored tag, each with the blanks before it; together they are the stored tag."""
    return _PIECE.findall(tag)
