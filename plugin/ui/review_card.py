"""Going through changes one by one: which one the map shows, and what is decided about it."""

from __future__ import annotations

from typing import Callable, Optional

from qgis.PyQt.QtCore import QSignalBlocker, Qt
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import QComboBox, QFrame, QGridLayout, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from ...models.classes import KIND_COLOURS, OTHER, colour_of
from ..change_state import Review
from ..session import Session
from ..state import State
from .change_words import class_words
from .icons import icon, swatch
from .result_card import LOOK
from .widgets import headline_label, may_shrink, quiet_label, tool_button
from .words import count_words


class ReviewCard(QFrame):
    """Its buttons name the keys that do the same; those are heard by the map's tool, in the whole dock."""

    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._review = session.review
        self.setObjectName("card")
        self.setStyleSheet(LOOK)
        self.headline = headline_label()
        self.previous = tool_button("back", self.tr("The change before (←)"), lambda: self._review.previous())
        self.next = tool_button("forth", self.tr("The next change (→)"), lambda: self._review.next())
        self.undo = tool_button("undo", self.tr("Take the last decision back (Ctrl+Z)"), lambda: self._review.undo())
        self.end = tool_button("clear", self.tr("End the review; the decisions stay (Esc)"), lambda: self._review.end())
        self.kind = QLabel()
        self.words = quiet_label()
        self.words.setMinimumHeight(2 * self.words.fontMetrics().lineSpacing())  # so that the buttons stay in place
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.before = QPushButton(icon("change"), self.tr("Hold to see before (B)"))
        self.before.setToolTip(self.tr("The map shows the image before as long as this button, or B, is held down"))
        self.before.pressed.connect(lambda: self._review.show_before(True))
        self.before.released.connect(lambda: self._review.show_before(False))
        self.accept = _decision("accept", self.tr("Accept"), "A", self.tr("It is so"), lambda: self._review.accept())
        self.reject = _decision("discard", self.tr("Reject"), "R", self.tr("Nothing of the kind happened"), lambda: self._review.reject())
        self.relabel = Relabel(session)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(6)
        self.decided = quiet_label()
        self.save = QPushButton(icon("save"), self.tr("Save"))
        self.save.setToolTip(self.tr("Save the decisions in the layer's file"))
        self.save.clicked.connect(lambda: self._review.save())
        room = self.save.sizePolicy()
        room.setRetainSizeWhenHidden(True)
        self.save.setSizePolicy(room)
        for button in (self.undo, self.previous, self.next, self.end, self.before, self.accept, self.reject, self.save):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # who clicks here goes on with the keys of the map
        self._arrange()

    def render(self, state: State) -> None:
        review = state.jobs.change.review
        self.setVisible(review.active)
        if not review.active:
            return
        at_one = review.at >= 0
        where = self.tr("{number} of {total}").format(number=count_words(review.at + 1), total=count_words(review.total))
        self.headline.setText(where if at_one else self.tr("Review"))
        self.words.setText(self._said(review))
        colour = KIND_COLOURS.get(review.kind)
        self.kind.setVisible(colour is not None)
        self.kind.setPixmap(swatch(colour or "", 12).pixmap(12, 12))
        for button in (self.previous, self.next, self.accept, self.reject):
            button.setEnabled(at_one)
        self.before.setEnabled(review.has_before)
        self.before.setDown(review.before_shown)
        self.undo.setEnabled(review.unsaved)
        self.accept.setChecked(review.decision in ("accepted", "relabelled"))
        self.reject.setChecked(review.decision == "rejected")
        self.relabel.render(review)
        self.progress.setRange(0, max(review.total, 1))
        self.progress.setValue(review.decided)
        self.decided.setText(self._counts(review))
        self.save.setVisible(review.unsaved)

    def _said(self, review: Review) -> str:
        decisions = {"accepted": self.tr("accepted"), "rejected": self.tr("rejected"), "relabelled": self.tr("relabelled")}
        return " · ".join(filter(None, (review.words or self.tr("Looking for the next change"), decisions.get(review.decision, ""))))

    def _counts(self, review: Review) -> str:
        words = self.tr("Accepted: {accepted}, rejected: {rejected}, left: {left}")
        if review.total and review.decided == review.total:
            words = self.tr("All are decided. Accepted: {accepted}, rejected: {rejected}")
        left = max(review.total - review.decided, 0)
        return words.format(accepted=count_words(review.accepted), rejected=count_words(review.rejected), left=count_words(left))

    def _arrange(self) -> None:
        head, what, decide, foot = QHBoxLayout(), QHBoxLayout(), QGridLayout(), QHBoxLayout()
        head.setSpacing(2)
        head.addWidget(self.headline, 1)
        for button in (self.undo, self.previous, self.next, self.end):
            head.addWidget(button)
        what.setSpacing(6)
        what.addWidget(self.kind, 0, Qt.AlignmentFlag.AlignTop)
        what.addWidget(self.words, 1)
        decide.setSpacing(4)
        decide.addWidget(self.accept, 0, 0)
        decide.addWidget(self.reject, 0, 1)
        foot.addWidget(self.decided, 1)
        foot.addWidget(self.save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 10)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self.progress)
        layout.addLayout(what)
        layout.addWidget(self.before)
        layout.addLayout(decide)
        layout.addWidget(self.relabel)
        layout.addLayout(foot)


class Relabel(QWidget):
    """What it was and what it is, to be said otherwise."""

    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._session = session
        self._shown: object = None
        self.was, self.now = QComboBox(), QComboBox()
        self.was.setAccessibleName(self.tr("Class before"))
        self.now.setAccessibleName(self.tr("Class after"))
        self.button = QPushButton(self.tr("Relabel (L)"))
        self.button.setToolTip(self.tr("It changed, but from or to another class: choose them, then press this"))
        self.button.clicked.connect(self._relabel)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        for column, widget in enumerate((self.was, QLabel("→"), self.now)):
            grid.addWidget(widget, 0, column)
        grid.addWidget(self.button, 1, 0, 1, 3)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(2, 1)
        for combo in (self.was, self.now):
            may_shrink(combo)
            combo.setMinimumContentsLength(4)
            combo.currentIndexChanged.connect(lambda _index: self._enable())

    def render(self, review: Review) -> None:
        shown = (review.labels, review.feature, review.from_class, review.to_class)
        if shown != self._shown:  # or what is being chosen would be gone
            self._shown = shown
            for combo, name in ((self.was, review.from_class), (self.now, review.to_class)):
                self._fill(combo, review.labels, name)
        self.setVisible(bool(review.labels))
        self._enable()

    def _fill(self, combo: QComboBox, labels: tuple[str, ...], name: str) -> None:
        blocker = QSignalBlocker(combo)
        combo.clear()
        for label in labels if name in labels else (name, *labels):
            combo.addItem(swatch(QColor(colour_of("" if label in OTHER else label)).name()), class_words(label), label)
        combo.setCurrentIndex(combo.findData(name))
        del blocker

    def _enable(self) -> None:
        review, chosen = self._session.state.jobs.change.review, (self.was.currentData(), self.now.currentData())
        self.button.setEnabled(review.at >= 0 and chosen[0] != chosen[1] and chosen != (review.from_class, review.to_class))

    def _relabel(self) -> None:
        self._session.review.relabel("", self.was.currentData(), self.now.currentData())


def _decision(name: str, words: str, key: str, tip: str, verb: Callable[[], None]) -> QPushButton:
    """A wide button that stays down where this was decided."""
    button = QPushButton(icon(name), f"{words} ({key})")
    button.setToolTip(tip)
    button.setCheckable(True)
    button.setMinimumHeight(30)
    button.clicked.connect(lambda _on: verb())
    return button
