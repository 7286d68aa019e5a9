"""What a delegation can say of an amendment, or of a paragraph, from a phone: the forms' values, and what stands."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from opinions.model import AmendmentId, ParagraphId
from opinions.record import Amendment, Attitude, Document, ParagraphRecord, Stance
from opinions.stances import said
from server.wording import ATTITUDES

LABELS: Mapping[Attitude, str] = {
    Attitude.SUPPORT: "Support",
    Attitude.RETAIN: "Retain",
    Attitude.CAN_ACCEPT: "Can accept",
    Attitude.FLEXIBLE: "Flexible",
    Attitude.RESERVE: "Reserve our position",
    Attitude.OPPOSE: "Oppose",
    Attitude.FORMAL_OBJECTION: "Object formally",
    Attitude.AWAITING: "Need instructions",
    Attitude.AWAITING_PACKAGE: "Await the package",
}
"""Each position as a form calls it, from for to against."""
QUICK = (Attitude.SUPPORT, Attitude.CAN_ACCEPT, Attitude.AWAITING)
"""Those that say all by themselves most often: a button each."""
MAX_STATEMENT = 2_000


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody who speaks for a delegation: for whom, whether it may object formally, the groups it is a member of."""

    party: str
    objects: bool = True
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quick:
    """A position with a button of its own. `taken`: it is the one that stands, at the revision that stands."""

    attitude: str
    label: str
    key: str
    taken: bool


@dataclass(frozen=True, slots=True)
class Saying:
    """The forms for one subject. `amendment` is empty for a paragraph. `own` is what stands of the delegation, in
    words; `choices` are all positions that it can take, `groups` for whom else it can speak.
    """

    amendment: str
    paragraph: str
    revision: int
    key: str
    own: str
    quick: tuple[Quick, ...]
    choices: tuple[tuple[str, str], ...]
    groups: tuple[str, ...]

    @property
    def id(self) -> str:
        """What the subject is called within a page."""
        return self.amendment or self.paragraph


def saying(entry: Amendment | ParagraphRecord, paragraph: str, speaker: Speaker | None) -> Saying | None:
    """What can be said of an amendment or a paragraph; None for who speaks for nobody. Of its own amendment, or one it
    co-sponsors, a delegation says nothing; for its group it does, at the editor.
    """
    if speaker is None:
        return None
    of_amendment = isinstance(entry, Amendment)
    if isinstance(entry, Amendment) and (entry.delegation == speaker.party or speaker.party in entry.sponsors):
        return None
    revision = entry.revision if isinstance(entry, Amendment) else 0
    own = next((one for one in entry.stances if one.delegation == speaker.party), None)
    stands = own.attitude if own is not None and said(own)[0] == revision else None
    return Saying(
        entry.id if of_amendment else "",
        paragraph,
        revision,
        _key(entry, speaker.party, ""),
        _own(own, revision) if own is not None else "",
        tuple(Quick(one.value, LABELS[one], _key(entry, speaker.party, one), one is stands) for one in QUICK),
        tuple(
            (one.value, label)
            for one, label in LABELS.items()
            if speaker.objects or one is not Attitude.FORMAL_OBJECTION
        ),
        speaker.groups,
    )


def _own(stance: Stance, revision: int) -> str:
    """The reader's own position, whose statement stands above."""
    at = said(stance)[0]
    return f"{ATTITUDES[stance.attitude]}, at revision {at}" if at and at < revision else ATTITUDES[stance.attitude]


def told(stance: Stance, revision: int = 0) -> str:
    """A position in one line, with the revision it was taken at where another one stands, and who is shown with it."""
    at, words = said(stance)
    then = f" (at revision {at})" if at and at < revision else ""
    note = f": “{words}”" if words else ""
    # Without a speaker there is nobody to be shown with: sources sign for groups too.
    others = f" (with {', '.join(stance.members)})" if stance.members else ""
    waits = " (typed for it, not confirmed yet)" if stance.typist and not stance.confirmed else ""
    return f"{stance.delegation}{others} {ATTITUDES[stance.attitude]}{then}{note}{waits}"


def standing(document: Document, amendment: str, paragraph: str, delegation: str) -> Stance | None:
    """The position of a delegation, or group, on an amendment or else on a paragraph."""
    found = document.amendment(AmendmentId(amendment)) if amendment else None
    stances = found.stances if found is not None else ()
    if not amendment:
        stances = document.record.paragraph(ParagraphId(paragraph)).stances
    return next((one for one in stances if one.delegation == delegation), None)


def said_key(given: str, attitude: str, note: str, group: str) -> str:
    """The key of what a form says: of other words in it, another one."""
    return "pos-" + hashlib.sha256("\n".join((given, attitude, group, note)).encode()).hexdigest()[:40]


def _key(entry: Amendment | ParagraphRecord, party: str, attitude: str) -> str:
    """The key of a form: the same however often the page is loaded or the form is sent, until something that was said
    of this changes, and no other form's.
    """
    changed = entry.changed_at.isoformat() if isinstance(entry, Amendment) else ""
    history = f"{len(entry.earlier)} {len(entry.stances)}"
    parts = (entry.id, history, party, attitude, changed)
    return "pos-" + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40]
