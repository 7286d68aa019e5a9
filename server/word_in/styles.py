"""The styles of a file: their names, the italics they give and the numbering they bring (ECMA-376 Part 1, 17.7)."""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from server.word_in.xml import MAX_NAME, W, child, number, switched, value

MAX_CHAIN = 20
"""Styles based on each other; Word follows no more than 10 or so, and a ring never ends."""


@dataclass(frozen=True, slots=True)
class Style:
    """One style. `numbering` is `(numId, ilvl)`, each empty when not said; `italic` None when not said."""

    id: str
    name: str
    kind: str
    based_on: str
    italic: bool | None
    numbering: tuple[str, str]


class Styles:
    """Looks up styles along what they are based on."""

    def __init__(self, root: etree._Element | None) -> None:
        self._by_id: dict[str, Style] = {}
        self._default = ""
        self._italics: dict[str, bool | None] = {}
        self._plain_italic = bool(
            switched(child(root, "docDefaults", "rPrDefault", "rPr", "i")) if root is not None else False
        )
        for element in root.iter(W + "style") if root is not None else ():
            style = _style(element)
            self._by_id.setdefault(style.id, style)
            if style.kind == "paragraph" and switched_attribute(element, "default"):
                self._default = style.id

    def paragraph(self, properties: etree._Element | None) -> str:
        """The id of a paragraph's style: its own or the file's default."""
        own = value(child(properties, "pStyle"))
        return own if own in self._by_id else self._default

    def name(self, style_id: str) -> str:
        """The style's name as Word lists it; empty for none."""
        style = self._by_id.get(style_id)
        return style.name if style is not None else ""

    def italic(self, style_id: str) -> bool:
        """Whether a paragraph style makes its words italic."""
        return self._plain_italic or bool(self._said(style_id))

    def emphasized(self, paragraph_style: str, run_properties: etree._Element | None) -> bool:
        """Whether a run is italic in a paragraph that is not. Italics are a toggle between styles (17.7.3)."""
        if self.italic(paragraph_style):
            return False
        direct = switched(child(run_properties, "i"))
        if direct is None:
            direct = switched(child(run_properties, "iCs")) if _complex(run_properties) else None
        if direct is not None:
            return direct
        return bool(self._said(value(child(run_properties, "rStyle"))))

    def numbering(self, style_id: str) -> tuple[str, str, str]:
        """`numId`, `ilvl` and the style that says so, along what the style is based on; empty when none does."""
        for style in self._chain(style_id):
            if style.numbering[0]:
                return (*style.numbering, style.id)
        return "", "", ""

    def _said(self, style_id: str) -> bool | None:
        if style_id not in self._italics:
            said = (style.italic for style in self._chain(style_id) if style.italic is not None)
            self._italics[style_id] = next(said, None)
        return self._italics[style_id]

    def _chain(self, style_id: str) -> Iterator[Style]:
        for _ in range(MAX_CHAIN):
            style = self._by_id.get(style_id)
            if style is None:
                return
            yield style
            style_id = style.based_on


def switched_attribute(element: etree._Element, name: str) -> bool:
    """An attribute that is on or off."""
    return value(element, name).lower() in ("1", "true", "on")


def _style(element: etree._Element) -> Style:
    numbering = child(element, "pPr", "numPr")
    level = value(child(numbering, "ilvl"))
    return Style(
        value(element, "styleId"),
        value(child(element, "name"))[:MAX_NAME],
        value(element, "type") or "paragraph",
        value(child(element, "basedOn")),
        switched(child(element, "rPr", "i")),
        (value(child(numbering, "numId")), str(number(level)) if level else ""),
    )


def _complex(run_properties: etree._Element | None) -> bool:
    """Whether a run is of a complex script (Arabic, Hebrew), whose italics are said apart."""
    return bool(switched(child(run_properties, "rtl"))) or bool(switched(child(run_properties, "cs")))
