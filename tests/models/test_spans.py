"""A window's axis is cut where the raster ends."""

from __future__ import annotations

from rasterscribe.models.spans import Span, cut


def test_a_window_inside_is_one_span() -> None:
    assert cut(2, 4, 4, limit=10) == [Span(2, 4, 0, 4)]


def test_a_window_over_the_start_begins_where_the_raster_does() -> None:
    assert cut(-2, 4, 4, limit=10) == [Span(0, 2, 2, 4)]


def test_a_window_over_the_end_stops_where_the_raster_does() -> None:
    assert cut(8, 4, 4, limit=10) == [Span(8, 2, 0, 2)]


def test_an_output_pixel_that_the_border_cuts_is_a_span_of_its_own() -> None:
    assert cut(0, 16, 2, limit=13) == [Span(0, 8, 0, 1), Span(8, 5, 1, 2)]


def test_a_raster_smaller_than_an_output_pixel_fills_one() -> None:
    assert cut(-8, 32, 4, limit=3) == [Span(0, 3, 1, 2)]


def test_an_enlarged_window_keeps_its_scale_at_the_border() -> None:
    assert cut(-1, 4, 16, limit=2) == [Span(0, 2, 4, 12)]


def test_a_window_outside_has_no_spans() -> None:
    assert cut(10, 4, 4, limit=10) == []
    assert cut(-4, 4, 4, limit=10) == []


def test_pieces_hold_whole_output_pixels() -> None:
    assert Span(8, 20, 1, 6).pieces(longest=9) == [Span(8, 8, 1, 3), Span(16, 8, 3, 5), Span(24, 4, 5, 6)]


def test_an_output_pixel_longer_than_a_piece_may_be_is_a_piece() -> None:
    assert Span(0, 20, 0, 2).pieces(longest=1) == [Span(0, 10, 0, 1), Span(10, 10, 1, 2)]
