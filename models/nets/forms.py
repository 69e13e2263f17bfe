"""The forms in which the trunk can be computed on a CPU, and the choice of the quickest on this machine.

*frozen* is a graph that runs without Python; *half* is that in bfloat16, which processors with AVX512-BF16 or AMX compute twice as fast and
others slower. Which is quickest only a trial tells. It takes a second or so, in steps, for times in which nobody waits; its outcome is
remembered beside the packages that it depends on. Figures, also of the forms that are not here: `tests/bench/bench_forms.py`.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import json
import os
import platform
import sys
import time
import warnings
from collections.abc import Generator, Iterator
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from .net import Net
from .trunk import Features, Trunk

PLAIN, FROZEN, HALF = "plain", "frozen", "half"
GRAPHS = {FROZEN: torch.float32, HALF: torch.bfloat16}
ROUNDS = 5  # timed runs of each form, in turn, so that other work on the machine meets all alike
WARM_UP = 2  # runs in which a graph looks at the shapes and makes itself ready
WORTH = 0.9  # of the plain form's time that another may take at most: for less nothing is changed
TOLERANCE = 0.05  # of the features' root mean square that a form may be off; bfloat16 is off by 0.03, which clicks do not notice
NOTES = Path(sys.prefix) / "rasterscribe-forms.json"  # in the engine's own environment: goes with it when torch is replaced


class Frozen(nn.Module):
    """The trunk as a graph, for views of any number and size; gives `Features` in single precision, as `Trunk` does."""

    def __init__(self, trunk: Trunk, example: Tensor, dtype: torch.dtype):
        """`example`: float32 (1, 3, H, W) channels last. Raises RuntimeError where the processor or torch cannot do it."""
        super().__init__()
        self.dtype = dtype
        flat = _Flat(copy.deepcopy(trunk).to(dtype)).eval()
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the trace keeps one branch of the pyramid: the branch that every view takes
            self.graph = torch.jit.freeze(torch.jit.trace(flat, example.to(dtype), check_trace=False))

    def forward(self, images: Tensor) -> Features:
        coarse, fine = self.graph(images.to(self.dtype))
        return Features(coarse.float(), fine.float(), functional.avg_pool2d(images, 4))


class _Flat(nn.Module):
    """The trunk with tensors as its answer, which is what a graph can give."""

    def __init__(self, trunk: Trunk):
        super().__init__()
        self.trunk = trunk

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        features = self.trunk(images)
        return features.coarse, features.fine


def quicken(model: object, notes: Path = NOTES) -> Iterator[None]:
    """Put the quickest form of a model's trunk into its network, in steps of some tenths of a second.

    Only for a model with a network of ours on a CPU; there is nothing to do for another, or where it was done.
    """
    net = getattr(model, "net", None)
    if not isinstance(net, Net) or not isinstance(net.trunk, Trunk) or getattr(model, "device", "") != "cpu":
        return
    trunk, example = net.trunk, example_view(getattr(model, "side", 256))
    place = _place(getattr(model, "digest", ""))
    known = recalled(notes, place)
    if known == PLAIN:
        return
    made: dict[str, nn.Module] = {PLAIN: trunk}
    for form in GRAPHS if known is None else (known,):
        yield
        graph = yield from _agreeing(form, trunk, example)
        if graph is not None:
            made[form] = graph
    if known is None:
        known = yield from _quickest(made, example)
        remember(notes, place, known)
    net.trunk = made.get(known, trunk)


def _agreeing(form: str, trunk: Trunk, example: Tensor) -> Generator[None, None, Frozen | None]:
    """A graph that gives the trunk's numbers, ready to run; None where this machine has none."""
    try:
        graph = Frozen(trunk, example, GRAPHS[form])
        for _ in range(WARM_UP):
            yield
            found = run(graph, example)
    except RuntimeError:  # the processor or torch cannot do it
        return None
    yield
    return graph if off_by(found, run(trunk, example)) < TOLERANCE else None


def _quickest(made: dict[str, nn.Module], example: Tensor) -> Generator[None, None, str]:
    """Run the forms in turn; returns the name of the one to take."""
    best = dict.fromkeys(made, float("inf"))
    for _ in range(ROUNDS):
        yield
        for form, module in made.items():
            began = time.perf_counter()
            run(module, example)
            best[form] = min(best[form], time.perf_counter() - began)
    quickest = min(best, key=lambda form: best[form])
    return quickest if best[quickest] < WORTH * best[PLAIN] else PLAIN


@torch.inference_mode()
def run(module: nn.Module, images: Tensor) -> Features:
    features: Features = module(images)
    return features


def off_by(found: Features, right: Features) -> float:
    """How far features are off, root mean square, as a part of what is right; the worse of coarse and fine."""
    pairs = ((found.coarse, right.coarse), (found.fine, right.fine))
    return max(float((one - other).square().mean().sqrt() / other.square().mean().sqrt().clamp(min=1e-9)) for one, other in pairs)


def example_view(side: int) -> Tensor:
    """float32 (1, 3, side, side), channels last: ground of changing brightness with some texture."""
    generator = torch.Generator().manual_seed(0)
    ground = functional.interpolate(torch.rand(1, 3, 8, 8, generator=generator), size=(side, side), mode="bilinear", align_corners=False)
    texture = 0.1 * torch.randn(1, 3, side, side, generator=generator)
    return (ground + texture).clamp(0, 1).contiguous(memory_format=torch.channels_last)


def recalled(notes: Path, place: str) -> str | None:
    """The form that was quickest here before; None where nothing is known, or the notes cannot be read."""
    form = _read(notes).get(place)
    return form if form == PLAIN or form in GRAPHS else None


def remember(notes: Path, place: str, form: str) -> None:
    """Note the form; where that cannot be written, the next start tries again."""
    beside = notes.with_suffix(f".{os.getpid()}")
    try:
        beside.write_text(json.dumps({**_read(notes), place: form}, indent=1), encoding="utf-8")
        os.replace(beside, notes)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink()


def _read(notes: Path) -> dict[str, str]:
    try:
        found = json.loads(notes.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _place(digest: str) -> str:
    """What the choice depends on: torch, the processor and how many of its cores, and the weights."""
    said = f"{_processor()} {sorted(torch.cpu.get_capabilities().items())}"
    processor = hashlib.sha256(said.encode()).hexdigest()
    return f"torch {torch.__version__}, processor {processor[:16]}, {torch.get_num_threads()} threads, weights {digest[:16]}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        lines = []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor())
