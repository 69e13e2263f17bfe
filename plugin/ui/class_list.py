"""The class list of a land-cover map: taken from a preset or an own one, put together by typing, dragging and removing."""

from __future__ import annotations

from html import escape
from typing import Optional

from qgis.PyQt.QtCore import QEvent, QSize, Qt, QTimer
from qgis.PyQt.QtGui import QBrush, QKeyEvent
from qgis.PyQt.QtWidgets import QAbstractItemView, QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from ...models.classes import colours_of
from ..area_state import CoverState, Refused
from ..session import Session
from ..state import State
from .colours import link, warning
from .icons import icon, swatch
from .list_picker import ListPicker
from .parse_view import shortened
from .phrase_line import PhraseLine
from .widgets import quiet_label, tool_button

FEWEST, MOST = 3, 9  # rows that are shown at once


class ClassListEditor(QWidget):
    """`lists` has its place elsewhere in the panel, but is drawn from here."""

    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._session = session
        self._refusal: Optional[Refused] = None
        self.lists = ListPicker(session)
        self.rows = _Rows(session)
        self.up = tool_button("up", self.tr("Move the class up"), lambda: self.rows.move(-1))
        self.down = tool_button("down", self.tr("Move the class down"), lambda: self.rows.move(1))
        self.drop = tool_button("clear", self.tr("Remove the class (Delete)"), self.rows.drop)
        self.word = PhraseLine(session, self._add, "cover")
        self.word.help.hide()
        self.word.line.setPlaceholderText(self.tr("Add a class"))
        self.word.line.setAccessibleName(self.tr("Class to add"))
        self.word.line.setToolTip(self.tr("A class to add, in English; several with commas between them; Enter adds"))
        self.add = tool_button("add", self.tr("Add the class that is typed"), self._add)
        self.said = quiet_label()
        self.said.setTextFormat(Qt.TextFormat.RichText)
        self.said.setTextInteractionFlags(Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard)
        self.said.setAccessibleName(self.tr("Why a class was not added"))
        self.said.linkActivated.connect(session.cover.add)
        self.rows.currentRowChanged.connect(lambda _row: self._enable())
        self._arrange()

    def render(self, state: State) -> None:
        cover = state.jobs.cover
        self.lists.render(state)
        self.rows.render(cover)
        self.word.render(state)
        self.add.setEnabled(bool(cover.phrase.strip()) and not cover.adding)
        self._refusal = cover.refused
        self._say()
        self._enable()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "said"):
            self._say()  # its colours are in its text

    def _add(self) -> None:
        self._session.cover.add(self._session.state.jobs.cover.phrase)

    def _say(self) -> None:
        self.said.setVisible(self._refusal is not None)
        if self._refusal is not None:
            self.said.setText(f'<span style="color: {warning(self).name()}">{self._refused_words(self._refusal)}</span>')

    def _refused_words(self, refused: Refused) -> str:
        word = f"<b>{escape(shortened(refused.word))}</b>"
        if refused.same.lower() == refused.word.lower():
            return self.tr("{word} is in the list already.").format(word=word)
        if refused.same:
            return self.tr("{word} is the same class as {other}.").format(word=word, other=f"<b>{escape(refused.same)}</b>")
        if not refused.instead:
            return self.tr("{word} is not a known class.").format(word=word)
        colour = link(self).name()
        links = (f'<a href="{escape(one)}" style="color: {colour}">{escape(one)}</a>' for one in refused.instead)
        return self.tr("{word} is not a known class. Instead: {words}").format(word=word, words=", ".join(links))

    def _enable(self) -> None:
        row, count = self.rows.currentRow(), self.rows.count()
        self.up.setEnabled(row > 0)
        self.down.setEnabled(0 <= row < count - 1)
        self.drop.setEnabled(row >= 0)

    def _arrange(self) -> None:
        buttons = QVBoxLayout()
        buttons.setSpacing(2)
        for button in (self.up, self.down, self.drop):
            buttons.addWidget(button)
        buttons.addStretch()
        middle = QHBoxLayout()
        middle.setSpacing(2)
        middle.addWidget(self.rows, 1)
        middle.addLayout(buttons)
        last = QHBoxLayout()
        last.setSpacing(2)
        last.addWidget(self.word, 1)
        last.addWidget(self.add)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(middle)
        layout.addLayout(last)
        layout.addWidget(self.said)


class _Rows(QListWidget):
    """The classes with their colours. They are dragged into another order, and removed by Delete."""

    def __init__(self, session: Session):
        super().__init__()
        self._session = session
        self._shown: object = None
        self.setAccessibleName(self.tr("Classes"))
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setIconSize(QSize(16, 16))
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.model().rowsMoved.connect(lambda *_move: QTimer.singleShot(0, self._moved))  # once Qt has finished with it

    @property
    def classes(self) -> list[str]:
        return [self.item(row).text() for row in range(self.count())]

    def render(self, cover: CoverState) -> None:
        shown = (cover.classes, cover.meanings, self.palette().cacheKey())
        if shown == self._shown:
            return
        self._shown = shown
        former, row = self.classes, self.currentRow()
        if former != list(cover.classes):
            chosen = former[row] if 0 <= row < len(former) else ""
            self.clear()
            self.addItems(cover.classes)
            stays = cover.classes.index(chosen) if chosen in cover.classes else min(row, len(cover.classes) - 1)
            self.setCurrentRow(stays if row >= 0 else -1)
        words = [cover.meanings.get(name, name.lower()) for name in cover.classes]
        for place, (word, colour) in enumerate(zip(words, colours_of(words))):
            self._show(self.item(place), word, colour)
        height = self.fontMetrics().height() + 8
        self.setFixedHeight(min(max(self.count(), FEWEST), MOST) * height + 2 * self.frameWidth())

    def move(self, by: int) -> None:
        """Move the current class up (-1) or down (1)."""
        names, row = self.classes, self.currentRow()
        if 0 <= row < len(names) and 0 <= row + by < len(names):
            names.insert(row + by, names.pop(row))
            self._session.cover.set_classes(names)

    def drop(self) -> None:
        names, row = self.classes, self.currentRow()
        if 0 <= row < len(names):
            self._session.cover.set_classes(names[:row] + names[row + 1 :])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.drop()
        else:
            super().keyPressEvent(event)

    def _moved(self) -> None:
        self._session.cover.set_classes(self.classes)

    def _show(self, item: QListWidgetItem, word: str, colour: str) -> None:
        known = bool(word)
        item.setIcon(swatch(colour) if known else icon("problem"))
        item.setData(Qt.ItemDataRole.ForegroundRole, None if known else QBrush(warning(self)))
        same = word == item.text().lower()
        tip = self.tr("Not a known class: remove it, or use another word") if not known else ""
        item.setToolTip(tip if not known or same else self.tr("Mapped as {word}").format(word=word))
        item.setSizeHint(QSize(0, self.fontMetrics().height() + 8))
