"""The engine's process, asked as the plugin asks it."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from pathlib import Path

from rasterscribe.models import protocol
from rasterscribe.models.protocol import Progress

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0  # seconds; a loaded machine imports slowly


class Pipes:
    def __init__(self, arguments, cwd=ROOT):
        self.process = subprocess.Popen(
            [sys.executable, *arguments], cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        self.heard = queue.Queue()
        self.kinds = {}
        self.printed = []
        threading.Thread(target=self._listen, daemon=True).start()
        self.reader = threading.Thread(target=lambda: self.printed.extend(self.process.stderr), daemon=True)
        self.reader.start()

    def _listen(self):
        for line in self.process.stdout:
            self.heard.put(line)

    def say(self, *lines):
        self.process.stdin.write("".join(lines).encode())
        self.process.stdin.flush()

    def request(self, id, request):
        self.kinds[id] = request.REPLY
        return protocol.encode_request(id, request)

    def hear(self):
        """The next message: (id, reply), (id, failure) or a progress."""
        message = protocol.decode(self.heard.get(timeout=PATIENCE))
        if isinstance(message, protocol.IncomingReply):
            return message.id, protocol.decode_reply(self.kinds[message.id], message.result)
        return message if isinstance(message, Progress) else (message.id, message.failure)

    def answers(self, count):
        """The next so many answers in order, without the progress between them."""
        found = []
        while len(found) < count:
            message = self.hear()
            if not isinstance(message, Progress):
                found.append(message)
        return found

    def ask(self, id, request):
        self.say(self.request(id, request))
        ((answered, answer),) = self.answers(1)
        assert answered == id
        return answer

    def end(self):
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()
