"""How long phrases take on many objects: ``python tests/bench/bench_select.py [--count 200000]``. No raster, no network.

A town of random buildings at a density of 20 a hectare, ragged forests, and a road network that is one polygon of many vertices. Each
phrase starts from nothing: projecting and indexing are in its figure.

Measured on one core of an EPYC, 200,000 buildings, 50 forests of 2,000 vertices, a road of 414,000, seconds of computing:

    building                   0.6        touching building          4.9        between buildings         15
    elongated building         3.7        inside forest              7.8        between road and forest   19
    within 50 m of road         15        along road                  16        north of forest          6.8
    within 20 m of building    7.2        between roads               15        north of building        9.2
    within 1 km of forest      9.3                                              peak memory           983 MB
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from pathlib import Path

import numpy as np
import shapely
from pyproj import CRS

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from models.language.query import Parse, Query, Rank, Relation  # noqa: E402
from models.objects.instances import Instance  # noqa: E402
from models.objects.tone import Tone  # noqa: E402
from models.selection.select import select  # noqa: E402

X, Y = 500_000, 3_060_000
DENSITY = 20 / 10_000  # buildings a square metre
BLOCK = 100.0  # metres between roads
ASKED = {
    "building": Query("building"),
    "elongated building": Query("building", shape=("elongated",)),
    "the 5 largest, bright": Query("building", tone=("bright",), rank=Rank("area", "largest", 5)),
    "within 50 m of road": Query("building", relations=(Relation("within", "road", 50),)),
    "within 20 m of building": Query("building", relations=(Relation("within", "building", 20),)),
    "within 1 km of forest": Query("building", relations=(Relation("within", "forest", 1000),)),
    "touching building": Query("building", relations=(Relation("touching", "building"),)),
    "inside forest": Query("building", relations=(Relation("inside", "forest"),)),
    "along road": Query("building", relations=(Relation("along", "road"),)),
    "between roads": Query("building", relations=(Relation("between", "road"),)),
    "between buildings": Query("building", relations=(Relation("between", "building"),)),
    "between road and forest": Query("building", relations=(Relation("between", "road"), Relation("between", "forest"))),
    "north of forest": Query("building", relations=(Relation("north_of", "forest"),)),
    "north of building": Query("building", relations=(Relation("north_of", "building"),)),
}


def town(count: int) -> dict[str, list[Instance]]:
    random = np.random.default_rng(0)
    side = np.sqrt(count / DENSITY)
    places = random.uniform(0, side, (count, 2))
    buildings = _blobs(places, random.uniform(4, 9, count), 12, 0.2, random)
    forests = _blobs(random.uniform(0, side, (max(4, count // 4000), 2)), np.full(max(4, count // 4000), 150.0), 2000, 0.1, random)
    steps = np.arange(0, side + BLOCK, BLOCK)
    lines = [[(step, 0), (step, side)] for step in steps] + [[(0, step), (side, step)] for step in steps]
    roads = shapely.buffer(shapely.union_all(shapely.segmentize(shapely.linestrings(lines), 10.0)), 3.0, quad_segs=2)
    return {
        name: [Instance(one, 0.9, name, one.area, Tone(0.7, 0.3)) for one in shapely.transform(shapes, lambda xy: xy + (X, Y))]
        for name, shapes in (("building", buildings), ("forest", forests), ("road", np.array([shapely.segmentize(roads, 10.0)])))
    }


def _blobs(places: np.ndarray, radii: np.ndarray, vertices: int, ragged: float, random: np.random.Generator) -> np.ndarray:
    angles = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    reach = radii[:, None] * (1 + ragged * random.uniform(-1, 1, (len(places), vertices)))
    return shapely.polygons(places[:, None] + reach[..., None] * np.stack([np.cos(angles), np.sin(angles)], axis=-1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200_000, help="buildings")
    count = parser.parse_args().count
    things = town(count)
    print(
        f"{count} buildings, {len(things['forest'])} forests, a road of {shapely.get_num_coordinates(things['road'][0].outline)} vertices"
    )
    for words, query in ASKED.items():
        began = time.process_time()
        found = select(things, Parse((query,)), {}, CRS("EPSG:32645"), 0.3).chosen
        print(f"{words:26s} {time.process_time() - began:7.2f} s   {len(found):7d} found")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
