"""LibreOffice as a delegation uses it: opens a DOCX, edits it with changes recorded under a name, saves it as DOCX.

`edited` runs one LibreOffice without a window, with a profile of its own and a Basic macro in it; `converted` turns
many files into another format in one start. Each start costs 3-4 s, most of it processor time: share what they make.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

PATIENCE = 100.0
"""Seconds for one start; a crowded machine pauses."""


class OfficeFailed(AssertionError):
    """Raised when LibreOffice is missing, or does not do what it is asked; the message holds what it said."""


@dataclass(frozen=True, slots=True)
class Replace:
    """The first `old` in the text, made `new`."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Insert:
    """Words behind the first `after`."""

    after: str
    words: str


@dataclass(frozen=True, slots=True)
class Delete:
    """The first place where these words stand, deleted."""

    words: str


@dataclass(frozen=True, slots=True)
class NewParagraph:
    """A paragraph behind the one that holds the first `after`."""

    after: str
    words: str


@dataclass(frozen=True, slots=True)
class DeleteParagraph:
    """The paragraph that holds the first `holding`, deleted with its mark."""

    holding: str


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment in the margin of the first `on`."""

    on: str
    words: str


Edit = Replace | Insert | Delete | NewParagraph | DeleteParagraph | Comment


@dataclass(frozen=True, slots=True)
class Sitting:
    """What one author does to the text, in order."""

    author: str
    edits: Sequence[Edit]


def soffice() -> str:
    """The program. Raises `OfficeFailed` when it is not there."""
    named = os.environ.get("UNBRACKET_TEST_OFFICE")
    found = named or shutil.which("soffice") or shutil.which("libreoffice")
    if not found:
        raise OfficeFailed("LibreOffice is missing: run `python -m tests.word.office`, which says what to install.")
    return found


def edited(content: bytes, *sittings: Sitting) -> bytes:
    """The DOCX after these sittings, with every change recorded under its author's name."""
    with tempfile.TemporaryDirectory(prefix="unbracket-office-") as folder:
        place = Path(folder)
        given, made = place / "given.docx", place / "made.docx"
        given.write_bytes(content)
        _profile(place, _macro(given, made, place / "said.txt", sittings))
        _run(place, "macro:///Standard.Edit.Main")
        if not made.exists():
            said = (place / "said.txt").read_text() if (place / "said.txt").exists() else "nothing"
            raise OfficeFailed(f"LibreOffice made no file; it said {said!r}.")
        return made.read_bytes()


def converted(sources: Iterable[Path], to: str, into: Path) -> list[Path]:
    """The files in another format (`docx`, `odt`), all in one start."""
    files = list(sources)
    with tempfile.TemporaryDirectory(prefix="unbracket-office-") as folder:
        _profile(Path(folder), "")
        filters = {"docx": "docx:MS Word 2007 XML", "odt": "odt:writer8"}
        _run(Path(folder), "--convert-to", filters[to], "--outdir", str(into), *map(str, files))
    made = [into / f"{one.stem}.{to}" for one in files]
    missing = [one.name for one in made if not one.exists()]
    if missing:
        raise OfficeFailed(f"LibreOffice did not make {', '.join(missing)}.")
    return made


def _run(place: Path, *arguments: str) -> None:
    command = [
        *(soffice(), "--headless", "--norestore", "--nolockcheck", "--nodefault", "--nofirststartwizard"),
        f"-env:UserInstallation={(place / 'profile').as_uri()}",
        *arguments,
    ]
    environment = {**os.environ, "HOME": str(place), "SAL_USE_VCLPLUGIN": "svp"}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE, env=environment, cwd=place, check=False
        )
    except subprocess.TimeoutExpired as problem:
        raise OfficeFailed(f"LibreOffice did not end within {PATIENCE:.0f} s.") from problem
    if done.returncode:
        raise OfficeFailed(f"LibreOffice ended with {done.returncode}: {done.stderr[:2500]}")


# --- the profile: a folder with the macro in it

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMES = 'xmlns:library="http://openoffice.org/2000/library" xmlns:xlink="http://www.w3.org/1999/xlink"'
_DONE = (
    f'{_HEAD}<oor:items xmlns:oor="http://openoffice.org/2001/registry">'
    '<item oor:path="/org.openoffice.Setup/Office"><prop oor:name="ooSetupInstCompleted" oor:op="fuse">'
    "<value>true</value></prop></item></oor:items>"
)


def _profile(place: Path, macro: str) -> None:
    user = place / "profile" / "user"
    standard = user / "basic" / "Standard"
    standard.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(_DONE)
    for kind, element in (("script", '<library:element library:name="Edit"/>'), ("dialog", "")):
        (user / "basic" / f"{kind}.xlc").write_text(
            f"{_HEAD}<!DOCTYPE library:libraries PUBLIC "
            '"-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "libraries.dtd">'
            f'<library:libraries {_NAMES}><library:library library:name="Standard" library:link="false"/>'
            "</library:libraries>"
        )
        (standard / f"{kind}.xlb").write_text(
            f'{_HEAD}<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">'
            f'<library:library {_NAMES} library:name="Standard" library:readonly="false" '
            f'library:passwordprotected="false">{element}</library:library>'
        )
    (standard / "Edit.xba").write_text(
        f'{_HEAD}<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">'
        '<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Edit" '
        f'script:language="StarBasic">{escape(macro)}</script:module>'
    )


# --- the macro

_MACRO = """
Global doc As Object

Sub Main
  On Error GoTo Failed
  Dim source(1) As New com.sun.star.beans.PropertyValue
  source(0).Name = "URL"
  source(0).Value = {given}
  source(1).Name = "FilterName"
  source(1).Value = "MS Word 2007 XML"
  doc = createUnoService("com.sun.star.text.TextDocument")
  doc.load(source())
  doc.RecordChanges = True
{acts}
  Dim form(0) As New com.sun.star.beans.PropertyValue
  form(0).Name = "FilterName"
  form(0).Value = "MS Word 2007 XML"
  doc.storeToURL({made}, form())
  doc.close(True)
  StarDesktop.terminate()
  Exit Sub
Failed:
  told = Err & " " & Error & " in line " & Erl
  n = FreeFile
  Open {said} For Output As #n
  Print #n, told
  Close #n
  StarDesktop.terminate()
End Sub

Sub Author(name As String)
  Dim node(0) As New com.sun.star.beans.PropertyValue
  node(0).Name = "nodepath"
  node(0).Value = "/org.openoffice.UserProfile/Data"
  provider = createUnoService("com.sun.star.configuration.ConfigurationProvider")
  update = provider.createInstanceWithArguments("com.sun.star.configuration.ConfigurationUpdateAccess", node())
  update.setPropertyValue("givenname", name)
  update.setPropertyValue("sn", "")
  update.commitChanges()
End Sub

Function Found(words As String) As Object
  rows = doc.getText().createEnumeration()
  Do While rows.hasMoreElements()
    row = rows.nextElement()
    If row.supportsService("com.sun.star.text.Paragraph") Then
      at = InStr(1, row.getString(), words, 0)
      If at > 0 Then
        cursor = doc.getText().createTextCursorByRange(row.getStart())
        cursor.goRight(at - 1, False)
        cursor.goRight(Len(words), True)
        Found = cursor
        Exit Function
      End If
    End If
  Loop
  Error 5
End Function

Sub Change(old As String, words As String)
  Found(old).setString(words)
End Sub

Sub Add(after As String, words As String)
  place = Found(after)
  place.getText().insertString(place.getEnd(), words, False)
End Sub

Sub AddParagraph(after As String, words As String)
  cursor = Found(after).getText().createTextCursorByRange(Found(after).getEnd())
  cursor.gotoEndOfParagraph(False)
  cursor.getText().insertControlCharacter(cursor, com.sun.star.text.ControlCharacter.PARAGRAPH_BREAK, False)
  cursor.getText().insertString(cursor, words, False)
End Sub

Sub DropParagraph(holding As String)
  cursor = Found(holding).getText().createTextCursorByRange(Found(holding).getStart())
  cursor.gotoStartOfParagraph(False)
  cursor.gotoEndOfParagraph(True)
  cursor.goRight(1, True)
  cursor.setString("")
End Sub

Sub Remark(onWords As String, words As String, who As String)
  note = doc.createInstance("com.sun.star.text.textfield.Annotation")
  note.Author = who
  note.Content = words
  place = Found(onWords)
  place.getText().insertTextContent(place, note, True)
End Sub
"""


def _macro(given: Path, made: Path, said: Path, sittings: Sequence[Sitting]) -> str:
    acts = []
    for sitting in sittings:
        acts.append(f"  Author({_quoted(sitting.author)})")
        acts.extend(f"  {_act(edit, sitting.author)}" for edit in sitting.edits)
    return _MACRO.format(
        given=_quoted(given.as_uri()), made=_quoted(made.as_uri()), said=_quoted(str(said)), acts="\n".join(acts)
    )


def _act(edit: Edit, author: str) -> str:
    match edit:
        case Replace(old, new):
            return f"Change({_quoted(old)}, {_quoted(new)})"
        case Insert(after, words):
            return f"Add({_quoted(after)}, {_quoted(words)})"
        case Delete(words):
            return f'Change({_quoted(words)}, "")'
        case NewParagraph(after, words):
            return f"AddParagraph({_quoted(after)}, {_quoted(words)})"
        case DeleteParagraph(holding):
            return f"DropParagraph({_quoted(holding)})"
        case Comment(on, words):
            return f"Remark({_quoted(on)}, {_quoted(words)}, {_quoted(author)})"


def _quoted(text: str) -> str:
    """A literal of Basic, which has no escapes and no lines within one."""
    if "\n" in text or "\r" in text:
        raise ValueError("an edit is within one line")
    return '"' + text.replace('"', '""') + '"'
