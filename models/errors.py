"""Every problem that the engine reports to a person.

A problem says *what* happened and *what to do*; its code is stable, so that the plugin can turn it into a translated sentence.
Standard library only: the server needs these before anything heavy is imported.
"""

from __future__ import annotations

from typing import Any, ClassVar


class Problem(Exception):
    """What happened (`what`) and what to do (`remedy`), one English sentence each, and `data`: JSON values that the sentences name."""

    code: ClassVar[str] = "engine.fault"
    usual_remedy: ClassVar[str] = "Try again; if it happens again, restart the engine and report it with the diagnostics."

    def __init__(self, what: str, remedy: str = "", **data: Any) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy or self.usual_remedy
        self.data: dict[str, Any] = data

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}"


class RasterMissing(Problem):
    """There is no file at the raster's path, or there is none any more."""

    code = "raster.missing"
    usual_remedy = "Put the file back, or choose another raster."


class RasterUnreadable(Problem):
    """The file is there but its pixels cannot be read: no raster, damaged or cut short."""

    code = "raster.unreadable"
    usual_remedy = "Copy the file again from its source, or choose another raster."


class BandsUnknown(Problem):
    """The raster does not have the bands asked for."""

    code = "raster.bands"
    usual_remedy = "Choose one band or three of those that the raster has."


class ViewEmpty(Problem):
    """The raster has no valid pixels in the view."""

    code = "view.empty"
    usual_remedy = "Click where the raster shows something."


class ClickOutside(Problem):
    """A click or box lies beyond the raster's border."""

    code = "click.outside"
    usual_remedy = "Click inside the raster."


class AreaOutside(Problem):
    """The area asked for and the raster share no ground."""

    code = "area.outside"
    usual_remedy = "Choose an area that lies on the raster."


class AreaUnreadable(Problem):
    """The area's file is missing or damaged, holds no polygon, or cannot be brought to the raster."""

    code = "area.unreadable"
    usual_remedy = "Give a vector file with polygons, or x0,y0,x1,y1 in the raster's coordinates."


class ModelMissing(Problem):
    """The weights of a model are not on this machine."""

    code = "model.missing"
    usual_remedy = "Install the plugin again, or choose another model."


class ModelDamaged(Problem):
    """The weights of a model are not the bytes that its card promises."""

    code = "model.damaged"
    usual_remedy = "Install the plugin again: its weights file was changed or cut short."


class ModelForeign(Problem):
    """A file that was to be imported holds no weights, or those of a network that this engine cannot run."""

    code = "model.foreign"
    usual_remedy = "Import the weights of a CLIP model with a vision transformer, as open_clip saves them (.pt or .safetensors)."


class PackageMissing(Problem):
    """A package that only some models need is not in the engine's environment, or does not work there."""

    code = "package.missing"
    usual_remedy = "Install the package into the engine's environment."


class NetworkFailed(Problem):
    """A download did not come through: no network, a proxy, or the other side."""

    code = "network.failed"
    usual_remedy = "Check the network and the proxy, then try again."


class MemoryExhausted(Problem):
    """The machine or its GPU ran out of memory."""

    code = "memory.exhausted"
    usual_remedy = "Close other programs or zoom in, then try again."


class ProtocolMismatch(Problem):
    """The plugin and the engine come from different versions."""

    code = "protocol.mismatch"
    usual_remedy = "Restart QGIS so that the plugin and its engine are of one version."


class RequestInvalid(Problem):
    """A request that cannot be carried out as it was asked."""

    code = "request.invalid"
    usual_remedy = "Correct the request and send it again."


class ClassesMissing(Problem):
    """A class list without a class that could be looked for."""

    code = "classes.none"
    usual_remedy = "Name one class or more, such as building, tree, water, road."


class ClassesRepeated(Problem):
    """Two names of a class list mean the same to the networks."""

    code = "classes.repeated"
    usual_remedy = "Keep one of them."


class ClassesUnknown(Problem):
    """Names of a class list that are no words of the vocabulary."""

    code = "classes.unknown"
    usual_remedy = "Use other words: building, tree, vegetation, forest, road, water, marsh, field, sand, solar panel, car are known."


class Cancelled(Problem):
    """The request was cancelled, or a newer one took its place."""

    code = "cancelled"
    usual_remedy = "Nothing needs to be done."


class DiskFull(Problem):
    """There is no room for the output."""

    code = "disk.full"
    usual_remedy = "Free some disk space, or write to another folder."


class OutputBusy(Problem):
    """Another run has the same output."""

    code = "output.busy"
    usual_remedy = "Wait until that run is done, or choose another file."


class OutputUnwritable(Problem):
    """The output cannot be written where it was asked for."""

    code = "output.unwritable"
    usual_remedy = "Choose a folder that you may write to, and close programs that hold the file open."


class PhraseUnits(Problem):
    """The phrase asks for metres or square metres, and the raster has no CRS that would tell them."""

    code = "phrase.units"
    usual_remedy = "Give the raster a CRS, or leave sizes and distances out of the phrase."


class ExamplesUnusable(Problem):
    """Outlines that were given as examples, of which nothing can be learnt."""

    code = "examples.unusable"
    usual_remedy = "Choose outlines of a few typical objects on the raster, some pixels large."


class LayerMissing(Problem):
    """The file of a vector layer that a relation names, or its table in there, is not there."""

    code = "layer.missing"
    usual_remedy = "Put the file back, or name another layer."


class LayerUnreadable(Problem):
    """A vector layer that a relation names is there but has no geometries to read."""

    code = "layer.unreadable"
    usual_remedy = "Choose a layer with points, lines or polygons."


class LayerUnplaced(Problem):
    """It is not known where a vector layer lies on the raster: one of the two has no CRS."""

    code = "layer.unplaced"
    usual_remedy = "Give the one without a CRS the right one."


class PhraseEmpty(Problem):
    """The phrase asks for nothing."""

    code = "phrase.empty"
    usual_remedy = "Type what to find, such as: buildings larger than 300 m² near a road."


class PhraseUnknown(Problem):
    """Nothing that the phrase asks for is known."""

    code = "phrase.unknown"
    usual_remedy = (
        "Use other words: building, tree, forest, road, water, marsh, field, sand, solar panel, car and many names for them are known."
    )


class LayerUnknown(Problem):
    """A relation names a vector layer that is not there."""

    code = "phrase.layer"
    usual_remedy = "Add the layer, or name one that is there."


class PairApart(Problem):
    """The two rasters share no ground."""

    code = "pair.apart"
    usual_remedy = "Choose two rasters of the same place, and check that each has the right CRS."


class PairSame(Problem):
    """Before and after are one file."""

    code = "pair.same"
    usual_remedy = "Choose the raster of another date as one of them."


class PairOrder(Problem):
    """The before raster is newer than the after raster; `before` and `after` in the data are their dates."""

    code = "pair.order"
    usual_remedy = "Swap them, or say that this order is meant."


class DateUnknown(RequestInvalid):
    """What was given for a date is none; `date` in the data."""

    code = "date.unknown"
    usual_remedy = "Write a date as 2012, 2012-07 or 2012-07-31."


class PairScale(Problem):
    """The pixels of one raster are so much larger than the other's that they do not show the same things."""

    code = "pair.scale"
    usual_remedy = "Choose rasters whose pixels differ by less than eight times."


class PairBands(Problem):
    """One raster is in colour and the other is not, or they lack the bands that a method needs."""

    code = "pair.bands"
    usual_remedy = "Choose as many bands of both."


class PairUnplaced(Problem):
    """One raster has a CRS and the other has none, so nobody knows how they lie to each other."""

    code = "pair.unplaced"
    usual_remedy = "Give the one without a CRS the right one, as a GeoTIFF."


class MapEmpty(Problem):
    """The old map has no polygons in the area."""

    code = "map.empty"
    usual_remedy = "Choose a layer with polygons there, or compare without a map."


class MapField(Problem):
    """The old map has no such field, or none of the field's values names a known class."""

    code = "map.field"
    usual_remedy = "Choose the field that names the class of each polygon, or say of which class all of them are."
