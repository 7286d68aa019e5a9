"""The end of a draft as JSON: the drafting check, the renumbering to come, the forum texts."""

import asyncio
from typing import TYPE_CHECKING

from opinions.drafting_check import check
from opinions.numbering import citations
from opinions.record import Document
from opinions.references import Reference
from opinions.renumbering import Plan, plan
from opinions.renumbering_act import renumberings
from opinions.roles import Act
from server.api.reading import Reading
from server.pages import forum
from server.visit import Visit

if TYPE_CHECKING:
    from server.api.web_shapes.closing import CitationLeft, DraftingCheck, ForumList, RenumberingToCome


async def drafting_check(visit: Visit) -> "DraftingCheck":
    """The remarks on the words that stand."""
    from server.api.web_shapes.closing import DraftingCheck, DraftingRemark

    document = await visit.services.hub.document(visit.opinion.id)
    found = await asyncio.to_thread(check, document)
    cited = citations(document)
    return DraftingCheck(
        remarks=[
            DraftingRemark(
                rule=one.rule,
                paragraph=one.paragraph,
                cited=cited[one.paragraph],
                start=one.start,
                end=one.end,
                was=one.was,
                words=one.words,
                message=one.message,
            )
            for one in found
        ]
    )


async def renumbering(visit: Visit) -> "RenumberingToCome":
    """What a renumbering would do now, whether the next freeze does it, and those on record."""
    from server.api.web_shapes.closing import CitationAfter, LabelAfter, RenumberingToCome

    document = await visit.services.hub.document(visit.opinion.id)
    wanted: Plan = await asyncio.to_thread(plan, document)
    return RenumberingToCome(
        marked=document.record.opinion.renumbering,
        labels=[LabelAfter(paragraph=one.paragraph, old=one.old, new=one.new) for one in wanted.labels],
        citations=[
            CitationAfter(paragraph=one.reference.paragraph, old=one.reference.words, new=one.words)
            for one in wanted.follow
        ],
        left=[_left(document, one) for one in wanted.broken],
        others=[_left(document, one) for one in wanted.others],
        done=list(renumberings(document.record)),
    )


async def forum_texts(visit: Visit) -> "ForumList":
    """Every Opinion of the preparatory period with its forum text."""
    from server.api.web_shapes.closing import ForumList, ForumState

    return ForumList(
        opinions=[
            ForumState(
                opinion=row.opinion.id,
                eligible=not row.refused,
                refused=row.refused,
                forum_text=row.text.opinion if row.text else None,
                version=row.text.version if row.text else None,
                fingerprint=row.text.fingerprint if row.text else None,
                opened_at=row.text.opened_at if row.text else None,
                state=row.state,
            )
            for row in await forum.listed(visit)
        ]
    )


def _left(document: Document, one: Reference) -> "CitationLeft":
    from server.api.web_shapes.closing import CitationLeft

    return CitationLeft(paragraph=one.paragraph, words=one.words, problem=one.problem)


READINGS = (
    Reading(
        "/opinions/{opinion}/drafting-check",
        Act.DRAFTING_CHECK,
        "What the drafting check remarks, with the words that would mend it",
        drafting_check,
        "closing.DraftingCheck",
    ),
    Reading(
        "/opinions/{opinion}/renumbering",
        Act.DRAFTING_CHECK,
        "What a renumbering would do, and those that were done, with their concordance",
        renumbering,
        "closing.RenumberingToCome",
    ),
    Reading(
        "/forum",
        Act.PROCESS_READ,
        "The Opinions of the preparatory period and what the forum did with each",
        forum_texts,
        "closing.ForumList",
    ),
)
