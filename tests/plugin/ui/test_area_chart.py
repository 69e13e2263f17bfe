"""The chart of class areas: bars to scale, readable in any theme, and aloud."""

from __future__ import annotations

import pytest
from qgis.PyQt.QtCore import QLocale, Qt
from qgis.PyQt.QtGui import QColor, QImage

from rasterscribe.plugin.ui.area_chart import AreaChart, Bar


@pytest.fixture
def chart(qtbot) -> AreaChart:
    chart = AreaChart()
    qtbot.addWidget(chart)
    chart.set_bars([Bar("water", "#0000ff", 0.8, "80 m²"), Bar("a wood of a very long name", "#00ff00", 0.2, "20 m²")])
    chart.resize(200, chart.sizeHint().height())
    return chart


def width_of(image: QImage, colour: str) -> int:
    """The longest row of pixels of one colour."""
    lines = ([image.pixelColor(x, y) == QColor(colour) for x in range(image.width())] for y in range(image.height()))
    return max(sum(line) for line in lines)


def test_bars_are_as_long_as_their_shares_are_of_the_largest(chart: AreaChart) -> None:
    image = chart.grab().toImage()
    assert width_of(image, "#0000ff") == pytest.approx(200, abs=4) and width_of(image, "#00ff00") == pytest.approx(50, abs=4)


def test_the_chart_is_read_aloud_row_by_row(chart: AreaChart, qtbot) -> None:
    assert chart.accessibleDescription() == "water: 80 m², 80 %; a wood of a very long name: 20 m², 20 %"
    qtbot.keyClick(chart, Qt.Key.Key_Down)
    assert chart.accessibleDescription() == "water: 80 m², 80 %"
    qtbot.keyClick(chart, Qt.Key.Key_Down)
    qtbot.keyClick(chart, Qt.Key.Key_Down)
    assert chart.accessibleDescription() == "a wood of a very long name: 20 m², 20 %"


def test_the_chart_knows_which_row_is_under_the_mouse(chart: AreaChart) -> None:
    middle = chart.height() / 4
    assert (chart.row_at(middle), chart.row_at(3 * middle), chart.row_at(1000.0), chart.row_at(-5.0)) == (0, 1, -1, -1)


def test_words_on_the_chart_follow_the_palette(chart: AreaChart) -> None:
    palette = chart.palette()
    palette.setColor(palette.ColorRole.WindowText, QColor("#ff00ff"))
    chart.setPalette(palette)
    assert width_of(chart.grab().toImage(), "#ff00ff") > 0


@pytest.mark.parametrize(("share", "says"), [(0.0, "0 %"), (0.0001, "< 0.1 %"), (0.004, "0.4 %"), (0.0999, "10.0 %"), (1.0, "100 %")])
def test_small_shares_are_not_said_to_be_nothing(share: float, says: str) -> None:
    QLocale.setDefault(QLocale("en_GB"))
    assert Bar("water", "#0000ff", share, "").percent == says
