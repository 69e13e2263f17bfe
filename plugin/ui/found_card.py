"""What a search has found: how many, of what, and how sure; a filter that computes nothing again; and what to do with them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Optional

from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtWidgets import (
    QAction,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ...models.protocol import ClassFound
from ..area_state import Found, TextState
from ..session import Session
from ..state import State
from .colours import warning
from .filter_box import FilterBox, HeldRow, hidden_words
from .icons import icon
from .result_card import LOOK
from .widgets import headline_label, quiet_label, say
from .words import area_words, count_words


class FoundCard(QFrame):
    """`review_actions` switch the map tools that keep, discard, merge and split."""

    def __init__(self, session: Session, review_actions: Sequence[QAction], parent: Optional[QWidget] = None):
        super().__init__(parent)
        self.setObjectName("card")
        self.setStyleSheet(LOOK)
        self._shown: object = None
        self.headline = headline_label()
        self.asked = quiet_label()
        self.notes = quiet_label()
        self.advice = quiet_label()
        self.classes = quiet_label()
        self.classes.setTextFormat(Qt.TextFormat.RichText)
        self.filter = FilterBox("text", session, lambda text: text.found.scores if text.found else ())
        self.held = HeldRow("text", session)
        self.review = _review_row(review_actions)
        self.more = QPushButton(icon("similar"), self.tr("More like the selected"))
        self.more.setToolTip(self.tr("Take the polygons that are selected in the layer as examples for the next search"))
        self.more.clicked.connect(lambda: session.text.use_examples())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 10)
        layout.setSpacing(8)
        for widget in self._parts():
            layout.addWidget(widget)

    def render(self, state: State) -> None:
        """Nothing is shown before the first search, and not while the next one runs."""
        text = state.jobs.text
        self.setVisible(text.found is not None and text.run is None)
        shown = (text.found, text.threshold, text.min_area, state.metric)
        if text.found is None or shown == self._shown:
            return
        self._shown = shown
        total = _total(text.found)
        self.headline.setText(self._headline(text.found, total))
        say(self.asked, text.found.reply.sentence)
        say(self.notes, "\n".join(text.found.reply.notes))
        self.notes.setStyleSheet(f"color: {warning(self).name()}")
        say(self.advice, self._advice(text, text.found, total))
        say(self.classes, class_table(text.found.reply.classes, state.metric) if total else "")
        self.filter.setVisible(bool(text.found.scores))
        self.filter.render(state)
        self.held.setVisible(text.found.held)
        for widget in (self.review, self.more):
            widget.setVisible(total > 0)

    def _headline(self, found: Found, total: int) -> str:
        if not total:
            return self.tr("Nothing found")
        return self.tr("{shown} of {total} shown").format(shown=count_words(found.shown), total=count_words(total))

    def _advice(self, text: TextState, found: Found, total: int) -> str:
        """What to do where nothing is to be seen."""
        if not total:
            return self.tr("Try another word, fewer conditions, or a larger area.")
        if found.shown:
            return ""
        return hidden_words(text.threshold, found.scores)

    def _parts(self) -> tuple[QWidget, ...]:
        said = (self.headline, self.asked, self.notes, self.advice, self.classes)
        return (*said, self.filter, self.held, self.review, self.more)


def class_table(classes: Sequence[ClassFound], metric: bool) -> str:
    """Name, count and area of each class, as HTML."""
    if not classes:
        return ""
    rows = (
        f'<tr><td width="100%">{escape(one.name)}</td><td align="right" style="padding-right: 12px">{count_words(one.count)}</td>'
        f'<td align="right" style="white-space: nowrap">{escape(area_words(one.area, metric))}</td></tr>'
        for one in classes
    )
    return f'<table width="100%" cellspacing="0" cellpadding="1">{"".join(rows)}</table>'


def _review_row(actions: Sequence[QAction]) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(2)
    for action in actions:
        button = QToolButton()
        button.setDefaultAction(action)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setIconSize(QSize(20, 20))
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # Qt leaves tool buttons out of the keyboard's way
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        layout.addWidget(button)
    return row


def _total(found: Found) -> int:
    """All that are in the file; before it is read, those that the engine counted."""
    return len(found.scores) or found.reply.count
