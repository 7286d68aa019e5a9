# ruff: noqa: RUF001
"""Characters that a file names by font and code (`w:sym`): the font Symbol, whose codes are no Unicode.

The order of the characters is that of the Symbol encoding (Adobe; Unicode's mapping file SYMBOL.TXT).
"""

UNKNOWN = "\ufffd"

_LOW = " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼"
_HIGH = "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪"
_SYMBOL = {
    **{0x20 + at: letter for at, letter in enumerate(_LOW)},
    **{0xA0 + at: letter for at, letter in enumerate(_HIGH)},
}
_WINGDINGS = {
    0x6C: "●", 0x6E: "■", 0x71: "❑", 0x75: "◆", 0x76: "❖", 0x9F: "•", 0xA7: "▪", 0xA8: "◻", 0xD8: "➢",
    0xDF: "←", 0xE0: "→", 0xE1: "↑", 0xE2: "↓", 0xF0: "⇨", 0xFB: "✘", 0xFC: "✔", 0xFD: "☒", 0xFE: "☑",
}  # fmt: skip


def symbol(font: str, code: str) -> str:
    """The character; `UNKNOWN` when neither the font nor the code tells it."""
    try:
        number = int(code, 16)
    except ValueError:
        return UNKNOWN
    if 0xF000 <= number <= 0xF0FF:
        number -= 0xF000
    elif 0xFF < number < 0xD800:
        return chr(number)
    table = {"symbol": _SYMBOL, "wingdings": _WINGDINGS}.get(font.strip().lower())
    if table is not None:
        return table.get(number, UNKNOWN)
    return chr(number) if 0x20 <= number < 0x7F or 0xA0 <= number <= 0xFF else UNKNOWN
