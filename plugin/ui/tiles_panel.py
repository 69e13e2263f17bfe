"""The tile finder's panel: say what to look for and where, run it, and go through the tiles that show it best."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtGui import QKeySequence
from qgis.PyQt.QtWidgets import QFormLayout, QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from ..area_state import Ranked
from ..session import Session
from ..state import State
from .area_picker import AreaPicker
from .job_panel import JobPanel, took
from .model_picker import ModelRow
from .parse_view import ParseView
from .phrase_line import PhraseLine
from .raster_picker import RasterPicker
from .result_card import LOOK
from .run_bar import RunBar
from .target_row import TargetRow
from .tile_list import TileList
from .widgets import headline_label, quiet_label, tool_button


class TilesPanel(JobPanel):
    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._session = session
        self.raster = RasterPicker(session)
        self.phrase = PhraseLine(session, self._run, "tiles")
        self.phrase.help.hide()  # sizes and relations are for objects, not for tiles
        self.phrase.line.setPlaceholderText(self.tr("solar panels"))
        self.parse = ParseView(session, "tiles", self.tr("Say in English what the tiles should show: one thing."))
        self.area = AreaPicker(session)
        self.model = ModelRow("tiles", session)
        self.target = TargetRow("tiles", session, self.tr("Save the heat map to"), self.tr("GeoTIFF"), ".tif")
        self.run = RunBar(self.tr("Find"), self._run, session.tiles.cancel)
        self.card = TilesCard(session)
        form = QFormLayout()
        form.addRow(self.tr("Raster"), self.raster)
        form.addRow(self.phrase)
        form.addRow(self.parse)
        form.addRow(self.tr("Where"), self.area)
        form.addRow(self.tr("Model"), self.model)
        form.addRow(self.tr("Save to"), self.target)
        self.arrange(form, self.run, self.card)

    def render(self, state: State) -> None:
        for part in (self.raster, self.phrase, self.parse, self.area, self.model, self.target, self.card):
            part.render(state)
        tiles = state.jobs.tiles
        self.run.render(tiles.run, self._ready(state), self._lacks(state) or took(tiles.ranked.reply.seconds if tiles.ranked else None))

    def _run(self) -> None:
        if self._ready(self._session.state):
            self._session.tiles.run()

    def _ready(self, state: State) -> bool:
        return bool(state.jobs.tiles.phrase.strip()) and not self._lacks(state)

    def _lacks(self, state: State) -> str:
        """What must be done before the search can run; "" also where there is no phrase, of which the parse view speaks."""
        tiles = state.jobs.tiles
        nameless = tiles.explained is not None and not tiles.explained.runnable
        return self.lacks(state, self.tr("Name something to find.") if nameless else "")


class TilesCard(QFrame):
    """The ranking, and the way through it."""

    def __init__(self, session: Session, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self.setObjectName("card")
        self.setStyleSheet(LOOK)
        self._session = session
        self.headline = headline_label()
        self.advice = quiet_label()
        self.tiles = TileList()
        self.tiles.tileChosen.connect(session.tiles.zoom_to)
        self.former = self._step("up", self.tr("Previous tile"), "Alt+Up", -1)
        self.next = self._step("down", self.tr("Next tile"), "Alt+Down", 1)
        top = QHBoxLayout()
        top.setSpacing(2)
        top.addWidget(self.headline, 1)
        top.addWidget(self.former)
        top.addWidget(self.next)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 10)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addWidget(self.advice)
        layout.addWidget(self.tiles)

    def render(self, state: State) -> None:
        """Nothing is shown before the first search, and not while the next one runs."""
        ranked = state.jobs.tiles.ranked
        self.setVisible(ranked is not None and state.jobs.tiles.run is None)
        if ranked is None:
            return
        count = len(ranked.reply.tiles)
        self.headline.setText(self._headline(ranked))
        self.advice.setText("\n".join((self._advice(ranked), *ranked.reply.notes)))
        self.tiles.show_tiles(ranked.reply.tiles, ranked.chosen)
        for widget in (self.tiles, self.former, self.next):
            widget.setVisible(count > 0)
        self.former.setEnabled(ranked.chosen > 0)
        self.next.setEnabled(ranked.chosen < count - 1)

    def _headline(self, ranked: Ranked) -> str:
        if not ranked.reply.tiles:
            return self.tr("No tiles")
        if ranked.chosen >= 0:
            return self.tr("Tile {number} of {count}").format(number=ranked.chosen + 1, count=len(ranked.reply.tiles))
        return self.tr("The best {count} tiles").format(count=len(ranked.reply.tiles))

    def _advice(self, ranked: Ranked) -> str:
        if not ranked.reply.tiles:
            return self.tr("The raster has no data in this area.")
        return self.tr("For {words}. Click one to see it on the map.").format(words=f"“{ranked.words}”")

    def _step(self, name: str, words: str, keys: str, by: int) -> QToolButton:
        shown = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
        button = tool_button(name, f"{words} ({shown})", lambda: self._go(by))
        button.setShortcut(QKeySequence(keys))
        return button

    def _go(self, by: int) -> None:
        ranked = self._session.state.jobs.tiles.ranked
        if ranked is not None:
            self._session.tiles.zoom_to(ranked.chosen + by)
