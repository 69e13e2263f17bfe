"""A real child process that speaks the protocol without torch or rasters; a click's model says how it behaves.

Standard library only. "silent" never answers, "fatal" ends the process as a crash would, "refuse" fails; every answer's `model` field tells
the process id and the raster id that arrived, so that a test sees which run of the engine answered what. SMALL_ENGINE_OUTLINE, WKB in
hexadecimal, is what every click finds; what a search finds, `find` says.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

spec = importlib.util.spec_from_file_location("protocol", Path(__file__).resolve().parents[3] / "models" / "protocol" / "__init__.py")
protocol: Any = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
sys.modules["protocol"] = protocol
spec.loader.exec_module(protocol)  # type: ignore[union-attr]

CLICK = protocol.ClickReply(os.environ.get("SMALL_ENGINE_OUTLINE", ""), 0.5, None, (0.0, 0.0, 1.0, 1.0), "", "", 0.0, True)


def say(line: str) -> None:
    sys.stdout.write(line)
    sys.stdout.flush()


def answer(id: int, request: Any, opened: list[str]) -> None:
    if isinstance(request, protocol.Hello):
        version = int(os.environ.get("SMALL_ENGINE_PROTOCOL", protocol.VERSION))
        say(protocol.encode_reply(id, protocol.HelloReply(version, "small", "cpu", "It is small.", "", ())))
    elif isinstance(request, protocol.Open):
        if not os.path.exists(request.path):
            return say(protocol.encode_failure(id, protocol.Failure("raster.missing", "There is no such file.")))
        opened.append(f"{len(opened) + 1}")
        say(protocol.encode_reply(id, protocol.OpenReply(opened[-1], 8, 8, "", (1.0, 0.0, 0.0, 0.0, -1.0, 0.0), "uint8", None, (1,), None)))
    elif isinstance(request, protocol.Look):
        say(protocol.encode_reply(id, protocol.LookReply(1, 0.0)))
    elif isinstance(request, protocol.Models):
        say(protocol.encode_reply(id, protocol.ModelsReply((), "cpu", "It is small.")))
    elif isinstance(request, protocol.Explain):
        say(protocol.encode_reply(id, protocol.ExplainReply({}, request.phrase, True)))
    elif isinstance(request, protocol.Find):
        find(id, request)
    elif isinstance(request, protocol.Click):
        click(id, request, opened)


def find(id: int, request: Any) -> None:
    """Tell of SMALL_ENGINE_OBJECTS outlines, a hundred at a time, then put SMALL_ENGINE_FOUND in the output's place. "silent" does not
    answer after that."""
    told = protocol.PartialObject(os.environ.get("SMALL_ENGINE_OUTLINE", ""), "building", 0.5)
    batches = int(os.environ.get("SMALL_ENGINE_OBJECTS", "0")) // 100
    for batch in range(batches):
        say(protocol.encode_notification(protocol.Outlines(id, (told,) * 100)))
        say(protocol.encode_notification(protocol.Progress(id, batch + 1.0, float(batches), "Looking")))
    if request.text == "silent":
        return
    if "SMALL_ENGINE_FOUND" in os.environ:
        shutil.copy(os.environ["SMALL_ENGINE_FOUND"], request.out)
    found = (protocol.ClassFound("building", 1, 1.0),)
    say(protocol.encode_reply(id, protocol.FindReply(request.out, 1, found, (), (), request.text, "small", "", 0.0)))


def click(id: int, request: Any, opened: list[str]) -> None:
    if request.model == "fatal":
        os.kill(os.getpid(), signal.SIGKILL)
    if request.model == "refuse" or (request.raster and request.raster not in opened):
        return say(protocol.encode_failure(id, protocol.Failure("request.invalid", "No.", data={"raster": request.raster})))
    if request.model == "progress":
        say(protocol.encode_notification(protocol.Progress(id, 1.0, 2.0, "half")))
    if request.model == "broken":
        say("this is not a message\n")
    if request.model != "silent":
        say(protocol.encode_reply(id, dataclasses.replace(CLICK, model=f"{os.getpid()} {request.raster} {request.points}")))


def main() -> None:
    opened: list[str] = []
    print("small engine is up", file=sys.stderr, flush=True)
    for line in sys.stdin:
        message = protocol.decode(line)
        if isinstance(message, protocol.IncomingRequest):
            answer(message.id, message.request, opened)
        elif isinstance(message, protocol.Cancel):
            print(f"cancel {message.request}", file=sys.stderr, flush=True)


main()
