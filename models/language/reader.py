"""Pieces become drafts: which attribute belongs to which thing, and whether "and" joins things, attributes or relations."""

from __future__ import annotations

from collections.abc import Callable

from .drafts import Bond, Draft, Said, share_relations
from .joints import MARKS, goes_on, leads_to_thing
from .pieces import Piece
from .relation_words import ADJECTIVES, Link
from .spelling import singular
from .strangers import end_in_noun, told


class Reader:
    """Reads once, from left to right. `unknown` is what belongs to no draft."""

    def __init__(self, pieces: tuple[Piece, ...], said: Said, non: Callable[[Piece], Piece | None]) -> None:
        self.pieces, self.said, self.non = pieces, said, non
        self.unknown: list[str] = []
        self.drafts: list[Draft] = []
        self.draft = Draft(said)
        self.waiting: list[Piece] = []  # attributes whose thing has not come
        self.strange: list[Piece] = []  # unknown pieces since the last thing
        self.negation: Piece | None = None
        self.article = False
        self.paused = False  # by a joint, since the last thing or relation
        self.choice: Piece | None = None  # the mark before an "or"
        self.either = False  # the next relation is an alternative to the last
        self.shared = False  # the next relation has the reference of the last
        self.at = 0

    def read(self) -> list[Draft]:
        while self.at < len(self.pieces):
            piece = self.pieces[self.at]
            self.at += 1
            if piece.kind not in ("filler", "joint"):
                self.draft.pieces.append(piece)
            getattr(self, f"on_{'mark' if piece.kind in MARKS else piece.kind}")(piece)
        self.close()
        share_relations(self.drafts)
        return self.drafts

    @property
    def open_bond(self) -> Bond | None:
        """The relation that waits for its reference."""
        return self.draft.bonds[-1] if self.draft.bonds and self.draft.bonds[-1].reference is None else None

    def on_filler(self, piece: Piece) -> None:
        self.article = self.article or piece.value == "the"
        bonds = self.draft.bonds
        if piece.value == "it" and self.open_bond and len(bonds) > 1 and bonds[-2].reference:  # "near a road but not touching it"
            bonds[-1].reference, bonds[-1].marks = bonds[-2].reference, bonds[-2].marks

    def on_not(self, piece: Piece) -> None:
        following = [each.kind for each in self.ahead(self.at)[:1]]
        self.shared = self.open_bond is not None and not self.strange and not self.waiting and following == ["link"]
        self.settle()
        self.negation = piece

    def on_mark(self, piece: Piece) -> None:
        if self.negation and not any(each.kind == "thing" for each in self.ahead(self.at)):
            self.draft.unknown.append(self.said([self.negation, piece]))  # "not round"
            self.negation = None
            return
        if piece.kind == "count" and self.strange and self.strange[-1].end == piece.start:
            self.strange.append(piece)  # "built after 1990"
        else:
            self.waiting.append(piece)
        if self.choice:
            self.draft.choices.append((self.choice, piece))
            self.choice = None

    def on_unknown(self, piece: Piece) -> None:
        thing = self.non(piece)
        if thing:
            self.negation = piece
            self.on_thing(thing)
        elif singular(self.said([piece])) != self.said([piece]):
            self.on_untaught(piece)  # "building permits"
        else:
            self.strange.append(piece)

    def on_layer(self, piece: Piece) -> None:
        bond = self.open_bond
        if bond is None:
            self.strange.append(piece)
            return
        self.flush_strange()
        self.refer(piece)
        self.rest()

    def on_thing(self, piece: Piece) -> None:
        if piece.value.class_name is None:
            self.on_untaught(piece)
            return
        bond, thing, self.choice = self.open_bond, self.draft.thing, None
        if bond is not None and self.is_strange_place(bond, piece):
            self.draft.unknown.append(self.said([bond.piece, piece]))
            self.draft.bonds.pop()
            self.waiting, self.strange = [], []
        elif bond is not None:
            self.flush_strange()
            self.refer(piece)
        elif thing is None and any(end_in_noun([each], self.said) for each in self.strange if self.said([each]).endswith("s")):
            self.strange.append(piece)  # "wombats chasing cars"
            return
        elif thing is None:
            self.flush_strange()
            self.draft.thing, self.draft.negated = piece, self.negation is not None
            self.take(self.waiting)
        elif self.negation or self.paused:
            self.begin(piece)
        elif self.strange:  # "houses facing the road"
            self.strange, self.waiting = [*self.strange, *self.waiting, piece], []
            return
        elif self.draft.bonds or thing.value.plural:
            self.begin(piece)
        else:  # "tree houses" are houses
            self.draft.unknown.append(self.said([thing]))
            self.draft.thing = piece
            self.take(self.waiting)
        self.rest()

    def is_strange_place(self, bond: Bond, piece: Piece) -> bool:
        """Whether unknown words change what a relation means: "within 5 minutes of a road", "on the left of a road"."""
        if bond.kind == "inside" and any(each.kind == "count" for each in self.waiting):
            return True
        return bool(self.strange) and " of " in self.said([self.strange[-1], piece])

    def refer(self, piece: Piece) -> None:
        """Gives every relation that waits its reference: both of "close to but not touching a road"."""
        for bond in self.draft.bonds:
            if bond.reference is None:
                bond.reference, bond.marks, bond.article = piece, list(self.waiting), self.article
        self.waiting = []

    def on_untaught(self, piece: Piece) -> None:
        """A noun of no class: it takes a thing right before it along ("factory chimneys"), and describes one right after it."""
        before = self.pieces[self.at - 2] if self.at > 1 else None
        last = self.draft.bonds[-1] if self.draft.bonds else None
        if before is not None and before.kind == "thing" and not before.value.plural and not self.strange:
            if last and before is last.reference:
                last.reference = None
                self.strange.append(before)
            elif not last and before is self.draft.thing:
                self.draft.thing = None
                self.strange.append(before)
        self.strange.append(piece)

    def on_link(self, piece: Piece) -> None:
        self.settle()
        links: list[Link] = piece.value
        last = self.draft.bonds[-1] if self.draft.bonds else None
        if last and last.reference and not leads_to_thing(self.ahead(self.at)) and last.takes_afterthought(links):
            return
        if self.open_bond is not None and not self.shared:
            if links[0].kinds[0].endswith("_of"):  # "in the north of a field"
                self.strange += [self.draft.bonds.pop().piece, piece]
                return
            self.drop_bond()
        self.shared = False
        if links[0].loose and not leads_to_thing(self.ahead(self.at)) and links[0].kinds == ("touching",):
            return  # "with a round shape"
        self.draft.bonds.append(Bond(piece, links, either=self.either))
        self.either = False
        if self.negation:
            self.draft.bonds[-1].negate()
            self.negation = None
        self.article = self.paused = False

    def on_joint(self, piece: Piece) -> None:
        last = self.draft.bonds[-1] if self.draft.bonds else None
        if self.open_bond is not None and not self.strange and not self.waiting:
            self.shared = "link" in [each.kind for each in self.ahead(self.at)[:2]]
            self.either = self.shared and piece.value == "or"
            return  # "close to but not touching a road"
        if self.open_bond is not None:
            self.settle()
            self.drop_bond()
        ahead = self.ahead(self.at)
        first = next((each for each in ahead if each.kind != "filler"), None)
        if first is None or first.kind == "joint":
            return
        before = (self.waiting or ([] if self.draft.bonds else self.draft.marks))[-1:]
        if piece.value == "or" and before and first.kind in ("attribute", "size") and before[0].kind in ("attribute", "size"):
            self.choice = before[0]
        if self.draft.thing is None and not (last and last.reference):
            if end_in_noun(self.strange, self.said):
                self.close()
            return
        begins = [each.kind for each in ahead[: next((n for n, each in enumerate(ahead) if each.kind == "link"), len(ahead))]]
        if first.kind == "link" or (first.kind == "not" and "link" in [each.kind for each in ahead[:4]] and "thing" not in begins):
            self.on_second_relation(piece, first, last)
        elif "thing" in begins or "layer" in begins:
            self.on_second_thing(piece, ahead, last)
        elif "unknown" in begins and self.draft.thing is not None and not set(MARKS).intersection(begins):
            self.close()
        else:
            self.settle()
            self.paused = True

    def on_second_relation(self, joint: Piece, first: Piece, last: Bond | None) -> None:
        """ "near a road or inside a field": the next bond is an alternative; after a negation, "or" carries it on."""
        self.settle()
        if last is None or joint.value not in ("or", "nor"):
            return
        if last.is_negated or joint.value == "nor":
            self.negation = self.negation or (joint if first.kind == "link" and not first.value[0].negated else None)
        else:
            self.either = True

    def on_second_thing(self, joint: Piece, ahead: list[Piece], last: Bond | None) -> None:
        """A further reference of the last relation, or the thing of a new query."""
        if last is None or last.reference is None or not goes_on(joint, ahead, last, self.draft.thing is not None):
            if self.draft.thing is None:  # "near a road, buildings"
                self.settle()
                return
            carries = self.draft.negated and joint.value in ("or", "nor")  # "no trees or cars"
            bare = bool(self.draft.pieces) and self.draft.pieces[-1] is self.draft.thing
            self.close()
            self.draft.joined = bare and joint.value in ("and", "or")
            self.negation = joint if carries else None
            return
        self.settle()
        either = not last.is_negated and (joint.value == "or" or last.kind == "inside") and last.kind != "between"
        self.draft.bonds.append(Bond(last.piece, last.links, either=either))
        self.article = False

    def ahead(self, place: int) -> list[Piece]:
        """The pieces up to the next joint."""
        end = next((n for n in range(place, len(self.pieces)) if self.pieces[n].kind == "joint"), len(self.pieces))
        return list(self.pieces[place : max(end, place + (end == place))])

    def take(self, marks: list[Piece]) -> None:
        self.draft.marks.extend(marks)
        self.waiting = []

    def settle(self) -> None:
        """Gives waiting attributes to the thing that they follow, and says what was strange."""
        if self.open_bond is not None:  # "with a large garden"
            self.strange = sorted([*self.strange, *self.waiting], key=lambda piece: piece.start)
            self.waiting = []
        self.flush_strange()
        last = self.draft.bonds[-1] if self.draft.bonds else None
        for mark in self.waiting:
            if last and not self.paused and last.takes(mark, self.said):
                last.marks.append(mark)
            elif self.draft.thing is not None or not self.open_bond:
                self.draft.marks.append(mark)
        self.waiting = []

    def flush_strange(self) -> None:
        """Adjectives before a thing are told one by one, anything else as it was said together."""
        now = self.pieces[self.at - 1]
        self.draft.unknown += told(self.strange, self.pieces, self.said, apart=now.kind == "thing" and now not in self.strange)
        self.strange = []

    def rest(self) -> None:
        self.negation, self.article, self.paused = None, False, False

    def drop_bond(self) -> None:
        """A relation to nothing that is known."""
        bond = self.draft.bonds.pop()
        if not self.draft.unknown or self.pieces[self.at - 1] is bond.piece or not self.unknown_after(bond):
            self.draft.unknown.append(self.said([bond.piece]))

    def unknown_after(self, bond: Bond) -> bool:
        return any(each.kind in ("unknown", "thing") and bond.piece.end <= each.start for each in self.draft.pieces)

    def begin(self, piece: Piece) -> None:
        """A new query for a thing that no joint announced: "houses roads", "fields but no trees"."""
        waiting, negation, strange = self.waiting, self.negation, self.strange
        self.waiting, self.strange, self.negation = [], [], None
        self.draft.pieces.pop()
        self.close()
        self.strange = strange
        self.draft.thing, self.draft.negated = piece, negation is not None
        self.draft.pieces.append(piece)
        self.flush_strange()
        self.take(waiting)

    def close(self) -> None:
        """The draft is done."""
        self.settle()
        while self.open_bond is not None:
            self.drop_bond()
        first = self.draft.bonds[0] if self.draft.bonds else None
        if (
            self.draft.thing is None
            and first
            and self.said([first.piece]) in ADJECTIVES
            and first.reference
            and first.reference.kind == "thing"
        ):
            self.draft.unknown.append(self.said([first.piece]))  # "nearby houses"
            self.draft.thing, self.draft.marks, self.draft.bonds = first.reference, first.marks + self.draft.marks, self.draft.bonds[1:]
        if self.draft.pieces:
            self.drafts.append(self.draft)
        self.draft = Draft(self.said)
        self.rest()
