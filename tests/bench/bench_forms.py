"""How fast a network of ours sees a view and answers a click, by form of its trunk, and what a form costs in accuracy.

    python tests/bench/bench_forms.py [--json] [--rounds 30] [--weights FILE] [--data SET [SET ...]] [--give-back]

Views of 256 pixels, which the engine uses, and of 512, for which there is a target. The forms run in turn, so that whatever else the
machine does meets all alike. `--data` clicks the objects of validation sets once with every form; a form is worth its time if it costs
less than 0.5 points of IoU. `--give-back` leaves freed memory to the system, as it was before `device.keep_memory`.

Measured on one core of an EPYC with AVX512-BF16, torch 2.13, computing of the process in ms:

                          memory given back   memory kept   kept, frozen   kept, half
    encode, 256 pixels                   35            23             21           14
    encode, 512 pixels                  166           105             96           47
    click, 512 pixels                    87            64              -            -

What *half* costs in points of IoU@1, 60 objects a set, the shipped weights: fair_buildings_bicol -0.04, agoro_fields_us +0.10,
gsi_solar_jp 0.00. *frozen* gives the same numbers.

Left out of `models/nets/forms.py`:

- onnxruntime: 0.7 of the plain form's time by the clock, memory given back, which is what keeping memory gives as well; 100 MB of
  packages more, a third of it only to write the graph.
- `torch.jit.optimize_for_inference`: slower than `freeze` alone (1.3 times at 512 pixels).
- torch.compile needs a C++ compiler on the analyst's machine.
- int8 was not tried: eager convolutions have no dynamic form, and the static one needs a further package and calibration images.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from models import catalog, device  # noqa: E402

THREADS = 2
POINTS = 3
TARGETS = {"encode 512": 0.140, "click 512": 0.035}  # seconds


def made_forms(net, side):
    """Every form of the trunk by name."""
    from models.nets import forms

    example = forms.example_view(side)
    graphs = {name: forms.Frozen(net.trunk, example, dtype) for name, dtype in forms.GRAPHS.items()}
    return {forms.PLAIN: net.trunk, **graphs}


def click_on(net, features, side):
    """One answer, as large as the view."""
    import torch

    from models.nets.click_head import Prompts
    from models.nets.embedding import full_size

    places = torch.linspace(0.3, 0.7, POINTS)
    points = torch.stack((places, places.flip(0)), 1)[None] * side
    labels = torch.ones(1, POINTS, dtype=torch.long)
    prompts = Prompts(points, labels, torch.zeros(1, 4), torch.zeros(1, 1, side // 2, side // 2))
    return lambda: full_size(net.click(features, prompts)[0])


def measured(net, rounds: int) -> dict[str, dict[str, float]]:
    """Median seconds by step ("encode 256", ...), then by form."""
    import torch

    from models.nets import forms
    from models.nets.embedding import Embedding

    found = {}
    for side in (256, 512):
        view = forms.example_view(side)
        encoders = {name: lambda form=form, view=view: form(view) for name, form in made_forms(net, side).items()}
        with torch.inference_mode():
            embedding = Embedding(net.trunk(view))
            found[f"encode {side}"] = in_turn(encoders, rounds)
            found[f"click {side}"] = in_turn({forms.PLAIN: click_on(net, embedding.features, side)}, rounds)
    return found


def in_turn(runs, rounds: int) -> dict[str, float]:
    for _ in range(3):
        for run in runs.values():
            run()
    taken = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            began = time.perf_counter()
            run()
            taken[name].append(time.perf_counter() - began)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def costs(weights: Path, net, sets: list[Path], limit: int) -> dict[str, dict[str, float]]:
    """Mean IoU after one click in percent, by set, then by form."""
    import numpy as np

    from models.nets.click_model import OurClickModel
    from models.training.clicks import next_click
    from models.training.evaluate.click import Conversation, samples
    from models.training.sets import read_set

    model = OurClickModel(weights, "bench", "")
    forms = made_forms(net, model.side)

    def iou(sample) -> float:
        x, y, label = next_click(sample.target, np.zeros_like(sample.target))
        mask = Conversation(model, sample.rgb)(np.array([[x, y]]), np.array([label]))
        return float((mask & sample.target).sum() / (mask | sample.target).sum())

    found = {}
    for folder in sets:
        clicks = list(samples(read_set(folder), folder, "framed", limit))
        found[folder.name] = {}
        for name, model.net.trunk in forms.items():
            found[folder.name][name] = 100 * statistics.fmean(iou(sample) for sample in clicks)
    return found


def print_tables(seconds: dict[str, dict[str, float]], ious: dict[str, dict[str, float]]) -> None:
    for step, by_form in seconds.items():
        target = f"   at most {TARGETS[step] * 1e3:.0f} ms" if step in TARGETS else ""
        print(f"{step:12}", *(f"{name} {taken * 1e3:6.1f} ms" for name, taken in by_form.items()), target, sep="  ")
    for name, by_form in ious.items():
        print(f"{name:24} IoU@1", *(f"{form} {value:5.2f} %" for form, value in by_form.items()), sep="  ")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the tables")
    parser.add_argument("--rounds", type=int, default=30, help="timed runs of each form (default: %(default)s)")
    parser.add_argument("--weights", type=Path, help="a file of weights (default: the shipped one)")
    parser.add_argument("--data", type=Path, nargs="+", default=[], help="folders of validation sets")
    parser.add_argument("--limit", type=int, default=60, help="objects a set (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=THREADS, help="(default: %(default)s)")
    parser.add_argument("--give-back", action="store_true", help="do not keep freed memory")
    options = parser.parse_args()
    device.share_cores()
    if not options.give_back:
        device.keep_memory()
    import torch

    from models.nets.net import ready

    torch.set_num_threads(options.threads)
    card = catalog.usual("click")
    weights = options.weights or (card.weights if card else parser.error("there are no shipped weights; give --weights"))
    net = ready(weights)
    seconds, ious = measured(net, options.rounds), costs(weights, net, options.data, options.limit) if options.data else {}
    if options.json:
        print(json.dumps({"seconds": seconds, "targets": TARGETS, "iou1_percent": ious, "threads": options.threads}))
    else:
        print_tables(seconds, ious)
    return 0 if all(min(seconds[step].values()) <= target for step, target in TARGETS.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
