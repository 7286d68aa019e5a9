"""What the forum did with a text, as the first lines of its chapter in the chair's report: adopted by consensus or not,
the reasons, the objections and the reservations that stood.
"""

from collections.abc import Iterable, Iterator

from opinions.closing import Adoption, AdoptionOutcome
from opinions.names_withheld import with_names
from opinions.record import Document, Stance
from opinions.visibility import NamesShown
from server.reports.lines import Line, Style, led, plain
from server.reports.telling import SOMEBODY, Teller
from server.wording import moment

OUTCOMES = {
    AdoptionOutcome.ADOPTED: "Adopted by consensus",
    AdoptionOutcome.NOT_ADOPTED: "Not adopted",
}


def adopting(document: Document, names: NamesShown, teller: Teller) -> tuple[Line, ...]:
    """The lines; none while nothing was declared of the text."""
    adoption = with_names(document, names).record.opinion.adoption
    return tuple(_lines(adoption, teller)) if adoption is not None else ()


def _lines(adoption: Adoption, teller: Teller) -> Iterator[Line]:
    yield plain(Style.SECTION, "At the forum")
    by = f" as declared by {adoption.ruled_by}" if adoption.ruled_by else ""
    yield led(Style.RULED, OUTCOMES[adoption.outcome], f"{by}, {moment(adoption.at, teller.zone)}.")
    if adoption.note:
        yield plain(Style.NOTE, adoption.note)
    yield from _said("Formal objection", adoption.objections, teller)
    yield from _said("Reservation", adoption.reservations, teller)


def _said(what: str, stances: Iterable[Stance], teller: Teller) -> Iterator[Line]:
    for one in stances:
        who = teller.name(one.delegation) if one.delegation else SOMEBODY
        yield led(Style.SAID, f"{what} of {who}", f": {one.note}" if one.note else ".")
