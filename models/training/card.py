"""Put trained weights into the catalogue: `python -m models.training.card FILE [--figures FILE] [--recipe TEXT]`.

Copies the safetensors file to `models/weights/rasterscribe.safetensors`, and writes the cards of the three models that it holds, and
`SHA256SUMS` of every weights file there.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from ..catalog import SUMS, WEIGHTS

FILE = "rasterscribe.safetensors"
JOBS = {"click": "Rasterscribe click", "text": "Rasterscribe text", "change": "Rasterscribe change"}

# Who made what the shared trunk learnt from: so every card names all of them.
SOURCES = {
    ("fair_buildings", "fair_buildings_banepa"): (
        "OpenAerialMap imagery (CC BY 4.0) with footprints (c) OpenStreetMap contributors (ODbL 1.0), through HOT fAIr"
    ),
    ("agoro_fields_us",): "USDA NAIP imagery (public domain) with field outlines of the agoro field boundary detector (Radix, MIT)",
    ("gsi_solar_jp", "gsi_road_jp"): (
        "solar panel and road masks on imagery of the Geospatial Information Authority of Japan (GSI Japan Dataset-27 and Dataset-02, "
        "PDL 1.0)"
    ),
    ("urbantree_naip",): (
        "urban tree detection data (Ventura et al., CC BY 4.0) on USDA NAIP imagery (public domain), with masks that we made from NDVI"
    ),
    ("amazon_forest_s2",): "Amazon and Atlantic Forest data set (Zenodo 4498086, CC BY 4.0)",
    ("cars_kit_ais",): 'car boxes on the KIT AIS vehicles data ((c) "KIT AIS Data Set", CC BY 3.0)',
    ("usgs_monterey_coast",): (
        "coast labels of UNetSegmentation_RGB_DEM (D. Buscombe, MIT), made for the USGS Coastal Hazards Program; its imagery is presumably "
        "the USGS's and so public domain, which is inferred and not stated there"
    ),
    ("naip_prairie_potholes",): "USDA NAIP imagery of prairie ponds (public domain), with water masks that we made from NDWI",
    ("flood_water_oblique",): "oblique flood pictures (Kaggle flood area segmentation, CC0)",
}
BACKBONE = "Backbone started from EfficientNet-Lite0's ImageNet weights (Apache-2.0)"
WORDS = "The table of words beside it was computed with sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0)"
NOTICE = (
    "Trained on information from OpenStreetMap, which is made available under the Open Database License (ODbL) 1.0; no part of that "
    "database can be read out of the weights."
)
VALIDATION = {
    "click": ["fair_buildings_bicol", "agoro_fields_us", "gsi_solar_jp"],
    "text": [
        "fair_buildings_bicol", "agoro_fields_us", "gsi_solar_jp", "gsi_road_jp", "amazon_forest_s2", "urbantree_naip",
        "usgs_monterey_coast", "cars_kit_ais",
    ],
    "change": [
        "cd_levir (terms of academic use: evaluation only, never trained on)", "fair_buildings_bicol (pairs made from its footprints)",
        "urbantree_naip (its images against themselves in other light)",
        "urbantree_naip, claremont (real years without change, held out from the change head alone)",
    ],
}  # fmt: skip
SPLIT = (
    "by place: the validation sets are other places; for solar panels, roads and forest other tiles of the same survey, for the coast "
    "another part of the same flight, for cars other sequences"
)
ARCHITECTURE = {
    "click": "click head with similarity and distance cues, three nested masks a prompt",
    "text": "text head: a feature a pixel, compared with one query a class; phrases are mixed from the classes' queries",
    "change": "siamese change head, the same in either order, on features and classes of both dates, and the old map where there is one",
}
TRUNK = "EfficientNet-Lite0 trunk, 64-channel pyramid at stride 4, shared by three heads; RGB 0..1, views of 256 x 256 pixels; "


def card(job: str, size: int, recipe: str, figures: dict[str, Any]) -> dict[str, Any]:
    """What the card of one of JOBS says of a weights file of `size` bytes."""
    made_of = f"Trained by the Rasterscribe project on: {'; '.join(SOURCES.values())}. {BACKBONE}."
    return {
        "id": f"rasterscribe-{job}",
        "title": JOBS[job],
        "job": job,
        "licence": "CC-BY-4.0",
        "attribution": f"{made_of} {WORDS}." if job == "text" else made_of,
        "notice": NOTICE,
        "data": {"train": [name for names in SOURCES for name in names], "validation": VALIDATION[job], "split": SPLIT},
        "architecture": TRUNK + ARCHITECTURE[job],
        "recipe": recipe,
        "figures": figures,
        "file": FILE,
        "size": size,
    }


def publish(file: Path, recipe: str, figures: dict[str, dict[str, Any]], folder: Path = WEIGHTS) -> Path:
    """The weights with their cards and sums in a folder; gives the path of the weights there."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = folder / FILE
    if file.resolve() != weights.resolve():
        shutil.copyfile(file, weights)
    for job in JOBS:
        said = card(job, weights.stat().st_size, recipe, figures.get(job, {}))
        (folder / f"{said['id']}.json").write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}" for path in sorted(folder.glob("*.safetensors"))]
    (folder / SUMS).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return weights


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--recipe", default="python -m models.training.all", help="the commands that made the file, for the cards")
    parser.add_argument("--figures", type=Path, help='JSON with what was measured in validation, by job: {"click": {...}, ...}')
    args = parser.parse_args()
    figures = json.loads(args.figures.read_text(encoding="utf-8")) if args.figures else {}
    if not isinstance(figures, dict) or not set(figures) <= set(JOBS):
        parser.error(f"the figures belong under the names of jobs: {', '.join(JOBS)}")
    weights = publish(args.file, args.recipe, figures)
    print(f"{weights}: {weights.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
