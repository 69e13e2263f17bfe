"""Is a class raster outlined as fast with shared, smooth borders as GDAL outlines its pixels?

    python tests/bench/bench_coverage.py [--side 10000] [--tall 0] [RASTER ...]

The class raster is made on the spot: the likeliest of five smooth random fields, as networks that look at every fourth pixel make them, and
one whose borders are three times as long. Given rasters, class rasters of any size, are measured instead. Both ways go from one GeoTIFF to
a GeoPackage, one after the other in this run, each in a process of its own on one core; GDAL's is gdal_polygonize.py where it is
installed, else `rasterio.features.shapes`, the same routine. Then the outcome is checked: valid, no gaps, no overlaps. `--tall N` adds the
memory that N copies of the raster below each other take.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import rasterio  # noqa: E402
import shapely  # noqa: E402
from rasterio.windows import Window  # noqa: E402
from scipy import ndimage  # noqa: E402

import conftest  # noqa: E402, F401  makes `rasterscribe` mean this checkout

CLASSES = 5
SMALLEST, REACH = 8, 1.0
PROFILE = {"driver": "GTiff", "count": 2, "dtype": "uint8", "nodata": 0, "crs": "EPSG:32645", "tiled": True, "compress": "deflate"}


def made(side: int, blur: float, stride: int = 4, seed: int = 1) -> np.ndarray:
    """uint8 (side, side): classes from 1 on."""
    random = np.random.default_rng(seed)
    few = side // stride + 2
    best, classes = np.full((side, side), -np.inf, np.float32), np.zeros((side, side), np.uint8)
    for number in range(1, CLASSES + 1):
        wide = ndimage.gaussian_filter(random.standard_normal((few, few), np.float32), 4 * blur)
        fine = ndimage.gaussian_filter(random.standard_normal((few, few), np.float32), blur)
        field = ndimage.zoom(wide / wide.std() + 0.3 * fine / fine.std(), stride, order=1)[:side, :side]
        classes[field > best] = number
        np.maximum(best, field, out=best)
    return classes


def written(path: Path, classes: np.ndarray, copies: int = 1) -> Path:
    height, width = classes.shape
    transform = rasterio.Affine(0.5, 0, 3e5, 0, -0.5, 3e6)
    with rasterio.open(path, "w", width=width, height=height * copies, transform=transform, bigtiff="if_safer", **PROFILE) as raster:
        for copy in range(copies):
            for row in range(0, height, 512):
                rows = classes[row : row + 512]
                raster.write(np.stack([rows, np.full_like(rows, 200)]), window=Window(0, copy * height + row, width, len(rows)))
    return path


def ours(source: str, target: str) -> None:
    """In a process of its own: as the engine does it."""
    from datetime import datetime, timezone

    from rasterscribe.models.landcover.class_list import ClassList
    from rasterscribe.models.landcover.coverage_file import write_coverage
    from rasterscribe.models.landcover.vectorise import vectorise

    with rasterio.Env(GDAL_CACHEMAX=128 << 20), rasterio.open(source) as raster:
        crs, transform, height, width = raster.crs, raster.transform, raster.height, raster.width
        step = max(1, (1 << 21) // width)
        windows = (Window(0, row, width, min(step, height - row)) for row in range(0, height, step))
        steps = vectorise((tuple(raster.read(window=one)) for one in windows), np.full(height, 0.25), transform, SMALLEST, REACH)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                coverage = end.value
                break
    names = tuple(f"class {number}" for number in range(1, 256))
    classes = ClassList(names, np.zeros((255, 11), np.float32), np.arange(1, 256).astype(np.uint8), 0)
    from pyproj import CRS

    said = {"model": "none", "prompt": ""}
    for _ in write_coverage(Path(target), coverage, classes, CRS.from_wkt(crs.to_wkt()), said, {}, datetime.now(timezone.utc)):
        pass


def gdal(source: str, target: str) -> None:
    """In a process of its own: the same routine behind another door, written as it comes."""
    import pyogrio
    from rasterio.features import shapes

    with rasterio.open(source) as raster:
        found = list(shapes(rasterio.band(raster, 1), mask=rasterio.band(raster, 1), transform=raster.transform))
        polygons = [shapely.Polygon(one["coordinates"][0], one["coordinates"][1:]) for one, _ in found]
        values = np.array([value for _, value in found], np.int32)
        wkb = shapely.to_wkb(np.array(polygons, object))
        kind = {"driver": "GPKG", "geometry_type": "Polygon", "crs": raster.crs.to_wkt(), "layer": "objects"}
        pyogrio.raw.write(target, geometry=wkb, field_data=[values], fields=["DN"], **kind)


def timed(command: list[str]) -> tuple[float, float, float]:
    """Seconds on the clock and of the processor, and MB at the peak, of a command."""
    measuring = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True); "
    measuring += "used = resource.getrusage(resource.RUSAGE_CHILDREN); print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)"
    began = time.perf_counter()
    said = subprocess.run([sys.executable, "-c", measuring, *command], check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    return time.perf_counter() - began, float(said[-2]), float(said[-1])


def here(way: str, source: Path, target: Path) -> list[str]:
    return [sys.executable, __file__, f"--{way}", str(source), str(target)]


def compared(name: str, source: Path, folder: Path) -> None:
    tool = shutil.which("gdal_polygonize.py")
    by_gdal = [tool, "-q", str(source), "-f", "GPKG", str(folder / "gdal.gpkg")] if tool else here("gdal", source, folder / "gdal.gpkg")
    results = {}
    for way, command in (("GDAL", by_gdal), ("ours", here("ours", source, folder / "ours.gpkg"))):
        results[way] = timed(command)
        clock, processor, memory = results[way]
        size = (folder / f"{way.lower()}.gpkg").stat().st_size / 1e6
        print(f"{name}: {way} {clock:.1f} s, processor {processor:.1f} s, peak {memory:.0f} MB, file {size:.0f} MB", flush=True)
    ratios = (one / other for one, other in zip(results["GDAL"], results["ours"], strict=True))
    print(f"{name}: GDAL / ours: clock {next(ratios):.2f}, processor {next(ratios):.2f}, memory {next(ratios):.2f}", flush=True)
    checked(name, source, folder / "ours.gpkg")
    for left in folder.glob("*.gpkg*"):
        left.unlink()


def checked(name: str, source: Path, target: Path) -> None:
    import pyogrio

    polygons = shapely.get_parts(shapely.from_wkb(pyogrio.raw.read(target, layer="objects", columns=[])[2]))
    with rasterio.open(source) as raster:
        pixels = sum(np.count_nonzero(raster.read(1, window=window)) for _, window in raster.block_windows(1))
        ground = pixels * abs(raster.transform.determinant)
    print(
        f"{name}: {len(polygons)} polygons, {shapely.get_num_coordinates(polygons).sum()} vertices, all valid: "
        f"{shapely.is_valid(polygons).all()}, a coverage: {shapely.coverage_is_valid(polygons)}, "
        f"area / area of the pixels: {shapely.area(polygons).sum() / ground:.12f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rasters", nargs="*", type=Path)
    parser.add_argument("--side", type=int, default=10_000)
    parser.add_argument("--tall", type=int, default=0)
    for way in ("ours", "gdal"):
        parser.add_argument(f"--{way}", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ours or options.gdal:
        ours(*options.ours) if options.ours else gdal(*options.gdal)
        return
    with tempfile.TemporaryDirectory() as folder_name:
        folder = Path(folder_name)
        for raster in options.rasters:
            compared(raster.name, raster, folder)
        for name, blur in () if options.rasters else (("smooth", 6.0), ("busy", 2.0)):
            compared(name, written(folder / f"{name}.tif", made(options.side, blur)), folder)
        if options.tall:
            tall = written(folder / "tall.tif", made(options.side, 6.0), options.tall)
            clock, processor, memory = timed(here("ours", tall, folder / "tall.gpkg"))
            print(f"{options.side * options.side * options.tall:.1e} pixels: {processor:.0f} s, peak {memory:.0f} MB")


if __name__ == "__main__":
    main()
