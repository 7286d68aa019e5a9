"""What looks like marked text copied without its marks is told (guide: domain 4, 7)."""

import pytest

from opinions.flattened import suspicions
from opinions.incoming import RemarkKind
from tests.support.incoming import cut, put, unit


@pytest.mark.parametrize(
    "text",
    [
        "Resolution 2 (Rev. Dubai, 2014Buenos Aires, 2017) of the WTDC",
        "for the period 20102014 and beyond",
        "that the the networks reach all",
        "the Internationalinternational ConnectConnectivity agenda",
        "the 4th5th Forum and the 4thFifth one",
        "to promote fairUniversal access",
    ],
)
def test_what_was_copied_together_is_told(text: str) -> None:
    found = list(suspicions(unit(text)))
    assert found
    assert all(one.kind is RemarkKind.FLATTENED and one.where in text for one in found)


@pytest.mark.parametrize(
    "text",
    [
        "Resolution 2 (Rev. Buenos Aires, 2017) of the WTDC (Dubai, 2014)",
        "IEG-WTPF-26-4/12, para 3 bis of S24-WTPF26PREP-R-0003",
        "Mr McDonald said that that had been so; they had had Wi-Fi and YouTube",
        "the period 2010-2014, in 2014 2,000 networks",
        "第3号意见（2014年）和信息通信技术",  # noqa: RUF001
    ],
)
def test_good_text_is_not_suspected(text: str) -> None:
    assert list(suspicions(unit(text))) == []


def test_marks_keep_apart_what_stands_together() -> None:
    assert list(suspicions(unit("(Rev. ", cut("Kenya", "Dubai, 2014"), put("Kenya", "Buenos Aires, 2017"), ")"))) == []
