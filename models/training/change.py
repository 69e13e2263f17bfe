"""Train the change head alone: `python -m models.training.change --data DIR --start FILE --out FILE`. Needs the `training` extra.

The trunk, the text head and the click head stay as they are, to the bit. Pairs are drawn and seen anew at every step (`dates`); each comes
with an old map in half of the cases. A run that is cut off goes on from its checkpoint.
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from ..nets.forms import GRAPHS, HALF, Frozen, example_view
from ..nets.net import Net
from ..nets.trunk import Features
from .all import halved, new_net, optimizer_of, rate_at
from .batches import old_map_of, real_dates
from .dates import HOUSE, STREETS, Dates, Guess, Pair
from .framing import SIDE
from .labels import Source, sources
from .losses import partial
from .pairs import changed
from .scenes import Painter
from .sets import LabelledImage

GROUNDS = 6  # a step
STRANGERS = 2  # pairs a step of two unrelated grounds
GLANCES = ((1.0, False), (1.5, False), (2.0, False), (2.0, True))  # at how many times its size a street is looked at, and whether mirrored
HELD = ("claremont", "panauti")  # places that are not trained on: a city with real years, and a site with buildings
EMPHASIS = torch.ones(11)
EMPHASIS[0] = 2.0  # buildings: what most changes of ground that people ask for are
EMPHASIS[[1, 2, 10]] = 0.5  # trees, vegetation and cars: what changes with every season and hour


@dataclass(frozen=True)
class Batch:
    """images: float (2 n, 3, 256, 256), the first dates and then the second; changes: uint8 (n, K, 256, 256); old_maps: (n, K, 64, 64).
    The last STRANGERS pairs are made of the first dates of the first grounds and the second dates of those after them."""

    images: Tensor
    changes: Tensor
    old_maps: Tensor


def batch_of(pairs: list[Pair], rng: np.random.Generator) -> Batch:
    rgb = np.concatenate([np.stack([pair.rgb[date] for pair in pairs]) for date in (0, 1)])
    changes = [pair.change for pair in pairs] + [changed(pairs[i].known[0], pairs[i + 1].known[1]) for i in range(STRANGERS)]
    maps = [old_map_of(pair.known[0], rng) for pair in pairs] + [old_map_of(pairs[i].known[0], rng) for i in range(STRANGERS)]
    images = torch.from_numpy(rgb).permute(0, 3, 1, 2).float() / 255
    return Batch(
        images.contiguous(memory_format=torch.channels_last),
        torch.from_numpy(np.stack(changes)).permute(0, 3, 1, 2).contiguous(),
        torch.from_numpy(np.stack(maps)),
    )


class Drawn(torch.utils.data.IterableDataset):
    """Batches of steps in order; each depends on the seed and the number of the step alone."""

    def __init__(self, dates: Dates, seed: int, steps: range):
        self.dates, self.seed, self.steps = dates, seed, steps

    def __iter__(self) -> Iterator[Batch]:
        worker = torch.utils.data.get_worker_info()
        first, every = (0, 1) if worker is None else (worker.id, worker.num_workers)
        rng = self.dates.rng
        cv2.setNumThreads(0)  # the other cores have work
        for step in self.steps[first::every]:
            rng.bit_generator.state = np.random.default_rng((self.seed, step)).bit_generator.state
            yield batch_of([self.dates.draw() for _ in range(GROUNDS)], rng)


class Seen:
    """The frozen trunk and text head, in the quickest form for training's views."""

    def __init__(self, net: Net):
        self.net, self.trunk = net, Frozen(net.trunk, example_view(SIDE), GRAPHS[HALF])

    @torch.no_grad()
    def __call__(self, images: Tensor) -> tuple[Features, Tensor]:
        features = self.trunk(images)
        with torch.autocast("cpu", torch.bfloat16):
            return features, self.net.text(features).float()


def step_loss(net: Net, seen: Seen, batch: Batch) -> tuple[Tensor, dict[str, float]]:
    features, classes = seen(batch.images)
    count = len(batch.images) // 2
    one = torch.tensor([*range(count), *range(STRANGERS)])
    other = torch.tensor([*range(count, 2 * count), *range(count + 1, count + 1 + STRANGERS)])
    with torch.autocast("cpu", torch.bfloat16):
        logits = net.change(features[one], features[other], classes[one], classes[other], batch.old_maps).float()
    share, known = halved(batch.changes)
    weights = EMPHASIS.expand(len(one), -1)
    loss = partial(logits, share, known, weights, absent=0.8)
    with torch.no_grad():
        house, sure = share[:count, 0] > 0.5, known[:count, 0]
        said = (logits[:count, 0] > 0) & sure
        right, truth = (said & house).sum().item(), (house & sure).sum().item()
        report = {"loss": loss.item(), "right": right, "said": said.sum().item(), "true": truth}
    return loss, report


def train(net: Net, dates: Dates, args: argparse.Namespace) -> Net:
    net.requires_grad_(False)
    net.change.requires_grad_(True)
    optimizer, average = optimizer_of(net, args.rate), copy.deepcopy(net.change)
    start, began = 0, time.monotonic()
    if args.checkpoint.exists():
        saved = torch.load(args.checkpoint, weights_only=True)
        net.change.load_state_dict(saved["net"])
        average.load_state_dict(saved["average"])
        optimizer.load_state_dict(saved["optimizer"])
        start = saved["step"]
    seen, recent = Seen(net.eval()), dict[str, float]()
    drawn = torch.utils.data.DataLoader(Drawn(dates, args.seed, range(start, args.steps)), None, num_workers=args.workers)
    for step, batch in enumerate(drawn, start):
        for group in optimizer.param_groups:
            group["lr"] = rate_at(step, args.steps, args.rate)
        loss, report = step_loss(net, seen, batch)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(net.change.parameters(), 5.0)
        optimizer.step()
        keep = min(0.998, (step + 1) / (step + 20))
        with torch.no_grad():
            for slow, fast in zip(average.parameters(), net.change.parameters(), strict=True):
                slow.lerp_(fast, 1 - keep)
        for name, value in report.items():
            recent[name] = 0.98 * recent.get(name, value) + 0.02 * value
        if (step + 1) % 25 == 0:
            f1 = 2 * recent["right"] / max(recent["said"] + recent["true"], 1)
            told = {"step": step + 1, "s": round(time.monotonic() - began), "loss": round(recent["loss"], 4), "f1": round(f1, 3)}
            print(json.dumps(told), flush=True)
        if (step + 1) % 250 == 0 or step + 1 == args.steps:
            _save(args, step + 1, net, average, optimizer)
    return net


def _save(args: argparse.Namespace, step: int, net: Net, average: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    state = {"step": step, "net": net.change.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict()}
    beside = args.checkpoint.with_suffix(".part")
    torch.save(state, beside)
    beside.replace(args.checkpoint)
    whole = copy.deepcopy(net)
    whole.change.load_state_dict(average.state_dict())
    whole.save(args.out)


def guesses(net: Net, images: list[LabelledImage]) -> Guess:
    """How likely a building is in every image of the streets, by the text head at several sizes: larger ones draw sharper borders."""
    seen, found = Seen(net.eval()), {}

    def looked(rgb: np.ndarray, factor: float, mirrored: bool) -> np.ndarray:
        large = cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
        view = torch.from_numpy(np.ascontiguousarray(large[:, ::-1] if mirrored else large)).permute(2, 0, 1)[None].float() / 255
        logits = (seen(view.contiguous(memory_format=torch.channels_last))[1][0, HOUSE] / net.text_temperature[HOUSE]).numpy()
        return cv2.resize(logits[:, ::-1] if mirrored else logits, rgb.shape[1::-1], interpolation=cv2.INTER_LINEAR)

    for image in images:
        logits = np.mean([looked(image.rgb, factor, mirrored) for factor, mirrored in GLANCES], axis=0)
        found[image.name] = (1 / (1 + np.exp(-logits))).astype(np.float32)
    return lambda image: found[image.name]


def parted(found: dict[str, Source], held: bool = False) -> dict[str, Source]:
    """Without the places that are held out, or only these."""

    def part(source: Source) -> Source:
        images = [image for image in source.images if any(place in image.name for place in HELD) == held]
        return Source(images, source.rules, source.scales, source.weight)

    # The tiles of fair_buildings are there as sites, put together.
    parts = {name: part(source) for name, source in found.items() if name != "fair_buildings"}
    return {name: source for name, source in parts.items() if source.images}


def held_dates(net: Net, painter: Painter, data: Path) -> Dates:
    """Pairs of the places that no change head was trained on, beside what `painter` has of held-out images."""
    held = parted(sources(data, None), held=True)
    painter = Painter({**painter.sources, **held}, painter.rng)
    return Dates(painter, real_dates(held, data), guesses(net, held[STREETS].images))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the training sets")
    parser.add_argument("--scenes", type=Path, help="folder of the scenes, for the prairie potholes' water")
    parser.add_argument("--start", type=Path, required=True, help="weights whose trunk and text head are seen through")
    parser.add_argument("--out", type=Path, required=True, help="safetensors file to write")
    parser.add_argument("--checkpoint", type=Path, default=Path("change.checkpoint"), help="where a run that is cut off goes on")
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1, help="processes that draw pairs")
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    found = parted(sources(args.data, args.scenes))
    net = new_net(args.start)
    painter = Painter(found, np.random.default_rng(args.seed))
    guess = guesses(net, found[STREETS].images if STREETS in found else [])
    train(net, Dates(painter, real_dates(found, args.data), guess), args)
    print(f"wrote {args.out}")


if __name__ == "__main__":
    main()
