"""Figures as a person reads them."""

from __future__ import annotations

from collections.abc import Iterator

CLICK = ("iou1", "iou3", "iou5", "noc85", "noc90")


def lines(found: dict, method: str) -> Iterator[str]:
    """A table of what `evaluate` found."""
    yield from _clicks(found, method) if found["task"] == "click" else _figures(found, method)
    for row in found.get("calibration", {}).get("bins", ()):
        if row["count"]:
            yield f"score {row['score']:.3f}  right {row['right']:.3f}  of {row['count']}"
    if "calibration" in found:
        yield f"expected calibration error {found['calibration']['ece']:.3f}"


def _clicks(found: dict, method: str) -> Iterator[str]:
    yield f"{'':8} {'objects':>8} {'IoU@1':>7} {'IoU@3':>7} {'IoU@5':>7} {'NoC@85':>7} {'NoC@90':>7}   {found['data']}, {method}"
    for name, row in (("framed", found), ("native", found.get("native", {"n": 0}))):
        if row["n"]:
            yield f"{name:8} {row['n']:8} " + " ".join(f"{row[key]:7.3f}" for key in CLICK)


def _figures(found: dict, method: str) -> Iterator[str]:
    """One line a figure, with its interval; names of classes and of pairs are drawn in."""
    yield f"{found['data']}, {found['task']}, {method}, {found['n']} images"
    bounds = found["interval"]
    for name, value in found.items():
        if isinstance(value, dict) and name not in ("interval", "calibration"):
            for inner, figure in value.items():
                yield f"  {inner:20} {_number(figure)}{_between(bounds.get(f'{name}_{inner}'))}"
        elif name not in ("task", "data", "n", "interval", "calibration"):
            yield f"{name:22} {_number(value)}{_between(bounds.get(name))}"


def _number(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return f"{value:7.4f}" if isinstance(value, float) else f"{value if value is not None else '-':>7}"


def _between(bounds: list[float] | None) -> str:
    return f"  ({bounds[0]:.3f} to {bounds[1]:.3f})" if bounds else ""
