"""`/api/v1/contributions`: the register, and putting a contribution on it, for programs."""

import base64
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from sqlalchemy import Connection

from opinions.model import DelegationCode
from opinions.roles import Act, Role
from server import files_store, outbox
from server.api.operations import MAX_LISTED, Call, CallRefused
from server.attribution import names_for_program
from server.contributions import store
from server.contributions.attachments import judged
from server.contributions.values import Contribution, ContributionRefused, Particulars
from server.people_store import Member
from server.phasing import warnings

if TYPE_CHECKING:
    from pydantic import BaseModel

    from server.api import shapes

MAX_FILE = 8 * 1024 * 1024
"""Bytes of a file: what a body of `operations.BODY_BYTES` holds in base64."""


async def contributions(call: Call) -> "BaseModel":
    """`GET`: the register in its order, at most `MAX_LISTED` from `offset` on."""
    from server.api.shapes import ContributionList

    found = await call.visit.read(store.all_contributions)
    shown = found[call.offset : call.offset + MAX_LISTED]
    return ContributionList(contributions=[_told(call, one) for one in shown], total=len(found))


async def enter_contribution(call: Call) -> "BaseModel":
    """`POST`: on the register with its number, or waiting for one. Late and long are remarks, never refusals."""
    wanted = cast("shapes.NewContribution", call.body)
    content = _file(wanted)
    about = Particulars(
        title=wanted.title,
        sources=tuple(DelegationCode(one) for one in wanted.sources),
        language=wanted.language,
        meeting=wanted.meeting,
        dated=wanted.dated,
        pages=wanted.pages,
        opinions=tuple(wanted.opinions),
        summary=wanted.summary,
    )
    program = Member(call.program.id, call.program.name, Role.CONTRIBUTOR)

    def enter(connection: Connection) -> Contribution:
        due = call.missed(connection, Act.CONTRIBUTION_SUBMIT) or call.visit.process.rules.contributions_due
        made = store.enter(connection, about, program, call.visit.now, due_at=due, number=wanted.number)
        warnings.contribution(connection, made, call.visit.process.rules, program, call.visit.now)
        if content:
            kind = judged(wanted.file_name, content).media_type
            kept = files_store.keep(connection, wanted.file_name, kind, content, call.visit.now, program.id)
            store.attach(connection, made.id, kept.id)
        call.note(connection, made.id, f"contribution {made.spelling or 'without a number'} entered")
        return store.load(connection, made.id)

    try:
        made = await call.visit.write(enter)
    except ContributionRefused as error:
        message = f"{error.field}: {error}" if error.field else str(error)
        raise CallRefused("contribution", message, HTTPStatus.CONFLICT) from None
    if made.spelling:
        call.visit.services.begin(outbox.registered(made.id).id)
    return _told(call, made)


def _file(wanted: "shapes.NewContribution") -> bytes:
    try:
        content = base64.b64decode(wanted.file, validate=True)
    except ValueError:
        # Letters that are not ASCII, and what is no base64 (binascii.Error).
        raise CallRefused("file", "The file is not base64.", HTTPStatus.UNPROCESSABLE_ENTITY) from None
    if len(content) > MAX_FILE:
        raise CallRefused("file", "A file has at most 8 MiB here.", HTTPStatus.UNPROCESSABLE_ENTITY)
    return content


def _told(call: Call, one: Contribution) -> "shapes.Contribution":
    from server.api.shapes import Contribution as Told

    return Told(
        id=one.id,
        number=one.spelling,
        title=one.about.title,
        sources=list(names_for_program(call.visit).codes(one.about.sources)),
        opinions=list(one.about.opinions),
        meeting=one.about.meeting,
        language=one.about.language,
        dated=one.about.dated,
        pages=one.about.pages,
        received_at=one.received_at,
        status=one.status.value,
        remarks=list(one.remarks(call.visit.process.rules.contribution_pages)),
        supersedes=one.supersedes,
        superseded_by=one.superseded_by,
        files=[file.name for file in one.files],
    )
