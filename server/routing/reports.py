"""The chair's report, the brief for a capital, who sees whose proposals."""

from opinions.roles import Act
from server.pages import brief, report, versions
from server.routing.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry("GET", "/brief", Act.BRIEF_READ, brief.all_briefs),
    Entry("POST", "/brief/letter", Act.BRIEF_READ, brief.send_all),
    Entry("GET", "/opinions/{opinion}/brief", Act.BRIEF_READ, brief.opinion_brief),
    Entry("POST", "/opinions/{opinion}/brief/letter", Act.BRIEF_READ, brief.send_one),
    Entry(
        "POST",
        "/opinions/{opinion}/versions/{number:int}/attribution",
        Act.REPORT_MAKE,
        versions.set_attribution,
    ),
    Entry("GET", "/opinions/{opinion}/report", Act.REPORT_MAKE, report.opinion_report),
    Entry("POST", "/opinions/{opinion}/report", Act.REPORT_MAKE, report.give_out_opinion, max_body=report.FORM_BYTES),
    # Who is in the chair is so of single Opinions: the page itself asks of which.
    Entry("GET", "/report", Act.PROCESS_READ, report.process_report),
    Entry("POST", "/report", Act.PROCESS_READ, report.give_out_process, max_body=report.FORM_BYTES),
)
