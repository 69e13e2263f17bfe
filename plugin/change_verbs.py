"""The verbs of comparing two dates: the session's raster is the after one, and a before raster or an old map says what was there.

Who knows layers listens to the signals and answers by the verbs under "for who knows layers".
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Callable, Optional

from qgis.PyQt.QtCore import pyqtSignal

from ..models.protocol import Change, ChangeReply, FromTo, Open, Pair, PairReply
from .area_state import Panel
from .area_verbs import Place, Wish
from .change_state import ChangeState, Compared, MapChoice, Review
from .class_words import plain
from .job_verbs import JobVerbs, threshold_and_floor
from .jobs import Newest
from .problems import Problem, problem_of
from .state import Engine, Raster


class ChangeVerbs(JobVerbs):
    PART = "change"
    compareReady = pyqtSignal(object, object)  # ChangeReply, Place; answered by `layer_ready`
    beforeWanted = pyqtSignal(object, object)  # Place and Wish: fill in `before` and `old_map` of the place; answered by the wish
    rasterChosen = pyqtSignal(str, str)  # id and name of the layer that the session is to work on; for the session
    fieldWanted = pyqtSignal(object)  # MapChoice without field and class; answered by `choose_map`
    exportWanted = pyqtSignal(str)  # the summary is to be written to this file
    savingWanted = pyqtSignal()  # the changes' edits are to be saved

    def __init__(self, client: Any, *rest: Any):
        super().__init__(client, *rest)
        self._pairing = Newest(client)
        self._files: tuple[Optional[Open], Optional[Open]] = (None, None)  # of before and after, as far as they have some
        self._asked: Optional[Pair] = None  # that the state's `pair` or `pair_problem` answers, or that is on its way

    # -- what is compared

    def choose_before(self, layer_id: str, name: str = "") -> None:
        """The raster layer of the earlier date, "" for none."""
        if layer_id != self._change.before_id:
            self._files = (None, self._files[1])  # before anybody hears of it: the file may be offered at once
            self._replace(before_id=layer_id, before_name=name, before_date="")
            self._check_pair()

    def swap(self) -> None:
        """The before raster is the one that the session works on from now on, and the other way round."""
        state, change = self._state(), self._change
        if state.raster is None or not change.before_id:
            return
        dates = {"before_date": change.after_date, "after_date": change.before_date}
        self._files = (None, None)
        self._replace(before_id=state.raster.layer_id, before_name=state.raster.name, **dates)
        self.rasterChosen.emit(change.before_id, change.before_name)
        self._check_pair()

    def choose_map(self, choice: MapChoice) -> None:
        """What was there before by an old map. A layer that is given without a field gets the likely one, where there is one."""
        if choice != self._change.old_map:
            self._replace(old_map=choice)
            self._check_pair()
            if choice.layer_id and not choice.field and not choice.class_name:
                self.fieldWanted.emit(choice)

    def set_classes(self, classes: Sequence[str]) -> None:
        """Those of interest, in any words of the vocabulary; none are those that people map."""
        self._replace(classes=tuple(dict.fromkeys(filter(None, map(plain, classes)))))

    def choose_method(self, method: str) -> None:
        """One of `METHODS`, "" lets the engine choose."""
        self._replace(method=method)

    def choose_model(self, model: str) -> None:
        self._replace(model=model)

    def set_dates(self, before: str, after: str) -> None:
        """As ISO: a year, a month or a day; "" is what the file says."""
        self._replace(before_date=before.strip(), after_date=after.strip())
        self._check_pair()

    def set_probability(self, on: bool) -> None:
        """Whether the next run writes how likely each pixel has changed, too."""
        self._replace(probability=on)

    def set_refine(self, on: bool) -> None:
        """Whether the click network draws the outlines of what people count."""
        self._replace(refine=on)

    # -- the run and its result

    def run(self) -> None:
        """Compare over the area. One job over an area runs at a time."""
        if self._state().jobs.running is not None:
            return
        lacking = self._lacking()
        if lacking is not None:
            self._fail(lacking)
        else:
            files = (self._change.path, self._change.probability_path)
            self._job.start(self._request, self._compared, tuple(filter(None, files)), self._want_before)

    def set_filter(self, threshold: float, min_area: float) -> None:
        """Show what has at least this score (0..1) and area (m2; square pixels without a CRS); nothing is computed again."""
        self._replace(threshold=threshold, min_area=min_area)

    def export_summary(self, path: str) -> None:
        """Write the from-to areas to a CSV file."""
        self.exportWanted.emit(path)

    def save_edits(self) -> None:
        """Save the changes' edits, so that the filter can go on."""
        self.savingWanted.emit()

    # -- for the session

    def engine_changed(self) -> None:
        super().engine_changed()
        if self._state().engine is not Engine.READY:
            self._pairing.drop()
            self._asked = None
        self._check_pair()

    def panel_changed(self) -> None:
        """How two rasters lie is looked up once somebody wants to compare."""
        self._check_pair()

    # -- for who knows layers

    def offer_pair(self, before: Optional[Open], after: Optional[Open]) -> None:
        """The files of both dates are these now, None where a layer has none of its own: then the run alone tells whether they fit."""
        self._files = (before, after)
        self._check_pair()

    def layer_ready(self, layer_id: str, scores: Sequence[float], areas: Sequence[float]) -> None:
        """The changes are a layer of the project; scores and areas are those of all changes in its file, in one order."""
        self._of_compared(layer_id=layer_id, scores=tuple(scores), areas=tuple(areas))

    def filtered(self, shown: int, held: bool = False) -> None:
        """The layer shows this many changes; `held`: it cannot be filtered until its edits are saved."""
        self._of_compared(shown=shown, held=held)

    def summed(self, matrix: Sequence[FromTo]) -> None:
        """What the layer shows, rejected changes left out, amounts to this."""
        self._of_compared(matrix=tuple(matrix))

    def forget_compared(self) -> None:
        """The changes are not in the project any more."""
        self._replace(compared=None, review=Review())

    # -- within

    @property
    def _change(self) -> ChangeState:
        return self._state().jobs.change

    def _lacking(self) -> Optional[Problem]:
        """Why nothing can be compared, as far as that is seen without the engine."""
        change = self._change
        if not change.with_before and not change.with_map:
            return problem_of("pair.none")
        if self._same:
            return problem_of("pair.same")
        if not change.with_map and change.method == "map":
            return problem_of("method.map")
        if not change.with_before and change.method not in ("", "map"):
            return problem_of("method.images")
        if change.with_map and not (change.old_map.field or change.old_map.class_name):
            return problem_of("map.field")
        return None

    @property
    def _same(self) -> bool:
        """Whether one layer is chosen as both."""
        raster, change = self._state().raster, self._change
        return raster is not None and change.with_before and change.before_id == raster.layer_id

    def _want_before(self, place: Place, ready: Callable[[Place], None], failed: Callable[[Problem], None]) -> Wish:
        wish = Wish(self._state().jobs.area, ready, failed)
        self.beforeWanted.emit(place, wish)
        return wish

    def _request(self, place: Place) -> Change:
        change = self._change
        threshold, floor = threshold_and_floor(change.threshold)
        return Change(
            after=open_of(place.raster),
            out=change.path,
            before=open_of(place.before) if place.before is not None else None,
            old_map=place.old_map,
            classes=change.classes,
            area=place.area,
            method=change.method,
            threshold=threshold,
            floor=floor,
            probability=change.probability_path,
            before_date=change.before_date,
            after_date=change.after_date,
            options=self._state().options,
            model=change.model,
            refine=change.refine,
        )

    def _compared(self, reply: ChangeReply) -> None:
        place = self._job.place
        metric = place is None or bool((place.before or place.raster).crs)
        self._replace(compared=Compared(reply, metric=metric, shown=reply.count, matrix=reply.matrix), review=Review())
        self.compareReady.emit(reply, place)

    def _of_compared(self, **changes: Any) -> None:
        if self._change.compared is not None:
            self._replace(compared=dataclasses.replace(self._change.compared, **changes))

    def _check_pair(self) -> None:
        """Have the engine say how the two lie to each other, unless it has said or nobody looks."""
        state, wanted = self._state(), self._pair()
        if wanted is None or wanted != self._asked:
            self._pairing.drop()
            self._asked = None
            self._replace(pair=None, pair_problem=problem_of("pair.same") if self._same else None)
        if wanted is None or self._asked is not None or state.jobs.panel is not Panel.CHANGE:
            return
        if state.engine is Engine.STOPPED:
            self._client.start()
        elif state.engine is Engine.READY:
            self._asked = wanted
            self._pairing.send(wanted, self._paired, self._not_paired)

    def _pair(self) -> Optional[Pair]:
        """What to ask, None while there are not two files."""
        change, (before, after) = self._change, self._files
        if before is None or after is None or not change.with_before or self._same:
            return None
        return Pair(before, after, change.before_date, change.after_date)

    def _paired(self, reply: PairReply) -> None:
        self._replace(pair=reply, pair_problem=None)

    def _not_paired(self, problem: Problem) -> None:
        if problem.code == "cancelled":
            self._asked = None
        else:
            self._replace(pair=None, pair_problem=problem)


def open_of(raster: Raster) -> Open:
    return Open(raster.path, raster.bands, raster.stretch)
