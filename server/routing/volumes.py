"""The Secretary-General's report, the volumes it is published in, and the register of document numbers."""

from opinions.roles import Act
from server.pages import documents, sg_report, sg_report_editing, volumes
from server.routing.entry import Entry

REPORT = "/sg-report"
SECTION = f"{REPORT}/sections/{{section}}"
REMARK = f"{REPORT}/comments/{{comment}}"
VOLUME = "/volumes/{number:int}"
WRITE, READ = Act.SG_REPORT_WRITE, Act.PROCESS_READ

ENTRIES: tuple[Entry, ...] = (
    Entry("GET", REPORT, READ, sg_report.report),
    Entry("GET", f"{REPORT}/revisions", READ, sg_report.report_revisions),
    Entry("GET", f"{REPORT}/revisions/{{revision:int}}", READ, sg_report.report_at),
    Entry("POST", f"{REPORT}/revisions/{{revision:int}}", WRITE, sg_report_editing.restore),
    Entry("POST", f"{REPORT}/revisions/{{revision:int}}/put-out", WRITE, sg_report_editing.put_report_out),
    Entry("GET", f"{REPORT}/files/{{file}}", READ, sg_report.report_file),
    Entry("GET", f"{REPORT}/comments.csv", READ, sg_report.comments_as_csv),
    Entry(
        "POST",
        f"{REPORT}/comments",
        Act.SG_REPORT_COMMENT,
        sg_report.make_comment,
        max_body=sg_report.COMMENT_BYTES,
    ),
    Entry("POST", f"{REMARK}/withdraw", Act.SG_REPORT_COMMENT, sg_report.withdraw_comment),
    Entry("POST", f"{REMARK}/answer", WRITE, sg_report.answer_comment),
    Entry("GET", f"{REPORT}/upload", WRITE, sg_report_editing.upload_form),
    Entry("POST", f"{REPORT}/upload", WRITE, sg_report_editing.upload, max_body=sg_report_editing.UPLOAD_BYTES),
    Entry("GET", f"{REPORT}/sections/new", WRITE, sg_report_editing.new_section),
    Entry(
        "POST",
        f"{REPORT}/sections/new",
        WRITE,
        sg_report_editing.add_section,
        max_body=sg_report_editing.SECTION_BYTES,
    ),
    Entry("GET", SECTION, WRITE, sg_report_editing.edit_section),
    Entry("POST", SECTION, WRITE, sg_report_editing.save_section, max_body=sg_report_editing.SECTION_BYTES),
    # Volumes: prepared by the secretariat, cut by the chair, published by the secretariat
    Entry("GET", "/volumes", READ, volumes.volume_list),
    Entry("GET", "/volumes/new", WRITE, volumes.new_volume),
    Entry("POST", "/volumes/new", WRITE, volumes.begin_volume),
    Entry("GET", VOLUME, READ, volumes.volume),
    Entry("POST", VOLUME, WRITE, volumes.change_volume),
    Entry("POST", f"{VOLUME}/number", WRITE, volumes.number_volume),
    Entry("POST", f"{VOLUME}/drop", WRITE, volumes.drop_volume),
    Entry("POST", f"{VOLUME}/publish", Act.VOLUME_PUBLISH, volumes.publish_volume),
    Entry("GET", f"{VOLUME}/record.json", READ, volumes.volume_record),
    # Every number given out
    Entry("GET", "/documents", READ, documents.documents),
    Entry("POST", "/documents", WRITE, documents.give_number),
)
