"""Consultation rounds and comments."""

from opinions.roles import Act
from server.pages import answers, comment_confirmation, comment_files, comments, consultation, public_consultation
from server.routing.entry import Entry
from server.visit import PUBLIC

TEXT = "/consultation/{round}/opinions/{opinion}"
LINK = "/comment-confirmation/{token}"

ENTRIES: tuple[Entry, ...] = (
    Entry("GET", "/consultation", Act.COMMENT_READ, consultation.consultation),
    Entry("GET", "/consultation/new", Act.CONSULTATION_MANAGE, consultation.new_round),
    Entry("POST", "/consultation/new", Act.CONSULTATION_MANAGE, consultation.put_round_up),
    Entry("GET", "/consultation/{round}", Act.COMMENT_READ, consultation.round_page),
    Entry("GET", "/consultation/{round}/dates", Act.CONSULTATION_MANAGE, consultation.dates),
    Entry("POST", "/consultation/{round}/dates", Act.CONSULTATION_MANAGE, consultation.change_dates),
    Entry("POST", "/consultation/{round}/publication", Act.CONSULTATION_MANAGE, consultation.publish),
    Entry("GET", "/consultation/{round}/moderation", Act.CONSULTATION_MANAGE, consultation.moderation),
    Entry("POST", "/consultation/{round}/moderation", Act.CONSULTATION_MANAGE, consultation.moderate),
    Entry("GET", "/consultation/{round}/export", Act.COMMENT_READ, comment_files.export),
    # A draft of a round, and what was said of it
    Entry("GET", TEXT, Act.COMMENT_READ, comments.text_with_comments),
    Entry("GET", f"{TEXT}/comment", Act.COMMENT_MAKE, comments.new_comment),
    Entry("POST", f"{TEXT}/comment", Act.COMMENT_MAKE, comments.make_comment, max_body=comments.FORM_BYTES),
    Entry("GET", f"{TEXT}/answers", Act.COMMENT_ANSWER, answers.answers),
    Entry("POST", f"{TEXT}/answers", Act.COMMENT_ANSWER, answers.answer),
    Entry("GET", "/opinions/{opinion}/comments", Act.OPINION_READ_LIVE, comments.living_comments),
    # One comment
    Entry("GET", "/comments/{comment}", Act.COMMENT_READ, comments.comment_page),
    Entry("GET", "/comments/{comment}/edit", Act.COMMENT_MAKE, comments.edit_form),
    Entry("POST", "/comments/{comment}/edit", Act.COMMENT_MAKE, comments.edit_comment),
    Entry("POST", "/comments/{comment}/withdrawal", Act.COMMENT_MAKE, comments.withdraw_comment),
    Entry("POST", "/comments/{comment}/erasure", Act.CONSULTATION_MANAGE, comments.erase_comment),
    Entry("GET", "/comments/{comment}/files/{file}", Act.COMMENT_READ, comment_files.comment_file),
    # For everybody, without an account; each of these has a limit of its own (`server.consultation.limits`)
    Entry("GET", "/consultations", PUBLIC, public_consultation.public_rounds),
    Entry("GET", "/consultations/{round}", PUBLIC, public_consultation.public_round),
    Entry("GET", "/consultations/{round}/texts/{opinion}", PUBLIC, public_consultation.public_text),
    Entry("GET", "/consultations/{round}/comment", PUBLIC, public_consultation.comment_form),
    Entry(
        "POST",
        "/consultations/{round}/comment",
        PUBLIC,
        public_consultation.send_comment,
        max_body=comments.FORM_BYTES,
    ),
    Entry("GET", "/consultations/{round}/export", PUBLIC, public_consultation.public_export),
    Entry("GET", "/consultations/{round}/files/{comment}/{file}", PUBLIC, public_consultation.public_file),
    Entry("GET", LINK, PUBLIC, comment_confirmation.confirmation),
    Entry("POST", LINK, PUBLIC, comment_confirmation.confirm),
    Entry("POST", f"{LINK}/withdrawal", PUBLIC, comment_confirmation.take_out),
)
