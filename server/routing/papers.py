"""Contributions, and draft Opinions presented."""

from opinions.roles import Act
from server.pages import compilation, contribution, contribution_items, contributions, ledger
from server.routing.entry import Entry

ONE = "/contributions/{contribution}"
DRAFT = "/ledger/{draft}"

ENTRIES: tuple[Entry, ...] = (
    Entry("GET", "/contributions", Act.CONTRIBUTION_READ, contributions.register),
    Entry("GET", "/contributions.csv", Act.CONTRIBUTION_READ, contributions.register_as_csv),
    Entry("GET", "/contributions/new", Act.CONTRIBUTION_SUBMIT, contributions.new_contribution),
    Entry(
        "POST",
        "/contributions/new",
        Act.CONTRIBUTION_SUBMIT,
        contributions.hand_in,
        max_body=contributions.UPLOAD_BYTES,
    ),
    Entry("GET", ONE, Act.CONTRIBUTION_READ, contribution.contribution),
    Entry("GET", f"{ONE}/cover", Act.CONTRIBUTION_REGISTER, contributions.edit_contribution),
    Entry("POST", f"{ONE}/cover", Act.CONTRIBUTION_REGISTER, contributions.correct_contribution),
    Entry("POST", f"{ONE}/number", Act.CONTRIBUTION_REGISTER, contribution.give_number),
    Entry("POST", f"{ONE}/return", Act.CONTRIBUTION_REGISTER, contribution.return_contribution),
    Entry("POST", f"{ONE}/files", Act.CONTRIBUTION_SUBMIT, contribution.add_file, max_body=contributions.UPLOAD_BYTES),
    Entry("GET", f"{ONE}/files/{{file}}", Act.CONTRIBUTION_READ, contribution.file),
    Entry("POST", f"{ONE}/word-in", Act.PROPOSALS_ENTER, contribution.from_word),
    Entry("GET", f"{ONE}/proposals/new", Act.CONTRIBUTION_SUBMIT, contribution_items.new_item),
    Entry(
        "POST",
        f"{ONE}/proposals",
        Act.CONTRIBUTION_SUBMIT,
        contribution_items.add_item,
        max_body=contribution_items.FORM_BYTES,
    ),
    Entry("POST", f"{ONE}/proposals/{{item}}", Act.CONTRIBUTION_REGISTER, contribution_items.set_item_status),
    Entry("POST", f"{ONE}/entering", Act.PROPOSALS_ENTER, contribution_items.enter_items),
    Entry("GET", "/opinions/{opinion}/compilation", Act.OPINION_READ_LIVE, compilation.compilation),
    Entry("GET", "/opinions/{opinion}/compilation.docx", Act.OPINION_READ_LIVE, compilation.compilation_docx),
    # Presented, tabled, merged, split: the ledger
    Entry("GET", "/ledger", Act.CONTRIBUTION_READ, ledger.ledger),
    Entry("GET", "/ledger.csv", Act.CONTRIBUTION_READ, ledger.ledger_csv),
    Entry("GET", "/ledger/present", Act.OPINION_PRESENT, ledger.present_form),
    Entry("POST", "/ledger/present", Act.OPINION_PRESENT, ledger.present, max_body=ledger.FORM_BYTES),
    Entry("GET", "/ledger/merge", Act.OPINION_CREATE, ledger.merge_form),
    Entry("POST", "/ledger/merge", Act.OPINION_CREATE, ledger.merge, max_body=ledger.FORM_BYTES),
    Entry("GET", DRAFT, Act.CONTRIBUTION_READ, ledger.draft),
    Entry("GET", f"{DRAFT}/table", Act.OPINION_CREATE, ledger.table_form),
    Entry("POST", f"{DRAFT}/table", Act.OPINION_CREATE, ledger.put_on_table, max_body=ledger.FORM_BYTES),
    Entry("POST", f"{DRAFT}/close", Act.OPINION_CREATE, ledger.close_merged),
    Entry("GET", f"{DRAFT}/split", Act.OPINION_CREATE, ledger.split_form),
    Entry("POST", f"{DRAFT}/split", Act.OPINION_CREATE, ledger.split, max_body=ledger.FORM_BYTES),
)
