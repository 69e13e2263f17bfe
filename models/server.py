"""The door that the plugin uses: requests come in on stdin, replies go out on stdout, one JSON line each."""

from __future__ import annotations

import dataclasses
import os
import queue
import sys
import threading
import traceback
from typing import Callable, Optional

from . import protocol
from .engine import Engine
from .errors import Cancelled, MemoryExhausted, Problem, RequestInvalid
from .jobs import Job, Jobs

QUIET = 1.0  # seconds without a message until the engine does a step of what nobody waits for
GRACE = 3.0  # seconds that a step may go on after stdin has closed
OUT_OF_MEMORY = ("not enough memory", "can't allocate memory", "out of memory")  # how torch says it in a RuntimeError

Lines = queue.SimpleQueue[Optional[bytes]]


def serve() -> int:
    """Answer until stdin closes; never outlives the plugin that started it."""
    output = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="ascii", newline="\n")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints, from C too, must not meet the protocol
    sys.stdout = sys.stderr

    def write(line: str) -> None:
        output.write(line)
        output.flush()

    lines: Lines = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(lines,), daemon=True).start()
    try:
        Server(write).run(lines)
    except BrokenPipeError:
        return 1  # the plugin stopped listening
    return 0


def _listen(lines: Lines) -> None:
    for line in sys.stdin.buffer:
        lines.put(line)
    lines.put(None)
    hanging = threading.Timer(GRACE, os._exit, (1,))
    hanging.daemon = True
    hanging.start()


class Server:
    """Takes lines, gives lines, and gives every request its turn."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._jobs = Jobs()
        self._engine = Engine()

    def run(self, lines: Lines) -> None:
        """Take in what has come, carry out one step, and again; returns when None has come."""
        while True:
            while not self._jobs or not lines.empty():
                line = self._next(lines)
                if line is None:
                    return
                if line.strip():
                    self._take(line)
            self._step(self._jobs.next())

    def _next(self, lines: Lines) -> bytes | None:
        """The next line; in the silence before it the engine may improve itself."""
        while self._engine.unhurried:
            try:
                return lines.get(timeout=QUIET)
            except queue.Empty:
                self._engine.idle()
        return lines.get()

    def _take(self, line: bytes) -> None:
        try:
            message = protocol.decode(line)
        except protocol.MalformedMessage as error:
            self._fail(error.id, RequestInvalid(f"The engine did not understand a message: {error}."))
            return
        if isinstance(message, protocol.Cancel):
            self._cancelled(self._jobs.cancel(message.request))
        elif isinstance(message, protocol.IncomingRequest) and message.id not in self._jobs:
            for replaced in self._jobs.add(Job(message.id, message.request, self._engine.steps(message.request))):
                self._cancelled(replaced)
        else:
            self._fail(None, RequestInvalid("The engine takes new requests and cancellations only."))

    def _step(self, job: Job) -> None:
        try:
            line = self._told(job)
        except Exception as error:  # whatever it is, the engine stays for the next request
            self._jobs.remove(job.id)
            self._fail(job.id, error)
        else:
            if line:
                self._write(line)

    def _told(self, job: Job) -> str:
        """Carry out a step; returns the message that tells of it, empty where there is nothing to tell."""
        try:
            news = next(job.steps)
        except StopIteration as stop:
            self._jobs.remove(job.id)
            return protocol.encode_reply(job.id, stop.value)
        if news is None:
            return ""
        whole = dataclasses.replace(news, request=job.id) if isinstance(news, protocol.Outlines) else protocol.Progress(job.id, *news)
        return protocol.encode_notification(whole)

    def _cancelled(self, job: Job | None) -> None:
        if job is not None:
            self._fail(job.id, Cancelled("The request was cancelled, or a newer one took its place."))

    def _fail(self, id: int | None, error: Exception) -> None:
        problem = problem_of(error)
        if isinstance(problem, MemoryExhausted):
            self._engine.forget()
        self._write(protocol.encode_failure(id, protocol.Failure(problem.code, problem.what, problem.remedy, problem.data)))


def problem_of(error: Exception) -> Problem:
    """Any exception as a problem; one that nobody foresaw keeps its traceback."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, MemoryError) or any(text in str(error).lower() for text in OUT_OF_MEMORY):
        return MemoryExhausted("There is not enough memory.", reason=str(error))
    return Problem(f"The engine ran into an error: {error!r}.", traceback="".join(traceback.format_exception(error)))
