"""The invented parties and people of the demonstration."""

from dataclasses import dataclass

from opinions.model import DelegationCode
from opinions.roles import Delegation, DelegationKind, Region, Role

PROCESS = "WTPF-26 (demonstration)"
MEETING_ZONE = "Europe/Zurich"


def _party(code: str, name: str, kind: DelegationKind, region: Region) -> Delegation:
    return Delegation(DelegationCode(code), name, kind, region)


DELEGATIONS = (
    _party("XAL", "Alvania", DelegationKind.MEMBER_STATE, Region.EUROPE),
    _party("XBR", "Bressay Islands", DelegationKind.MEMBER_STATE, Region.ASIA_PACIFIC),
    _party("XCO", "Corvara", DelegationKind.MEMBER_STATE, Region.AMERICAS),
    _party("XDU", "Dunmara", DelegationKind.MEMBER_STATE, Region.AFRICA),
    _party("XES", "Estavia", DelegationKind.MEMBER_STATE, Region.CIS),
    _party("XFA", "Farquen", DelegationKind.MEMBER_STATE, Region.ARAB_STATES),
    _party("XGL", "Glenmark Telecom", DelegationKind.SECTOR_MEMBER, Region.NONE),
    _party("XHO", "Holm Satellite", DelegationKind.SECTOR_MEMBER, Region.NONE),
    _party("XNO", "Norholm", DelegationKind.MEMBER_STATE, Region.EUROPE),
    _party("XUN", "University of Tarn", DelegationKind.ACADEMIA, Region.NONE),
)


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody whose place a visitor of the demonstration may take. `chair` and `facilitator` make the person that
    in every Opinion.
    """

    id: str
    name: str
    role: Role
    delegation: str | None = None
    chair: bool = False
    facilitator: bool = False


PERSONAS = (
    Persona("chair", "Ines Calder", Role.EXPERT, "XNO", chair=True),
    Persona("facilitator", "Hanna Strand", Role.EXPERT, "XNO", facilitator=True),
    Persona("secretariat", "Tomas Weil", Role.SECRETARIAT),
    Persona("alvania", "Mira Lenz", Role.FOCAL_POINT, "XAL"),
    Persona("bressay", "Ioane Faleolo", Role.EXPERT, "XBR"),
    Persona("corvara", "Lucia Brandt", Role.EXPERT, "XCO"),
    Persona("dunmara", "Amadi Okoth", Role.FOCAL_POINT, "XDU"),
    Persona("dunmara-2", "Zola Mbeki-Hart", Role.EXPERT, "XDU"),
    Persona("estavia", "Pavel Oran", Role.EXPERT, "XES"),
    Persona("farquen", "Salma Idrissi", Role.EXPERT, "XFA"),
    Persona("glenmark", "Ruth Adair", Role.EXPERT, "XGL"),
    Persona("holm", "Jon Berg", Role.EXPERT, "XHO"),
    Persona("tarn", "Elin Moss", Role.CONTRIBUTOR, "XUN"),
    Persona("observer", "Noor Haddad", Role.OBSERVER),
    Persona("administrator", "Anna Keller", Role.ADMINISTRATOR),
)
