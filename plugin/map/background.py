"""Work that waits for the disk goes to a thread of QGIS's task manager."""

from __future__ import annotations

from typing import Any, Callable

from qgis.core import QgsApplication, QgsTask

from ..problems import PluginProblem, Problem, problem_of


class Background(QgsTask):
    """One function on its way. It may not touch what lives on QGIS's thread, such as a layer of the project.

    On QGIS's thread exactly one of `done`, with its result, and `failed`, with the problem that it raised, is called, unless
    `forget` was called before. `words` stand in QGIS's list of tasks. Whoever starts one holds it until then.
    """

    def __init__(self, words: str, work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[Problem], None]) -> None:
        super().__init__(words, QgsTask.Flag(0))
        self._work, self._done, self._failed = work, done, failed
        self._result: Any = None
        self._problem = problem_of("cancelled")
        self._forgotten = False

    def start(self) -> None:
        QgsApplication.taskManager().addTask(self)

    def forget(self) -> None:
        """Nobody wants to hear of it any more; it ends as if nothing had happened."""
        self._forgotten = True

    def run(self) -> bool:
        """QGIS calls this on a thread of its own, and must not see an exception there."""
        try:
            self._result = self._work()
        except PluginProblem as trouble:
            self._problem = trouble.problem
        except Exception as error:  # what is put off to here writes
            self._problem = problem_of("output.unwritable", repr(error))
        else:
            return True
        return False

    def finished(self, well: bool) -> None:
        """QGIS calls this on its own thread."""
        if self._forgotten:
            return
        if well:
            self._done(self._result)
        else:
            self._failed(self._problem)
