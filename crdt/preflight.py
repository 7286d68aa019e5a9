"""A decoded update held against what is known, before the library sees a byte of it (crdt/SPEC.md, G3-G6, G13).

Every item it names must be there, in the right place; every struct must be of a kind that may stand where it wants
to stand. After this, applying the update can neither fail nor leave anything waiting.
"""

from bisect import bisect_right
from collections.abc import Container

from crdt.decoder import Block, Delete, Id, Kind, Struct, Update, pair_starts
from crdt.errors import UpdateRefused
from crdt.index import CHARACTERS, ENTRIES, GONE, PARAGRAPHS, TEXT_ROOT, TEXTS, Index, Item, Place, Run
from crdt.mirror import Mirror
from crdt.tree import ATTRIBUTES, PARAGRAPH, is_id
from crdt.unicode import code_point, refused_character
from opinions.model import NO_MARKS, AmendmentId, Mark, Marks

_HOLDER = {
    Kind.STRING: CHARACTERS,
    Kind.FORMAT: CHARACTERS,
    Kind.ELEMENT: PARAGRAPHS,
    Kind.TEXT: TEXTS,
    Kind.ATTRIBUTE: TEXTS,
}
_marks: dict[str, Mark] = {}


class Checked:
    """What the index takes up when the update is accepted, and what the rest of the gate wants to know.

    `named` are the amendment ids that the update's own formatting and attributes bring in. `on` are marks that it
    begins right before words of its own; `marking` follows them from item to item. `attributed` are paragraphs of
    before that it gives an attribute. `plain`: it does nothing but type. `items` are its items with their lists;
    `unsure`: the neighbours that some of them name must be looked up. `typed`: it brings words that it does not itself
    delete; `lost`: none of those has a place any more. `tail` is its last item with its right neighbour.
    """

    __slots__ = (
        "attributed", "client", "clock", "deletes", "items", "known", "lost", "marking", "named", "on", "pairs",
        "places", "plain", "runs", "tail", "typed", "unsure",
    )  # fmt: skip

    def __init__(self, client: int, clock: int, tail: tuple[Id, Id | None] | None) -> None:
        self.client = client
        self.clock = clock
        self.runs: list[Run] = []
        self.places: dict[Id, Place] = {}
        self.pairs: list[int] = []
        self.deletes: list[Delete] = []
        self.attributed: list[Place] = []
        self.named: set[AmendmentId] = set()
        self.marking: dict[Id | None, Marks] = {}
        self.on: set[Mark] = set()
        self.items: list[Item] = []
        self.unsure = False
        self.tail = tail
        self.plain = False
        self.typed = False
        self.lost = False
        self.known = False


def preflight(update: Update, client: int, index: Index, tail: tuple[Id, Id | None] | None = None) -> Checked:
    """Checks an update of one leased client. `tail` is the last item that client put, with its right neighbour then.

    Raises `UpdateRefused`: `foreign-client`, `clock-gap`, `known`, `unknown-dependency`, `schema`, `malformed`,
    `unicode`.
    """
    blocks = update.blocks
    if client < 1000 or len(blocks) > 1 or (blocks and blocks[0].client != client):
        raise UpdateRefused("foreign-client", "The update holds changes under another client id. Connect again.")
    checked = Checked(client, index.clock(client), tail)
    if blocks:
        block = blocks[0]
        if block.clock > checked.clock:
            raise UpdateRefused("clock-gap", "The update leaves out changes it builds on. Connect again to catch up.")
        if block.clock < checked.clock:
            _all_known(block, update.deletes, index, checked)
            return checked
        for struct in block.structs:
            _check(struct, checked, index)
        for struct in block.structs:
            if struct.kind is Kind.STRING and (character := refused_character(struct.value)):
                raise UpdateRefused("unicode", f"The character {code_point(character)} may not stand in a text.")
    if update.deletes:
        _check_deletes(update.deletes, checked, index)
    checked.plain = not checked.deletes and len(checked.runs) == 1 and checked.runs[0].kind is Kind.STRING
    checked.known = not checked.runs and not checked.deletes
    if blocks:
        _see_words(checked, index)
    return checked


def destroys(checked: Checked, editable: Container[AmendmentId], mirror: Mirror, index: Index) -> bool:
    """Whether a delete range surely takes what is not the sender's: a quick look that spares the copy (G8).

    It knows paragraphs, not characters: where none of the sender's insertions stands, nothing there is the
    sender's to delete.
    """
    for client, start, end in checked.deletes:
        if client == checked.client and start >= checked.clock:
            continue
        for run in index.runs_in(client, start, end):
            if run.kind is not Kind.STRING and run.kind is not Kind.ELEMENT:
                continue
            place = run.place if run.kind is Kind.STRING else index.place_of((client, run.clock))
            if place is None or not index.alive(place):
                continue
            if not any(one in editable for one in mirror.ids_of(place.paragraph_id)):
                return mirror.paragraph(place.paragraph_id) is not None
    return False


def _all_known(block: Block, deletes: list[Delete], index: Index, checked: Checked) -> None:
    beyond = block.end > checked.clock or any(delete.end > index.clock(delete.client) for delete in deletes)
    if beyond or any(index.living(delete) for delete in deletes):
        raise UpdateRefused("known", "The update holds changes that are here already, beside new ones. Connect again.")
    checked.known = True


def _check(struct: Struct, checked: Checked, index: Index) -> None:
    kind, clock, length, origin, right = struct[:5]
    end = clock + length
    if kind is Kind.GC:
        checked.runs.append(Run(clock, end, kind, GONE))
        return
    place, key = _where(struct, checked, index)
    if place is not GONE:
        if kind is Kind.DELETED:
            if place.holds == ENTRIES or (key and (place.holds != TEXTS or key not in ATTRIBUTES)):
                raise _misplaced()
        elif place.holds != _HOLDER[kind] or (key != "") != (kind is Kind.ATTRIBUTE):
            raise _misplaced()
        if right is not None and key:
            raise _misplaced()
        if origin is not None and checked.tail == (origin, right):
            checked.items.append((place, key, struct, True))
        else:
            checked.items.append((place, key, struct, False))
            checked.unsure = True
        if kind is Kind.STRING:
            if checked.marking and (active := checked.marking.get(origin)):
                checked.on |= active
                checked.marking[(checked.client, end - 1)] = active
        elif kind is Kind.FORMAT:
            _check_mark(struct, checked)
        else:
            _check_node(struct, place, key, checked)
    if kind is Kind.STRING and not struct.value.isascii():
        checked.pairs += pair_starts(struct.value, clock)
    checked.tail = ((checked.client, end - 1), right)
    runs = checked.runs
    if runs:
        last = runs[-1]
        if last.kind is kind and last.place is place and last.key == key:
            last.end = end
            return
    runs.append(Run(clock, end, kind, place, key))


def _where(struct: Struct, checked: Checked, index: Index) -> tuple[Place, str]:
    origin, right = struct.origin, struct.right
    if origin is not None:
        left_run = _run_at(origin, checked, index)
        _whole((origin[0], origin[1] + 1), checked, index)
        if right is not None:
            right_run = _run_at(right, checked, index)
            _whole(right, checked, index)
            if left_run.place is not right_run.place or left_run.key != right_run.key or origin == right:
                raise UpdateRefused(
                    "unknown-dependency", "The update joins what does not belong together. Connect again."
                )
        return left_run.place, left_run.key
    if right is not None:
        right_run = _run_at(right, checked, index)
        _whole(right, checked, index)
        return right_run.place, right_run.key
    key = struct.key or ""
    if struct.root is not None:
        if struct.root != TEXT_ROOT:
            raise _not_the_text()
        return index.text, key
    assert struct.parent is not None  # the decoder reads one of the four
    found = checked.places.get(struct.parent) or index.place_of(struct.parent)
    if found is None:
        if _run_at(struct.parent, checked, index).place is GONE:
            return GONE, key
        raise _misplaced()
    return found, key


def _run_at(item: Id, checked: Checked, index: Index) -> Run:
    if item[0] == checked.client and item[1] >= checked.clock:
        runs = checked.runs
        if runs and item[1] < runs[-1].end:
            return runs[bisect_right(runs, item[1], key=_clock_of) - 1]
    elif (found := index.run_at(item)) is not None:
        return found
    raise UpdateRefused("unknown-dependency", "The update builds on something that is not here. Connect again.")


def _clock_of(run: Run) -> int:
    return run.clock


def _whole(boundary: Id, checked: Checked, index: Index) -> None:
    """Nothing comes between the halves of a surrogate pair: the two libraries would read the text differently."""
    if (boundary[0] == checked.client and boundary[1] - 1 in checked.pairs) or index.splits_pair(*boundary):
        raise UpdateRefused("malformed", "The update cuts a character in two. Reload the page.")


def _check_mark(struct: Struct, checked: Checked) -> None:
    mark = _marks.get(struct.value)
    if mark is None:
        try:
            mark = Mark.from_key(struct.value)
        except ValueError:
            raise UpdateRefused("schema", "The update formats text in a way no text here knows. Reload.") from None
        if mark.id and not is_id(mark.id):
            raise UpdateRefused("schema", "The update holds an id that is not of the right form. Reload the page.")
        if len(_marks) > 20_000:
            _marks.clear()
        _marks[struct.value] = mark
    active = checked.marking.get(struct.origin, NO_MARKS)
    if struct.on:
        checked.named.add(AmendmentId(mark.id))
    checked.marking[(checked.client, struct.clock)] = active | {mark} if struct.on else active - {mark}


def _check_node(struct: Struct, place: Place, key: str, checked: Checked) -> None:
    item = (checked.client, struct.clock)
    if struct.kind is Kind.ELEMENT:
        if struct.value != PARAGRAPH:
            raise _misplaced()
        checked.places[item] = Place(TEXTS, item)
    elif struct.kind is Kind.TEXT:
        # A paragraph gets its text in the update that brings it, and never a second one.
        if place.id not in checked.places or any(other.element is place for other in checked.places.values()):
            raise _misplaced()
        text = checked.places[item] = Place(CHARACTERS, item)
        text.element = place
    elif struct.kind is Kind.ATTRIBUTE:
        if key not in ATTRIBUTES:
            raise UpdateRefused("schema", "The update gives a paragraph an attribute no paragraph has. Reload.")
        if key == "added":
            checked.named.add(AmendmentId(struct.value))
        if place.id not in checked.places:
            checked.attributed.append(place)
        elif key == "id":
            place.paragraph = struct.value


def _check_deletes(deletes: list[Delete], checked: Checked, index: Index) -> None:
    own_end = checked.runs[-1].end if checked.runs else checked.clock
    for delete in deletes:
        client, start, end = delete
        own = client == checked.client
        if end > (own_end if own else index.clock(client)):
            raise UpdateRefused("unknown-dependency", "The update deletes something that is not here. Connect again.")
        _whole((client, start), checked, index)
        _whole((client, end), checked, index)
        for low, high in index.living(delete):
            checked.deletes.append(Delete(client, low, high))
            for run in index.runs_in(client, low, high):
                if run.place.holds == ENTRIES:
                    raise _not_the_text()


def _see_words(checked: Checked, index: Index) -> None:
    """Finds out whether the update types words that it does not delete again, and whether any has a place left."""
    own = [delete for delete in checked.deletes if delete.client == checked.client and delete.end > checked.clock]
    lost = True
    for run in checked.runs:
        if run.kind is not Kind.STRING:
            continue
        taken = sum(max(0, min(one.end, run.end) - max(one.clock, run.clock)) for one in own)
        if taken == run.end - run.clock:
            continue
        checked.typed = True
        element = run.place.element
        if run.place is not GONE and element is not None and (element.id in checked.places or index.alive(element)):
            lost = False
    checked.lost = checked.typed and lost


def _not_the_text() -> UpdateRefused:
    return UpdateRefused("schema", "Only the text may be typed in; the record is the server's.")


def _misplaced() -> UpdateRefused:
    return UpdateRefused("schema", "The update puts something where no text has it. Reload the page.")
