"""Put trained weights into the catalogue: `python -m models.training.card FILE`.

Copies the safetensors file to `models/weights/`, and writes its card and `SHA256SUMS`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from pathlib import Path

from ..catalog import SUMS, WEIGHTS

CARD = {
    "id": "rasterscribe-click",
    "title": "Rasterscribe click",
    "job": "click",
    "licence": "CC-BY-4.0",
    "attribution": (
        "Trained by the Rasterscribe project on: OpenAerialMap imagery (CC BY 4.0) with footprints (c) OpenStreetMap contributors "
        "(ODbL 1.0), through HOT fAIr; USDA NAIP imagery (public domain) with field outlines of the agoro field boundary detector "
        "(Radix, MIT); solar panel masks on imagery of the Geospatial Information Authority of Japan (PDL 1.0); USDA NAIP imagery of "
        "urban trees with NDVI-made masks; Amazon and Atlantic Forest data set (Zenodo 4498086, CC BY 4.0); oblique flood pictures "
        "(Kaggle flood area segmentation, CC0). Backbone started from EfficientNet-Lite0's ImageNet weights (Apache-2.0)."
    ),
    "data": {
        "train": [
            "fair_buildings", "fair_buildings_banepa", "agoro_fields_us", "gsi_solar_jp", "urbantree_naip", "amazon_forest_s2",
            "flood_water_oblique",
        ],
        "validation": ["fair_buildings_bicol", "agoro_fields_us", "gsi_solar_jp"],
        "split": "by place: the validation sets are other places, for solar panels other tiles of the same survey",
    },
    "architecture": (
        "EfficientNet-Lite0 trunk, 64-channel pyramid at stride 4, click head with similarity and distance cues; "
        "RGB 0..1, views of 256 x 256 pixels"
    ),
    "recipe": "python -m models.training.click",
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--recipe", default=CARD["recipe"], help="the command that made the file, for the card")
    args = parser.parse_args()
    WEIGHTS.mkdir(exist_ok=True)
    weights = WEIGHTS / f"{CARD['id']}.safetensors"
    shutil.copyfile(args.file, weights)
    card = {**CARD, "recipe": args.recipe, "file": weights.name, "size": weights.stat().st_size}
    weights.with_suffix(".json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}" for path in sorted(WEIGHTS.glob("*.safetensors"))]
    (WEIGHTS / SUMS).write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{weights}: {weights.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
