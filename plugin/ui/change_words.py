"""What is said of two dates and of what changed between them."""

from __future__ import annotations

from math import hypot
from typing import Optional

from qgis.PyQt.QtCore import QCoreApplication

from ...models.classes import OTHER
from ...models.protocol import PairReply, Shift
from .words import number_words

REGISTERED = 0.5  # pixels: nearer than that needs no correction
ALIKE = 1.05  # ratio of two pixel sizes that are told as one


def kind_words(kind: str) -> str:
    words = {"appeared": _tr("appeared"), "disappeared": _tr("disappeared"), "changed": _tr("changed")}
    return words.get(kind, kind)


def class_words(name: str) -> str:
    """What none of the classes is reads "other"; what no method has told is said to be that."""
    if not name:
        return _tr("not told")
    return _tr("other") if name in OTHER else name


def method_words() -> dict[str, tuple[str, str]]:
    """Each method's name and when to take it, the automatic choice first."""
    return {
        "": (_tr("Automatic"), _tr("What suits the rasters and the map that are there.")),
        "combined": (
            _tr("Combined"),
            _tr("Best for most: both images together say whether something changed, their classes say what; an existing map counts."),
        ),
        "direct": (_tr("Direct"), _tr("When only whether something changed matters: both images are looked at together.")),
        "classes": (
            _tr("Compare classes"),
            _tr("When what became what matters most: each image is mapped by itself, and the two maps are compared."),
        ),
        "map": (_tr("With the map"), _tr("When there is a good map of the first date: the images are compared with what it says.")),
        "irmad": (
            _tr("IR-MAD"),
            _tr("Without a network: for more than three bands and for other sensors. It tells that something changed, not what."),
        ),
        "cva": (
            _tr("Change vectors"),
            _tr("Without a network: how far each pixel's values have moved. For single bands, and for images of one sensor and season."),
        ),
    }


def pair_words(pair: PairReply) -> str:
    """How two rasters lie to each other, in one line."""
    parts = [_sizes(pair.before_gsd, pair.after_gsd), _tr("overlap {percent} %").format(percent=number_words(100 * pair.overlap, 0))]
    return ", ".join(filter(None, (*parts, shift_words(pair.shift))))


def shift_words(shift: Optional[Shift]) -> str:
    if shift is None:
        return _tr("how far they are apart could not be measured")
    pixels = hypot(shift.x, shift.y)
    if not shift.corrected and not too_far(shift):
        return _tr("less than half a pixel apart")
    far = _tr("{pixels} px").format(pixels=number_words(pixels, 1))
    if shift.metres is not None:
        far = _tr("{pixels} px ({metres} m)").format(pixels=number_words(pixels, 1), metres=_metres(shift.metres))
    return (_tr("{far} apart, corrected") if shift.corrected else _tr("{far} apart, too far to be corrected")).format(far=far)


def too_far(shift: Shift) -> bool:
    """Whether the rasters lie apart and the comparison cannot help it."""
    return not shift.corrected and hypot(shift.x, shift.y) > REGISTERED


def dates_words(before: str, after: str) -> str:
    """From when to when, "" where neither is known."""
    if not before and not after:
        return ""
    return _tr("{before} to {after}").format(before=before or _tr("unknown"), after=after or _tr("unknown"))


def unit_of(largest: float, metric: bool) -> tuple[str, float]:
    """In what to tell areas of which this is the largest, and how many m2 that is: numbers are short, and of one unit."""
    if not metric:
        return _tr("px²"), 1.0
    return (_tr("m²"), 1.0) if largest < 1e4 else (_tr("ha"), 1e4) if largest < 1e7 else (_tr("km²"), 1e6)


def _sizes(before: Optional[float], after: Optional[float]) -> str:
    """Pixel sizes, once where they are alike."""
    if not before or not after:
        return ""
    if max(before, after) <= ALIKE * min(before, after):
        return _tr("{metres} m").format(metres=_metres(before))
    return _tr("{before} and {after} m").format(before=_metres(before), after=_metres(after))


def _metres(metres: float) -> str:
    """As exact as two digits are, without zeros at the end."""
    most = 0 if metres >= 10 else 1 if metres >= 1 else 2
    return number_words(metres, next(decimals for decimals in range(most + 1) if round(metres, decimals) == round(metres, most)))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Change", text)
