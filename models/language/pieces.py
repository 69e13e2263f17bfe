"""A line of tokens cut into pieces of meaning, from left to right, at each place the most telling reading first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import LayerUnknown
from . import lexicon, measures
from .query import Rank, Size, quoted
from .relation_words import RELATIONS, Link
from .spelling import key
from .things import Thing, meaning, thing_at
from .tokens import Table, Token, same, whole
from .words import Vocabulary

AROUND_AREA = frozenset(
    "with having of whose that which is are has have a an the total surface ground area areas size sizes footprint extent covering "
    "measuring occupying spanning".split()
)
AREA = frozenset("area areas size sizes surface footprint extent covering measuring occupying spanning".split())
AFTER_AREA = Table(same(("in size", "in area", "in extent", "of area", "or so", "each"), None))
AROUND_DISTANCE = frozenset("within inside in at a an the distance radius range buffer of lying located".split())
REACH = frozenset("within distance radius range buffer closer nearer farther further".split())
AFTER_DISTANCE = frozenset("radius distance buffer range away apart zone circle long".split())
TO_REFERENCE = frozenset("of from to around off".split())
LONG = frozenset("long wide high tall deep thick across".split())
ORDINALS = frozenset("second third fourth fifth sixth seventh eighth ninth tenth 2 3 4 5 6 7 8 9".split())


@dataclass(frozen=True)
class Piece:
    """Tokens [start, end) and what they mean: `kind` is one of
    thing, layer, unknown, attribute, size, rank, by, count, link, not, joint, filler; the type of `value` hangs on it."""

    kind: str
    start: int
    end: int
    value: Any = None


class Cutter:
    """Cuts one text. `layers` are the names of vector layers that a relation may name."""

    def __init__(self, text: str, line: tuple[Token, ...], vocabulary: Vocabulary, layers: Sequence[str]) -> None:
        self.text, self.line, self.vocabulary = text, line, vocabulary
        self.layers = sorted((name for name in layers if re.search(r"\w", name)), key=len, reverse=True)

    def pieces(self) -> Iterator[Piece]:
        """Raises `LayerUnknown`."""
        place, linked, awaited = 0, False, False
        while place < len(self.line):
            piece = (self.layer(place, awaited) if linked else None) or self.piece(place)
            linked = linked or piece.kind == "link"
            awaited = piece.kind == "link" or (awaited and piece.kind not in ("thing", "layer", "joint"))
            yield piece
            place = piece.end

    def piece(self, place: int) -> Piece:
        for read in (self.distance, self.size, self.rank, self.plain, self.thing, self.count):
            found = read(place)
            if found:
                return found
        end = place + 1
        while end < len(self.line) and self.line[end].glued:
            end += 1
        if self.line[place].word in ("(", ")", "<", ">", "%", "~", "≈", "≤", "≥", "=<", "=>", "<=", ">="):
            return Piece("filler", place, end, "")
        return Piece("unknown", place, end)

    def plain(self, place: int) -> Piece | None:
        """What the tables of words hold; of several the longest, and in doubt the one that comes first here."""
        tables = (
            ("filler", lexicon.FILLERS), ("not", lexicon.NEGATIONS), ("link", RELATIONS), ("by", lexicon.BY),
            ("joint", lexicon.JOINTS), ("attribute", lexicon.ATTRIBUTES),
        )  # fmt: skip
        best: Piece | None = None
        for kind, table in tables:
            found = table.at(self.line, place)
            if found and (best is None or found[1] > best.end):
                best = Piece(kind, place, found[1], [found[0]] if kind == "link" else found[0])
        if best is None or best.kind not in ("attribute", "filler", "link"):
            return best
        thing = self.thing(place)  # "light rail", "line of trees", "right of way"
        return thing if thing and thing.end > best.end else best

    def thing(self, place: int) -> Piece | None:
        token = self.line[place]
        if token.kind == "quote":
            if not self.vocabulary.spells(token.word):
                return None
            return Piece("thing", place, place + 1, Thing(*meaning(token.word, self.vocabulary), place + 1, False))
        if token.word.startswith("non") and place + 1 < len(self.line) and self.line[place + 1].glued:
            return None
        found = thing_at(self.line, place, self.vocabulary)
        return Piece("thing", place, found.end, found) if found else None

    def count(self, place: int) -> Piece | None:
        found = measures.number(self.line, place)
        if found is None or not whole(self.line, place, found[1]):
            return None
        unit = measures.UNITS.at(self.line, found[1]) or (
            found[1] < len(self.line) and self.line[found[1]].word == "%" and (None, found[1] + 1)
        )
        return Piece("unknown", place, unit[1]) if unit else Piece("count", place, found[1], found[0])

    def size(self, place: int) -> Piece | None:
        """An area, or (unknown) a measure that is none: "longer than 100 m"."""
        at, named = place, False
        while at < len(self.line) and self.line[at].word in AROUND_AREA and at < place + 8 and not measures.span(self.line, at):
            named, at = named or self.line[at].word in AREA, at + 1
        found = measures.span(self.line, at)
        if found is None or (not found.said and not found.kind and not named):
            return None
        end = found.end
        if found.kind == "area" or (not found.kind and (named or self._compares_size(at)) and self._closes(end)):
            tail = AFTER_AREA.at(self.line, end)
            return Piece("size", place, tail[1] if tail else end, Size(found.low, found.high))
        while end < len(self.line) and self.line[end].word in LONG:
            end += 1
        return Piece("unknown", place, end) if at == place else None

    def _compares_size(self, place: int) -> bool:
        return self.line[place].word in (
            "larger",
            "bigger",
            "greater",
            "smaller",
            "over",
            "above",
            "exceeding",
            "under",
            "below",
            ">",
            "<",
            "≥",
            "≤",
            ">=",
            "<=",
            "between",
        )

    def _closes(self, place: int) -> bool:
        """Whether no noun can follow: a number without a unit is then an area, and no count of things."""
        return place >= len(self.line) or bool(lexicon.JOINTS.at(self.line, place) or RELATIONS.at(self.line, place)) or (
            self.line[place].word in ("that", "which", ")", "(", "in")
        )  # fmt: skip

    def distance(self, place: int) -> Piece | None:
        """A relation by distance: "within 50 m of", "at least 1 km away from", "100 m north of"."""
        at, reach = place, False
        while at < len(self.line) and self.line[at].word in AROUND_DISTANCE and at < place + 7 and not measures.span(self.line, at):
            reach, at = reach or self.line[at].word in REACH, at + 1
        found = measures.span(self.line, at)
        if found is None or found.kind == "area":
            return None
        reach = reach or any(token.word in REACH for token in self.line[at : found.end])
        end = found.end
        while end < len(self.line) and self.line[end].word in AFTER_DISTANCE:
            reach, end = reach or self.line[end].word in REACH, end + 1
        high, low = (found.high, found.low) if found.said else (None if found.high is None else found.high / (1 + measures.ABOUT), None)
        direction = RELATIONS.at(self.line, end)
        if direction and direction[0].kinds[0].endswith("_of") and found.kind:
            return Piece("link", place, direction[1], [Link(direction[0].kinds, high or low)])
        link = end < len(self.line) and self.line[end].word in TO_REFERENCE
        if not (link and (found.kind or reach)) and not (reach and (found.kind or end == len(self.line))):
            return None
        links = [Link(("within",), high)] if high is not None else []
        links += [Link(("within",), low, negated=True)] if low is not None else []
        return Piece("link", place, end + bool(link), links)

    def rank(self, place: int) -> Piece | None:
        """ "5 largest", "largest 3", "top ten", "second largest" (unknown)."""
        at, top = place, self.line[place].word == "top"
        found = measures.number(self.line, at + top)
        n, at = found if found else (None, at + top)
        if n is not None and at < len(self.line) and self.line[at].word in ("th", "nd", "rd", "st"):
            n, at = -1.0, at + 1
        elif n is None and self.line[place].word in ORDINALS:
            n, at = -1.0, at + 1
        best = lexicon.SUPERLATIVES.at(self.line, at)
        if best is None and not (top and found):
            return None
        (by, order), end = best or (("area", "largest"), at)
        after = measures.number(self.line, end) if n is None else None
        if after and measures.UNITS.at(self.line, after[1]) is None:
            n, end = after
        noun = lexicon.AREA_NOUNS.at(self.line, end) if best else None
        end = noun[1] if noun else end
        percent = end < len(self.line) and self.line[end].word in ("%", "percent")
        if percent or (n is not None and (n < 1 or n != int(n))):
            again = lexicon.SUPERLATIVES.at(self.line, end + percent)
            return Piece("unknown", place, again[1] if again else end + percent)
        return Piece("rank", place, end, Rank(by, order, int(n or 0)))

    def layer(self, place: int, awaited: bool) -> Piece | None:
        """A vector layer's name: quoted, beside the word "layer", or (where `awaited`, or else no thing) of one at hand.

        Raises `LayerUnknown`.
        """
        words = [token.word for token in self.line[place : place + 8]]
        lead = int(words[0] in ("layer", "vector")) + int(words[:2] == ["vector", "layer"])
        lead += int(bool(lead) and words[lead : lead + 1] in (["called"], ["named"]))
        at = place + lead
        if at >= len(self.line):
            return None
        if self.line[at].kind == "quote":
            tail = int(at + 1 < len(self.line) and self.line[at + 1].word == "layer")
            return Piece("layer", place, at + 1 + tail, self._named(self.line[at].word))
        for name in self.layers if lead or awaited or not self.thing(at) else ():
            pattern = r"[\s_-]+".join(map(re.escape, re.split(r"[\s_-]+", name.strip())))
            match = re.compile(pattern + r"(?!\w)", re.IGNORECASE).match(self.text, self.line[at].start)
            if match:
                end = next((n for n in range(at, len(self.line)) if self.line[n].start >= match.end()), len(self.line))
                return Piece("layer", place, end + int(end < len(self.line) and self.line[end].word == "layer"), name)
        stop = next((n for n in range(at, len(self.line)) if lexicon.JOINTS.at(self.line, n) or RELATIONS.at(self.line, n)), len(self.line))
        close = next((n for n in range(at + 1, min(stop, at + 5)) if self.line[n].word == "layer"), None)
        if lead and stop > at:
            return Piece("layer", place, stop, self._named(self.text[self.line[at].start : self.line[stop - 1].end]))
        if close is not None and lexicon.FILLERS.at(self.line, at) is None:
            return Piece("layer", place, close + 1, self._named(self.text[self.line[at].start : self.line[close - 1].end]))
        return None

    def _named(self, name: str) -> str:
        plain = {re.sub(r"[\s_-]+", "", each).casefold(): each for each in self.layers}
        found = plain.get(re.sub(r"[\s_-]+", "", name).casefold())
        if found is None:
            at_hand = f"There are {quoted(self.layers)}." if self.layers else "There are no vector layers at hand."
            raise LayerUnknown(f"There is no vector layer '{name}'. {at_hand}", name=name, layers=list(self.layers))
        return found

    def non(self, piece: Piece) -> Piece | None:
        """The thing of "non-forest"; None for "non-residential"."""
        words = [token.word for token in self.line[piece.start : piece.end]]
        rest = " ".join(words[1:])
        if words[0] != "non" or not rest or not self.vocabulary.spells(key(rest)):
            return None
        class_name, weights = meaning(rest, self.vocabulary)
        return Piece("thing", piece.start, piece.end, Thing(class_name, weights, piece.end, False)) if class_name else None
