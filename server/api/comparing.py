"""`GET /api/opinions/{opinion}/compare`."""

from dataclasses import replace
from typing import TYPE_CHECKING

from opinions.comparing.values import Side as Place
from opinions.roles import Act
from server.api.reading import Reading
from server.comparing.telling import Teller
from server.comparing.texts import Side, fingerprint_of
from server.pages.compare import asked_of, made_of
from server.visit import Visit

if TYPE_CHECKING:
    from server.api.web_shapes.comparing import ComparedPlace, ComparedText, ComparedTexts


async def compared(visit: Visit) -> "ComparedTexts":
    """Two texts compared, as the page shows them."""
    from server.api.web_shapes.comparing import (
        ComparedChange,
        ComparedPiece,
        ComparedReason,
        ComparedRow,
        ComparedTexts,
    )

    asked = await asked_of(visit)
    if asked.pair is None and asked.known:  # the only text there is differs from none
        asked = replace(asked, pair=(asked.known[0].named, asked.known[0].named))
    teller = Teller(await made_of(visit, asked), visit.process.zone)
    made = teller.made
    return ComparedTexts(
        view=made.view,
        before=_text(made.before),
        after=_text(made.after),
        backwards=made.backwards,
        alike=made.comparison.alike,
        coarse=made.comparison.coarse,
        summary=teller.summary,
        rows=[
            ComparedRow(
                fate=row.fate,
                found=row.found,
                before=_place(row.before),
                after=_place(row.after),
                pieces=[ComparedPiece(change=piece.change, text=piece.text) for piece in row.pieces],
            )
            for row in made.comparison.rows
        ],
        changes=[
            ComparedChange(
                number=line.change.number,
                kind=line.change.kind,
                nature=line.change.nature,
                substance=line.change.substance,
                row=line.change.row,
                deleted=line.change.deleted,
                inserted=line.change.inserted,
                words=line.change.words,
                before_at=line.change.before_at,
                after_at=line.change.after_at,
                reasons=[ComparedReason(told=reason.told, address=reason.address) for reason in line.reasons],
            )
            for line in teller.lines
        ],
    )


def _text(side: Side) -> "ComparedText":
    from server.api.web_shapes.comparing import ComparedText

    return ComparedText(
        opinion=side.opinion.id,
        version=side.number,
        label=side.label,
        at=side.at,
        seq=side.seq,
        fingerprint=fingerprint_of(side),
    )


def _place(side: Place | None) -> "ComparedPlace | None":
    from server.api.web_shapes.comparing import ComparedPlace

    if side is None:
        return None
    return ComparedPlace(
        paragraph=side.id, number=side.number, kind=side.kind, label=side.paragraph.label, cited=side.cited
    )


READINGS = (
    Reading(
        "/opinions/{opinion}/compare",
        Act.VERSION_COMPARE,
        "Two versions compared, or a version and the text as it stands",
        compared,
        "comparing.ComparedTexts",
        (
            ("from", "The earlier text: a version's number, draft, or OPINION:NUMBER; else the version before"),
            ("to", "The later text, alike; else the newest"),
            ("view", "rolling (text with square brackets) or clean (agreed text only)"),
        ),
    ),
)
