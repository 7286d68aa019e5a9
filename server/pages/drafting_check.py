"""The drafting check of an Opinion: the remarks by paragraph, and one click on the words that would mend one."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from itertools import groupby
from typing import Any

from starlette.responses import Response

from opinions.commands import MAX_TEXT, CorrectText, EnterProposals, to_json
from opinions.drafting_check import check, counts
from opinions.drafting_rules.values import Finding, Rule
from opinions.model import AmendmentId, DelegationCode, ParagraphId
from opinions.numbering import citations
from opinions.proposals import Proposal, Replacement
from opinions.record import AmendmentKind, Document
from opinions.roles import Act, Role
from server.assets import assets_of
from server.commanding import command, is_key
from server.ids import new_id
from server.pages.rendering import done, render
from server.pages.renumbering import STYLES
from server.visit import Visit

AROUND = 48
"""Characters shown on either side of what a remark is on."""
RULES: Mapping[Rule, str] = {
    Rule.CHAPEAU: "Chapeau",
    Rule.VERB: "Verbs",
    Rule.ENDING: "How items end",
    Rule.SINGLE_ITEM: "Single items",
    Rule.PLACEHOLDER: "Placeholders",
    Rule.SPACING: "Blanks",
    Rule.PUNCTUATION: "Punctuation",
    Rule.ABBREVIATION: "Abbreviations",
    Rule.RESOLUTION: "Names of Resolutions",
    Rule.OPINION: "Other Opinions",
    Rule.QUOTATION: "Quotation marks",
    Rule.WIDTH: "Full-width signs",
    Rule.CITATION: "Citations",
}


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark with the words round it, as the page shows them."""

    finding: Finding
    before: str
    after: str

    @property
    def key(self) -> str:
        """What tells remarks apart on the page."""
        return f"{self.finding.paragraph}-{self.finding.rule}-{self.finding.start}"


async def show(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/drafting-check?rule=`: all remarks, or those of one rule."""
    return await _page(visit)


async def apply(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/drafting-check`: one click on a remark. The secretariat corrects the text, a delegation
    proposes the words.
    """
    form = await visit.form()
    asked = _asked(visit, form)
    if asked is None or not is_key(form.get("key")):
        return await _page(visit, "The form was not whole. Load the page again.", HTTPStatus.UNPROCESSABLE_ENTITY)
    party = "" if visit.actor.role is Role.SECRETARIAT else str(visit.actor.delegation or "")
    answer = await command(visit, party, form["key"], asked)
    if answer.code:
        status = HTTPStatus.FORBIDDEN if answer.code == "not-allowed" else HTTPStatus.CONFLICT
        return await _page(visit, answer.message, status)
    word = "corrected" if asked["act"] == CorrectText.act else "proposed"
    return done(f"/opinions/{visit.opinion.id}/drafting-check", word)


def _asked(visit: Visit, form: Mapping[str, str]) -> dict[str, Any] | None:
    """The command that a click is; None where the form does not say one."""
    paragraph, was, words = form.get("paragraph", ""), form.get("was", ""), form.get("words", "")
    numbers = [form.get(name, "") for name in ("start", "end")]
    if not paragraph or not all(one.isascii() and one.isdigit() and len(one) < 8 for one in numbers):
        return None
    if len(was) > MAX_TEXT or len(words) > MAX_TEXT:
        return None
    start, end = (int(one) for one in numbers)
    if visit.actor.role is Role.SECRETARIAT:
        return to_json(CorrectText(ParagraphId(paragraph), start, end, was, words, "Drafting check."))
    proposal = Proposal(
        AmendmentId(new_id("a")),
        DelegationCode(visit.actor.delegation or ""),
        AmendmentKind.MOD,
        ParagraphId(paragraph),
        (Replacement(start, end, was, words),),
        reason="Drafting check.",
    )
    return to_json(EnterProposals("", (proposal,)))


async def _page(visit: Visit, error: str = "", status: HTTPStatus = HTTPStatus.OK) -> Response:
    document = await visit.services.hub.document(visit.opinion.id)
    found = await asyncio.to_thread(check, document)
    given = visit.request.query_params.get("rule", "")
    chosen = Rule(given) if given in tuple(Rule) else None
    shown = [one for one in found if chosen in (None, one.rule)]
    return render(
        visit,
        "drafting_check.html",
        status=status,
        own_styles=assets_of(STYLES).styles,
        groups=[(one, [remark(document, each) for each in rows]) for one, rows in groupby(shown, _paragraph)],
        cited=citations(document),
        counted_by_rule=[(rule, RULES[rule], number) for rule, number in sorted(counts(found).items())],
        rules=RULES,
        chosen=chosen,
        total=len(found),
        corrects=visit.may(Act.TEXT_CORRECT),
        proposes=visit.may(Act.AMENDMENT_SUBMIT) and visit.actor.delegation is not None,
        errors={"": error} if error else {},
        key=lambda: new_id("k"),
    )


def remark(document: Document, finding: Finding) -> Remark:
    """A remark with the words round it."""
    paragraph = document.text.find(finding.paragraph)
    text = paragraph.text if paragraph is not None else ""
    return Remark(finding, _tail(text[: finding.start]), _head(text[finding.end :]))


def _tail(words: str) -> str:
    """The last of some words, begun where a word begins."""
    if len(words) <= AROUND:
        return words
    cut, blank, rest = words[-AROUND:].partition(" ")
    return f"\u2026 {rest if blank else cut}"


def _head(words: str) -> str:
    """The first of some words, ended where a word ends."""
    if len(words) <= AROUND:
        return words
    rest, blank, cut = words[:AROUND].rpartition(" ")
    return f"{rest if blank else cut} \u2026"


def _paragraph(finding: Finding) -> ParagraphId:
    return finding.paragraph
