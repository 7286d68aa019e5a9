"""Seeds that are run every time: the first ones, and each that found something, with a word on what it was.

What a seed does changes whenever the plan, the deeds or the room change: so each fault it found also has a test of its
own beside what was mended (named here), and stays in the list because it is an eventful one.
"""

EVERY_TIME = range(200)
"""Run by `make test`; `make soak` goes on from fresh ones."""

FOUND: dict[int, str] = {
    242157945: "Words submitted at the place where another's draft stood carried the draft's mark too, and no submit "
    "went through any more (tests/opinions/test_alignment.py, words that land between a draft's markers).",
    140947133: "Words typed between the WELCOME of another lease and its SYNC were never sent "
    "(web/src/sync/session.test.ts, what is typed between WELCOME and SYNC).",
    168671555: "The simulation's own: a word parted by a split counted as lost.",
    104984931: "The simulation's own: a word parted by what a reopening put back counted as lost.",
    180144814: "The simulation's own: a change of scope under way counted as a leak of who drafts where.",
    764606259: "The simulation's own: a frame before the handshake was taken up.",
    450211267: "What follows a freeze in one batch is of the next epoch: the auditor holds every entry to it.",
    980930393: "A peer of two circles was told ACK before the update it speaks of, and forgot words whose place went "
    "in that very step (server/telling.py, _in_order).",
    703392754: "The same, where a paragraph was moved.",
    1068279257: "What a colleague typed live came to stand under a draft's strike, and Submit took it out of the text: "
    "nobody had seen it struck (tests/crdt/test_room.py, C4).",
    136844032: "The simulation's own: a paragraph's id that held the letters of a word counted as a leak of that word.",
    824797053: "The simulation's own: a word from part of which an undo lifted a bracket, and which the gavel parted, "
    "counted as lost.",
    155439837: "The simulation's own: a process that was stopping did not hear that somebody's rights had ended.",
    413643320: "Words that continued an amendment landed behind a draft's marker, read as one with the draft's words, "
    "and were the draft's in that delegation's view (tests/opinions/test_alignment.py).",
    841274902: "The simulation's own: a number used again after a refusal counted as refused and logged.",
}
"""Seeds outside of `EVERY_TIME` that found a fault."""
