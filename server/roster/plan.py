"""What entering a roster would do, row by row, against the people who are here: nothing is written by it.

A plan follows from the rows, the choices made on the page and the database alone, so that the page and the transaction
that enters it make the same one; `digest` of the plan without choices tells whether the people are still the same.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from enum import StrEnum

from sqlalchemy import Connection

from opinions.process_rules import ProcessRules
from opinions.roles import Delegation, DelegationKind, Region, Role
from server.names import NameRefused, clean_code, clean_email, clean_name, name_key
from server.people_store import Member, all_delegations, all_members
from server.process_store import load_process
from server.roster.columns import Row
from server.wording import ROLES

SIMILAR = 0.86
"""How alike two names of a delegation must be to be asked about: a letter or two of a full name (`difflib`'s ratio)."""


class Outcome(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    SAME = "same"
    CHANGED = "changed"
    LEFT_OUT = "left_out"
    ERROR = "error"


class Choice(StrEnum):
    """What the secretariat says of a row that may be somebody who is here already, or twice in the roster."""

    KEEP = "keep"
    """It is the same person; what is here stands."""
    TAKE = "take"
    """It is the same person; what the roster says replaces it."""
    OTHER = "other"
    """It is somebody else of a similar name."""
    SKIP = "skip"
    """The row is left out."""


@dataclass(frozen=True, slots=True)
class Addition:
    """A delegation that the roster names and nobody knows yet, to be added with it. `name` is as the roster has it."""

    name: str
    code: str = ""
    kind: DelegationKind = DelegationKind.MEMBER_STATE
    region: Region = Region.NONE
    wanted: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """One row and what becomes of it. `offered` are the choices the row has; `known` is whom it may be already, `twin`
    the row of this roster that it repeats. `errors` and `remarks` are sentences.
    """

    row: Row
    outcome: Outcome
    name: str = ""
    email: str = ""
    role: Role = Role.EXPERT
    delegation: str | None = None
    entity: str = ""
    nominated_by: str = ""
    known: Member | None = None
    twin: int | None = None
    offered: tuple[Choice, ...] = ()
    choice: Choice | None = None
    errors: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def enters(self) -> bool:
        """Whether somebody is added or changed by the row."""
        return self.outcome in {Outcome.NEW, Outcome.CHANGED}


@dataclass(frozen=True, slots=True)
class Plan:
    """All rows, and the delegations to be added."""

    rows: tuple[Planned, ...]
    additions: tuple[Addition, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)
    """What is wrong with an addition, by the roster's name for it."""

    @property
    def entered(self) -> int:
        """How many people entering it would add or change."""
        return sum(row.enters for row in self.rows)

    @property
    def errors(self) -> int:
        """Rows that must be corrected or left out first."""
        return sum(row.outcome is Outcome.ERROR for row in self.rows)

    def counts(self) -> Mapping[Outcome, int]:
        """How many rows come to what."""
        return {one: sum(row.outcome is one for row in self.rows) for one in Outcome}

    @property
    def digest(self) -> str:
        """The same for plans of the same rows before the same people."""
        told = [
            (one.row, one.outcome, one.delegation, one.role, one.known and (one.known.id, one.known.version), one.twin)
            for one in self.rows
        ]
        return hashlib.sha256(repr((told, self.additions)).encode("utf-8", "surrogatepass")).hexdigest()


def planned(
    connection: Connection,
    rows: tuple[Row, ...],
    choices: Mapping[int, Choice] | None = None,
    additions: Mapping[str, Addition] | None = None,
) -> Plan:
    """The plan of these rows. `choices` are by the row's number, `additions` by `name_key` of the roster's name."""
    desk = _Desk(all_delegations(connection), all_members(connection), load_process(connection).rules, additions or {})
    made: list[Planned] = []
    for row in rows:
        made.append(desk.plan(row, (choices or {}).get(row.number), made))
    return Plan(tuple(made), tuple(desk.additions.values()), desk.problems)


class _Desk:
    """What rows are looked at against."""

    def __init__(
        self,
        delegations: tuple[Delegation, ...],
        members: tuple[Member, ...],
        rules: ProcessRules,
        wanted: Mapping[str, Addition],
    ) -> None:
        self._kinds = {str(one.code): one.kind for one in delegations}
        self._codes = {name_key(one.name): str(one.code) for one in delegations}
        self._rules = rules
        self._by_email = {one.email: one for one in members if one.email}
        self._by_delegation: dict[str | None, list[Member]] = {}
        for one in members:
            self._by_delegation.setdefault(one.delegation, []).append(one)
        self._wanted = wanted
        self.additions: dict[str, Addition] = {}
        self.problems: dict[str, str] = {}
        self._suggested = set(self._kinds)

    def plan(self, row: Row, choice: Choice | None, before: list[Planned]) -> Planned:
        errors: list[str] = []
        remarks: list[str] = []
        name, email = row.name, ""
        for check, given in ((clean_name, row.name), (clean_email, row.email)):
            try:
                cleaned = check(given) or ""
                name, email = (cleaned, email) if check is clean_name else (name, cleaned)
            except NameRefused as error:
                errors.append(str(error))
        role = _role(row.role)
        if role is None:
            errors.append(
                f"“{row.role}” is no role here. Write Expert, Focal point, Gives views, Observer or Secretariat, or "
                "leave it empty."
            )
        speaks = role not in {Role.SECRETARIAT, Role.OBSERVER} or row.role == ""
        delegation, nominated_by = self._delegation(row, errors, remarks, speaks=speaks)
        if role is not None:
            role = self._fitting(role, row.role, delegation, remarks)
        made = Planned(
            row,
            Outcome.NEW,
            name,
            email,
            role or Role.EXPERT,
            delegation,
            # What only says the delegation again is told by its code.
            "" if delegation is not None and self._code_of(row.entity) == delegation else row.entity,
            nominated_by,
            errors=tuple(errors),
            remarks=tuple(remarks),
        )
        if not email and not errors:
            made = replace(made, remarks=(*made.remarks, "No e-mail address: the link is handed over by hand."))
        if errors:
            left_out = choice is Choice.SKIP
            outcome = Outcome.LEFT_OUT if left_out else Outcome.ERROR
            return replace(made, outcome=outcome, offered=(Choice.SKIP,), choice=choice if left_out else None)
        return self._matched(made, choice, before)

    # --- delegations and roles

    def _delegation(self, row: Row, errors: list[str], remarks: list[str], *, speaks: bool) -> tuple[str | None, str]:
        """The delegation's code, and who nominated where that is somebody else."""
        for given in (row.entity, row.nominated_by):
            code = self._code_of(given)
            if code is not None:
                return code, "" if given == row.nominated_by and not row.entity else row.nominated_by
        called = row.nominated_by or row.entity
        if not called:
            if speaks:
                errors.append("No entity, delegation or nominating member is given.")
            return None, ""
        if not speaks:
            return None, row.nominated_by
        key = name_key(called)
        addition = self._wanted.get(key, Addition(called, self._suggestion(called)))
        self.additions.setdefault(key, addition)
        if not addition.wanted:
            errors.append(f"There is no delegation “{called}”. Add it, or correct the row.")
            return None, row.nominated_by
        try:
            code = clean_code(addition.code)
            clean_name(addition.name)
        except NameRefused as error:
            self.problems[key] = str(error)
        else:
            if code not in self._kinds:
                self._kinds[code] = addition.kind
                self._codes[key] = code
                remarks.append(f"The delegation {code} is added.")
                return code, row.nominated_by
            self.problems[key] = f"The code {code} belongs to another delegation. Choose another one."
        errors.append(f"The delegation “{called}” cannot be added yet: {self.problems[key]}")
        return None, row.nominated_by

    def _code_of(self, given: str) -> str | None:
        """The code of a delegation given by code, by name, or as "Arcadia (XAA)" and "XAA - Arcadia"."""
        if not given:
            return None
        within = re.fullmatch(r"(.*)\(([A-Za-z0-9]{2,8})\)\s*", given) or re.fullmatch(
            r"()([A-Za-z0-9]{2,8})\s+[-\u2013]\s+.*", given
        )
        for one in (given, within[1] if within else "", within[2] if within else ""):
            if one.strip().upper() in self._kinds:
                return one.strip().upper()
            if one and name_key(one) in self._codes:
                return self._codes[name_key(one)]
        return None

    def _suggestion(self, called: str) -> str:
        letters = [word for word in re.findall(r"[A-Za-z]+", called)]
        short = "".join(word[0] for word in letters) if len(letters) > 2 else "".join(letters)[:3]
        base = (short.upper() or "X")[:6].ljust(2, "X")
        numbered = (f"{base}{number}" for number in range(2, 100))
        chosen = next(one for one in (base, *numbered) if one not in self._suggested)
        self._suggested.add(chosen)
        return chosen

    def _fitting(self, role: Role, given: str, delegation: str | None, remarks: list[str]) -> Role:
        kind = self._kinds.get(delegation or "")
        if kind is None or not self._rules.gives_views_only(kind):
            return role
        if role in {Role.EXPERT, Role.FOCAL_POINT}:
            if given:
                remarks.append(f"{ROLES[role]} becomes Gives views: so the process has it for such entities.")
            return Role.CONTRIBUTOR
        return role

    # --- who it is

    def _matched(self, made: Planned, choice: Choice | None, before: list[Planned]) -> Planned:
        twin = _twin(made, before)
        if twin is not None:
            same = "e-mail address" if twin.email and twin.email == made.email else "name, in the same delegation,"
            remark = f"The same {same} as row {twin.row.number}."
            return _chosen(made, choice, twin=twin.row.number, remark=remark)
        known = self._by_email.get(made.email) if made.email else None
        people = self._by_delegation.get(made.delegation, [])
        key = name_key(made.name)
        known = known or next((one for one in people if name_key(one.name) == key), None)
        if known is not None:
            return self._against(made, known, choice)
        similar = next((one for one in people if _alike(name_key(one.name), key)), None)
        if similar is not None:
            remark = f"Much like {similar.name}, who is here already."
            return _chosen(made, choice, known=similar, remark=remark, alike=True)
        return made

    def _against(self, made: Planned, known: Member, choice: Choice | None) -> Planned:
        if known.role is Role.ADMINISTRATOR:
            remark = f"{known.name} is an administrator, whom a roster does not change."
            return replace(made, outcome=Outcome.SAME, known=known, remarks=(*made.remarks, remark))
        given = (
            ("name", known.name, made.name),
            ("delegation", known.delegation or "none", made.delegation or "none"),
            ("role", ROLES[known.role], ROLES[made.role] if made.row.role else ROLES[known.role]),
            ("e-mail", known.email or "none", made.email or known.email or "none"),
        )
        changes = [f"{what} {old} becomes {new}" for what, old, new in given if old != new]
        if not changes:
            return replace(made, outcome=Outcome.SAME, known=known)
        role = made.role if made.row.role else known.role
        made = replace(made, role=role, email=made.email or known.email or "")
        return _chosen(made, choice, known=known, remark=f"Here already as {known.name}: {', '.join(changes)}.")


def _chosen(
    made: Planned,
    choice: Choice | None,
    *,
    remark: str,
    known: Member | None = None,
    twin: int | None = None,
    alike: bool = False,
) -> Planned:
    """A row that repeats somebody: until it is chosen otherwise nothing that is here changes, and nobody is lost."""
    offered = (*((Choice.OTHER,) if alike else ()), Choice.KEEP, Choice.TAKE, Choice.SKIP)
    chosen = choice if choice is not None and choice in offered else offered[0]
    outcomes = {
        Choice.OTHER: Outcome.NEW,
        Choice.KEEP: Outcome.SAME if twin is None else Outcome.LEFT_OUT,
        Choice.TAKE: Outcome.CHANGED,
        Choice.SKIP: Outcome.LEFT_OUT,
    }
    return replace(
        made,
        outcome=outcomes[chosen],
        known=None if chosen is Choice.OTHER else known,
        twin=twin,
        offered=offered,
        choice=chosen,
        remarks=(*made.remarks, remark),
    )


def _twin(made: Planned, before: list[Planned]) -> Planned | None:
    key = name_key(made.name)
    for one in before:
        if one.outcome in {Outcome.ERROR, Outcome.LEFT_OUT}:
            continue
        if (made.email and one.email == made.email) or (
            one.delegation == made.delegation and name_key(one.name) == key
        ):
            return one
    return None


def _alike(one: str, other: str) -> bool:
    if sorted(one.replace(",", " ").split()) == sorted(other.replace(",", " ").split()):
        return True
    return SequenceMatcher(None, one, other).ratio() >= SIMILAR


_ROLES = {
    "": Role.EXPERT,
    "expert": Role.EXPERT,
    "delegate": Role.EXPERT,
    "member": Role.EXPERT,
    "focalpoint": Role.FOCAL_POINT,
    "headofdelegation": Role.FOCAL_POINT,
    "contactpoint": Role.FOCAL_POINT,
    "givesviews": Role.CONTRIBUTOR,
    "views": Role.CONTRIBUTOR,
    "contributor": Role.CONTRIBUTOR,
    "observer": Role.OBSERVER,
    "secretariat": Role.SECRETARIAT,
}


def _role(given: str) -> Role | None:
    return _ROLES.get("".join(character for character in given.casefold() if character.isalnum()))
