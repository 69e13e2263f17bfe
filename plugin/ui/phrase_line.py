"""The line to say in what to find: it offers the vocabulary's words while one types, and shows what can be said."""

from __future__ import annotations

from typing import Callable, Optional

from qgis.PyQt.QtCore import QSize, QStringListModel, Qt
from qgis.PyQt.QtGui import QKeyEvent
from qgis.PyQt.QtWidgets import QCompleter, QHBoxLayout, QLineEdit, QMenu, QToolButton, QWidget

from ...models.protocol import ExplainReply
from ..area_state import Typed
from ..session import Session
from ..state import State
from . import examples
from .icons import icon


class PhraseLine(QWidget):
    """`run` is what Enter does; `part` names whose phrase it is, in the session and in `State.jobs`."""

    def __init__(self, session: Session, run: Callable[[], None], part: str = "text", parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._session, self._part, self._run = session, part, run
        self._type: Callable[[str], None] = getattr(session, part).type
        self._explained: Optional[ExplainReply] = None
        self._typing = False  # words are offered to who types, not to who has just taken one
        self._words = QStringListModel(self)
        self.completer = QCompleter(self._words, self)
        self.completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self.completer.activated[str].connect(self._complete)
        self.line = _Line(self.completer)
        self.line.setAccessibleName(self.tr("What to find"))
        self.line.setToolTip(self.tr("What to find, in English; Enter searches"))
        self.line.setPlaceholderText(examples.SHORTEST)
        self.line.addAction(icon("find"), QLineEdit.ActionPosition.LeadingPosition)
        self.line.setClearButtonEnabled(True)
        self.line.setMinimumHeight(32)
        self.line.textEdited.connect(self._edited)
        self.line.returnPressed.connect(self._enter)
        self.help = QToolButton()
        self.help.setIcon(icon("help"))
        self.help.setIconSize(QSize(20, 20))
        self.help.setAutoRaise(True)
        self.help.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # Qt leaves tool buttons out of the keyboard's way
        self.help.setToolTip(self.tr("What can I say?"))
        self.help.setAccessibleName(self.help.toolTip())
        self.help.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.help.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        self.help.setMenu(self._help())
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.line, 1)
        layout.addWidget(self.help)

    def render(self, state: State) -> None:
        typed: Typed = getattr(state.jobs, self._part)
        if self.line.text() != typed.phrase:
            self.line.setText(typed.phrase)
        if typed.explained is not self._explained:
            self._explained = typed.explained
            self._offer(typed.phrase, typed.explained)

    def _edited(self, phrase: str) -> None:
        self._typing = True
        self._type(phrase)

    def _enter(self) -> None:
        self._run()
        if self._session.state.jobs.running is not None:
            self.line.selectAll()  # the next phrase is typed over this one; one that was refused is to be mended

    def _offer(self, phrase: str, explained: Optional[ExplainReply]) -> None:
        if explained is None:
            return  # the engine is about to say; until then the former words do
        words = offered(phrase, explained)
        if words and self._typing and self.line.hasFocus():
            self._words.setStringList(words)
            self.completer.complete()
        else:
            self.completer.popup().hide()

    def _complete(self, word: str) -> None:
        self._say(completed(self.line.text(), word))

    def _say(self, phrase: str) -> None:
        self._typing = False
        self._type(phrase)

    def _help(self) -> QMenu:
        menu = QMenu(self)
        kinds = (
            (self.tr("Things, one or several"), examples.THINGS),
            (self.tr("Of a size"), examples.SIZES),
            (self.tr("Of a shape or a tone"), examples.LOOKS),
            (self.tr("Only so many"), examples.COUNTS),
            (self.tr("By what is around, or a layer's name"), examples.PLACES),
            (self.tr("Not so"), examples.NEGATIONS),
        )
        for words, phrases in kinds:
            menu.addSection(words)
            for phrase in phrases:
                menu.addAction(phrase).triggered.connect(lambda _on, phrase=phrase: self._say(phrase))
        return menu


class _Line(QLineEdit):
    """A line whose completer replaces the last word; Qt's own would replace all that is typed."""

    def __init__(self, completer: QCompleter):
        super().__init__()
        self._popup = completer.popup()
        completer.setWidget(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The popup, while it is open, sends every key here first, and does its own with those that are ignored."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if not self._popup.isVisible() or not (enter or event.key() == Qt.Key.Key_Escape):
            super().keyPressEvent(event)
        elif enter and not self._popup.selectionModel().hasSelection():
            self._popup.hide()
            super().keyPressEvent(event)
            event.accept()  # or the popup would put in its first word
        else:
            event.ignore()


def offered(phrase: str, explained: ExplainReply) -> list[str]:
    """The suggestions worth showing: those that begin as the end of the phrase does, or any for a last word that is not understood."""
    last = phrase.split(",")[-1].split(" ")[-1].casefold()
    unknown = last in (word.casefold() for word in explained.not_understood)
    return [word for word in explained.suggestions if _begun(phrase, word) is not None or (unknown and last)]


def completed(phrase: str, word: str) -> str:
    """The phrase with its unfinished end, or else its last word, become this word."""
    start = _start_of_last(phrase) if (begun := _begun(phrase, word)) is None else begun
    return phrase[:start] + word


def _begun(phrase: str, word: str) -> Optional[int]:
    """Where the longest end of the phrase starts that is a beginning of the word, but not all of it; None where there is none."""
    starts = [at for at in range(len(phrase)) if not phrase[at].isspace() and (at == 0 or phrase[at - 1] in " ,")]
    ends = (at for at in starts if word.casefold().startswith(phrase[at:].casefold()) and len(phrase) - at < len(word))
    return next(ends, None)


def _start_of_last(phrase: str) -> int:
    return max(phrase.rfind(" "), phrase.rfind(",")) + 1
