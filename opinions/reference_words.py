"""How one text cites a paragraph of its own, in the six languages: the words and the notation, as patterns.

A citation is a verb of the text, or a word such as "paragraph", with labels behind it (*considering* e), f) and g)),
or labels with "above" or "below" behind them. Labels of letters have their bracket, so that no word is taken for one.
"""

# ruff: noqa: RUF001 - the words of six languages

import re
from collections.abc import Iterable
from functools import lru_cache

from opinions.numbering import LATIN
from opinions.verbs import OPERATIVE, PREAMBULAR

_SUFFIX = rf"(?:\s?(?:{'|'.join(sorted(LATIN, key=len, reverse=True))}|quat|alt|ante)\b)"
LABEL = rf"(?:\(?(?P<digits>\d{{1,3}}(?!\d){_SUFFIX}*)\)?|\(?(?P<letters>[a-z]{{1,6}}{_SUFFIX}*)\){_SUFFIX}*)"
"""One label. Groups: what of it a renumbering writes anew, without brackets."""
_PLAIN = re.sub(r"\?P<\w+>", "?:", LABEL)
_LETTERS = rf"\(?[a-z]{{1,6}}{_SUFFIX}*\)"
_PATH = rf"{_PLAIN}(?:\s?{_LETTERS})*"
TO = r"\s*(?:\bto\b|\bthrough\b|\bà\b|\bal?\b|\bпо\b|至|到|إلى|[-–—])\s*"
_AND = (
    r"(?:\s*[,，、]\s*(?:(?:and|or|et|ou|y|o|и|или|和|及|或)\s+)?"
    r"|\s*(?:\b(?:and|or|et|ou|y|o|и|или)\b|&|和|及|或)\s*|\s+(?:و|أو)\s*)"
)
_LIST = rf"{_PATH}(?:(?:{_AND}|{TO}){_PATH})*"

ABOVE = r"(?:above\b(?!-)|ci-dessus|supra|anteriore?s?\b|más arriba|выше|أعلاه|以上|上述|上文)"
BELOW = r"(?:below\b(?!-)|ci-dessous|infra|siguientes?\b|más abajo|ниже|أدناه|以下|下文)"
PARAGRAPH = (
    r"(?:(?:sub-?)?(?:paragraph|para\b\.?|item|point|clause)s?|alinéas?|paragraphes?|apartados?|párrafos?|puntos?|"
    r"(?:под)?пункт(?:а|е|у|ы|ом|ов|ах|ам|ами)?|الفقرات?|الفقرة|البند)"
)
_SIDE = r"(?:(?P<side>operative|preambular)\s+)?"
_INSTRUMENT = (
    r"(?:Resolutions?|Decisions?|Recommendations?|Opinions?|Articles?|Rules?|Annex(?:es)?|Appendix|Constitution|"
    r"Convention|Agenda|Charter|Regulations|Declaration|Protocol|Treaty|Document|Statement|Outcome|Plan|Programme|"
    r"Framework|Compact|Pact|Résolutions?|Décisions?|Recommandations?|Avis|Resoluci(?:ón|ones)|Decisi(?:ón|ones)|"
    r"Резолюци\w*|Решени\w*|Рекомендаци\w*|Мнени\w*|القرار|المقرر|التوصية|الرأي)"
)
INSTRUMENT = re.compile(rf"\b{_INSTRUMENT}\b|决议|决定|建议书|意见")
"""A word that names an instrument."""
OWN = re.compile(
    r"\b(?:this|the present)\s+(?:draft\s+)?Opinion\b|\b(?:du présent|de la présente)\s+Avis\b|\bнастоящ\w+ Мнени\w+",
    re.IGNORECASE,
)
"""Words by which a text names itself."""
OF_OWN = re.compile(r"\s*,?\s*(?:of|in)\s+(?:this|the present)\s+(?:draft\s+)?Opinion\b", re.IGNORECASE)
OF_ANOTHER = re.compile(
    rf"\s*,?\s*(?:of|to|in|under|from|de|del|des|du|к|من)\s+(?:the\s+|its\s+|la\s+|l['’]|cette\s+)?(?:[\w’'/-]+\s+){{0,4}}?"
    rf"{_INSTRUMENT}\b|\s*,?\s*(?:of|de|del)\s+(?:the\s+)?(?:[A-Z]|WTPF|ITU)"
)
"""What stands behind a citation into another instrument: "of Resolution 2", "of the Tunis Agenda"."""
OF_SOMETHING = re.compile(r"\s*,?\s*(?:of|thereof)\b(?!\s+(?:this|the present)\b)")
JOINED_ON = re.compile(
    r"(?:\s*(?:\d+(?:\.\d+)*|[A-Z]\.\d+|[IVXL]+\b))?(?:\s*[(（][^()（）]*[)）])?"
    r"(?:\s+of\s+the\s+(?:[A-Z][\w’'/-]*\s*)+)?"
    r"(?:\s*,?\s*(?:in particular|in|its|under|notably|especially|particularly|including|the|see|at|的|中))*"
    r"[\s,，]*(?:operative|preambular)?\s*"
)
"""All that may stand between the name of an instrument and a citation into it."""
BEFORE_A_NUMBER = re.compile(r"\b(?:in|under|to|of|with|by|see|from|per|and)\s+\Z", re.IGNORECASE)
NO_COUNT = re.compile(
    rf"\s*(?:\Z|[^\w\s]|{ABOVE}|{BELOW}|(?:and|or|of|in|to|as|is|are|shall|should|will|may|by|with|for|under|that|"
    r"which|when|on|et|ou|de|y|o|и|или|在|的)\b|[\u3040-\u30ff\u3400-\u9fff])"
)
"""What may stand behind a number that cites; a noun makes it a count ("invites 2 experts")."""


@lru_cache(maxsize=64)
def citations_in(verbs: tuple[str, ...]) -> re.Pattern[str]:
    """The pattern of a citation, in a text whose verbs these are (in small letters, blanks made one).

    Groups: `verb`, `word` ("paragraph"), or neither; `side`; `list`, the labels; `above`, `below`.
    """
    names = sorted({*verbs, *PREAMBULAR, *OPERATIVE}, key=lambda name: (-len(name), name))
    spelled = "|".join(_spelled(name) for name in names if name)
    head = rf"(?P<verb>{spelled})\s*|{_SIDE}(?P<word>\b{PARAGRAPH})\s*"
    direction = rf"(?:\s*,?\s*(?:(?P<above>{ABOVE})|(?P<below>{BELOW})))"
    return re.compile(
        rf"(?:{head})(?P<list>{_LIST}){direction}?|(?<![\w)])(?P<alone>{_LIST})(?:\s*(?:(?P<up>{ABOVE})|(?P<down>{BELOW})))",
        re.IGNORECASE,
    )


def labels_in(words: str) -> Iterable[re.Match[str]]:
    """The labels of a list, in order."""
    return _LABEL.finditer(words)


_LABEL = re.compile(LABEL, re.IGNORECASE)


def _spelled(verb: str) -> str:
    words = r"\s+".join(re.escape(word) for word in verb.split())
    return rf"\b{words}\b" if verb.isascii() else words
