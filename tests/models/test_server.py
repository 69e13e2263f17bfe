"""The engine over its pipes: every request ends with one answer, the urgent ones first, and the engine survives them all."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely.geometry import box

from rasterscribe.models import protocol
from rasterscribe.models.protocol import Cancel, Click, Failure, Hello, Look, Models, Open, OutlineOptions, Progress
from rasterscribe.tests.models.pipes import PATIENCE, ROOT, Pipes

REAL = ["-m", "models", "serve"]
WITH_COLOURS = [str(Path(__file__).with_name("colour_engine.py")), "serve"]


@pytest.fixture
def start():
    running = []

    def start(arguments, cwd=ROOT):
        running.append(Pipes(arguments, cwd))
        return running[-1]

    yield start
    for pipes in running:
        pipes.end()


@pytest.fixture
def engine(start):
    return start(WITH_COLOURS)


@pytest.fixture
def path(write_raster):
    """1000 x 1000 grey pixels of half a metre with a red roof of 80 x 60."""
    values = np.full((3, 1000, 1000), 70, "uint8")
    values[0, 600:660, 500:580] = 220
    return write_raster(values)


def on_map(col, row):
    return 350000 + col / 2, 3060000 - row / 2


def click_at(raster, *pixels, **more):
    points = tuple(on_map(*pixel) for pixel in pixels)
    return Click(raster, points, (1,) * len(points), pixel=0.5, options=OutlineOptions(smooth=False), **more)


@pytest.fixture
def opened(engine, path):
    """An engine with the raster open, warm."""
    raster = engine.ask(1, Open(path, stretch=((0.0, 255.0),) * 3)).raster
    engine.ask(2, click_at(raster, (20, 20)))
    return engine, raster


@pytest.mark.parametrize("arguments", [REAL, WITH_COLOURS], ids=["real", "colours"])
def test_hello_says_who_answers(start, arguments):
    reply = start(arguments).ask(1, Hello())
    assert reply.protocol == protocol.VERSION
    assert reply.device in ("cpu", "cuda", "mps") and reply.device_reason.endswith(".")


def test_hello_does_not_import_what_takes_long():
    code = "import sys; from models.engine import Engine; from models import server, protocol; list(Engine().hello(protocol.Hello())); "
    code += "print([name for name in ('torch', 'numpy', 'rasterio', 'scipy', 'shapely') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_models_lists_the_catalogue(start):
    reply = start(REAL).ask(1, Models())
    assert {model.state for model in reply.models} <= {"ready", "missing", "damaged"}


def test_a_raster_is_described_when_it_is_opened(engine, path):
    reply = engine.ask(1, Open(path))
    assert (reply.width, reply.height, reply.dtype, reply.bands) == (1000, 1000, "uint8", (1, 2, 3))
    assert reply.transform == (0.5, 0.0, 350000.0, 0.0, -0.5, 3060000.0)
    assert "UTM zone 45N" in reply.crs and reply.gsd == pytest.approx(0.5, rel=0.01)


def test_a_raster_opened_twice_is_the_same_raster_until_its_file_changes(engine, path):
    one, other, shown_otherwise = (engine.ask(id, request).raster for id, request in enumerate([Open(path), Open(path), Open(path, (1,))]))
    assert one == other != shown_otherwise
    os.utime(path, ns=(1, 1))
    assert engine.ask(9, Open(path)).raster != one


def test_a_click_gives_the_outline(opened):
    engine, raster = opened
    reply = engine.ask(3, click_at(raster, (540, 630)))
    truth = box(*on_map(500, 660), *on_map(580, 600))
    found = shapely.from_wkb(bytes.fromhex(reply.outline))
    assert found.intersection(truth).area / found.union(truth).area > 0.97
    assert reply.area == pytest.approx(1200, rel=0.03)
    assert not reply.warm and engine.ask(4, click_at(raster, (540, 630))).warm


def test_a_look_encodes_the_screen_and_tells_how_far_it_is(opened):
    engine, raster = opened
    engine.say(engine.request(3, Look(raster, (*on_map(0, 999), *on_map(999, 0)), 0.5)))
    progress = []
    while isinstance(message := engine.hear(), Progress):
        progress.append((message.request, message.done, message.total))
    assert message[1].views == len(progress) == progress[0][2] and progress[0][:2] == (3, 0.0)


def test_a_click_overtakes_what_came_before_it(opened):
    engine, raster = opened
    look = Look(raster, (*on_map(0, 999), *on_map(999, 0)), 0.1)
    engine.say(engine.request(3, look), engine.request(4, Open("fault:slow")), engine.request(5, click_at(raster, (540, 630))))
    ((first, reply),) = engine.answers(1)
    assert first == 5 and reply.outline


def test_a_newer_click_replaces_a_waiting_hover(opened):
    engine, raster = opened
    hovers = [engine.request(id, click_at(raster, (500 + id, 630), hover=True)) for id in (3, 4, 5)]
    engine.say(engine.request(9, Open("fault:slow")), *hovers, engine.request(6, click_at(raster, (540, 630))))
    ended = dict(engine.answers(4))
    assert [ended[id].code for id in (3, 4, 5)] == ["cancelled"] * 3
    assert ended[6].outline


def test_a_hover_never_replaces_a_click(opened):
    engine, raster = opened
    engine.say(engine.request(3, click_at(raster, (540, 630))), engine.request(4, click_at(raster, (540, 631), hover=True)))
    assert {id: bool(reply.outline) for id, reply in engine.answers(2)} == {3: True, 4: True}


def test_a_newer_look_replaces_the_one_under_way(opened):
    engine, raster = opened
    looks = [engine.request(id, Look(raster, (*on_map(0, 999), *on_map(999, 0)), 0.1)) for id in (3, 4)]
    engine.say(*looks)
    (first, second) = engine.answers(2)
    assert (first[0], first[1].code) == (3, "cancelled") and second[0] == 4 and second[1].views > 0


def test_a_cancelled_request_ends_within_a_step(engine):
    engine.say(engine.request(1, Open("fault:slow")))
    assert isinstance(engine.hear(), Progress)
    started = time.monotonic()
    engine.say(protocol.encode_notification(Cancel(1)))
    assert engine.answers(1)[0][1].code == "cancelled"
    assert time.monotonic() - started < 10  # of the 20 seconds that it takes; bounds for a busy machine
    assert isinstance(engine.ask(2, Hello()), protocol.HelloReply)


def test_cancelling_what_is_not_there_says_nothing(engine):
    engine.say(protocol.encode_notification(Cancel(77)))
    assert isinstance(engine.ask(1, Hello()), protocol.HelloReply)


@pytest.mark.parametrize("fault", ["memory", "torch_memory"])
def test_running_out_of_memory_is_named_and_survived(engine, path, fault):
    assert engine.ask(1, Open(f"fault:{fault}")).code == "memory.exhausted"
    assert engine.ask(2, Open(path)).width == 1000


def test_what_nobody_foresaw_is_reported_with_its_traceback_and_survived(engine, path):
    failure = engine.ask(1, Open("fault:bug"))
    assert failure.code == "engine.fault" and "ZeroDivisionError" in failure.what
    assert "colour_engine.py" in failure.data["traceback"]
    assert engine.ask(2, Open(path)).width == 1000


def test_what_json_has_no_words_for_is_reported_and_survived(engine, path):
    failure = engine.ask(1, Open("fault:wordless"))
    assert failure.code == "engine.fault" and "JSON" in failure.what
    assert engine.ask(2, Open(path)).width == 1000


def test_what_a_library_prints_does_not_meet_the_protocol(engine):
    engine.ask(1, Open("fault:bug"))
    engine.ask(2, Hello())
    engine.process.stdin.close()
    engine.process.wait(PATIENCE)
    engine.reader.join(PATIENCE)
    assert b"a library prints to stdout\n" in engine.printed


@pytest.mark.parametrize(
    "line", ["click please", '{"jsonrpc": "2.0", "id": 5}', '{"id": 5, "method": "dance"}', '{"id": 5, "result": {}}', "\xff"]
)
def test_a_malformed_line_is_refused_and_survived(engine, line):
    engine.say(line, "\n")
    ((id, failure),) = engine.answers(1)
    assert failure.code == "request.invalid"
    assert id in (5, None)
    assert isinstance(engine.ask(6, Hello()), protocol.HelloReply)


def test_an_empty_line_is_nothing(engine):
    engine.say("\n", "\r\n")
    assert isinstance(engine.ask(6, Hello()), protocol.HelloReply)


def test_each_kind_of_bad_input_has_its_code(opened, path, tmp_path, write_raster):
    engine, raster = opened
    (tmp_path / "text.tif").write_text("no raster")
    empty = engine.ask(10, Open(write_raster(np.zeros((1, 300, 300), "uint8"), "empty.tif", nodata=0))).raster
    broken = {
        "raster.missing": Open(str(tmp_path / "nowhere.tif")),
        "raster.unreadable": Open(str(tmp_path / "text.tif")),
        "raster.bands": Open(path, (7,)),
        "view.empty": click_at(empty, (100, 100)),
        "click.outside": click_at(raster, (-5, 100)),
        "model.missing": click_at(raster, (100, 100), model="nobody-made-this"),
        "protocol.mismatch": Hello(protocol.VERSION + 1),
        "request.invalid": click_at("raster-99", (100, 100)),
    }
    failures = {code: engine.ask(20 + n, request) for n, (code, request) in enumerate(broken.items())}
    assert {code: failure.code for code, failure in failures.items()} == {code: code for code in broken}
    for failure in failures.values():
        assert isinstance(failure, Failure) and failure.what.endswith(".") and failure.remedy.endswith(".")


def test_damaged_weights_are_named_and_the_engine_survives(start, path, tmp_path):
    shutil.copytree(ROOT / "models", tmp_path / "models", ignore=shutil.ignore_patterns("weights", "training", "__pycache__"))
    weights = tmp_path / "models" / "weights"
    weights.mkdir()
    (weights / "net.safetensors").write_bytes(b"cut short")
    card = {"id": "net", "title": "Net", "job": "click", "licence": "", "attribution": "", "file": "net.safetensors", "size": 9}
    (weights / "net.json").write_text(json.dumps({**card, "sha256": "0" * 64}))
    engine = start(REAL, tmp_path)
    raster = engine.ask(1, Open(path)).raster
    failure = engine.ask(2, click_at(raster, (540, 630)))
    assert failure.code == "model.damaged" and failure.data["model"] == "net"
    assert {model.id: model.state for model in engine.ask(3, Models()).models}["net"] == "damaged"


def test_a_raster_deleted_after_opening_is_named_and_another_still_works(opened, path, write_raster):
    engine, raster = opened
    other = engine.ask(10, Open(write_raster(np.full((3, 300, 300), 70, "uint8"), "other.tif"))).raster
    os.unlink(path)
    assert engine.ask(11, click_at(raster, (900, 900))).code == "raster.missing"
    assert engine.ask(12, click_at(other, (100, 100))).outline


def test_the_engine_ends_when_stdin_closes(start):
    pipes = start(REAL)
    pipes.ask(1, Hello())
    pipes.process.stdin.close()
    assert pipes.process.wait(PATIENCE) == 0


@pytest.mark.parametrize("work", ["slow", "hang"])
def test_the_engine_ends_when_stdin_closes_whatever_it_does(engine, work):
    engine.ask(1, Hello())
    engine.say(engine.request(2, Open(f"fault:{work}")))
    time.sleep(0.3)
    engine.process.stdin.close()
    engine.process.wait(PATIENCE)


def test_every_answer_is_one_line_of_strict_json(opened):
    engine, raster = opened
    engine.say(engine.request(3, click_at(raster, (540, 630))))
    line = engine.heard.get(timeout=PATIENCE)
    assert line.endswith(b"}\n") and line.count(b"\n") == 1
    assert json.loads(line)["jsonrpc"] == "2.0"
