"""What compares two dates in a survey: a network that looks at pairs of views."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from ..errors import RequestInvalid
from ..nets.interfaces import ChangeModel
from ..surveying.lanes import Looker
from ..surveying.lookers import SIDE, net_looker


def pair_looker(
    model: ChangeModel, classes: Sequence[int], method: str, with_map: bool, side: int = SIDE, alone: Sequence[int] = ()
) -> Looker:
    """Looks at uint8 (n, side, side, 6) views, RGB before and after, or with the old map (n, side, side, 7): see `nets.comparing.comparing`
    for the map's numbers and for what the 1 + 2 * len(classes) channels say. classes: indices in CLASSES;
    alone: those of them of which it tells how they look, and not whether they changed.

    The network is asked in the form that is quickest on this machine, the same at every start. Raises RequestInvalid for a model that has
    no class head beside its change head, and for a method that there is not.
    """
    from ..nets.comparing import comparing
    from ..nets.forms import quicken
    from ..nets.net import Net

    net = getattr(model, "net", None)
    if not isinstance(net, Net):
        raise RequestInvalid(f"{model.id} cannot say what was there at both dates.", "Choose the model that ships with Rasterscribe.")
    for _ in quicken(model):
        pass
    asked = hashlib.sha256(f"{method} {list(classes)} {with_map} {list(alone)}".encode()).hexdigest()[:16]
    return net_looker(model, comparing(net, classes, method, side, alone), 1 + 2 * len(classes), f"pairs {asked}", side)
