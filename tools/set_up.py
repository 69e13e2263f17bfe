"""Makes what the other commands need and is missing: QGIS, environments for tests and checks, the engine.

Each part is looked at on the disk before it is made, so that a second run costs a moment, and one that was interrupted goes on.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Optional

from .shell import BUILD, ROOT, Trouble, answer_of, clean_environment, run, run_quietly, step

DEBIAN_PACKAGES = ["qgis", "qgis-providers", "python3-qgis", "python3-venv", "fonts-dejavu-core"]
QGIS_PROBE = "import qgis.core, qgis.PyQt.QtTest; print(qgis.core.Qgis.QGIS_VERSION)"
INSTALLERS_PUT_IT = (
    ("/Applications", "QGIS*.app/Contents/MacOS/bin/python3"),
    ("C:/Program Files", "QGIS*/bin/python-qgis*.bat"),
    ("C:/OSGeo4W", "bin/python-qgis*.bat"),
)
AS_PLUGIN = BUILD / "as-plugin"  # holds one link, named as QGIS names the plugin, to this checkout
OLDEST_QGIS = (3, 22)


def extra(name: str) -> list[str]:
    """One of the lists of optional dependencies in pyproject.toml. Python 3.9 reads no TOML, but such a list is a Python list too."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    found = re.search(rf"^{re.escape(name)} = (\[.*?^\])", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise Trouble(f"pyproject.toml has no list called {name}.")
    return [str(item) for item in ast.literal_eval(found[1])]


def qgis_python() -> Path:
    """The Python that QGIS's own modules load in, installing QGIS from the system's packages where there is none."""
    found = find_qgis_python()
    if found is None:
        with step("Installing QGIS from the system's packages, a few minutes"):
            apt_install(DEBIAN_PACKAGES, "QGIS was not found")
        found = find_qgis_python()
    if found is None:
        raise Trouble("QGIS is installed, but no Python here can load it. RASTERSCRIBE_QGIS_PYTHON may name the one that belongs to it.")
    return found


def find_qgis_python() -> Optional[Path]:
    """Not the `python3` of the PATH where that is another one: each candidate is asked whether it can load QGIS."""
    named = os.environ.get("RASTERSCRIBE_QGIS_PYTHON")
    bundled = [path for place, pattern in INSTALLERS_PUT_IT for path in sorted(Path(place).glob(pattern), reverse=True)]
    candidates = [named] if named else ["/usr/bin/python3", shutil.which("python3"), sys.executable, *bundled]
    for candidate in dict.fromkeys(str(each) for each in candidates if each):
        version = answer_of([candidate, "-c", QGIS_PROBE])
        if version and tuple(int(part) for part in re.findall(r"\d+", version)[:2]) >= OLDEST_QGIS:
            return Path(candidate)
    return None


def apt_install(packages: Sequence[str], because: str) -> None:
    """Raises Trouble with a sentence that says what to install where this cannot."""
    by_hand = f"sudo apt-get install {' '.join(packages)}"
    if not shutil.which("apt-get"):
        raise Trouble(f"{because}, and this system has no apt-get. Install QGIS 3.22 or newer from qgis.org, then run this again.")
    as_root: list[str] = []
    if os.geteuid() != 0:
        if not shutil.which("sudo"):
            raise Trouble(f"{because}, and installing it takes root's rights. As root, run: {by_hand.replace('sudo ', '')}")
        as_root = ["sudo"] if sys.stdin.isatty() else ["sudo", "-n"]
        if subprocess.call([*as_root, "true"]) != 0:
            raise Trouble(f"{because}, and sudo did not let this install it. Run: {by_hand}")
    apt = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y", "-o", "DPkg::Lock::Timeout=300"]
    log = BUILD / "logs" / "apt.log"
    run_quietly([*apt, "update"], log, remedy="Is there a network?")
    run_quietly([*apt, "install", "--no-install-recommends", *packages], log, remedy=f"To see more, run: {by_hand}")


def virtual_environment(name: str, python: Path, requirements: Sequence[str], *options: str) -> Path:
    """The Python of a virtual environment under build/ that has these packages; made anew where anything about it changed."""
    folder = BUILD / name
    inside = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    ready, wanted = folder / "ready", "\n".join([str(python), *options, *requirements])
    if inside.exists() and ready.is_file() and ready.read_text("utf-8") == wanted:
        return inside
    if answer_of([python, "-c", "import venv, ensurepip"]) is None:
        apt_install(["python3-venv"], f"{python} cannot make virtual environments")
    with step(f"Making {folder.relative_to(ROOT)} with {', '.join(requirements)}"):
        shutil.rmtree(folder, ignore_errors=True)
        log = BUILD / "logs" / f"{name}.log"
        run_quietly([python, "-m", "venv", *options, folder], log)
        run_quietly([inside, "-m", "pip", "install", "--no-input", *requirements], log, remedy="Is there a network?")
        ready.write_text(wanted, "utf-8")
    return inside


def qgis_tests_python() -> Path:
    """A Python that sees QGIS's modules and has the test runner beside them."""
    return virtual_environment("qgis-tests", qgis_python(), extra("qgis-test"), "--system-site-packages")


def check_python() -> Path:
    return virtual_environment("check-tools", Path(sys.executable), extra("check"))


def clip_tests_python() -> Path:
    """A Python with the engine's packages, open_clip and the test runner: some GB on Linux, where PyPI's torch and torchvision bring CUDA.

    Only PyPI's torchvision is on PyPI, so torch is PyPI's too: `===` takes no other build, such as one that a local folder of wheels has.
    """
    needed = [line for line in (ROOT / "models" / "requirements.txt").read_text("utf-8").splitlines() if line and not line.startswith("#")]
    torch = next(line for line in needed if line.startswith("torch=="))
    return virtual_environment("clip-tests", Path(sys.executable), [*needed, torch.replace("==", "==="), *extra("clip"), *extra("test")])


def engine_home() -> Path:
    """RASTERSCRIBE_HOME where it is set; else a folder of this checkout, so that work here leaves the user's own engine alone."""
    moved = os.environ.get("RASTERSCRIBE_HOME")
    return Path(moved).expanduser().absolute() if moved else BUILD / "engine"


def link_as_plugin(folder: Path = AS_PLUGIN) -> Path:
    """Make `folder` hold this checkout under the plugin's name, for `import rasterscribe`; gives `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / "rasterscribe"
    if link.exists() and link.resolve() == ROOT:
        return folder
    if link.is_symlink():
        link.unlink()
    try:
        link.symlink_to(ROOT, target_is_directory=True)
    except OSError:  # Windows without the right to make links; a junction needs none
        if run(["cmd", "/c", "mklink", "/J", link, ROOT]):
            raise Trouble(f"{link} could not be made a link to {ROOT}.") from None
    return folder


def engine_place() -> Any:
    """The plugin's own idea of where its engine is: `plugin.engine.environment.Environment`."""
    path = str(link_as_plugin())
    if path not in sys.path:
        sys.path.insert(0, path)
    from rasterscribe.plugin.engine.environment import Environment

    return Environment(engine_home())


def engine_python() -> Path:
    """The Python of the engine's environment, which the plugin's own installer makes, run without a window."""
    place = engine_place()
    if place.condition().value != "ready":
        python = qgis_python()
        with step(f"Setting up the engine in {place.home} with the plugin's installer, a few minutes"):
            if run([python, ROOT / "plugin" / "engine", "--home", place.home], qgis_environment()):
                raise Trouble(f"The engine could not be set up in {place.home}; the lines above say why.")
    return Path(place.python)


def engine_tests_folder() -> Path:
    """A folder for PYTHONPATH with the test runner for the engine's Python, whose own environment stays as users have it."""
    folder, wanted = BUILD / "engine-tests", "\n".join([str(engine_python()), *extra("test")])
    ready = folder / "ready"
    if not (ready.is_file() and ready.read_text("utf-8") == wanted):
        with step(f"Filling {folder.relative_to(ROOT)} with {', '.join(extra('test'))}"):
            shutil.rmtree(folder, ignore_errors=True)
            version = answer_of([engine_python(), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]) or ""
            options = ["--no-input", "--only-binary", ":all:", "--python-version", version, "--target", folder]
            run_quietly([qgis_tests_python(), "-m", "pip", "install", *options, *extra("test")], BUILD / "logs" / "engine-tests.log")
            ready.write_text(wanted, "utf-8")
    return folder


def qgis_environment(**changes: str) -> dict[str, str]:
    """For children in QGIS's Python that need no window: offscreen, with this checkout's plugin, engine and a profile of their own."""
    profile = BUILD / "profile"
    profile.mkdir(parents=True, exist_ok=True)
    return clean_environment(
        **{
            "PYTHONPATH": str(link_as_plugin()),
            "QT_QPA_PLATFORM": "offscreen",
            "QGIS_CUSTOM_CONFIG_PATH": str(profile),
            "RASTERSCRIBE_HOME": str(engine_home()),
            **changes,
        }
    )
