"""Where networks run, CUDA, MPS or CPU, and why, in one sentence a person can read.

`expected` looks without importing torch, which takes seconds; `chosen` tries the device out. Torch builds name themselves in
their version: 2.13.0+cpu, 2.13.0+cu126; the plain version means MPS on Apple's processors and, on Linux, CUDA.
"""

from __future__ import annotations

import ctypes
import functools
import importlib.metadata
import os
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

SPINS = 2000  # rounds, some microseconds, that a waiting thread of a network keeps its core busy; by default 300,000
TRIM_THRESHOLD, MMAP_THRESHOLD, ARENA_MAX = -1, -3, -8  # glibc's names in numbers, see mallopt(3)
KEPT = 256 << 20  # bytes of freed memory that stay with the engine
LARGEST = 32 << 20  # bytes of the largest piece that can stay: glibc takes no larger number
CPU_ALWAYS_WORKS = "networks run on the CPU, which always works"


@dataclass(frozen=True)
class Device:
    name: str  # "cpu", "cuda" or "mps"
    reason: str  # one sentence


def share_cores() -> None:
    """Let a network's threads sleep while they wait for each other; to be called before torch is imported.

    By default they spin for milliseconds in every layer. Where QGIS draws its map on the same cores, the thread that they wait for
    may then not run at all: a click was seen to take twenty times as long. Where nobody else computes this costs next to nothing.
    """
    os.environ.setdefault("GOMP_SPINCOUNT", str(SPINS))


def keep_memory() -> None:
    """Keep what a layer of a network has freed for the next one; to be called before torch takes memory.

    By default glibc returns it to the system, which clears it page by page when the next layer asks for it: a third of the time that a view
    takes. Where there is no glibc nothing is changed.
    """
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        if hasattr(library, "mallopt"):  # musl has none
            library.mallopt(TRIM_THRESHOLD, KEPT)
            library.mallopt(MMAP_THRESHOLD, LARGEST)
            library.mallopt(ARENA_MAX, 1)  # an arena of a thread's own gives back all the same: a quarter of the time of lanes


def torch_version() -> str:
    """The version installed, "" where there is none; torch is not imported."""
    try:
        return importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return ""


def expected() -> Device:
    """What `chosen` will most likely say, within milliseconds."""
    version = torch_version()
    if not version:
        return Device("cpu", "PyTorch is not installed, so no network can run.")
    if platform.system() == "Darwin":
        if platform.machine() == "arm64":
            return Device("mps", "Apple's GPU (MPS) is used.")
        return Device("cpu", f"This Mac has no Apple GPU, so {CPU_ALWAYS_WORKS}.")
    built_for_cuda = "+cu" in version or ("+" not in version and platform.system() == "Linux")
    if built_for_cuda and nvidia_driver():
        return Device("cuda", "An NVIDIA driver was found and PyTorch is built for CUDA.")
    if built_for_cuda:
        return Device("cpu", f"PyTorch is built for CUDA but no NVIDIA driver was found, so {CPU_ALWAYS_WORKS}.")
    if nvidia_driver():
        return Device("cpu", f"There is an NVIDIA driver but PyTorch is built without CUDA, so {CPU_ALWAYS_WORKS}.")
    return Device("cpu", f"No NVIDIA driver was found, so {CPU_ALWAYS_WORKS}.")


@functools.lru_cache(maxsize=1)
def chosen() -> Device:
    """The device that networks run on; imports torch and computes one number on the GPU before believing in it."""
    import torch

    wish = expected()
    if wish.name == "cpu":
        return wish
    try:
        torch.ones(2, device=wish.name).sum().item()
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        first_line = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
        return Device("cpu", f"The GPU did not work ({first_line}), so {CPU_ALWAYS_WORKS}.")
    if wish.name == "cuda":
        return Device("cuda", f"The GPU {torch.cuda.get_device_name()} works.")
    return wish


def known() -> Device:
    """What `chosen` says if torch is loaded anyway, else what it will most likely say."""
    return chosen() if "torch" in sys.modules else expected()


def nvidia_driver() -> bool:
    """Whether an NVIDIA driver is installed, as far as files tell."""
    if platform.system() == "Windows":
        return (Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32" / "nvcuda.dll").is_file()
    return Path("/proc/driver/nvidia/version").is_file() or shutil.which("nvidia-smi") is not None
