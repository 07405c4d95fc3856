"""Follow a JSON Pointer through a shape: what is found there, and is it always there?

A schema is read as its author meant it: where it names `properties` and says nothing of others, there are no others;
where it allows others in so many words (`additionalProperties`, `patternProperties`), they are possible. An element
of an array counts as present, since no schema of practice says how many there are; criteria judge that.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

from pydantic import JsonValue

from awe.domain.plan import pointer
from awe.domain.plan.shapes.types import types_of
from awe.domain.plan.shapes.view import UNKNOWN, Shape, View, conjuncts, identity

_DEEPEST = 16


class Presence(IntEnum):
    """Whether the place exists, from what says least to what says most: the strongest word of all views counts."""

    UNSAID = 0
    ABSENT = 1
    POSSIBLE = 2
    OPTIONAL = 3
    PRESENT = 4


class Found(NamedTuple):
    """What a shape says about one place; the shape of the value there is known only where it is found."""

    presence: Presence
    shape: Shape = UNKNOWN

    @property
    def described(self) -> bool:
        """Whether a schema describes the value at the place."""
        return self.presence >= Presence.OPTIONAL


class Paths:
    """Follows pointers through shapes, and remembers where they led: a plan asks the same of a contract often."""

    def __init__(self) -> None:
        self._found: dict[
            tuple[object, ...], tuple[Shape, Found]
        ] = {}  # shapes are kept: keys are identities

    def follow(self, shape: Shape, tokens: tuple[str, ...]) -> Found:
        """What the shape says about the place that the tokens lead to."""
        key = (tokens, *identity(shape))
        known = self._found.get(key)
        if known is None:
            known = self._found[key] = (shape, follow(shape, tokens))
        return known[1]


def follow(shape: Shape, tokens: Iterable[str]) -> Found:
    """What the shape says about the place that the tokens lead to."""
    found = Found(Presence.PRESENT, shape)
    weakest = Presence.PRESENT
    for token in tokens:
        found = step(found.shape, token)
        weakest = min(weakest, found.presence)
        if not found.described:
            return found
    return Found(weakest, found.shape)


def step(shape: Shape, token: str) -> Found:
    """What the shape says about one member or element of the value."""
    return _Step(token).into(shape)


class _Step:
    """One step through a shape, each schema once, so that recursive schemas and those with many branches end."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._known: dict[int, Found] = {}
        self._depth = 0

    def into(self, shape: Shape) -> Found:
        presence, views = Presence.UNSAID, list[View]()
        for view in conjuncts(shape):
            for found in (self._own(view), *map(self._either, view.alternatives())):
                presence = max(presence, found.presence)
                views.extend(found.shape)
        return Found(presence, tuple(views))

    def _branch(self, view: View) -> Found:
        """What one alternative says; nothing while it is being asked already, or from very deep inside."""
        key = id(view.schema)
        if key not in self._known:
            self._known[key] = Found(Presence.UNSAID)
            if self._depth < _DEEPEST:
                self._depth += 1
                self._known[key] = self.into((view,))
                self._depth -= 1
        return self._known[key]

    def _either(self, group: list[View]) -> Found:
        """One of the group holds, and nobody knows which: a place is certain only where all agree."""
        branches = [self._branch(view) for view in group]
        words = {branch.presence for branch in branches}
        shapes = [branch.shape for branch in branches if branch.described]
        if Presence.POSSIBLE in words or (shapes and Presence.UNSAID in words):
            return Found(Presence.POSSIBLE)
        if not shapes:
            return Found(min(words))
        either: JsonValue = [{"allOf": [view.schema for view in shape]} for shape in shapes]
        certain = words == {Presence.PRESENT}
        return Found(Presence.PRESENT if certain else Presence.OPTIONAL, (group[0].of({"anyOf": either}),))

    def _own(self, view: View) -> Found:
        """What the keywords of this one schema say, its alternatives and references aside."""
        types = types_of(view)
        sides: list[Found] = []
        if view.schema is not False:
            if types is None or "object" in types:
                sides.append(_property(view, self._token))
            if (types is None or "array" in types) and pointer.is_index(self._token):
                sides.append(_element(view, int(self._token)))
        found = max(sides, key=lambda side: side.presence, default=Found(Presence.ABSENT))
        if found.presence is Presence.PRESENT and types is not None and len(types) > 1:
            return Found(Presence.OPTIONAL, found.shape)
        return found


def _property(view: View, name: str) -> Found:
    properties = view.member("properties")
    if name in properties:
        required = name in view.sequence("required")
        return Found(Presence.PRESENT if required else Presence.OPTIONAL, (view.of(properties[name]),))
    others = view.keywords.get("additionalProperties")
    if others is False and "patternProperties" not in view.keywords:
        return Found(Presence.ABSENT)
    if isinstance(others, dict) and others and "patternProperties" not in view.keywords:
        return Found(Presence.OPTIONAL, (view.of(others),))
    if others is not None or "patternProperties" in view.keywords:
        return Found(Presence.POSSIBLE)
    return Found(Presence.ABSENT if properties else Presence.UNSAID)


def _element(view: View, index: int) -> Found:
    limit = view.keywords.get("maxItems")
    if isinstance(limit, int) and index >= limit:
        return Found(Presence.ABSENT)
    prefix = view.sequence("prefixItems")
    if index < len(prefix):
        return Found(Presence.PRESENT, (view.of(prefix[index]),))
    items = view.keywords.get("items")
    if items is None:
        return Found(Presence.UNSAID)
    if items is False:
        return Found(Presence.ABSENT)
    return Found(Presence.PRESENT, (view.of(items),))


def elements(shape: Shape) -> Shape:
    """The shape of every element of an array of this shape, as far as `items` alone says it."""
    return tuple(
        view.of(view.keywords["items"])
        for view in conjuncts(shape)
        if "items" in view.keywords and "prefixItems" not in view.keywords
    )
