"""How fast an open-vocabulary model sees, with random weights: the speed does not depend on what they are.

    python tests/bench/bench_clip.py [--model ViT-B-32] [--rounds 3] [--json]

In an environment with open_clip (`pip install -e '.[clip]'`), with one thread, in single precision; computing of the process, so that
whatever else the machine does counts little. A view is what `survey` asks about at once; neighbouring views share 32 pixels of its side,
so over a raster the pixels per second are those of the view less that border. One core of an EPYC with AVX512, torch 2.13:

                                ViT-B-32    ViT-B-16
    side of a view, pixels           160         320
    a view, s                       0.53        1.97
    MPix/s over a raster           0.031       0.042
    a picture of 224 pixels, s      0.12        0.49
    a phrase, s                     0.21        0.16

B/32 sees its views enlarged twice, for its patches are twice as large: four times the pixels.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from models import device  # noqa: E402

SHARED = 32  # pixels of neighbouring views


def random_weights(name: str, path: Path) -> None:
    """What open_clip makes of a model's description, saved as it saves it."""
    import open_clip
    from safetensors.torch import save_file

    config = open_clip.get_model_config(name)
    net = open_clip.CLIP(
        config["embed_dim"], open_clip.CLIPVisionCfg(**config["vision_cfg"]), open_clip.CLIPTextCfg(**config["text_cfg"])
    )
    save_file({key: value.contiguous() for key, value in net.state_dict().items()}, path)


def seconds(work, rounds: int) -> float:
    """The median of some rounds, after one that does not count."""
    work()
    taken = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return statistics.median(taken)


def measured(name: str, rounds: int) -> dict[str, float]:
    from models.nets.clip import DenseClip
    from models.surveying.open_words import clip_looker

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "random.safetensors"
        random_weights(name, path)
        began = time.process_time()
        model = DenseClip(path, name, "")
        loading = time.process_time() - began
    looker = clip_looker(model, ["swimming pool"])
    views = np.random.default_rng(0).integers(0, 256, (1, looker.side, looker.side, 3), np.uint8)
    pictures = np.random.default_rng(0).integers(0, 256, (8, 224, 224, 3), np.uint8)
    a_view = seconds(lambda: looker.look(views), rounds)
    return {
        "side of a view": looker.side,
        "loading, s": loading,
        "a view, s": a_view,
        "MPix/s over a raster": (looker.side - SHARED) ** 2 / a_view / 1e6,
        "a picture of 224 pixels, s": seconds(lambda: model.embed_images(pictures), rounds) / len(pictures),
        "a phrase, s": seconds(lambda: model.embed_texts(["swimming pool"]), rounds),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="ViT-B-32", help="open_clip's name (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="of each, after one that does not count (default: %(default)s)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    device.share_cores()
    device.keep_memory()
    import torch

    torch.set_num_threads(1)
    found = measured(options.model, options.rounds)
    print(json.dumps(found) if options.json else "\n".join(f"{what:28} {value:10.3f}" for what, value in found.items()))


if __name__ == "__main__":
    main()
