"""The setting of PDF files: data and the template in, bytes out. Needs nothing else of the server.

No face and no package of the machine is used, and the time is the text's own: the same text is the same bytes.
"""

import json
from pathlib import Path
from typing import Any

import typst

from server.errors import ServerError
from server.export.typefaces import faces

TEMPLATES = Path(__file__).parent / "templates"
KNOWN = ("paper", "comparison")
"""What data may name as its `template`; the first where it names none."""
NOWHERE = "/nonexistent"
"""Where packages are looked for: the template needs none, and none is ever fetched."""


def set_pdf(data: dict[str, Any], at: int) -> bytes:
    """What the template makes of data; `at` is the file's own time, in seconds. Raises `ServerError`."""
    template = KNOWN[KNOWN.index(data.get("template", "paper"))]
    compiler: typst.Compiler = typst.Compiler(
        TEMPLATES / f"{template}.typ",
        root=str(TEMPLATES),
        font_paths=faces(),
        ignore_system_fonts=True,
        sys_inputs={"paper": json.dumps(data, ensure_ascii=False)},
        package_path=NOWHERE,
        package_cache_path=NOWHERE,
    )
    try:
        made = compiler.compile(format="pdf", pdf_standards=["ua-1"], timestamp=at)
    except typst.TypstError as problem:
        raise ServerError(f"The text could not be set as PDF ({problem}).") from problem
    assert isinstance(made, bytes)
    return made
