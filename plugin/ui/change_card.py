"""What a comparison has found: how much of each kind, what became what, a filter that computes nothing again, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from ...models.classes import KIND_COLOURS, kind_of
from ...models.protocol import KINDS, ChangeReply, FromTo
from ..change_state import ChangeState, Compared
from ..session import Session
from ..state import State
from .change_outputs import ChangeOutputs
from .change_summary import ChangeSummary
from .change_words import dates_words, kind_words, method_words
from .colours import warning
from .filter_box import FilterBox, HeldRow, hidden_words
from .icons import icon
from .result_card import LOOK
from .review_card import ReviewCard
from .run_bar import HEIGHT
from .widgets import headline_label, quiet_label, say
from .words import area_words, count_words


class ChangeCard(QWidget):
    """The review, while there is one, stands above the result, and what is made of both below: a layer of changes that was found another
    time can be reviewed and applied without a result."""

    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self.review = ReviewCard(session)
        self.result = ResultFrame(session)
        self.outputs = ChangeOutputs(session)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(self.review)
        layout.addWidget(self.result)
        layout.addWidget(self.outputs)

    def render(self, state: State) -> None:
        """Nothing is shown before the first run, and not while the next one goes on."""
        change = state.jobs.change
        reviewed = bool(change.review.layer_id)
        self.setVisible(change.run is None and (change.compared is not None or reviewed))
        self.outputs.setVisible(reviewed or change.compared is not None and has_changes(change.compared))
        self.outputs.render(state)
        self.review.render(state)
        self.result.render(state)


class ResultFrame(QFrame):
    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self.setObjectName("card")
        self.setStyleSheet(LOOK)
        self.headline = headline_label()
        self.asked = quiet_label()
        self.notes = quiet_label()
        self.advice = quiet_label()
        self.kinds = quiet_label()
        self.kinds.setTextFormat(Qt.TextFormat.RichText)
        self.rejected = quiet_label()
        self.compared = quiet_label()
        self.filter = FilterBox("change", session, lambda change: change.compared.scores if change.compared else ())
        self.held = HeldRow("change", session)
        self.summary = ChangeSummary(session)
        self.start = QPushButton(icon("review"), "")
        self.start.setMinimumHeight(HEIGHT)
        self.start.setToolTip(self.tr("Go through them one by one on the map, the surest first, with the keyboard"))
        self.start.clicked.connect(lambda: session.review.start())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 10)
        layout.setSpacing(8)
        said = (self.headline, self.asked, self.notes, self.advice, self.kinds, self.rejected, self.compared)
        for widget in (*said, self.filter, self.held, self.summary, self.start):
            layout.addWidget(widget)

    def render(self, state: State) -> None:
        change = state.jobs.change
        compared = change.compared
        self.setVisible(compared is not None)
        if compared is None:
            return
        total = len(compared.scores) or compared.reply.count
        self.headline.setText(self._headline(compared, total))
        say(self.asked, self._asked(compared.reply))
        say(self.notes, "\n".join(compared.reply.notes))
        self.notes.setStyleSheet(f"color: {warning(self).name()}")
        say(self.advice, self._advice(change, compared, total))
        say(self.kinds, kind_table(shown_matrix(compared), compared.metric) if compared.shown else "")
        left_out = compared.shown - sum(cell.count for cell in compared.matrix) if compared.layer_id else 0
        say(self.rejected, self.tr("Rejected, and left out: {count}").format(count=count_words(left_out)) if left_out > 0 else "")
        say(self.compared, self._ground(compared))
        self.filter.setVisible(bool(compared.scores))
        self.filter.render(state)
        self.held.setVisible(compared.held)
        self.summary.show_matrix(shown_matrix(compared), compared.metric, compared.reply.path)
        several = self.tr("Review {count} changes").format(count=count_words(compared.shown))
        self.start.setText(self.tr("Review 1 change") if compared.shown == 1 else several)
        self.start.setVisible(has_changes(compared) and not change.review.active)
        self.start.setEnabled(compared.shown > 0)

    def _headline(self, compared: Compared, total: int) -> str:
        if not total:
            return self.tr("Nothing changed")
        return self.tr("{shown} of {total} changes shown").format(shown=count_words(compared.shown), total=count_words(total))

    def _asked(self, reply: ChangeReply) -> str:
        method = method_words().get(reply.method, (reply.method, ""))[0]
        return ", ".join(filter(None, (method, dates_words(reply.before_date, reply.after_date))))

    def _advice(self, change: ChangeState, compared: Compared, total: int) -> str:
        """What to do where nothing is to be seen."""
        if not total:
            return self.tr("Try more classes, another method, or a larger area.")
        if compared.shown:
            return ""
        return hidden_words(change.threshold, compared.scores)

    def _ground(self, compared: Compared) -> str:
        """How much was compared, and how much could not be."""
        reply, metric = compared.reply, compared.metric
        done = self.tr("Compared: {area}").format(area=area_words(reply.compared, metric))
        if not reply.not_compared:
            return done
        left = self.tr("not compared: {area}, without data or under clouds").format(area=area_words(reply.not_compared, metric))
        return f"{done}; {left}"


def has_changes(compared: Compared) -> bool:
    """Whether there are any in the file, shown or not."""
    return bool(compared.scores or compared.reply.count)


def shown_matrix(compared: Compared) -> tuple[FromTo, ...]:
    """What the filter lets through; before the layer is there, what the engine said."""
    return compared.matrix if compared.layer_id else compared.reply.matrix


def kind_table(matrix: Sequence[FromTo], metric: bool) -> str:
    """Colour, name, count and area of each kind of change, as HTML."""
    rows = []
    for kind in KINDS:
        cells = [cell for cell in matrix if kind_of(cell.from_class, cell.to_class) == kind]
        count, area = sum(cell.count for cell in cells), sum(cell.area for cell in cells)
        square, words = f'<td style="color: {KIND_COLOURS[kind]}; padding-right: 6px" width="12">&#9632;</td>', area_words(area, metric)
        rows.append(
            f'<tr>{square}<td width="100%">{escape(kind_words(kind))}</td>'
            f'<td align="right" style="padding-right: 12px">{count_words(count)}</td>'
            f'<td align="right" style="white-space: nowrap">{escape(words if count else "")}</td></tr>'
        )
    return f'<table width="100%" cellspacing="0" cellpadding="1">{"".join(rows)}</table>'
