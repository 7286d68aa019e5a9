"""Files of comments, made in a thread of their own, one at a time, and once for all who ask for the same."""

import asyncio
import hashlib
from collections import OrderedDict

from server.consultation.sheet import Sheet

FILES_KEPT = 12
BYTES_KEPT = 32 * 1024 * 1024
"""Of all kept files together; the longest unasked one goes first."""
MEDIA = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
"""The formats by their names in addresses."""


def written(sheet: Sheet, form: str) -> bytes:
    """The sheet in a format of `MEDIA`."""
    # Imported only here: their libraries take more memory than five hundred connections.
    if form == "docx":
        from server.consultation.word import to_docx

        return to_docx(sheet)
    from server.consultation.spreadsheets import to_csv, to_xlsx

    return to_csv(sheet) if form == "csv" else to_xlsx(sheet)


class MadeFiles:
    """The files made last. Word takes some 3 ms of a processor for each comment, and everybody may ask for it."""

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._making = asyncio.Lock()

    async def made(self, sheet: Sheet, form: str) -> bytes:
        """The file of a sheet: the one made before where the sheet says the same."""
        key = hashlib.sha256(repr((form, sheet.process, sheet.round, sheet.status, sheet.texts)).encode()).digest()
        async with self._making:
            content = self._kept.get(key)
            if content is None:
                content = self._kept[key] = await asyncio.to_thread(written, sheet, form)
            self._kept.move_to_end(key)
            while len(self._kept) > FILES_KEPT or (len(self._kept) > 1 and self._size() > BYTES_KEPT):
                self._kept.popitem(last=False)
        return content

    def _size(self) -> int:
        return sum(len(one) for one in self._kept.values())
