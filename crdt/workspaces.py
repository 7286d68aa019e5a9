"""The delegations' workspaces of a room: brought into memory when they are needed, kept up with the opinion, and each
failing for itself alone (crdt/SPEC.md, G18).

Whatever goes wrong in one - its log does not replay, its drafts cannot be laid anew - must keep nobody else from
drafting, least of all the chair. It is then as it was before, behind the opinion by what it could not take up, and
tries again when it is next used.
"""

from collections.abc import Iterator, Mapping, Sequence

from crdt.errors import CommandRefused
from crdt.log import Entry, StoredLog
from crdt.stream import Stream, Workspace
from opinions.edits import Shift
from opinions.model import DelegationCode

_SORRY = "Your drafts could not be brought up to the text. Nothing was carried out; they are kept. Try again later."


class Workspaces:
    """The workspaces in memory, and what is stored of the others.

    `failed` says which failed since it was last cleared, and at what; those are let alone until then.
    """

    def __init__(self, opinion: Stream, stored: Mapping[DelegationCode, StoredLog]) -> None:
        self._opinion = opinion
        self._stored = dict(stored)
        self._loaded: dict[DelegationCode, Workspace] = {}
        self.failed: dict[DelegationCode, BaseException] = {}

    def __iter__(self) -> Iterator[Workspace]:
        return iter(self._loaded.values())

    def of(self, delegation: DelegationCode) -> Workspace:
        """A delegation's workspace, brought into memory, or begun, when it is first needed.

        Raises `LogBroken` when its log does not replay.
        """
        found = self._loaded.get(delegation)
        if found is None:
            stored = self._stored.get(delegation)
            name = f"{self._opinion.document}/{delegation.lower()}"
            log = stored or StoredLog(name, self._opinion.generation)
            found = self._loaded[delegation] = Workspace(log, delegation, self._opinion, new=stored is None)
        return found

    def loaded(self, everybody: bool = False) -> tuple[Workspace, ...]:
        """Those in memory; with `everybody`, also those only stored so far, brought into memory as far as they can
        be.
        """
        for code in self._stored if everybody else ():
            self.usable(code)
        return tuple(self)

    def usable(self, delegation: DelegationCode) -> bool:
        """Whether a workspace is in memory and sound, or can be brought there; a failure is noted in `failed`."""
        if delegation not in self.failed:
            try:
                self.of(delegation)
            except (KeyboardInterrupt, SystemExit):
                raise
            except BaseException as error:  # A panic of the CRDT library is no Exception.
                self.failed[delegation] = error
        return delegation not in self.failed

    def hear(self, updates: Sequence[bytes]) -> None:
        """The opinion has changed: every workspace takes it up when it is next followed."""
        for workspace in self:
            workspace.hear(updates)

    def follow(self, workspace: Workspace, shifts: Sequence[Shift], blank: Entry) -> tuple[bytes, ...]:
        """`Workspace.follow`; a failure is noted in `failed`."""
        assert workspace.delegation is not None
        if workspace.delegation in self.failed:
            workspace.shift(shifts)
            return ()
        try:
            return workspace.follow(shifts, blank)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            self.failed[workspace.delegation] = error
            return ()

    def sound(self, delegation: DelegationCode) -> Workspace:
        """A workspace that a command works on. Raises `CommandRefused` (`fault`) when it failed."""
        if delegation in self.failed:
            raise CommandRefused("fault", _SORRY)
        return self.of(delegation)
