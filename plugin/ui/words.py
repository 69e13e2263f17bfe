"""Numbers as a person says them."""

from __future__ import annotations

from qgis.PyQt.QtCore import QCoreApplication, QLocale

SURE, FAIRLY_SURE, UNSURE = 0.9, 0.75, 0.5  # expected IoU of an outline with the true one


def count_words(count: int) -> str:
    return QLocale().toString(count)


def number_words(number: float, decimals: int) -> str:
    return QLocale().toString(float(number), "f", decimals)


def area_words(area: float, metric: bool) -> str:
    """An area in m2 as m2, ha or km2, whichever reads best; in square pixels where `metric` is False."""
    if not metric:
        return _tr("{area} px²").format(area=number_words(area, 0))
    if area < 10:
        return _tr("{area} m²").format(area=number_words(area, 2))
    if area < 10_000:
        return _tr("{area} m²").format(area=number_words(area, 0))
    if area < 1_000_000:
        return _tr("{area} ha").format(area=number_words(area / 10_000, 2))
    return _tr("{area} km²").format(area=number_words(area / 1_000_000, 2))


def score_words(score: float) -> str:
    """How sure the model is of an outline."""
    percent = number_words(100 * score, 0)
    if score >= SURE:
        return _tr("The model is sure of it ({percent} %).").format(percent=percent)
    if score >= FAIRLY_SURE:
        return _tr("The model is fairly sure of it ({percent} %).").format(percent=percent)
    if score >= UNSURE:
        return _tr("The model is unsure ({percent} %): one more click helps.").format(percent=percent)
    return _tr("The model is guessing ({percent} %): click what is missing, right click what is too much.").format(percent=percent)


def size_words(size: float) -> str:
    """Bytes as MB or GB."""
    if size < 1e9:
        return _tr("{size} MB").format(size=number_words(size / 1e6, 0))
    return _tr("{size} GB").format(size=number_words(size / 1e9, 1))


def duration_words(seconds: float) -> str:
    if seconds < 50:
        return _tr("less than a minute left")
    minutes = round(seconds / 60)
    if minutes <= 1:
        return _tr("about a minute left")
    return _tr("about {minutes} minutes left").format(minutes=minutes)


def elapsed_words(seconds: float) -> str:
    """How long something took."""
    if seconds < 10:
        return _tr("{seconds} s").format(seconds=number_words(seconds, 1))
    if seconds < 60:
        return _tr("{seconds} s").format(seconds=number_words(seconds, 0))
    minutes, rest = divmod(round(seconds), 60)
    return _tr("{minutes} min {seconds} s").format(minutes=number_words(minutes, 0), seconds=number_words(rest, 0))


def device_words(device: str) -> str:
    """What the engine computes on."""
    names = {"cpu": _tr("the CPU"), "cuda": _tr("an NVIDIA GPU (CUDA)"), "mps": _tr("Apple's GPU (MPS)")}
    return names.get(device, device)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Words", text)
