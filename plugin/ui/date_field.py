"""When a raster was taken: as its file says, or as the user knows better."""

from __future__ import annotations

import re
from datetime import date
from typing import Callable, Optional

from qgis.PyQt.QtGui import QPalette
from qgis.PyQt.QtWidgets import QLineEdit, QWidget

from .colours import warning

WORDS = re.compile(r"(\d{4})(?:[-./ ]?(\d{2})|[-./ ](\d))?(?:[-./ ]?(\d{2})|[-./ ](\d))?")


class DateField(QLineEdit):
    """`corrected` is told what the user says, as ISO, "" for what the file says. What is no date stays, marked, until it is one or the
    user leaves it."""

    def __init__(self, whose: str, corrected: Callable[[str], None], parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._corrected = corrected
        self._shown: Optional[tuple[str, str]] = None
        self.setPlaceholderText(self.tr("date?"))
        self.setAccessibleName(whose)
        self.setToolTip(
            self.tr(
                "{whose}: a year, a month or a day, such as 2012, 2012-07 or 2012-07-31. "
                "It is read from the file or from its name; correct it here, or empty it to read it again."
            ).format(whose=whose)
        )
        room = self.fontMetrics().horizontalAdvance("2000-00-00") + 14
        self.setMinimumWidth(room)
        self.setMaximumWidth(room)
        self.textChanged.connect(lambda _text: self._mark())
        self.editingFinished.connect(self._finished)

    def render(self, corrected: str, found: str) -> None:
        if (corrected, found) != self._shown:  # or what is being typed would be gone
            self._shown = (corrected, found)
            self.setText(corrected or found)

    def _finished(self) -> None:
        corrected, found = self._shown or ("", "")
        iso = iso_of(self.text())
        if iso is None:
            if not self.hasFocus():
                self.setText(corrected or found)
            return
        self.setText(iso or found)
        wanted = "" if iso == found else iso
        if wanted != corrected:
            self._corrected(wanted)

    def _mark(self) -> None:
        """What is no date is written in the colour of warnings."""
        colours = QPalette()
        if iso_of(self.text()) is None:
            colours.setColor(QPalette.ColorRole.Text, warning(self))
        self.setPalette(colours)


def iso_of(text: str) -> Optional[str]:
    """A year, a month or a day as ISO writes it; the year stands first, and anything between the parts. "" of nothing, None of no date.

    >>> iso_of("2012.7.31"), iso_of("201207"), iso_of("July")
    ('2012-07-31', '2012-07', None)
    """
    if not text.strip():
        return ""
    found = WORDS.fullmatch(text.strip())
    if found is None:
        return None
    parts = [int(found[1]), *(int(part) for part in (found[2] or found[3], found[4] or found[5]) if part)]
    try:
        date(*(parts + [1, 1])[:3])
    except ValueError:
        return None
    return "-".join([f"{parts[0]:04d}", *(f"{part:02d}" for part in parts[1:])])
