"""What is drawn into a text: boxes that hold words, pictures that hold none, objects that are refused."""

from lxml import etree

from server.word_in.refusals import WordRefused
from server.word_in.xml import MC, W

MAX_DESCRIPTION = 200


def drawn(element: etree._Element) -> tuple[list[etree._Element], str]:
    """The contents of the outermost text boxes, each once, and the description of what has none."""
    if any(str(one.tag).endswith("}OLEObject") for one in element.iter()):
        raise WordRefused(
            "The file holds an object of another program (OLE). Delete it in Word, or put a picture in its place, and "
            "hand the file in again."
        )
    boxes = [one for one in element.iter(W + "txbxContent") if not _in_fallback(one, element)]
    known = set(boxes)
    outermost = [one for one in boxes if next(one.iterancestors(W + "txbxContent"), None) not in known]
    described = next((one.get("descr", "") for one in element.iter() if one.get("descr")), "")
    return outermost, described[:MAX_DESCRIPTION]


def _in_fallback(box: etree._Element, top: etree._Element) -> bool:
    """Whether a text box is the old form of one that stands beside it in the new form."""
    for one in box.iterancestors():
        if one is top:
            return False
        if one.tag == MC + "Fallback":
            parent = one.getparent()
            return parent is not None and any(
                next(choice.iter(W + "txbxContent"), None) is not None for choice in parent.iterchildren(MC + "Choice")
            )
    return False
