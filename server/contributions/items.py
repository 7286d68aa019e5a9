"""What contributions propose and view, in the database: each anchored to a paragraph, with what became of it."""

import base64
import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from opinions.commands import MAX_REASON, MAX_TEXT
from opinions.model import AmendmentId, DelegationCode, Kind, ParagraphId
from opinions.process_rules import ProcessRules
from opinions.record import Document
from server.contributions.anchors import where
from server.contributions.values import (
    Anchor,
    Contribution,
    ContributionRefused,
    Item,
    ItemKind,
    ItemStatus,
    UnknownContribution,
    is_plain,
)
from server.people_store import find_delegation
from server.tables.papers import contribution_items as table

MAX_ITEMS = 500
"""Proposals and views of one contribution: a marked-up report of 30 pages has fewer."""
_WITH_WORDS = frozenset({ItemKind.REPLACE, ItemKind.ADD, ItemKind.VIEW})
_ON_WORDS = frozenset({ItemKind.REPLACE, ItemKind.DELETE, ItemKind.BRACKET})


def anchored(
    opinion: str, document: Document, seq: int, cited: str, paragraph: str, kind: ItemKind, was: str
) -> Anchor:
    """An anchor in the text as it stands. Raises `ContributionRefused` when paragraph or words are not there."""
    if not paragraph and kind in (ItemKind.VIEW, ItemKind.ADD):
        return Anchor(opinion, cited="the whole text" if kind is ItemKind.VIEW else "the beginning", seq=seq)
    found = document.text.find(paragraph)
    if found is None:
        raise ContributionRefused("paragraph", "Choose the paragraph that this is about.")
    words = was if kind in _ON_WORDS else ""
    anchor = Anchor(opinion, found.id, cited, found.text, seq, 0, words)
    if kind in _ON_WORDS:
        if not words.strip():
            raise ContributionRefused("was", "Give the words of the paragraph that this is about, as they stand.")
        start = where(found.text, anchor)
        if start is None:
            raise ContributionRefused("was", "These words do not stand in this paragraph. Copy them from its text.")
        if found.text.count(words) > 1:
            raise ContributionRefused("was", "These words stand there more than once. Give some more of them.")
        anchor = Anchor(opinion, found.id, cited, found.text, seq, start, words)
    return anchor


def add_item(
    connection: Connection, contribution: Contribution, item: Item, rules: ProcessRules, name: str, at: datetime
) -> Item:
    """Note a proposal or a view on the register. Raises `ContributionRefused`: also for a proposal by an entity that
    gives views.
    """
    if item.delegation not in contribution.about.sources:
        raise ContributionRefused("delegation", "Choose one of the sources of this contribution.")
    party = find_delegation(connection, item.delegation)
    if party is not None and rules.gives_views_only(party.kind) and item.kind is not ItemKind.VIEW:
        raise ContributionRefused("kind", f"{party.name} gives views, and proposes no amendments.")
    words, reason = item.words.replace("\r\n", "\n").strip("\n"), item.reason.strip()
    if item.kind is not ItemKind.VIEW:
        words = " ".join(words.split("\n"))
    if item.kind in _WITH_WORDS and not words.strip():
        raise ContributionRefused("words", "Give the words: of the proposal, or of the view.")
    if len(words) > MAX_TEXT or len(reason) > MAX_REASON:
        raise ContributionRefused("words", f"Words are at most {MAX_TEXT} characters, a reason {MAX_REASON}.")
    if not is_plain(words) or not is_plain(reason):
        raise ContributionRefused("words", "These words hold characters that are none (controls). Type them anew.")
    if item.kind is ItemKind.REPLACE and words == item.anchor.was:
        raise ContributionRefused("words", "These are the words that stand there already.")
    kept = words if item.kind in _WITH_WORDS else ""
    for one in items_of(connection, contribution.id):
        if one.status is ItemStatus.NOTED and _says(one) == _says(replace(item, words=kept, reason=reason)):
            # A button pressed twice.
            return one
    there = connection.scalar(select(func.count()).where(table.c.contribution == contribution.id)) or 0
    if there >= MAX_ITEMS:
        raise ContributionRefused("", f"A contribution has at most {MAX_ITEMS} proposals and views.")
    key = f"i-{secrets.token_hex(8)}"
    values = {
        "id": key,
        "contribution": contribution.id,
        "position": there,
        "opinion": item.anchor.opinion,
        "delegation": item.delegation,
        "kind": item.kind.value,
        "paragraph": item.anchor.paragraph,
        "cited": item.anchor.cited,
        "context": item.anchor.context,
        "seq": item.anchor.seq,
        "start": item.anchor.start,
        "was": item.anchor.was,
        "words": kept,
        "paragraph_kind": item.paragraph_kind.value,
        "level": item.level,
        "reason": reason,
        "status": ItemStatus.NOTED.value,
        "changed_at": at,
        "changed_by": name,
    }
    connection.execute(insert(table).values(values))
    return load_item(connection, key)


def _says(one: Item) -> tuple[object, ...]:
    """What makes two items the same: who asks for what, where."""
    at = one.anchor
    return one.kind, one.delegation, at.opinion, at.paragraph, at.start, at.was, one.words, one.reason


def set_status(
    connection: Connection, key: str, status: ItemStatus, name: str, at: datetime, amendment: str | None = None
) -> Item:
    """Say what became of an item. One that was entered stays so. Raises `UnknownContribution`."""
    before = load_item(connection, key)
    if before.status is not ItemStatus.ENTERED:
        values = {"status": status.value, "amendment": amendment, "changed_at": at, "changed_by": name}
        connection.execute(update(table).where(table.c.id == key).values(values))
    return load_item(connection, key)


def load_item(connection: Connection, key: str) -> Item:
    """One proposal or view. Raises `UnknownContribution`."""
    row = connection.execute(select(table).where(table.c.id == key)).one_or_none()
    if row is None:
        raise UnknownContribution("There is no such proposal here.")
    return _item(row)


def items_of(connection: Connection, contribution: str) -> tuple[Item, ...]:
    """What a contribution proposes and views, in the order noted."""
    chosen = select(table).where(table.c.contribution == contribution).order_by(table.c.position, table.c.id)
    return tuple(_item(row) for row in connection.execute(chosen))


def items_on(connection: Connection, opinions: Collection[str]) -> tuple[Item, ...]:
    """What all contributions propose and view in these draft Opinions, in the order noted."""
    chosen = select(table).where(table.c.opinion.in_(opinions)).order_by(table.c.contribution, table.c.position)
    return tuple(_item(row) for row in connection.execute(chosen))


def amendment_id(item: str) -> AmendmentId:
    """The id of the amendment that an item becomes: always the same, so that nothing is entered twice."""
    digest = hashlib.sha256(f"amendment of {item}".encode()).digest()[:10]
    return AmendmentId("a-" + base64.b32encode(digest).decode().lower())


def added_id(item: str) -> ParagraphId:
    """The id of the paragraph that an item adds, likewise."""
    digest = hashlib.sha256(f"paragraph of {item}".encode()).digest()[:10]
    return ParagraphId("p-" + base64.b32encode(digest).decode().lower())


def command_key(items: Sequence[Item]) -> str:
    """The key under which these are entered together: asked again, the room answers what it answered first."""
    digest = hashlib.sha256(" ".join(sorted(item.id for item in items)).encode()).digest()[:10]
    return "k-" + base64.b32encode(digest).decode().lower()


def _item(row: Row[Any]) -> Item:
    return Item(
        id=row.id,
        contribution=row.contribution,
        position=row.position,
        delegation=DelegationCode(row.delegation),
        kind=ItemKind(row.kind),
        anchor=Anchor(
            row.opinion,
            None if row.paragraph is None else ParagraphId(row.paragraph),
            row.cited,
            row.context,
            row.seq,
            row.start,
            row.was,
        ),
        words=row.words,
        reason=row.reason,
        paragraph_kind=Kind(row.paragraph_kind or Kind.PARAGRAPH),
        level=row.level,
        status=ItemStatus(row.status),
        amendment=None if row.amendment is None else AmendmentId(row.amendment),
        changed_at=row.changed_at,
        changed_by=row.changed_by,
    )
