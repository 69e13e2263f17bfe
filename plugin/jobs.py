"""Requests on their way to the engine."""

from __future__ import annotations

from typing import Any, Callable, Optional

from .problems import Problem


class Newest:
    """A job of which only the newest counts: sending again cancels the former, whose reply is never delivered.

    `client` has `send(request, on_reply, on_problem) -> int` and `cancel(int)`.
    """

    def __init__(self, client: Any):
        self._client = client
        self._turn = 0  # counts the sendings, so that a late reply knows that it is late
        self._request: Optional[int] = None
        self.running = False

    def send(self, request: Any, on_reply: Callable[[Any], None], on_problem: Callable[[Problem], None]) -> None:
        self.drop()
        turn = self._turn
        self.running = True

        def deliver(handler: Callable[[Any], None], answer: Any) -> None:
            if turn == self._turn:
                self.running = False
                self._request = None
                handler(answer)

        number = self._client.send(request, lambda reply: deliver(on_reply, reply), lambda problem: deliver(on_problem, problem))
        if self.running and turn == self._turn:  # the client may have answered before `send` returned
            self._request = number

    def drop(self) -> None:
        """Forget the running job, and spare the engine its work."""
        self._turn += 1
        self.running = False
        if self._request is not None:
            number, self._request = self._request, None
            self._client.cancel(number)
