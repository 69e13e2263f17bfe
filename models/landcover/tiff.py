"""The one thing about TIFF files that GDAL gets wrong for us, put right in place."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

EXTRA_SAMPLES = 338  # the tag that says what bands beyond the colours are: 0 is nothing known, 2 is opacity
ORDERS = {b"II": "<", b"MM": ">"}


def without_alpha(path: Path) -> None:
    """Say of every image in a TIFF file that its one extra band is not opacity. Nothing moves: a Cloud-Optimized file stays one."""
    with path.open("r+b") as file:
        order = ORDERS[file.read(2)]
        big = _number(file, order + "H") == 43
        if big:
            file.read(4)  # the size of an offset, and nothing
        offset, count, entry = (order + "Q", order + "Q", 20) if big else (order + "I", order + "H", 12)
        at = _number(file, offset)
        while at:
            file.seek(at)
            entries = _number(file, count)
            first = file.tell()
            for place in range(first, first + entries * entry, entry):
                file.seek(place)
                if _number(file, order + "H") == EXTRA_SAMPLES:
                    file.seek(place + entry - (8 if big else 4))
                    file.write(struct.pack(order + "H", 0))
            file.seek(first + entries * entry)
            at = _number(file, offset)


def _number(file: BinaryIO, kind: str) -> int:
    number: int = struct.unpack(kind, file.read(struct.calcsize(kind)))[0]
    return number
