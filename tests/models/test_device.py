"""The device is chosen for a reason, and a GPU that does not work never stops the engine."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from rasterscribe.models import device

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def forgotten():
    device.chosen.cache_clear()
    yield
    device.chosen.cache_clear()


@pytest.mark.parametrize(
    ("version", "system", "machine", "driver", "name", "because"),
    [
        ("", "Linux", "x86_64", True, "cpu", "not installed"),
        ("2.13.0+cpu", "Linux", "x86_64", False, "cpu", "No NVIDIA driver"),
        ("2.13.0+cpu", "Windows", "AMD64", True, "cpu", "built without CUDA"),
        ("2.13.0", "Windows", "AMD64", False, "cpu", "No NVIDIA driver"),
        ("2.13.0+cu126", "Linux", "x86_64", True, "cuda", "driver was found"),
        ("2.13.0", "Linux", "x86_64", True, "cuda", "driver was found"),
        ("2.13.0+cu126", "Windows", "AMD64", False, "cpu", "no NVIDIA driver was found"),
        ("2.13.0", "Darwin", "arm64", False, "mps", "Apple"),
        ("2.2.2", "Darwin", "x86_64", False, "cpu", "no Apple GPU"),
    ],
)
def test_the_device_follows_from_the_build_and_the_driver(monkeypatch, version, system, machine, driver, name, because):
    monkeypatch.setattr(device, "torch_version", lambda: version)
    monkeypatch.setattr(device, "nvidia_driver", lambda: driver)
    monkeypatch.setattr(device.platform, "system", lambda: system)
    monkeypatch.setattr(device.platform, "machine", lambda: machine)
    found = device.expected()
    assert found.name == name and because in found.reason


def test_a_gpu_that_does_not_work_falls_back_to_the_cpu_and_says_why(monkeypatch):
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("CUDA works on this machine")
    monkeypatch.setattr(device, "expected", lambda: device.Device("cuda", "hoped for"))
    found = device.chosen()
    assert found.name == "cpu" and "did not work" in found.reason and found.reason.endswith("always works.")
    assert "\n" not in found.reason


def test_the_version_of_torch_is_known_without_importing_it():
    torch = pytest.importorskip("torch")
    assert device.torch_version().split("+")[0] == torch.__version__.split("+")[0]


def test_waiting_threads_leave_the_cores_to_others_unless_somebody_chose_otherwise(monkeypatch):
    monkeypatch.setenv("GOMP_SPINCOUNT", "7")
    device.share_cores()
    assert device.os.environ["GOMP_SPINCOUNT"] == "7"
    monkeypatch.delenv("GOMP_SPINCOUNT")
    device.share_cores()
    assert device.os.environ["GOMP_SPINCOUNT"] == str(device.SPINS)


FREED_AND_TAKEN = """
import resource
from rasterscribe.models import device
if {keep}:
    device.keep_memory()
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for round in range(20):
    if round == 3:
        before = faults()
    layers = [b"x" * (20 << 20) for _ in range(4)]
    del layers
print(faults() - before)
"""


@pytest.mark.skipif(sys.platform != "linux" or "glibc" not in platform.libc_ver(), reason="only glibc gives memory back at once")
def test_freed_memory_is_not_cleared_by_the_system_for_every_layer():
    faults = {}
    for keep in (True, False):
        code = f"import conftest\n{FREED_AND_TAKEN.format(keep=keep)}"
        faults[keep] = int(subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    assert faults[True] < 100 < faults[False]
