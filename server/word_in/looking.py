"""A look at a file beside the living text: read once, compared anew each time, nothing entered."""

import asyncio
import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import count

from sqlalchemy import Connection

from opinions.acting import Context
from opinions.counter_proposals import with_counters
from opinions.errors import OpinionError
from opinions.flattened import suspicions
from opinions.incoming import IncomingDocument, Remark
from opinions.judged_differences import Judgement, Made, made
from opinions.model import DelegationCode
from opinions.overlay import SILENT
from opinions.proposals import MAX_ENTERED
from opinions.reading_proposals import Understanding, paragraphs_of, understand
from opinions.record import SECRETARIAT, Document
from opinions.roles import Delegation, Role
from server import files_store, log_store
from server.people_store import Member, all_delegations, all_members
from server.visit import Visit
from server.word_in import bringing as store
from server.word_in.authors import guessed
from server.word_in.bringing import Bringing
from server.word_in.choices import AS, NOBODY, Choices, Judging
from server.word_in.isolated import read_isolated
from server.word_in.reference import choices as reference_choices
from server.word_in.reference import reference
from server.word_in.refusals import WordRefused

MAX_PARAGRAPHS = 3_000
MAX_CHARACTERS = MAX_ENTERED
"""Characters of a file that is compared: twice the longest draft, and all that one command enters. The worst file of
this size takes some 5 s of a processor.
"""
MAX_AUTHORS = 100


@dataclass(frozen=True, slots=True)
class Look:
    """One look. `digest` tells whether two looks would enter the same."""

    bringing: Bringing
    incoming: IncomingDocument
    document: Document
    seq: int
    delegations: tuple[Delegation, ...]
    choices: Choices
    judging: Judging
    understanding: Understanding
    judged: Mapping[str, Judgement]
    made: Made
    reference: str
    references: list[tuple[str, str]]
    suspicions: tuple[Remark, ...]
    refusal: str = ""
    """Why it cannot be entered as it is chosen; known beforehand where counter-proposals are among it."""

    @property
    def digest(self) -> str:
        """What would be entered, as sixteen hexadecimal digits."""
        spelled = json.dumps(asdict(self.made.entered), sort_keys=True, default=str)
        waiting = [one.key for one in self.made.waiting]
        return hashlib.sha256(f"{spelled}{waiting}".encode("utf-8", "surrogatepass")).hexdigest()[:16]

    @property
    def parties(self) -> Mapping[str, DelegationCode]:
        """For whom each author of the file speaks."""
        return self.judging.parties

    @property
    def nameless(self) -> tuple[str, ...]:
        """The authors of whom something would be entered, and nobody has said for whom they speak."""
        known = self.judging.parties.keys() | {a for a, code in self.choices.authors.items() if code == NOBODY}
        return tuple(one for one in self.understanding.authors if one not in known)


@dataclass(frozen=True, slots=True)
class _Around:
    delegations: tuple[Delegation, ...]
    members: tuple[Member, ...]
    reference: str
    text: Document | None
    references: list[tuple[str, str]]


async def read_file(visit: Visit, bringing: Bringing) -> IncomingDocument:
    """What the file says; read in a process of its own the first time, and kept. Raises `WordRefused`."""
    kept = await visit.read(lambda connection: store.reading_of(connection, bringing.id))
    if kept is not None:
        return kept
    _, content = await visit.read(lambda connection: files_store.load(connection, bringing.file))
    document = await read_to_compare(content)
    await visit.write(lambda connection: store.keep_reading(connection, bringing.id, document))
    return document


async def read_to_compare(content: bytes) -> IncomingDocument:
    """What a file says that is to be laid over a text. Raises `WordRefused`, also for more than is compared."""
    document = await read_isolated(content)
    every = (*document.paragraphs, *document.footnotes)
    characters = sum(len(paragraph.text) for paragraph in every)
    if len(every) > MAX_PARAGRAPHS or characters > MAX_CHARACTERS or len(document.authors) > MAX_AUTHORS:
        raise WordRefused(
            f"The file has {len(every)} paragraphs, {characters} characters and {len(document.authors)} authors. "
            f"{MAX_PARAGRAPHS}, {MAX_CHARACTERS} and {MAX_AUTHORS} are compared with a text at once: bring it in by "
            "parts."
        )
    return document


async def look(visit: Visit, bringing: Bringing, choices: Choices) -> Look:
    """The file beside the text as it stands now. Raises `WordRefused` when the file cannot be read."""
    incoming = await read_file(visit, bringing)
    room = await visit.services.hub.room(bringing.opinion)
    document, seq = room.document, room.seq

    def around(connection: Connection) -> _Around:
        chosen, text = reference(connection, bringing.opinion, incoming, document, seq, choices.reference)
        versions = log_store.load_versions(connection, bringing.opinion)
        listed = reference_choices(versions, incoming, bringing.opinion, seq)
        return _Around(all_delegations(connection), all_members(connection), chosen, text, listed)

    known = await visit.read(around)
    judging = _judging(visit, bringing, incoming, choices, known)

    mint = partial(minted, bringing.id)

    def compare(living: Document) -> Understanding:
        return understand(
            living,
            incoming,
            parties=judging.parties,
            mint=mint,
            by_hand=choices.by_hand,
            reference=known.text,
        )

    def compared() -> Look:
        understanding = compare(document)
        judged = judging.judged(understanding)
        whole = made(understanding, judged, mint=mint, source=bringing.source)
        refusal = ""
        try:
            whole = with_counters(whole, judged, document, _context(visit, judging), compare=compare, mint=mint)
        except OpinionError as error:
            refusal = error.message
        return Look(
            bringing,
            incoming,
            document,
            seq,
            known.delegations,
            choices,
            judging,
            understanding,
            judged,
            whole,
            known.reference,
            known.references,
            tuple(remark for unit in paragraphs_of(incoming) for remark in suspicions(unit)),
            refusal,
        )

    return await asyncio.to_thread(compared)


def _context(visit: Visit, judging: Judging) -> Context:
    """Who would enter it, as the room will ask."""
    ids = count(1)
    return Context(
        visit.actor,
        judging.own or DelegationCode(""),
        visit.now,
        lambda kind: f"{kind}-tried-{next(ids)}",
        proposing=judging.possible,
    )


def _judging(visit: Visit, bringing: Bringing, incoming: IncomingDocument, choices: Choices, known: _Around) -> Judging:
    rules = visit.process.rules
    proposing = {one.code for one in known.delegations if not rules.gives_views_only(one.kind)} | {SECRETARIAT}
    own = None if visit.actor.role is Role.SECRETARIAT else visit.actor.delegation
    parties = dict(guessed(incoming.authors, known.delegations, known.members))
    for author, code in choices.authors.items():
        if code == NOBODY:
            parties.pop(author, None)
        elif code in proposing:
            parties[author] = DelegationCode(code)
    parties.pop(SILENT, None)
    parties = {author: code for author, code in parties.items() if code in proposing}
    if not choices.rest and bringing.kind == "contribution" and (own or bringing.delegation):
        choices = replace(choices, rest=f"{AS}{own or bringing.delegation}")
    return Judging(choices, parties, frozenset(proposing), own)


def minted(bringing: str, key: str) -> str:
    """An id for a key: the same file looked at twice gives the same ones, two files never do."""
    digest = hashlib.sha256(f"{bringing}\x1f{key}".encode("utf-8", "surrogatepass")).digest()[:10]
    kind = "p" if key.startswith("paragraph") else "a"
    return f"{kind}-" + base64.b32encode(digest).decode().lower()
