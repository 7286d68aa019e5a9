"""`GET /api/opinions/{opinion}/report` and `/brief`: what their pages tell, as values."""

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from opinions.report import Chosen, Heading, Objections, Proposal
from opinions.roles import Act
from server.api.reading import Reading
from server.reports.brief_making import LAST, VISIT, briefs
from server.reports.making import ReportRefused, asked_of, made, material, scope_of, setting_of, surroundings
from server.visit import Visit

if TYPE_CHECKING:
    from server.api.web_shapes.reports import (
        ChairsReport,
        DelegationBrief,
        ReportedAlternatives,
        ReportedAmendment,
        ReportedCall,
    )
    from server.api.web_shapes.reports import ReportedParagraph as Reported


async def chairs_report(visit: Visit) -> "ChairsReport":
    """The report, with the names that a file of it may hold."""
    from server.api.web_shapes.reports import ChairsReport, ReportedBracket, ReportedPackage, ReportedReservation

    one = await material(visit, visit.opinion)
    around = await surroundings(visit, (one,))
    try:
        asked = asked_of(dict(visit.request.query_params))
        scope, told = scope_of(asked, (one,), around)
        setting = setting_of(visit, asked)
    except ReportRefused:
        raise HTTPException(HTTPStatus.NOT_FOUND) from None
    found = await asyncio.to_thread(made, one, scope, setting)

    def numbers(proposals: tuple[Proposal, ...]) -> list[int]:
        return [each.amendment.number for each in proposals]

    return ChairsReport(
        seq=one.seq,
        scope=told,
        names=setting.value,
        paragraphs=[_paragraph(heading) for heading in found.headings],
        reservations=[
            ReportedReservation(cited=each.cited, number=each.number, stance=each.stance) for each in found.reservations
        ],
        open=numbers(found.open),
        reopening=numbers(found.reopening),
        not_retained=numbers(found.not_retained),
        withdrawn=numbers(found.withdrawn),
        alternatives=[_alternatives(each) for each in found.alternatives],
        packages=[
            ReportedPackage(
                name=each.package.name,
                note=each.package.note,
                subjects=list(each.subjects),
                closed_at=each.package.closed_at,
            )
            for each in found.packages
        ],
        brackets=[
            ReportedBracket(
                paragraph=each.paragraph,
                cited=each.cited,
                kind=each.kind,
                words=each.words,
                holders=list(each.holders),
                since=each.since,
                number=each.number,
                status=each.status,
                reason=each.reason,
            )
            for each in found.brackets
        ],
    )


def _alternatives(one: Chosen) -> "ReportedAlternatives":
    from server.api.web_shapes.reports import ReportedAlternatives, ReportedOption

    choice = one.alternatives
    return ReportedAlternatives(
        name=choice.name,
        state=choice.state,
        picked=choice.picked,
        note=choice.note,
        options=[
            ReportedOption(label=label, amendments=list(numbers), no_text=no_text)
            for label, numbers, no_text in one.options
        ],
        decisions=list(choice.decisions),
    )


def _paragraph(heading: Heading) -> "Reported":
    from server.api.web_shapes.reports import ReportedParagraph

    return ReportedParagraph(
        paragraph=heading.paragraph,
        cited=heading.cited,
        state=heading.state,
        words=heading.words,
        gone=heading.gone,
        amendments=[_amendment(one) for one in heading.proposals],
        positions=[one.stance for one in heading.positions if one.current],
        earlier=[one.stance for one in heading.positions if not one.current],
        decisions=list(heading.decisions),
    )


def _amendment(one: Proposal) -> "ReportedAmendment":
    from server.api.web_shapes.reports import ReportedAmendment, ReportedWords

    amendment = one.amendment
    return ReportedAmendment(
        id=amendment.id,
        number=amendment.number,
        kind=amendment.kind,
        editorial=amendment.editorial,
        revision=amendment.revision,
        status=amendment.status,
        delegation=amendment.delegation,
        sponsors=list(amendment.sponsors),
        reason=amendment.reason,
        source=amendment.source,
        cited=one.cited,
        words=[
            ReportedWords(paragraph=each.paragraph, struck=each.struck, put=each.put, held=each.held)
            for each in one.wording
        ],
        positions=[each.stance for each in one.positions if each.current],
        earlier=[each.stance for each in one.positions if not each.current],
        calls=[_call(each) for each in one.calls],
        decisions=list(one.decisions),
        merged=list(one.merged),
        into=one.into,
        packages=list(one.packages),
    )


def _call(one: Objections) -> "ReportedCall":
    from server.api.web_shapes.reports import ReportedCall

    return ReportedCall(
        id=one.call.id,
        numbers=list(one.numbers),
        opened_at=one.call.opened_at,
        opened_by=one.call.opened_by,
        state=one.call.state,
        answers=list(one.call.answers),
        present=list(one.call.present),
        reservations=list(one.call.reservations),
        closed_at=one.call.closed_at,
    )


async def delegation_brief(visit: Visit) -> "DelegationBrief":
    """The brief of the visitor's delegation; to read it so is no visit."""
    from server.api.web_shapes.reports import BriefItem, BriefSection, DelegationBrief

    since = visit.request.query_params.get("since", "") or VISIT
    found = await briefs(visit, [visit.opinion], since, looking=False)
    known = {str(one.number) for one in found.versions[visit.opinion.id]}
    if since not in {VISIT, LAST, *known}:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    (told,) = found.briefs
    return DelegationBrief(
        delegation=visit.member.delegation or "",
        opinion=told.opinion,
        since=told.since,
        asks=told.asks,
        sections=[
            BriefSection(
                key=one.key,
                name=one.name,
                items=[BriefItem(told=each.told, cited=each.cited, paragraph=each.paragraph) for each in one.items],
                asks=one.asks,
                more=one.more,
            )
            for one in told.sections
        ],
        dates=[BriefItem(told=each.told, cited="", paragraph="") for each in found.dates],
    )


READINGS = (
    Reading(
        "/opinions/{opinion}/report",
        Act.REPORT_MAKE,
        "The chair's report of a draft Opinion",
        chairs_report,
        "reports.ChairsReport",
        (
            ("scope", "Of what: whole (the default), meeting:NAME, or version:OPINION:NUMBER for what came after it."),
            ("names", "A narrower setting of names than that of the process."),
        ),
    ),
    Reading(
        "/opinions/{opinion}/brief",
        Act.BRIEF_READ,
        "The brief of one's delegation in a draft Opinion",
        delegation_brief,
        "reports.DelegationBrief",
        (("since", "visit (the default), version for the last one, or a version's number."),),
    ),
)
