"""What the benchmarks on large rasters share: a virtual raster of any size, their options, and how they tell what they measured."""

from __future__ import annotations

import argparse
import json
import math
import resource
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from models import device  # noqa: E402

THREADS = 2
MEMORY = 1.5e9  # bytes, at most


def arguments(doc: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scene", type=Path, help="an RGB raster of bytes (default: a generated one)")
    parser.add_argument("--pixels", type=float, default=2e7, help="of the virtual raster (default: %(default)g)")
    parser.add_argument("--fake", action="store_true", help="a network that answers at once in the place of ours")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    return parser


def told(
    measured: Callable[[argparse.Namespace, Path], dict[str, float]],
    options: argparse.Namespace,
    least: Mapping[str, float],
    **said: Any,
) -> int:
    """Measure in a folder of its own, print figures and the peak of memory; gives 1 where one is below `least`, or memory above MEMORY."""
    device.share_cores()
    device.keep_memory()
    with tempfile.TemporaryDirectory() as folder:
        found = measured(options, Path(folder))
    found["peak memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0
    if options.json:
        print(json.dumps({**found, "at least": dict(least), "most memory": MEMORY, "threads": THREADS, **said}))
    else:
        for name, value in found.items():
            print(f"{name:44} {value / 1e6:10.0f} MB" if name == "peak memory" else f"{name:44} {value:10.2f}")
    return int(found["peak memory"] > MEMORY or any(found.get(name, bound) < bound for name, bound in least.items()))


def repeated(scene: Path, pixels: float, vrt: Path) -> None:
    """A virtual mosaic of about so many pixels, made of the scene side by side."""
    import rasterio

    with rasterio.open(scene) as one:
        width, height, bands, crs, transform = one.width, one.height, min(one.count, 3), one.crs, one.transform
        block = one.block_shapes[0]
    whole = round(math.sqrt(pixels))
    places = [(x, y) for y in range(0, whole, height) for x in range(0, whole, width)]
    source = '<SimpleSource><SourceFilename relativeToVRT="0">{0}</SourceFilename><SourceBand>{1}</SourceBand>' + (
        '<SourceProperties RasterXSize="{4}" RasterYSize="{5}" DataType="Byte" BlockXSize="{6}" BlockYSize="{7}"/>'
        '<SrcRect xOff="0" yOff="0" xSize="{4}" ySize="{5}"/><DstRect xOff="{2}" yOff="{3}" xSize="{4}" ySize="{5}"/></SimpleSource>'
    )
    said = [
        f'<VRTDataset rasterXSize="{whole}" rasterYSize="{whole}"><SRS>{crs.to_string()}</SRS>',
        f"<GeoTransform>{', '.join(map(str, transform.to_gdal()))}</GeoTransform>",
    ]
    for band, colour in enumerate(("Red", "Green", "Blue")[:bands], 1):
        said.append(f'<VRTRasterBand dataType="Byte" band="{band}"><ColorInterp>{colour}</ColorInterp>')
        said += [source.format(scene.resolve(), band, x, y, width, height, block[1], block[0]) for x, y in places]
        said.append("</VRTRasterBand>")
    vrt.write_text("\n".join([*said, "</VRTDataset>"]))


def generated(path: Path, side: int = 2048) -> Path:
    """Ground with bright roofs, where there is no scene to repeat."""
    import numpy as np
    import rasterio

    values = np.random.default_rng(0).integers(60, 90, (3, side, side), dtype="uint8")
    for top in range(40, side - 128, 128):
        for left in range(40, side - 128, 128):
            values[:, top : top + 40, left : left + 56] += np.array([120, 60, 40], "uint8")[:, None, None]
    profile = {"driver": "GTiff", "width": side, "height": side, "count": 3, "dtype": "uint8", "crs": "EPSG:32645", "tiled": True}
    with rasterio.open(path, "w", transform=rasterio.Affine(0.3, 0, 350000, 0, -0.3, 3060000), compress="deflate", **profile) as dataset:
        dataset.write(values)
    return path
