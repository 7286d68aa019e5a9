"""What a verifier says: what it checked, what it could not, and what differs, each with its place in a file."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it must be. `where` is a place in a file: `version.signature`, `texts.clean`."""

    where: str
    what: str


@dataclass(slots=True)
class Report:
    """What was found of one file."""

    name: str
    checked: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    """What was left out of the file, so that it could not be checked."""
    findings: list[Finding] = field(default_factory=list)

    def differs(self, where: str, what: str) -> None:
        """Note a finding."""
        self.findings.append(Finding(where, what))

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return not self.findings
