"""The verbs that open the groups of an Opinion, as ITU texts have them (domain 2.5).

A preambular verb is a participle or an adjective in italics on a line of its own, an operative one a verb in the third
person; both may take "further" or "also" where they come back.
"""

PREAMBULAR = frozenset(
    {
        *("acknowledging", "affirming", "appreciating", "aware", "bearing in mind", "believing", "concerned"),
        *("confirming", "conscious", "considering", "convinced", "desiring", "emphasizing", "encouraged", "endorsing"),
        *("expecting", "guided by", "having considered", "having examined", "having regard to", "highlighting"),
        *("mindful", "noting", "observing", "reaffirming", "realizing", "recalling", "recognizing", "referring to"),
        *("reiterating", "stressing", "taking into account", "taking into consideration", "taking note", "underlining"),
        *("underscoring", "understanding", "welcoming", "with a view to"),
    }
)
OPERATIVE = frozenset(
    {
        *("agrees", "appeals", "calls on", "calls upon", "charges", "confirms", "decides", "encourages", "endorses"),
        *("expresses", "instructs", "invites", "is of the opinion", "is of the view", "notes", "reaffirms"),
        *("recognizes", "recommends", "requests", "resolves", "stresses", "supports", "urges", "welcomes"),
    }
)
AGAIN = ("further", "also", "furthermore", "in addition", "moreover")
"""Words with which a verb that stood before comes back: *considering further*, *further considering*."""


def known(words: str, verbs: frozenset[str]) -> str | None:
    """The verb of a list that words begin with, longest first; None when they begin with none."""
    plain = without_again(words)
    fitting = (verb for verb in verbs if plain == verb or plain.startswith(f"{verb} "))
    return max(fitting, key=len, default=None)


def without_again(words: str) -> str:
    """The words in small letters, blanks made one, without a first or second "further" or "also"."""
    parts = " ".join(words.casefold().split()).rstrip(" ,:;")
    for again in AGAIN:
        parts = parts.removeprefix(f"{again} ")
    for again in AGAIN:
        parts = f" {parts} ".replace(f" {again} ", " ", 1).strip() if f" {again}" in f" {parts}" else parts
    return parts
