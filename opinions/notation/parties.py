"""Which words name a delegation or a group of them, in the attributions of negotiated texts.

Known: the groups and States below, by the names drafts use. Otherwise a word passes by its shape, two to five
capitals and digits, unless it is a common abbreviation of the field that is nobody's code.
"""

import re

GROUPS = frozenset(
    """
    AFR AMS ARB ASP CIS EUR
    APT ATU CEPT CITEL LAS RCC
    G77 G-77 G20 AOSIS ASEAN AU CACM CARICOM ECOWAS EIG EU GCC GRULAC JUSCANZ JUSSCANNZ LMDC LMDCs NAM OIC SADC WEOG
    """.split()
) | {
    "African Group",
    "African Union",
    "Arab Group",
    "Arab States",
    "European Union",
    "Holy See",
    "Least Developed Countries Group",
    "Like-Minded Developing Countries",
    "Rio Group",
    "Umbrella Group",
}
"""Groups that speak for their members: regional organizations of the Union's regions first, then the UN's."""

_STATES = """
Afghanistan|Albania|Algeria|Andorra|Angola|Antigua and Barbuda|Argentina|Armenia|Australia|Austria|Azerbaijan|Bahamas
Bahrain|Bangladesh|Barbados|Belarus|Belgium|Belize|Benin|Bhutan|Bolivia|Bosnia and Herzegovina|Botswana|Brazil|Brunei
Brunei Darussalam|Bulgaria|Burkina Faso|Burundi|Cabo Verde|Cambodia|Cameroon|Canada|Central African Republic|Chad
Chile|China|Colombia|Comoros|Congo|Costa Rica|Croatia|Cuba|Cyprus|Czech Republic|Czechia|Côte d'Ivoire|Denmark
Djibouti|Dominica|Dominican Republic|DR Congo|Ecuador|Egypt|El Salvador|Equatorial Guinea|Eritrea|Estonia|Eswatini
Ethiopia|Fiji|Finland|France|Gabon|Gambia|Georgia|Germany|Ghana|Greece|Grenada|Guatemala|Guinea|Guinea-Bissau|Guyana
Haiti|Honduras|Hungary|Iceland|India|Indonesia|Iran|Iraq|Ireland|Israel|Italy|Jamaica|Japan|Jordan|Kazakhstan|Kenya
Kiribati|Kuwait|Kyrgyzstan|Lao PDR|Latvia|Lebanon|Lesotho|Liberia|Libya|Liechtenstein|Lithuania|Luxembourg
Madagascar|Malawi|Malaysia|Maldives|Mali|Malta|Marshall Islands|Mauritania|Mauritius|Mexico|Micronesia|Moldova|Monaco
Mongolia|Montenegro|Morocco|Mozambique|Myanmar|Namibia|Nauru|Nepal|Netherlands|New Zealand|Nicaragua|Niger|Nigeria
North Macedonia|Norway|Oman|Pakistan|Palau|Palestine|Panama|Papua New Guinea|Paraguay|Peru|Philippines|Poland
Portugal|Qatar|Republic of Korea|Romania|Russia|Russian Federation|Rwanda|Samoa|San Marino|Saudi Arabia|Senegal
Serbia|Seychelles|Sierra Leone|Singapore|Slovakia|Slovenia|Solomon Islands|Somalia|South Africa|South Korea
South Sudan|Spain|Sri Lanka|State of Palestine|Sudan|Suriname|Sweden|Switzerland|Syria|Tajikistan|Tanzania|Thailand
Timor-Leste|Togo|Tonga|Trinidad and Tobago|Tunisia|Turkmenistan|Tuvalu|Türkiye|Turkey|UAE|Uganda|Ukraine
United Arab Emirates|United Kingdom|United States|United States of America|Uruguay|Uzbekistan|Vanuatu|Venezuela
Viet Nam|Vietnam|Yemen|Zambia|Zimbabwe
"""
_SHORT = frozenset({"UK", "US", "USA", "U.K.", "U.S.", "U.S.A."})
STATES = frozenset(name for line in _STATES.split("\n") for name in line.split("|") if name)

_NOBODY = frozenset(
    """
    ADD ALT MOD NOC SUP NOTE TITLE TEXT TBC TBD ITEM PART ANNEX
    AI CAP CMA CMP CO2 COP DOC GDP GHG GNI HTTP ICT ICTS IEG IG INDC IOT IP IPR IPRS IPV4 IPV6 ISP IT ITU ITUD ITUR
    ITUT IXP LDC LDCS LLDC LLDCS MDG MDGS MRV NDC NDCS NGO NGOS ODA OTT OTTS PDF PP OP R&D REDD SDG SDGS SG SIDS SME
    SMES TAP UN URL USD WCIT WRC WSIS WTDC WTO WTPF WTSA WWW
    A AN AND ANY ALL AS AT BE BUT BY EACH END FOR FROM HAS HAVE IF IN INTO IS ITS MAY MORE MUST NEW NO NOT OF ON
    ONE ONLY OR OTHER OUR OUT SHALL SO SUCH THAN THAT THE THEIR THEM THIS TO TWO USE WHEN WHO WILL WITH YES
    """.split()
)
_SHAPE = re.compile(r"[A-Z][A-Z0-9]{1,4}")
_NUMBERED = re.compile(r"(?:PP|OP|ALT|REV|WG|CL|DT|RES)\d*|X{0,3}(?:I[XV]|V?I{0,3})")
"""Paragraph and document numbers, Roman numerals."""
_RESERVED = re.compile(r"X[A-Z]{2}")
"""Codes of invented States (ISO 3166 leaves XAA-XZZ to users)."""


def known(name: str) -> bool:
    """Whether this is a group or State of the tables, or a code reserved for invented States."""
    return name in GROUPS or name in STATES or name in _SHORT or bool(_RESERVED.fullmatch(name))


def is_party(name: str) -> bool:
    """Whether a word or name, blanks normalized, stands for a delegation or a group."""
    name = name.removeprefix("the ").removeprefix("The ")
    if _NUMBERED.fullmatch(name) or name in _NOBODY:
        return False
    return known(name) or bool(_SHAPE.fullmatch(name))
