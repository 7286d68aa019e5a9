"""Names of people and delegations: what may be in one, and when two are the same to a reader.

A name is how the room knows a party, so two that look alike must not both exist: names are compared by a key
in which compatibility forms, case and the letters of other scripts that look Latin are folded together.
Scripts may not be mixed within a word. The name itself is kept as it was given, only in NFC and with single
blanks.
"""

import re
import unicodedata

from server.errors import ServerError

MAX_NAME = 120
"""Characters; the longest official name of a delegation has some 60."""
MAX_CODE = 8
"""Characters of a delegation's code: it is printed beside every word proposed."""

_CODE = re.compile(rf"[A-Z][A-Z0-9]{{1,{MAX_CODE - 1}}}")
_EMAIL = re.compile(r"[^\s@<>\"(),;:\\\[\]]+@[^\s@<>\"(),;:\\\[\]]+\.[^\s@<>\"(),;:\\\[\]]+")
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_JOINERS = {"\u200c", "\u200d"}
"""ZWNJ and ZWJ: some scripts cannot be spelt without; they count for nothing in a key."""

# Letters of other scripts that are drawn like a Latin one (after case folding), the common ones of UTS 39.
_LOOKALIKES = str.maketrans(
    "авсԁеһіјкӏмпорԛѕтԝхуүгьзԍвԑ" + "αβεηικνορτυχωγ" + "օսցհոյզ" + "ıȷ",
    "abcdehijklmnopqstwxyyrb3gbe" + "abeniknoptuxwy" + "ouqhnjq" + "ij",
)
_MIXING = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "GEORGIAN", "HEBREW", "ARABIC")
"""Scripts of which no word mixes two; Chinese, Japanese and Korean writing mixes by its nature."""


class NameRefused(ServerError):
    """Raised when a name, code or address does not fit; the message says why and what to write instead."""


def clean_name(text: str) -> str:
    """The name as it is kept: NFC, single blanks. Raises `NameRefused`."""
    for character in text:
        category = unicodedata.category(character)
        if category in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"} or (category == "Cf" and character not in _JOINERS):
            raise NameRefused(
                f"The name holds an invisible character (U+{ord(character):04X}). Type it, do not paste it."
            )
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    if not any(unicodedata.category(character)[0] == "L" for character in name):
        raise NameRefused("Give a name.")
    if set(name) & {"<", ">"}:
        raise NameRefused("A name cannot hold < or >. Leave them out.")
    if len(name) > MAX_NAME:
        raise NameRefused(f"The name has {len(name)} characters; {MAX_NAME} is the most that fits.")
    for word in re.split(r"[\s\-'\u2019.,()/]+", name):
        scripts = _scripts(word)
        if len(scripts) > 1:
            listed = " and ".join(script.capitalize() for script in sorted(scripts))
            raise NameRefused(f"“{word}” mixes {listed} letters that look alike. Type the whole word in one script.")
    return name


def name_key(name: str) -> str:
    """What two names share when a reader would take one for the other."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    bare = "".join(character for character in folded if character not in _JOINERS)
    return " ".join(bare.translate(_LOOKALIKES).split())


def clean_code(text: str) -> str:
    """A delegation's code in capitals. Raises `NameRefused`."""
    code = text.strip().upper()
    if not _CODE.fullmatch(code):
        raise NameRefused(f"A code is 2 to {MAX_CODE} English letters or digits, a letter first: XAA, for example.")
    return code


def clean_email(text: str) -> str | None:
    """An address in lower case; None for an empty field. Raises `NameRefused`."""
    address = text.strip()
    if not address:
        return None
    if len(address) > 254 or not address.isprintable() or not _EMAIL.fullmatch(address):
        raise NameRefused("This is not an e-mail address such as name@example.org. Correct it or leave it empty.")
    return address.casefold()


def _scripts(word: str) -> set[str]:
    found = set()
    for character in word:
        if unicodedata.category(character)[0] == "L":
            script = unicodedata.name(character, "").split(" ")[0]
            if script in _MIXING:
                found.add(script)
    return found
