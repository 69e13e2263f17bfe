"""The composition root: the only place that knows QGIS's interface, and the one that makes the parts and joins them."""

from __future__ import annotations

import configparser
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

from qgis.core import Qgis, QgsApplication, QgsMapLayer, QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QCoreApplication, QObject, QStandardPaths, Qt, QTimer
from qgis.PyQt.QtWidgets import QAction, QApplication

from .ui.icons import icon

if TYPE_CHECKING:
    from .map.click_tool import ClickTool
    from .processing.provider import Provider
    from .session import Session
    from .ui.dock import Dock

ROOT = Path(__file__).resolve().parents[1]


class Plugin:
    """What QGIS loads. It adds one button and the algorithms for Processing; all the rest is made when that button is first pressed, so
    that QGIS starts no slower.

    `session`, `dock` and `tool` make the rest, too, when they are asked for. `iface` is None where QGIS has no window (qgis_process);
    then only `initProcessing` is called. `client` stands for the engine in tests.
    """

    def __init__(self, iface: Any, client: Optional[Any] = None):
        self._iface = iface
        self._client = client
        self._parts: Optional[Parts] = None
        self._action: Optional[QAction] = None
        self._provider: Optional[Provider] = None
        self.canvas = iface.mapCanvas() if iface is not None else None

    def initProcessing(self) -> None:
        if self._provider is not None:
            return
        from .processing.provider import Provider

        self._provider = Provider()
        if not QgsApplication.processingRegistry().addProvider(self._provider):
            self._provider = None  # there is one of this name already, and the registry has deleted ours

    def initGui(self) -> None:
        self.initProcessing()
        self._action = QAction(icon("rasterscribe"), "Rasterscribe", self._iface.mainWindow())
        self._action.setObjectName("rasterscribe")
        self._action.setToolTip(_tr("Rasterscribe: click an object, get its outline"))
        self._action.setCheckable(True)
        self._action.triggered.connect(self.show)
        self._iface.addToolBarIcon(self._action)
        if hasattr(self._iface, "rasterMenu"):
            self._iface.rasterMenu().addAction(self._action)

    def unload(self) -> None:
        self._discard()
        if self._provider is not None:
            QgsApplication.processingRegistry().removeProvider(self._provider)
            self._provider = None
        if self._action is not None:
            self._iface.removeToolBarIcon(self._action)
            self._action.deleteLater()  # takes it out of the menu, too
            self._action = None

    def show(self, visible: bool = True) -> None:
        """Open or close the dock."""
        if visible or self._parts is not None:
            self.dock.setUserVisible(visible)

    @property
    def session(self) -> Session:
        return self._made().session

    @property
    def dock(self) -> Dock:
        return self._made().dock

    @property
    def tool(self) -> ClickTool:
        return self._made().tool

    def _made(self) -> Parts:
        if self._parts is None:
            self._parts = Parts(self._iface, self.canvas, self._client, self._make_again)
            if self._action is not None:
                self._action.triggered.disconnect(self.show)
                self._parts.dock.setToggleVisibilityAction(self._action)
        return self._parts

    def _make_again(self) -> None:
        """The engine has another home now, and everything hangs on it."""
        visible = self._parts is not None and not self._parts.dock.isHidden()
        self._discard()
        if visible:
            self.show()

    def _discard(self) -> None:
        parts, self._parts = self._parts, None
        if parts is not None:
            parts.remove()
            if self._action is not None:
                self._action.triggered.connect(self.show)


class Parts(QObject):
    """Everything behind the button."""

    def __init__(self, iface: Any, canvas: Any, client: Optional[Any], make_again: Any):
        super().__init__()
        from . import settings
        from .engine.client import Client
        from .engine.environment import Environment, home_folder
        from .engine_link import EngineLink
        from .geometry import area_of
        from .map.click_tool import ClickTool
        from .session import Session
        from .ui.dock import Dock

        self._iface, self._canvas, self._make_again = iface, canvas, make_again
        self._environment = Environment(settings.engine_home(home_folder()))
        self._client = client or Client(self._environment, self)
        self._saved = settings.load_state()
        self.session = Session(self._client, self._saved, self, area_of)
        self.tool = ClickTool(canvas)
        self._click_action = self._make_click_action()
        self._copy_action = QAction(_tr("Copy diagnostics"), self)
        self._copy_action.setToolTip(_tr("Copy what is needed to report a fault; it holds no passwords"))
        self._make_links(canvas)
        self._engine = EngineLink(self.session, self._client, self._environment, self)
        review = tuple(self._review.actions.values())
        self.dock = Dock(self.session, self._click_action, self._copy_action, iface.mainWindow(), review)
        iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.dock)
        self._connect()
        self._engine.look_at_disk()
        self._choose_first_raster()

    def _make_links(self, canvas: Any) -> None:
        """The joints between the session and the map, one a job."""
        from .area_link import AreaLink
        from .before_link import BeforeLink
        from .change_link import ChangeLink
        from .change_review_link import ChangeReviewLink
        from .cover_link import CoverLink
        from .found_link import FoundLink
        from .map_link import MapLink
        from .result_link import ResultLink
        from .review_link import ReviewLink
        from .tiles_link import TilesLink

        cache = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.CacheLocation)) / "rasterscribe"
        self._map = MapLink(self.session, canvas, self.tool, cache, self)
        self._area = AreaLink(self.session, canvas, cache, self)
        self._found = FoundLink(self.session, canvas, version(), self)
        self._review = ReviewLink(self.session, canvas, self)
        for mode, action in self._review.actions.items():
            action.setIcon(icon(mode.value))
        self._change_review = ChangeReviewLink(self.session, canvas, self)
        self._before = BeforeLink(self.session, cache, self)
        self._change = ChangeLink(self.session, canvas, version(), self)
        self._cover = CoverLink(self.session, version(), self)
        self._tiles = TilesLink(self.session, canvas, version(), self)
        self._results = ResultLink(self.session, version(), self)

    def remove(self) -> None:
        """Leave QGIS as it was."""
        if self._canvas.mapTool() is self.tool:
            self._canvas.unsetMapTool(self.tool)
        QgsProject.instance().layersAdded.disconnect(self._choose_first_raster)
        jobs = (self._found, self._review, self._before, self._change, self._change_review, self._cover, self._tiles)
        for link in (self._map, self._area, *jobs, self._results):
            link.remove()
        self._engine.stop()
        self._iface.removeDockWidget(self.dock)
        self.dock.deleteLater()
        self.tool.deleteLater()
        self.deleteLater()

    def _make_click_action(self) -> QAction:
        action = QAction(icon("click"), _tr("Click objects"), self)
        action.setObjectName("rasterscribe-click")
        action.setToolTip(_tr("Point at objects on the map"))
        action.setCheckable(True)
        action.triggered.connect(self._use_tool)
        action.toggled.connect(lambda on: action.setText(_tr("Stop clicking") if on else _tr("Click objects")))
        self.tool.setAction(action)  # QGIS checks and unchecks it as tools come and go
        return action

    def _connect(self) -> None:
        for tool in (self.tool, self._area.tool, self._review.tool, self._change_review.tool):
            tool.hinted.connect(self._hint)
        self._change_review.tool.hear(self.dock)
        self._copy_action.triggered.connect(self._copy_diagnostics)
        self.dock.visibilityChanged.connect(self._seen)
        self.session.changed.connect(self._save)
        self.session.homeChosen.connect(self._move_home)
        QgsProject.instance().layersAdded.connect(self._choose_first_raster)

    def _use_tool(self, on: bool) -> None:
        if on:
            self._canvas.setMapTool(self.tool)
            self._canvas.setFocus()
            self.session.wake()
        else:
            self._canvas.unsetMapTool(self.tool)

    def _seen(self, visible: bool) -> None:
        if visible:
            self.session.wake()  # so that the first click is quick

    def _hint(self, text: str) -> None:
        bar = self._iface.statusBarIface() if hasattr(self._iface, "statusBarIface") else self._iface.mainWindow().statusBar()
        bar.showMessage(text)

    def _choose_first_raster(self, layers: Optional[list[QgsMapLayer]] = None) -> None:
        """Without a choice of the user's, the layer he works on or the first one there is."""
        if self.session.state.raster is not None:
            return
        known = list(QgsProject.instance().mapLayers().values()) if layers is None else layers
        rasters = [layer for layer in (self._iface.activeLayer(), *known) if isinstance(layer, QgsRasterLayer) and layer.isValid()]
        if rasters:
            self.session.choose_raster(rasters[0].id(), rasters[0].name())

    def _save(self, state: Any) -> None:
        from . import settings

        if settings.kept_of(state) != settings.kept_of(self._saved):
            self._saved = state
            settings.save_state(state)

    def _move_home(self, folder: str) -> None:
        from . import settings

        settings.save_engine_home(folder)
        QTimer.singleShot(0, self._make_again)  # the button that asked for it must not vanish under its own signal

    def _copy_diagnostics(self) -> None:
        from .engine.diagnostics import diagnostics

        problem = self.session.state.problem
        versions = {"plugin": version(), "QGIS": Qgis.QGIS_VERSION}
        log = [*self._engine.installer.log, *getattr(self._client, "log", ())]
        text = diagnostics(self._environment, versions, log, problem=f"{problem.code}: {problem}\n{problem.details}" if problem else "")
        QApplication.clipboard().setText(text)
        self._hint(_tr("Diagnostics copied."))


def version() -> str:
    """The plugin's version, from metadata.txt."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / "metadata.txt", encoding="utf-8")
    return parser.get("general", "version", fallback="")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Plugin", text)
