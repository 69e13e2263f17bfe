"""What the verbs of jobs over an area have in common: a place, a run to cancel, a file to write; and words that are explained."""

from __future__ import annotations

from typing import Any, Callable, ClassVar, Optional

from qgis.PyQt.QtCore import QObject

from ..models.protocol import Explain
from .area_job import AreaJob
from .area_verbs import AreaVerbs, Place
from .explaining import Explaining
from .problems import Problem, problem_of
from .state import State

FLOOR = 0.25  # score from which what is found is kept in the file: the threshold may be lowered so far without another run
LEAST = 0.01  # a threshold of 0 or 1 is none


def threshold_and_floor(threshold: float) -> tuple[float, float]:
    """The scores (0..1) from which what is found is shown, and kept."""
    threshold = min(max(threshold, LEAST), 1 - LEAST)
    return threshold, min(FLOOR, threshold)


class JobVerbs(QObject):
    """`PART` is the job's part of `AreaJobs`, which `replace` replaces; it has `path` and `run`."""

    PART: ClassVar[str]

    def __init__(
        self,
        client: Any,
        state: Callable[[], State],
        replace: Callable[..., None],
        area: AreaVerbs,
        fail: Callable[[Problem], None],
        parent: Optional[QObject] = None,
    ):
        super().__init__(parent)
        self._client, self._state, self._replace, self._fail = client, state, replace, fail
        self._job = AreaJob(client, state, lambda run: replace(run=run), area, fail, self)

    def choose_path(self, path: str) -> None:
        """The file that the next run writes."""
        self._replace(path=path)

    def cancel(self) -> None:
        self._job.cancel()

    def engine_changed(self) -> None:
        """For the session: it came or it went."""
        self._job.engine_changed()

    @property
    def place(self) -> Optional[Place]:
        """Of the run under way."""
        return self._job.place

    @property
    def _part(self) -> Any:
        return getattr(self._state().jobs, self.PART)


class TypedVerbs(JobVerbs):
    """Of a job for which somebody types: its part has `phrase` and `explained`, too."""

    def __init__(self, client: Any, state: Callable[[], State], replace: Callable[..., None], *rest: Any):
        super().__init__(client, state, replace, *rest)
        self._explaining = Explaining(client, state, self._explain, lambda reply: replace(explained=reply), self)

    def engine_changed(self) -> None:
        super().engine_changed()
        self._explaining.engine_changed()

    def _explain(self) -> Optional[Explain]:
        phrase = self._part.phrase
        return Explain(phrase) if phrase.strip() else None


class PhraseVerbs(TypedVerbs):
    """Of a job that looks for what a phrase names: its part has `model`, too, for another model may know other words."""

    def type(self, phrase: str) -> None:
        """The phrase as it is now; what the engine makes of it follows once the keys rest."""
        if phrase != self._part.phrase:
            self._replace(phrase=phrase, explained=None)
            self._explaining.soon()

    def choose_model(self, model: str) -> None:
        """The phrase is explained again."""
        self._replace(model=model, explained=None)
        self._explaining.soon()

    def _explain(self) -> Optional[Explain]:
        part = self._part
        return Explain(part.phrase, getattr(part, "layers", ()), part.model) if part.phrase.strip() else None

    def _refused(self) -> bool:
        """Whether the phrase cannot be run, which the user is then told."""
        part = self._part
        if not part.phrase.strip():
            self._fail(problem_of("phrase.empty"))
        elif part.explained is not None and not part.explained.runnable:
            self._fail(problem_of("phrase.unknown"))
        else:
            return False
        return True
