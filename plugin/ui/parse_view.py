"""What the engine has understood of the phrase, said back before it is run, and what it has not, with known words instead."""

from __future__ import annotations

import re
from html import escape
from typing import Any, Callable, Optional

from qgis.PyQt.QtCore import QEvent, Qt, QTimer
from qgis.PyQt.QtWidgets import QVBoxLayout, QWidget

from ...models.protocol import ExplainReply, Offer
from ..area_state import Typed
from ..session import Session
from ..state import Engine, State
from .colours import link, warning
from .widgets import quiet_label, say

NOT_UNDERSTOOD = re.compile(r"(^|;\s*)not understood:.*$", re.IGNORECASE)  # how the engine's sentence ends; here that part has its own line
LONGEST = 24  # letters of a word
REST = 1200  # ms without a key


class ParseView(QWidget):
    """`part` names whose phrase it is, in the session and in `State.jobs`; `hint` is what an empty line is told.

    While a phrase is typed it only grows, so that what is below does not move at each key; once the keys rest it has no room to spare.
    """

    def __init__(self, session: Session, part: str = "text", hint: str = "", parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._hint = hint or self.tr("Say in English what to find; several things with commas between them.")
        self._part = part
        self._type: Callable[[str], None] = getattr(session, part).type
        self._typed = Typed()
        self.said = quiet_label()
        self.said.setTextFormat(Qt.TextFormat.RichText)
        self.said.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.unknown = quiet_label()
        self.unknown.setTextFormat(Qt.TextFormat.RichText)
        links = Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        self.unknown.setTextInteractionFlags(links)
        self.unknown.setAccessibleName(self.tr("Words that are not understood"))
        self.unknown.linkActivated.connect(self._replace)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST)
        self._rest.timeout.connect(self._settle)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.said)
        layout.addWidget(self.unknown)

    def render(self, state: State) -> None:
        typed: Typed = getattr(state.jobs, self._part)
        if (typed.phrase, typed.explained) != (self._typed.phrase, self._typed.explained):
            self._keep_height()
        self._typed = typed
        explained = self._typed.explained
        waits = bool(self._typed.phrase.strip()) and explained is None
        if waits and state.engine is Engine.READY:
            return  # the answer is a moment away, and the former one is nearer to it than nothing
        say(self.said, self._waiting_words() if waits else self._said(explained))
        self._show_unknown(None if waits else explained)
        self.setVisible(bool(self.said.text() or self.unknown.text()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "unknown"):
            self._show_unknown(self._typed.explained)  # its colours are in its text

    def _keep_height(self) -> None:
        if self.isVisible():  # before, it has none
            self.setMinimumHeight(self.height())
            self._rest.start()

    def _settle(self) -> None:
        self.setMinimumHeight(0)

    def _said(self, explained: Optional[ExplainReply]) -> str:
        if explained is None or not self._typed.phrase.strip():
            return "" if self._typed.optional else escape(self._hint)
        sentence = NOT_UNDERSTOOD.sub("", explained.sentence).strip()
        if not sentence:
            return "" if self._typed.optional else escape(self.tr("Nothing to search for yet."))
        return self.tr("Finds {what}").format(what=with_classes_bold(sentence, explained.parse))

    def _waiting_words(self) -> str:
        return escape(self.tr("The engine reads the phrase as soon as it runs."))

    def _show_unknown(self, explained: Optional[ExplainReply]) -> None:
        words = unfamiliar(self._typed.phrase, explained) if explained else []
        self.unknown.setVisible(bool(words))
        colour = warning(self).name()
        lines = "<br>".join(self._unknown_words(offer) for offer in words)
        self.unknown.setText(f'<span style="color: {colour}">{lines}</span>' if lines else "")

    def _unknown_words(self, offer: Offer) -> str:
        word = f"<b>{escape(shortened(offer.word))}</b>"
        if not offer.instead:
            return self.tr("{word} is not understood.").format(word=word)
        colour = link(self).name()
        links = (f'<a href="{escape(offer.word)}|{escape(one)}" style="color: {colour}">{escape(one)}</a>' for one in offer.instead)
        return self.tr("{word} is not understood. Instead: {words}").format(word=word, words=", ".join(links))

    def _replace(self, target: str) -> None:
        word, _, instead = target.partition("|")
        self._type(replaced(self._typed.phrase, word, instead))


def unfamiliar(phrase: str, explained: ExplainReply) -> list[Offer]:
    """What was not understood, with what is offered instead; but not the word at the end that may yet become a known one."""
    offers = {offer.word: offer for offer in explained.offers}
    return [offers.get(word) or Offer(word, ()) for word in explained.not_understood if not _unfinished(phrase, word, explained)]


def replaced(phrase: str, word: str, instead: str) -> str:
    """The phrase with the first whole `word` become `instead`, whatever its case."""
    return re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", lambda _match: instead, phrase, count=1, flags=re.IGNORECASE)


def shortened(word: str) -> str:
    """No word may be wider than the dock: a label breaks lines between words only."""
    return word if len(word) <= LONGEST else word[: LONGEST - 1] + "…"


def with_classes_bold(sentence: str, parse: dict[str, Any]) -> str:
    """The engine's sentence as HTML, the classes in it bold."""
    queries = parse.get("queries") or ()
    names = {str(query.get("class", "")) for query in queries}
    names |= {str(relation.get("of", "")) for query in queries for relation in query.get("relations") or ()}
    longest_first = sorted((re.escape(escape(name)) for name in names if name), key=len, reverse=True)
    if not longest_first:
        return escape(sentence)
    return re.sub(rf"(?<!\w)({'|'.join(longest_first)})(?!\w)", r"<b>\1</b>", escape(sentence))


def _unfinished(phrase: str, word: str, explained: ExplainReply) -> bool:
    ends = phrase.casefold().endswith(word.casefold())
    return ends and any(known.casefold().startswith(word.casefold()) for known in explained.suggestions)
