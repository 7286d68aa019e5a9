"""The rules of a process that software acts on: their force, their source, and what is to be said of what is done.

Hard rules refuse, soft ones warn and the warning is recorded; nothing else follows from either (I9). Where two
documents differ in force both are named, and the rule is as soft as the softer of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from opinions.phases import Edge, Phase, Zones, edge_instant, instant, spans
from opinions.process_rules import ProcessRules
from opinions.roles import Act
from opinions.timetable import Milestone, MilestoneKind, Standing

_HELD = frozenset({MilestoneKind.MEETING, MilestoneKind.FORUM})
"""Milestones that people come together for."""


class Force(StrEnum):
    """Whether a rule refuses or warns."""

    HARD = "hard"
    SOFT = "soft"


class RuleId(StrEnum):
    """The rules, by the names under which findings and warnings are kept."""

    OPINIONS_WINDOW = "opinions-window"
    REPORT_FIXED = "report-fixed"
    REPORT_WEEKS = "report-weeks"
    CONTRIBUTION_PAGES = "contribution-pages"
    PREFERRED_DATE = "preferred-date"
    CONSULTATION_VIEWS = "views-only"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as data: what it says, its force here, and where it is written, with the force it has there."""

    id: RuleId
    words: str
    force: Force
    source: str


RULES: Mapping[RuleId, Rule] = {
    one.id: one
    for one in (
        Rule(
            RuleId.OPINIONS_WINDOW,
            "No draft Opinion is considered at the forum that was not presented in the preparatory period.",
            Force.HARD,
            "Resolution 2 (Rev. Bucharest, 2022), resolves 10; CL-26/9",
        ),
        Rule(
            RuleId.REPORT_FIXED,
            "The report of the Secretary-General is not revised during the forum; comments are made on it.",
            Force.HARD,
            "CL-26/9 (“will not”)",
        ),
        Rule(
            RuleId.REPORT_WEEKS,
            "The final report is distributed at least six weeks before the opening.",
            Force.SOFT,
            "CL-24/44 (“must”); Decision 641, 6 d) (“should”)",
        ),
        Rule(
            RuleId.CONTRIBUTION_PAGES,
            "A contribution has at most three pages.",
            Force.SOFT,
            "CL-26/9 (“strongly recommended”)",
        ),
        Rule(
            RuleId.PREFERRED_DATE,
            "Contributions come by the preferred date, so that they can be translated and considered.",
            Force.SOFT,
            "CL-26/9 (“preferably”)",
        ),
        Rule(
            RuleId.CONSULTATION_VIEWS,
            "Associates, Academia and other organizations give views; Member States and Sector Members propose.",
            Force.HARD,
            "Resolution 2 (Rev. Bucharest, 2022), resolves 10",
        ),
    )
}
"""Every rule of the seed documents that something here depends on (opinions/SPEC.md, RU1)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says of something that is being done. `due` is the date it speaks of, where it speaks of one."""

    rule: Rule
    message: str
    due: datetime | None = None

    @property
    def refuses(self) -> bool:
        """Whether it stops the act; else it is shown and recorded."""
        return self.rule.force is Force.HARD


def opinion_presented(rules: ProcessRules, at: datetime) -> Finding | None:
    """A draft Opinion that is presented after the preparatory period: it is kept as a contribution."""
    due = rules.opinions_due
    if due is None or at < due:
        return None
    return Finding(
        RULES[RuleId.OPINIONS_WINDOW],
        "The period in which draft Opinions could be presented is over. This one is kept as a contribution and is not "
        "considered as an Opinion for adoption.",
        due,
    )


def contribution_entered(rules: ProcessRules, pages: int | None, received_at: datetime) -> tuple[Finding, ...]:
    """What is remarked of a contribution: its length, and that it came after the preferred date."""
    found = []
    most, due = rules.contribution_pages, rules.contributions_due
    if most and pages is not None and pages > most:
        message = f"It has {pages} pages; at most {most} are recommended. It is taken all the same."
        found.append(Finding(RULES[RuleId.CONTRIBUTION_PAGES], message))
    if due is not None and received_at >= due:
        message = "It came after the preferred date, and may not be translated in time. It is taken all the same."
        found.append(Finding(RULES[RuleId.PREFERRED_DATE], message, due))
    return tuple(found)


def report_published(
    rules: ProcessRules, timetable: Mapping[str, Milestone], zones: Zones, at: datetime
) -> Finding | None:
    """A final report that is published later than so many weeks before the forum opens: told, never stopped (WTPF-21
    had it 24 days before).
    """
    forum = the_forum(timetable)
    if forum is None or not rules.report_weeks or not forum.best.exact:
        return None
    zone = zones(forum.zone)
    latest = forum.best.first - timedelta(weeks=rules.report_weeks)
    end = instant(latest, None, zone, closing=True)
    if at < end:
        return None
    before = (forum.best.first - at.astimezone(zone).date()).days
    when = f"{before} days before the opening" if before > 0 else "not before the opening"
    message = (
        f"The final report is published {when}; {rules.report_weeks} weeks before would have been "
        f"{latest.day} {latest:%B %Y} at the latest. It is published all the same."
    )
    return Finding(RULES[RuleId.REPORT_WEEKS], message, end)


def report_revised(
    rules: ProcessRules,
    timetable: Mapping[str, Milestone],
    zones: Zones,
    at: datetime,
    considered: Sequence[str] = (),
) -> Finding | None:
    """A change of the report, or a new version of it, while the forum is held or considers texts of it (`considered`,
    their names; opened and not ended yet): refused.
    """
    if not rules.report_fixed:
        return None
    if considered:
        more = f" and {len(considered) - 1} more" if len(considered) > 1 else ""
        message = (
            f"The forum considers texts of the published report ({considered[0]}{more}), and the report is not revised "
            "meanwhile. Members comment on it, and on forum texts."
        )
        return Finding(RULES[RuleId.REPORT_FIXED], message)
    forum = the_forum(timetable)
    if forum is None or not forum.best.exact:
        return None
    when, zone = forum.best, zones(forum.zone)
    begin = instant(when.first, when.opens, zone, closing=False)
    end = instant(when.last, when.closes, zone, closing=True)
    if not begin <= at < end:
        return None
    message = "The forum is being held, and the report is not revised at it. Members comment on it, and on forum texts."
    return Finding(RULES[RuleId.REPORT_FIXED], message, begin)


def the_forum(timetable: Mapping[str, Milestone]) -> Milestone | None:
    """The forum itself: the last milestone of that kind that was not cancelled; None where the process has none."""
    forums = [
        one for one in timetable.values() if one.kind is MilestoneKind.FORUM and one.standing is not Standing.CANCELLED
    ]
    return max(forums, key=lambda one: (one.best.last, one.id), default=None)


def milestone_at(phases: Iterable[Phase], timetable: Mapping[str, Milestone], zones: Zones, at: datetime) -> str:
    """Where in the process a moment lies, in words: the milestone that was being held, else the phase that was open
    for presenting draft Opinions, else after which milestone it was. Empty where there is no timetable.

    A milestone of several days is held from the begin of its first to the end of its last; a cancelled one, and one of
    which no day is known, is nowhere.
    """
    held, passed = [], []
    for one in timetable.values():
        begin = edge_instant(Edge(one.id), timetable, zones, closing=False)
        end = edge_instant(Edge(one.id, end=True), timetable, zones, closing=True)
        if begin is None or end is None:
            continue
        if begin <= at < end and one.kind in _HELD:
            held.append((begin, one.name))
        if end <= at:
            passed.append((end, one.name))
    if held:
        return max(held)[1]
    open_now = [
        one
        for one in spans(phases, timetable, zones)
        if one.is_open(at) and Act.OPINION_PRESENT in one.phase.rights and one.opens_at is not None
    ]
    if open_now:
        return max(open_now, key=lambda one: (one.opens_at, one.phase.id)).phase.name
    return f"After: {max(passed)[1]}" if passed else ("Before the first milestone" if timetable else "")
