"""The histogram shows how the scores lie and is a slider for the least of them."""

from __future__ import annotations

import pytest
from qgis.PyQt.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from qgis.PyQt.QtGui import QColor, QImage, QMouseEvent, QPalette

from rasterscribe.plugin.ui.histogram import BINS, LOWEST, ScoreHistogram


@pytest.fixture
def histogram(qtbot) -> ScoreHistogram:
    histogram = ScoreHistogram()
    histogram.resize(260, 78)
    histogram.set_threshold(0.5)
    qtbot.addWidget(histogram)
    return histogram


@pytest.fixture
def moved(histogram: ScoreHistogram) -> list[float]:
    """The thresholds that the user has set."""
    moved: list[float] = []
    histogram.thresholdChanged.connect(moved.append)
    return moved


def x_of(histogram: ScoreHistogram, score: float) -> int:
    chart = histogram._chart()
    return round(chart.left() + (score - LOWEST) / (1 - LOWEST) * chart.width())


def place(histogram: ScoreHistogram, score: float) -> QPoint:
    return QPoint(x_of(histogram, score), 30)


def move(histogram: ScoreHistogram, at: QPoint) -> None:
    """As the window system does; QTest's moves reach no widget that is not on the screen."""
    none = Qt.MouseButton.NoButton
    event = QMouseEvent(QEvent.Type.MouseMove, QPointF(at), none, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QCoreApplication.sendEvent(histogram, event)


def drawn(histogram: ScoreHistogram) -> QImage:
    return histogram.grab().toImage()


def blue(colour: QColor) -> bool:
    return colour.blue() > colour.red() + 80


def test_every_score_is_in_one_bin(histogram: ScoreHistogram) -> None:
    histogram.set_scores([0.25, 0.26, 0.5, 0.99, 1.0])
    assert len(histogram.bins) == BINS == 25
    assert (histogram.bins[0], histogram.bins[8], histogram.bins[-1]) == (2, 1, 2) and sum(histogram.bins) == 5


def test_what_is_beyond_the_scale_counts_with_its_end(histogram: ScoreHistogram) -> None:
    histogram.set_scores([0.0, 1.2])
    assert (histogram.bins[0], histogram.bins[-1]) == (1, 1)


def test_the_bars_below_the_threshold_are_grey_and_those_above_are_not(histogram: ScoreHistogram) -> None:
    histogram.set_scores([0.3] * 5 + [0.8] * 5)
    image = drawn(histogram)
    weak, strong = image.pixelColor(place(histogram, 0.295)), image.pixelColor(place(histogram, 0.805))
    assert blue(strong) and not blue(weak) and weak != image.pixelColor(place(histogram, 0.6))


def test_a_bin_is_parted_where_the_threshold_is(histogram: ScoreHistogram) -> None:
    histogram.resize(1000, 78)
    histogram.set_scores([0.505])  # its bin goes from 0.49 to 0.52
    histogram.set_threshold(0.51)
    image = drawn(histogram)
    assert not blue(image.pixelColor(place(histogram, 0.5))) and blue(image.pixelColor(place(histogram, 0.517)))


def test_a_single_object_is_seen_among_thousands(histogram: ScoreHistogram) -> None:
    histogram.set_scores([0.6] * 5000 + [0.9])
    chart = histogram._chart()
    assert blue(drawn(histogram).pixelColor(x_of(histogram, 0.9), int(chart.bottom()) - 2))


@pytest.mark.parametrize(("background", "text"), [("#ffffff", "#101010"), ("#202020", "#f0f0f0")])
def test_it_is_readable_on_light_and_on_dark_themes(histogram: ScoreHistogram, background: str, text: str) -> None:
    palette = QPalette()
    palette.setColor(QPalette.ColorRole.Window, QColor(background))
    palette.setColor(QPalette.ColorRole.WindowText, QColor(text))
    histogram.setPalette(palette)
    histogram.set_scores([0.3])
    weak = drawn(histogram).pixelColor(place(histogram, 0.295))
    assert abs(weak.lightness() - QColor(background).lightness()) > 35


def test_dragging_moves_the_threshold_all_the_while(histogram: ScoreHistogram, moved: list[float], qtbot) -> None:
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(histogram, left, pos=place(histogram, 0.6))
    move(histogram, place(histogram, 0.7))
    move(histogram, QPoint(5000, 30))
    qtbot.mouseRelease(histogram, left, pos=QPoint(5000, 30))
    move(histogram, place(histogram, 0.3))
    assert moved == pytest.approx([0.6, 0.7, 1.0], abs=0.006)


def test_the_arrows_move_it_a_little_and_page_up_moves_it_much(histogram: ScoreHistogram, moved: list[float], qtbot) -> None:
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_PageUp, Qt.Key.Key_End, Qt.Key.Key_Home):
        qtbot.keyClick(histogram, key)
    assert moved == [0.51, 0.5, 0.49, 0.59, 1.0, LOWEST]


def test_drawing_the_state_is_no_move_of_the_users(histogram: ScoreHistogram, moved: list[float]) -> None:
    histogram.set_threshold(0.8)
    histogram.set_scores([0.9])
    assert histogram.threshold == 0.8 and moved == []


def test_it_has_a_name_for_who_cannot_see_it_and_is_reached_by_the_keyboard(histogram: ScoreHistogram) -> None:
    assert "confidence" in histogram.accessibleName() and histogram.focusPolicy() & Qt.FocusPolicy.TabFocus
