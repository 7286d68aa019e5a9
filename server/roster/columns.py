"""Which column of a roster is what: headings in any order and the common spellings, below whatever stands above."""

import unicodedata
from dataclasses import dataclass

from server.roster.sheets import RosterRefused, Sheet

LOOKED_AT = 10
"""Rows in which the headings are looked for: a title and a date often stand above."""

EXPECTED = "Name, Entity or Delegation, Nominating member, E-mail, Role"
_SPELLINGS = {
    "name": (
        "name fullname expertname nameofexpert nameofthexpert nameofexperts expert participant participantname person "
        "nom nomcomplet nombre nombrecompleto 姓名 专家姓名 имя фио الاسم"
    ),
    "given": "firstname givenname givennames firstnames forename prenom nombres 名",
    "family": "lastname familyname surname lastnames familynames nomdefamille apellido apellidos 姓",
    "entity": (
        "entity organization organisation entityorganization entityorganisation organizationentity delegation "
        "delegationcode company institution affiliation administration member memberstate country entite organizacion "
        "entidad entiteorganisation entidadorganizacion pays pais 实体 组织 实体组织 代表团 成员国 国家"
    ),
    "nominated_by": (
        "nominatingmember nominatedby nominator nominating nominatingmemberstate nominatingentity nominatingcountry "
        "designepar designadopor 提名成员 提名"
    ),
    "email": (
        "email emailaddress mail mailaddress emails address courriel adressecourriel adresseemail correo "
        "correoelectronico 电子邮件 电子邮箱 电子邮件地址 邮件 邮箱"
    ),
    "role": "role function capacity as participatesas rolewanted funcion fonction 角色 职务",
}
_FIELDS = {spelling: field for field, spellings in _SPELLINGS.items() for spelling in spellings.split()}


@dataclass(frozen=True, slots=True)
class Row:
    """One person of a roster as it was handed in. `number` counts from 1 below the headings."""

    number: int
    name: str
    entity: str = ""
    nominated_by: str = ""
    email: str = ""
    role: str = ""


def rows_of(sheet: Sheet) -> tuple[Row, ...]:
    """The people of a sheet. Raises `RosterRefused` naming the headings that are missing."""
    place, fields = _headings(sheet)
    found: list[Row] = []
    for cells in sheet.rows[place + 1 :]:
        values = {field: cells[column] if column < len(cells) else "" for field, column in fields.items()}
        given, family = values.pop("given", ""), values.pop("family", "")
        values["name"] = values.get("name") or f"{given} {family}".strip()
        if any(values.values()):
            found.append(Row(len(found) + 1, **values))
    if not found:
        raise RosterRefused("Below the headings there is nobody. Copy the rows together with the headings.")
    return tuple(found)


def as_text(rows: tuple[Row, ...]) -> str:
    """The rows as text that `server.roster.sheets.read_text` reads as the same rows."""
    lines = ["Name\tEntity\tNominating member\tE-mail\tRole"]
    for row in rows:
        cells = (row.name, row.entity, row.nominated_by, row.email, row.role)
        lines.append("\t".join(_quoted(cell) for cell in cells))
    return "\n".join(lines)


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if '"' in cell else cell


def _headings(sheet: Sheet) -> tuple[int, dict[str, int]]:
    best: dict[str, int] = {}
    for place, cells in enumerate(sheet.rows[:LOOKED_AT]):
        fields: dict[str, int] = {}
        for column, cell in enumerate(cells):
            field = _FIELDS.get(_bare(cell))
            if field is not None:
                fields.setdefault(field, column)
        if _names(fields) and fields.keys() & {"entity", "nominated_by"}:
            return place, fields
        best = max(best, fields, key=len)
    missing = [
        text
        for text, is_there in (
            ("Name", _names(best)),
            ("Entity (or Delegation, or Nominating member)", bool(best.keys() & {"entity", "nominated_by"})),
        )
        if not is_there
    ]
    raise RosterRefused(
        f"No column is headed {' or '.join(missing)}. "
        f"The first row gives the headings, in any order: {EXPECTED}. E-mail and role may be missing."
    )


def _names(fields: dict[str, int]) -> bool:
    return "name" in fields or {"given", "family"} <= fields.keys()


def _bare(heading: str) -> str:
    decomposed = unicodedata.normalize("NFKD", heading.casefold())
    return "".join(character for character in decomposed if character.isalnum())
