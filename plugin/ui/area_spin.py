"""A box for an area, whose arrows step as areas differ: 1, 2, 5, 10, 20, 50 …"""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtWidgets import QDoubleSpinBox, QWidget

LADDER = (0.0, *(mantissa * 10.0**power for power in range(9) for mantissa in (1, 2, 5)))


class AreaSpin(QDoubleSpinBox):
    """In m2, or in square pixels without a CRS. A number that is typed counts when it is finished."""

    def __init__(self, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self.setRange(LADDER[0], LADDER[-1])
        self.setDecimals(0)
        self.setGroupSeparatorShown(True)
        self.setKeyboardTracking(False)
        self.setSpecialValueText(self.tr("any size"))
        self.show_unit(True)

    def show_unit(self, metric: bool) -> None:
        self.setSuffix(" m²" if metric else " px²")

    def stepBy(self, steps: int) -> None:
        for _ in range(abs(steps)):
            self.setValue(next_area(self.value(), up=steps > 0))


def next_area(area: float, up: bool) -> float:
    """The next rung above or below."""
    if up:
        return next((rung for rung in LADDER if rung > area), LADDER[-1])
    return next((rung for rung in reversed(LADDER) if rung < area), LADDER[0])
