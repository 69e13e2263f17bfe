"""The networks: a `ClickModel`, a `TextModel` and a `ChangeModel`. Encode a view once; what was encoded for one serves the others."""

from __future__ import annotations

from .. import catalog
from ..errors import ModelDamaged, ModelMissing
from .interfaces import ChangeModel, TextModel
from .prompt import ClickModel, Decoded, Prompt

__all__ = [
    "ChangeModel", "ClickModel", "Decoded", "Prompt", "TextModel", "load_change_model", "load_click_model", "load_text_model",
]  # fmt: skip


def load_click_model(model_id: str = "", device: str = "cpu") -> ClickModel:
    """The click model of the catalogue's id on a torch device; "" is the shipped one.

    Raises ModelMissing where no such model or no weights are at hand, ModelDamaged where the weights are not those of the card.
    """
    card = _trusted("click", model_id)
    from .click_model import OurClickModel  # torch, seconds to import: only when a network is wanted

    return OurClickModel(card.weights, card.id, card.sha256, device)


def load_text_model(model_id: str = "", device: str = "cpu") -> TextModel:
    """The model for phrases and land cover; ids and errors as for `load_click_model`."""
    card = _trusted("text", model_id)
    from .text_model import OurTextModel

    return OurTextModel(card.weights, card.id, card.sha256, device)


def load_change_model(model_id: str = "", device: str = "cpu") -> ChangeModel:
    """The model that compares two dates; ids and errors as for `load_click_model`."""
    card = _trusted("change", model_id)
    from .change_model import OurChangeModel

    return OurChangeModel(card.weights, card.id, card.sha256, device)


def _trusted(job: str, model_id: str) -> catalog.Card:
    """The card of a model for the job, once its weights are known to be the promised bytes."""
    card = catalog.find(model_id) if model_id else catalog.usual(job)
    if card is not None and card.job not in ("", job):  # "": a card that cannot be read
        raise ModelMissing(f"The model {card.id} is for the job {card.job}, not for {job}.", model=card.id)
    if card is None or card.state() == catalog.MISSING:
        name = card.id if card else model_id or job
        raise ModelMissing(f"The weights of the model {name} are not there.", model=name)
    if card.state() == catalog.DAMAGED:
        raise ModelDamaged(f"The weights of the model {card.id} are not the ones that its card describes.", model=card.id)
    return card
