"""Pieces of a run that are kept until it is done."""

from __future__ import annotations

import errno
import os
import resource
from pathlib import Path

import pytest

from rasterscribe.models.errors import DiskFull, OutputBusy, OutputUnwritable
from rasterscribe.models.surveying.scratch import Scratch

KEY = {"phrase": "pond", "side": 512, "area": [1.5, 2], "none": None}


@pytest.fixture
def output(tmp_path):
    return tmp_path / "ponds.gpkg"


def test_a_run_that_goes_on_finds_what_was_kept_and_when_it_was_begun(output):
    first = Scratch(output, KEY)
    first.put("a", b"one")
    first.close()
    second = Scratch(output, {**KEY})
    assert second.get("a") == b"one" and second.get("b") is None
    assert second.started == first.started and second.resumes and not first.resumes
    assert second.started.utcoffset().total_seconds() == 0


def test_what_was_kept_under_another_key_is_thrown_away(output):
    first = Scratch(output, KEY)
    first.put("a", b"one")
    first.close()
    second = Scratch(output, {**KEY, "phrase": "road"})
    assert second.get("a") is None and not second.resumes


def test_it_lies_beside_the_output_and_leaves_nothing_behind(output):
    scratch = Scratch(output, KEY)
    scratch.put("a", b"one")
    assert [entry.name for entry in output.parent.iterdir()] == [".ponds.gpkg.unfinished"]
    scratch.clear()
    assert not list(output.parent.iterdir())


def test_a_piece_that_was_not_written_whole_is_not_there(output):
    scratch = Scratch(output, KEY)
    scratch.put("a", b"one")
    (scratch.folder / "b.part").write_bytes(b"tw")
    assert scratch.get("b") is None and scratch.get("a") == b"one"


def test_two_runs_with_one_output_are_told_apart(output):
    first = Scratch(output, KEY)
    with pytest.raises(OutputBusy, match=r"Another run is writing .*ponds\.gpkg already"):
        Scratch(output, KEY)
    Scratch(output.with_name("other.gpkg"), KEY)
    first.clear()
    Scratch(output, KEY)


def test_a_damaged_note_begins_anew(output):
    first = Scratch(output, KEY)
    first.put("a", b"one")
    (first.folder / "key.json").write_bytes(b"{")
    first.close()
    assert Scratch(output, KEY).get("a") is None


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(OutputUnwritable):
        Scratch(tmp_path / "no" / "ponds.gpkg", KEY)


def test_a_full_disk_is_said_together_with_how_to_go_on(output):
    scratch = Scratch(output, KEY)
    scratch.put("a", b"one")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(DiskFull, match="goes on where it stopped"):
            scratch.put("b", bytes(2000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert scratch.get("b") is None and scratch.get("a") == b"one"
    assert not list(scratch.folder.glob("*.part")), "what could not be finished takes no room"


@pytest.mark.parametrize("number, problem", [(errno.ENOSPC, DiskFull), (errno.EDQUOT, DiskFull), (errno.EACCES, OutputUnwritable)])
def test_what_the_system_says_becomes_a_problem(output, monkeypatch, number, problem):
    scratch = Scratch(output, KEY)

    def refuse(path: Path, content: bytes) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(problem):
        scratch.put("a", b"one")
