"""What stands on the room's screen: the text, the paragraph in hand, the call for objections, the brackets left.

No person, no note, nobody's presence and no count of those who look on; delegations by name, where the process shows
them to observers.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from opinions.brackets import open_brackets
from opinions.numbering import citations
from opinions.on_table import Call, CalledItem
from opinions.record import CHAIR, SECRETARIAT, Amendment, Document
from opinions.statuses import Answer, CallState, Ruling
from server.html_view import Regions
from server.live_feed import Gallery, Presentation, Shown
from server.placement import Readable
from server.post.news_words import does
from server.wording import RULED

RESULT_SECONDS = 15.0
"""How long the outcome of a call stays on the screen: as long as the chair takes to say it and turn the page."""
MAX_LINES = 5
"""Amendments of one call that the bar lists; the rest are named by their number."""
MAX_NAMES = 24
"""Delegations that the bar names for one answer; after them it says "and others"."""
SCREENS_KEPT = 32

Names = Mapping[str, str]
"""Names of delegations by code."""


@dataclass(frozen=True, slots=True)
class Screen:
    """What a screen shows at one seq. `here` is the paragraph in hand (empty: none) and `cited` how the room cites it;
    `bar` the call as HTML (empty: none is open), `bar_until` when the time shown for it has passed. `result` is the
    outcome of the last call and `result_at` when it was closed.
    """

    text: Shown
    here: str
    cited: str
    brackets: int
    bar: str = ""
    bar_until: datetime | None = None
    result: str = ""
    result_at: datetime | None = None

    def result_left(self, now: datetime) -> float:
        """Seconds for which the outcome still stands on the screen; 0 when it does not."""
        if self.result_at is None:
            return 0.0
        return max(0.0, (self.result_at + timedelta(seconds=RESULT_SECONDS) - now).total_seconds())


class Screens:
    """Screens, each made once for all who show it; the newest of each Opinion and presentation."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, Presentation], Screen] = OrderedDict()

    def screen(
        self, room: Readable, gallery: Gallery, presentation: Presentation, regions: Regions, names: Names
    ) -> Screen:
        """The room's screen as it is committed now."""
        key = (room.opinion, presentation)
        kept = self._kept.get(key)
        if kept is None or kept.text.seq != room.seq:
            text = gallery.shown(room, presentation, regions)
            kept = self._kept[key] = screen(
                text, room.document, names if presentation.names else None, submitted=presentation.submitted
            )
        self._kept.move_to_end(key)
        while len(self._kept) > SCREENS_KEPT:
            self._kept.popitem(last=False)
        return kept


def screen(text: Shown, document: Document, names: Names | None, *, submitted: bool = True) -> Screen:
    """The screen of a document; `names` None: no delegation is named. Without `submitted` the bar says that a call is
    open, and nothing of what it puts.
    """
    floor = document.record.opinion.floor
    here = str(floor.paragraph) if floor is not None and str(floor.paragraph) in text.paragraphs else ""
    cited = citations(document).get(floor.paragraph, "") if floor is not None and here else ""
    calls = [one for one in document.record.table.values() if isinstance(one, Call)]
    open_ones = [one for one in calls if one.state is CallState.OPEN]
    newest = max(open_ones, key=lambda call: (call.opened_at, call.id), default=None)
    closed = [(one.closed_at, one.id, one) for one in calls if one.closed_at is not None]
    last = max(closed, key=lambda each: each[:2])[2] if closed else None
    return Screen(
        text,
        here,
        cited.replace("*", ""),
        len(open_brackets(document)),
        "" if newest is None else str(_bar(newest, len(open_ones) - 1, document, names) if submitted else _CALLED),
        _until(newest),
        "" if last is None else str(_result(last, document) if submitted else _OVER),
        None if last is None else last.closed_at,
    )


_CALLED = Markup("<h2>A call for objections is open</h2>")
_OVER = Markup("<p>The call for objections is closed.</p>")


def _until(call: Call | None) -> datetime | None:
    return None if call is None or not call.seconds else call.opened_at + timedelta(seconds=call.seconds)


def _bar(call: Call, others: int, document: Document, names: Names | None) -> Markup:
    shown = call.items[:MAX_LINES]
    lines = Markup("").join(_line(item, document, names) for item in shown)
    rest = [_number(item, document) for item in call.items[len(shown) :]]
    more = Markup("<li>and {}</li>").format(", ".join(rest)) if rest else Markup("")
    waiting = Markup('<p class="more">{} more before the delegations</p>').format(others) if others else Markup("")
    return Markup('<h2>Is there any objection to {}?</h2><ul class="put">{}{}</ul>{}{}').format(
        _numbers(call.items, document), lines, more, _answers(call, names), waiting
    )


def _line(item: CalledItem, document: Document, names: Names | None) -> Markup:
    amendment = document.amendment(item.amendment)
    if amendment is None:
        return Markup("<li>{}</li>").format(" ".join(item.words.split()))
    what = does(amendment, document.text.find(amendment.paragraph))
    who = _who(amendment, names)
    if who:
        return Markup("<li><b><bdi>{}</bdi>:</b> {}</li>").format(who, what)
    return Markup("<li>{}</li>").format(what[:1].upper() + what[1:])


def _who(amendment: Amendment, names: Names | None) -> str:
    if names is None:
        return ""
    return {SECRETARIAT: "Secretariat", CHAIR: "Chair"}.get(
        amendment.delegation, names.get(amendment.delegation, str(amendment.delegation))
    )


def _answers(call: Call, names: Names | None) -> Markup:
    """Who objects and who needs time. That others said nothing is not shown: it means nothing (I9)."""
    return Markup("").join(_said(call, names))


def _said(call: Call, names: Names | None) -> Iterator[Markup]:
    for answer, one, anonymous in (
        (Answer.OBJECT, "Objection", "An objection is on record."),
        (Answer.NEED_TIME, "Needs time", "Time is asked for."),
    ):
        codes = [given.delegation for given in call.answers if given.answer is answer]
        if not codes:
            continue
        if names is None:
            yield Markup('<p class="said {}">{}</p>').format(answer.value, anonymous)
            continue
        told = Markup(", ").join(Markup("<bdi>{}</bdi>").format(names.get(code, code)) for code in codes[:MAX_NAMES])
        more = " and others" if len(codes) > MAX_NAMES else ""
        yield Markup('<p class="said {}"><b>{}:</b> {}{}</p>').format(answer.value, one, told, more)


def _result(call: Call, document: Document) -> Markup:
    numbers = _numbers(call.items, document)
    match call.state:
        case CallState.DECIDED if call.decision is not None:
            ruled = RULED[call.decision.ruling]
            lead = "It is so decided" if call.decision.ruling is not Ruling.NOT_RETAINED else "Decided"
            return Markup("<p><b>{}.</b> {}: {}.</p>").format(lead, numbers, ruled)
        case CallState.VOID if call.closed_note:
            # Of a void call the note is made by `calls.voided`: it names amendments and no person.
            return Markup("<p><b>Nothing was decided</b> by the call on {}. {}</p>").format(numbers, call.closed_note)
        case CallState.VOID:
            return Markup("<p><b>Nothing was decided.</b> The text of {} changed under the call.</p>").format(numbers)
        case _:
            return Markup("<p><b>Nothing was decided.</b> The call on {} is withdrawn.</p>").format(numbers)


def _numbers(items: Sequence[CalledItem], document: Document) -> str:
    told = [_number(item, document) for item in items[:MAX_LINES]]
    more = " and others" if len(items) > MAX_LINES else ""
    return ", ".join(told) + more


def _number(item: CalledItem, document: Document) -> str:
    amendment = document.amendment(item.amendment)
    return f"#{amendment.number}" if amendment is not None and amendment.number else "this text"
