"""While nobody waits the engine improves itself; whoever asks comes first."""

from __future__ import annotations

import queue

from rasterscribe.models import protocol, server
from rasterscribe.models.protocol import Hello


def server_with(monkeypatch, *later):
    """A server whose engine has work that nobody waits for, and the lines that it reads."""
    monkeypatch.setattr(server, "QUIET", 0.01)
    written, lines = [], queue.SimpleQueue()
    ours = server.Server(written.append)
    ours._engine._later = [work(lines) for work in later]
    return ours, lines, written


def test_in_the_silence_the_engine_improves_itself_one_step_after_another(monkeypatch):
    steps = []

    def first(lines):
        for step in range(3):
            steps.append(step)
            yield

    def second(lines):
        lines.put(None)
        yield

    ours, lines, _ = server_with(monkeypatch, first, second)
    ours.run(lines)
    assert steps == [0, 1, 2]


def test_what_goes_wrong_while_nobody_waits_is_nobodys_concern(monkeypatch, capsys):
    def broken(lines):
        yield
        raise ZeroDivisionError("nobody foresaw this")

    def last(lines):
        lines.put(None)
        yield

    ours, lines, written = server_with(monkeypatch, broken, last)
    ours.run(lines)
    assert written == [] and "nobody foresaw this" in capsys.readouterr().err


def test_requests_come_before_what_nobody_waits_for(monkeypatch):
    def later(lines):
        written.append("later")
        lines.put(None)
        yield

    ours, lines, written = server_with(monkeypatch, later)
    lines.put(protocol.encode_request(1, Hello()).encode())
    ours.run(lines)
    assert isinstance(protocol.decode(written[0]), protocol.IncomingReply) and written[1:] == ["later"]
