"""What two rows have in common at both ends."""

from hypothesis import given
from hypothesis import strategies as st

from opinions.shared_ends import shared_ends, shared_start

ROWS = st.text("ab", max_size=6)


@given(ROWS, ROWS)
def test_both_ends_are_shared_and_nothing_more_is(one: str, other: str) -> None:
    start, end = shared_ends(one, other)
    assert start == shared_start(one, other)
    assert one[:start] == other[:start]
    assert one[len(one) - end :] == other[len(other) - end :]
    assert start + end <= min(len(one), len(other))
    left, right = one[start : len(one) - end], other[start : len(other) - end]
    assert not (left and right) or (left[0] != right[0] and left[-1] != right[-1])


def test_a_row_shares_all_with_itself() -> None:
    assert shared_ends(["a", "b"], ["a", "b"]) == (2, 0)
    assert shared_ends("", "ab") == (0, 0)
