"""The plugin as a zip for QGIS, and the engine's wheels as a folder for computers without a network."""

from __future__ import annotations

import platform
import re
import shutil
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Optional

from .set_up import engine_python, qgis_tests_python
from .shell import ROOT, Trouble, answer_of, clean_environment, run, say, step

NAME = "rasterscribe"
LIMIT = 25_000_000  # bytes that plugins.qgis.org takes
TOP_FILES = ("__init__.py", "metadata.txt", "LICENSE", "README.md")
FOLDERS = ("plugin", "models", "resources")
LEFT_OUT = ("models/training", "resources/sample")
KINDS = {".py", ".txt", ".json", ".safetensors", ".svg", ".png", ".qml", ".qm", ".ui"}
NAMES = {"SHA256SUMS", "LICENSE"}
TIMESTAMP = (2020, 1, 1, 0, 0, 0)  # of every file: the same sources make the same zip
REQUIRED = ("name", "description", "version", "qgisMinimumVersion", "author", "email", "about", "tracker", "repository")
CPU_WHEELS = "https://download.pytorch.org/whl/cpu"


class Made(NamedTuple):
    path: Path
    names: tuple[str, ...]  # inside the zip
    size: int  # bytes


def shipped_files() -> Iterator[Path]:
    """What the plugin consists of, in a fixed order: no tests, no tools, no training code, nothing hidden."""
    yield from (ROOT / name for name in TOP_FILES if (ROOT / name).is_file())
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            inside = path.relative_to(ROOT)
            hidden = any(part.startswith((".", "__pycache__")) for part in inside.parts)
            left_out = any(inside.as_posix().startswith(start + "/") for start in LEFT_OUT)
            if path.is_file() and not hidden and not left_out and (path.suffix in KINDS or path.name in NAMES):
                yield path


def stage(folder: Path) -> Path:
    """Copy what ships to FOLDER/rasterscribe, as it lies in the zip; gives that folder."""
    top = folder / NAME
    shutil.rmtree(top, ignore_errors=True)
    for path in shipped_files():
        target = top / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return top


def version() -> str:
    found = re.search(r"^version=(\S+)", metadata(), re.MULTILINE)
    if found is None:
        raise Trouble("metadata.txt names no version.")
    return found[1]


def metadata() -> str:
    try:
        return (ROOT / "metadata.txt").read_text("utf-8")
    except OSError as error:
        raise Trouble(f"metadata.txt cannot be read: {error.strerror}. Without it QGIS takes no plugin.") from error


def unfilled() -> list[str]:
    """What plugins.qgis.org asks of metadata.txt and is empty there: only the plugin's owners know their addresses."""
    filled = set(re.findall(r"^(\w+)=.*\S", metadata(), re.MULTILINE))
    return [name for name in REQUIRED if name not in filled]


def make_zip(folder: Optional[Path] = None) -> Made:
    """dist/rasterscribe-VERSION.zip. Raises Trouble where it would be larger than plugins.qgis.org takes."""
    path = (folder or ROOT / "dist") / f"{NAME}-{version()}.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    names = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for file in shipped_files():
            entry = zipfile.ZipInfo(f"{NAME}/{file.relative_to(ROOT).as_posix()}", TIMESTAMP)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            packed.writestr(entry, file.read_bytes())
            names.append(entry.filename)
    size = path.stat().st_size
    if size > LIMIT:
        path.unlink()
        raise Trouble(f"The zip would take {size / 1e6:.1f} MB; plugins.qgis.org takes {LIMIT / 1e6:.0f} MB.")
    return Made(path, tuple(names), size)


def make_bundle(folder: Optional[Path] = None) -> tuple[Path, int, int]:
    """Download the engine's packages for this kind of computer; gives the folder, the number of wheels and their size in bytes.

    On Linux the CPU build of torch is taken where a source has it: the general one brings gigabytes for NVIDIA's cards.
    """
    python = answer_of([engine_python(), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]) or ""
    named = f"{NAME}-engine-{sys.platform}-{platform.machine().lower()}-python{python}"
    target = (folder or ROOT / "dist" / named).absolute()
    target.mkdir(parents=True, exist_ok=True)
    requirements = ROOT / "models" / "requirements.txt"
    download = [qgis_tests_python(), "-m", "pip", "download", "--no-input", "--only-binary", ":all:", "--python-version", python]
    download += ["--find-links", target, "--dest", target, "--constraint", requirements]
    with step(f"Downloading the engine's packages for Python {python} to {target}, a few minutes"):
        gather(download, requirements, torch_requirement(requirements))
    wheels = list(target.glob("*.whl"))
    return target, len(wheels), sum(wheel.stat().st_size for wheel in wheels)


def torch_requirement(requirements: Path) -> str:
    found = re.search(r"^torch==[\w.]+", requirements.read_text("utf-8"), re.MULTILINE)
    if found is None:
        raise Trouble(f"{requirements} does not pin torch.")
    return found[0]


def gather(download: list[object], requirements: Path, torch: str) -> None:
    environment = clean_environment()
    if sys.platform == "linux":
        exact = [*download, "--quiet", "--quiet", f"{torch}+cpu"]
        if run(exact, environment) and run([*exact, "--retries", "1", "--extra-index-url", CPU_WHEELS], environment):
            say("  no source has torch's CPU build; the general one is taken")
    if run([*download, "--quiet", "-r", requirements], environment):
        raise Trouble("Not every package could be downloaded; the lines above say why. Run it again to go on.")
