"""The networks. `load_click_model` gives a `ClickModel`: encode a view once, decode it at every click."""

from __future__ import annotations

from .. import catalog
from ..errors import ModelDamaged, ModelMissing
from .prompt import ClickModel, Decoded, Prompt

__all__ = ["ClickModel", "Decoded", "Prompt", "load_click_model"]


def load_click_model(model_id: str = "", device: str = "cpu") -> ClickModel:
    """The click model of the catalogue's id on a torch device; "" is the shipped one.

    Raises `ModelMissing` where no such model or no weights are at hand, `ModelDamaged` where the weights are not those of the card.
    """
    card = catalog.find(model_id) if model_id else catalog.usual("click")
    if card is None or card.state() == catalog.MISSING:
        name = card.id if card else model_id or "click"
        raise ModelMissing(f"The weights of the model {name} are not there.", model=name)
    if card.state() == catalog.DAMAGED:
        raise ModelDamaged(f"The weights of the model {card.id} are not the ones that its card describes.", model=card.id)
    from .click_model import OurClickModel  # torch, seconds to import: only when a network is wanted

    return OurClickModel(card.weights, card.id, card.sha256, device)
