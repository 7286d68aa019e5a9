"""The forms of alternatives, packages and compromise text: what was typed, and the command that it says."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from opinions.compromise_wording import wording_replacements
from opinions.model import Paragraph
from opinions.numbering import citations
from opinions.on_table import MAX_CALLED, MAX_OPTIONS
from opinions.packages import AMENDMENT, PARAGRAPH
from opinions.record import AmendmentKind, Document, Ruling
from server.errors import ServerError

LINKS = 6
"""Links that one form offers at once; a package can be changed for more."""
MAX_WORDING = 12_000
"""Characters of a compromise's wording: twice the longest paragraph of real drafts."""
_NO_TEXT = ("no text", "none")
_number = re.compile(r"#?(\d{1,6})").fullmatch


class Unfit(ServerError):
    """Raised when a form says no command; `field` is where."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def tie(form: Mapping[str, str], new_id: Callable[[str], str]) -> dict[str, Any]:
    """`put_alternatives` from one label per amendment: those with the same label are one option. Raises `Unfit`."""
    options: dict[str, dict[str, Any]] = {}
    for field, value in form.items():
        label = " ".join(value.split())
        if field.startswith("label-") and label:
            option = options.setdefault(label.casefold(), _option(label))
            option["amendments"].append(field.removeprefix("label-"))
    if not options:
        raise Unfit("labels", "Give amendments a label: those with the same one are one option.")
    if form.get("as_it_stands"):
        options.setdefault("the text as it stands", _option("The text as it stands"))
    if form.get("no_text"):
        options.setdefault("no text", _option("No text"))
    if len(options) < 2:
        raise Unfit("labels", "These are one option. Give others another label, or offer the text as it stands.")
    if len(options) > MAX_OPTIONS:
        raise Unfit("labels", f"These are {len(options)} options; {MAX_OPTIONS} is the most that stand side by side.")
    if any(len(option["amendments"]) > MAX_CALLED for option in options.values()):
        raise Unfit("labels", f"An option has at most {MAX_CALLED} amendments.")
    name = " ".join(form.get("name", "").split())
    if not name:
        raise Unfit("name", "Give the alternatives a name, such as the words they are about.")
    return {
        "act": "put_alternatives",
        "alternatives": form.get("alternatives") or new_id("alt"),
        "name": name[:200],
        "options": list(options.values()),
        "note": form.get("note", "").strip()[:2_000],
    }


def _option(label: str) -> dict[str, Any]:
    return {"label": label[:200], "amendments": [], "no_text": label.casefold() in _NO_TEXT}


def pick(form: Mapping[str, str]) -> dict[str, Any]:
    """`pick_option` from what the page carried and what the chair said with it. Raises `Unfit`."""
    command = _carried(form, "pick_option")
    if form.get("ad_referendum"):
        command["ad_referendum"] = True
        command["outcomes"] = [_ad_referendum(one) for one in command.get("outcomes", [])]
    return {**command, **_said(form)}


def _ad_referendum(outcome: object) -> object:
    if isinstance(outcome, dict) and outcome.get("ruling") == Ruling.AGREED:
        return {**outcome, "ruling": Ruling.AGREED_AD_REFERENDUM.value}
    return outcome


def keep(form: Mapping[str, str]) -> dict[str, Any]:
    """`keep_alternatives`: kept for now, or untied."""
    named = {"act": "keep_alternatives", "alternatives": form.get("alternatives", "")[:64]}
    return {**named, "drop": form.get("do") == "untie", **_said(form)}


def _said(form: Mapping[str, str]) -> dict[str, str]:
    return {"note": form.get("note", "").strip()[:2_000], "ruled_by": form.get("ruled_by", "").strip()[:200]}


def _carried(form: Mapping[str, str], act: str) -> dict[str, Any]:
    try:
        command = json.loads(form.get("command", ""))
    except ValueError:
        command = None
    if not isinstance(command, dict) or command.get("act") != act or not isinstance(command.get("outcomes", []), list):
        raise Unfit("", "The form was not whole. Load the page again.")
    return command


def package(form: Mapping[str, str], document: Document, new_id: Callable[[str], str]) -> dict[str, Any]:
    """`put_package` from links and subjects typed as the room calls them. Raises `Unfit`."""
    find = _Subjects(document)
    links = []
    for number in range(LINKS):
        when, then = form.get(f"when-{number}", "").strip(), form.get(f"then-{number}", "").strip()
        if not when and not then:
            continue
        if not when or not then:
            raise Unfit(
                f"when-{number}", "A link needs both its ends: if one is kept or falls, another stays or falls."
            )
        links.append(
            {
                "when": find(when, f"when-{number}"),
                "then": find(then, f"then-{number}"),
                "kept": form.get(f"kept-{number}", "kept") == "kept",
                "stays": form.get(f"stays-{number}", "falls") == "stays",
            }
        )
    also = [find(one.strip(), "also") for one in re.split(r"[,\n]", form.get("also", "")) if one.strip()]
    subjects = dict.fromkeys([*(one[end] for one in links for end in ("when", "then")), *also])
    name = " ".join(form.get("name", "").split())
    if not name:
        raise Unfit("package-name", "Give the package a name, such as “financing and reporting”.")
    return {
        "act": "put_package",
        "package": form.get("package") or new_id("pack"),
        "name": name[:200],
        "subjects": list(subjects),
        "links": links,
        "note": form.get("note", "").strip()[:2_000],
    }


class _Subjects:
    """Subjects by what somebody types: `#12`, a paragraph as it is cited, or its id."""

    def __init__(self, document: Document) -> None:
        self._numbers = {one.number: one.id for one in document.record.amendments.values() if one.number}
        self._cited = {_plain(text): str(name) for name, text in citations(document).items()}
        self._ids = {str(paragraph.id) for paragraph in document.text}

    def __call__(self, text: str, field: str) -> str:
        number = _number(text)
        if number and int(number[1]) in self._numbers:
            return f"{AMENDMENT}{self._numbers[int(number[1])]}"
        found = text if text in self._ids else self._cited.get(_plain(text))
        if found is None:
            raise Unfit(field, f"“{text[:80]}” is no amendment or paragraph here. Write #12, or recognizing b).")
        return f"{PARAGRAPH}{found}"


def _plain(text: str) -> str:
    return " ".join(text.replace("*", "").split()).casefold().rstrip(")")


def numbered(document: Document, text: str, field: str) -> list[str]:
    """The ids of amendments named by their numbers (`#12, #15`). Raises `Unfit`."""
    numbers = {one.number: one.id for one in document.record.amendments.values() if one.number}
    found = []
    for part in filter(None, re.split(r"[\s,;]+", text)):
        number = _number(part)
        if not number or int(number[1]) not in numbers:
            raise Unfit(field, f"“{part[:80]}” is no amendment here. Write their numbers, such as #12, #15.")
        found.append(str(numbers[int(number[1])]))
    return found


def compromise(
    form: Mapping[str, str],
    replaces: Iterable[str],
    document: Document,
    paragraph: Paragraph,
    new_id: Callable[[str], str],
) -> dict[str, Any]:
    """`propose_compromise` from the wording of a paragraph; of one that is only proposed, a paragraph in its place.
    Raises `Unfit`.
    """
    wording = form.get("wording", "")
    if len(wording) > MAX_WORDING:
        raise Unfit("wording", f"The wording has {len(wording)} characters; {MAX_WORDING} is the most that fits.")
    named = list(dict.fromkeys([*replaces, *numbered(document, form.get("others", ""), "others")]))
    if not named:
        raise Unfit("replaces", "Tick the amendments that the compromise replaces.")
    command: dict[str, Any] = {
        "act": "propose_compromise",
        "amendment": new_id("a"),
        "replaces": named[: MAX_CALLED + 1],
        "reason": form.get("reason", "").strip()[:2_000],
    }
    if paragraph.added is not None:
        words = " ".join(wording.split())
        if not words:
            raise Unfit("wording", "Type the paragraph.")
        at = document.text.index(paragraph.id)
        return {
            **command,
            "kind": AmendmentKind.ADD.value,
            "paragraph": new_id("p"),
            "after": str(document.text.paragraphs[at - 1].id) if at else None,
            "paragraph_kind": paragraph.kind.value,
            "level": paragraph.level,
            "text": words,
        }
    if not wording.strip():
        return {**command, "kind": AmendmentKind.SUP.value, "paragraph": str(paragraph.id)}
    replacements = wording_replacements(paragraph, wording)
    if not replacements:
        raise Unfit("wording", "This is how the paragraph reads without any of the amendments. Change the wording.")
    return {
        **command,
        "kind": AmendmentKind.MOD.value,
        "paragraph": str(paragraph.id),
        "replacements": [asdict(one) for one in replacements],
    }
