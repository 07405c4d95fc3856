"""Will what one schema describes be accepted where another schema waits? Three answers, each of them meant.

YES: every value that the producer may give is of a type, and among the values, that the consumer names. NO: none is,
empty arrays aside. MAYBE: some are, or it cannot be known. Lengths, ranges, and patterns are not compared: they are checked when the value
is there.
"""

import json
from collections.abc import Iterable, Iterator
from enum import IntEnum

from pydantic import JsonValue

from awe.domain.plan.shapes.paths import Found, Presence, elements, step
from awe.domain.plan.shapes.types import common_types, types_of, values_of
from awe.domain.plan.shapes.view import Shape, View, conjuncts, identity

_DEEPEST = 24
_UNDECIDABLE = frozenset({"not", "if", "patternProperties", "dependentSchemas", "contains", "propertyNames"})
_COMPARED = _UNDECIDABLE | {
    "type",
    "const",
    "enum",
    "format",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "prefixItems",
}
_WIDER_FORMATS = {
    "uri": {"uri-reference", "iri", "iri-reference"},
    "uri-reference": {"iri-reference"},
    "iri": {"iri-reference"},
    "email": {"idn-email"},
    "hostname": {"idn-hostname"},
}


class Fit(IntEnum):
    """Ordered, so that of several demands the least met one counts."""

    NO = 0
    MAYBE = 1
    YES = 2


def _all(answers: Iterable[Fit]) -> Fit:
    """All demands must be met."""
    return min(answers, default=Fit.YES)


def _some_demand(answers: Iterable[Fit]) -> Fit:
    """It is enough to meet one demand."""
    return max(answers, default=Fit.NO)


def _some_value(answers: Iterable[Fit]) -> Fit:
    """The value is one of several, and nobody knows which."""
    found = set(answers)
    return found.pop() if len(found) == 1 else Fit.MAYBE


def _every_word(answers: Iterable[Fit]) -> Fit:
    """Several statements are true of one value: one that settles the question is enough."""
    found = set(answers)
    return next((answer for answer in (Fit.NO, Fit.YES) if answer in found), Fit.MAYBE)


class Comparison:
    """Compares shapes and remembers the answers; after `budget` comparisons every new answer is MAYBE.

    Recursive schemas end, since a pair that is being compared is taken to fit: at worst an answer is too kind.
    """

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._answers: dict[tuple[int, ...], Fit] = {}
        self._kept: list[Shape] = []  # the keys above are identities, so nothing compared may be freed
        self._depth = 0

    def fit(self, producer: Shape, consumer: Shape) -> Fit:
        """Whether values of the producer's shape are values of the consumer's shape."""
        key = (*identity(producer), 0, *identity(consumer))
        if key not in self._answers:
            answer = _all(self._demand(producer, wanted) for wanted in conjuncts(consumer))
            self._kept.append(producer + consumer)
            self._answers[key] = answer
        return self._answers[key]

    def _demand(self, producer: Shape, wanted: View) -> Fit:
        """Whether the producer meets what one schema of the consumer asks for, its references aside."""
        key = identity((wanted, *producer))
        if key not in self._answers:
            if len(self._answers) >= self._budget or self._depth >= _DEEPEST:
                return Fit.MAYBE
            self._answers[key] = Fit.YES
            self._kept.append((wanted, *producer))
            self._depth += 1
            self._answers[key] = self._compare(producer, wanted)
            self._depth -= 1
        return self._answers[key]

    def _compare(self, producer: Shape, wanted: View) -> Fit:
        given = tuple(conjuncts(producer))
        if any(_same(view, wanted) for view in given):
            return Fit.YES
        own = Fit.YES
        if wanted.schema is False or wanted.keywords.keys() & _COMPARED:
            branches = (
                _some_value(self._demand((branch,), wanted) for branch in group)
                for view in given
                for group in view.alternatives()
            )
            own = _every_word((_all(self._keywords(given, wanted)), *branches))
        return _all((own, *(self._meets_one(producer, given, group) for group in wanted.alternatives())))

    def _meets_one(self, producer: Shape, given: Shape, group: list[View]) -> Fit:
        """Whether the value meets one of the group, told by what it is or by what each of its own alternatives is."""
        whole = _some_demand(self.fit(producer, (branch,)) for branch in group)
        if whole is Fit.YES:
            return whole
        split = (
            _some_value(
                _some_demand(self.fit((each,), (branch,)) for branch in group) for each in alternatives
            )
            for view in given
            for alternatives in view.alternatives()
        )
        return _every_word((whole, *split))

    def _keywords(self, given: Shape, wanted: View) -> Iterator[Fit]:
        if wanted.schema is False:
            yield Fit.NO
        if not _UNDECIDABLE.isdisjoint(wanted.keywords):
            yield Fit.MAYBE
        types = common_types(given)
        yield _types(types, types_of(wanted))
        yield _every_word(_values(values_of(view), values_of(wanted)) for view in given)
        if types is None or "string" in types:
            format_ = wanted.keywords.get("format")
            yield _every_word(_formats(view.keywords.get("format"), format_) for view in given)
        if types is None or "object" in types:
            yield from self._properties(given, wanted)
        if types is None or "array" in types:
            yield from self._items(given, wanted)

    def _properties(self, given: Shape, wanted: View) -> Iterator[Fit]:
        named, required = wanted.member("properties"), wanted.sequence("required")
        for name in dict.fromkeys((*named, *(name for name in required if isinstance(name, str)))):
            yield self._property(
                step(given, name), wanted.of(named.get(name, True)), required=name in required
            )
        others = wanted.keywords.get("additionalProperties", True)
        if others is True or "patternProperties" in wanted.keywords:
            return
        extra = {name for view in given for name in view.member("properties") if name not in named}
        for name in sorted(extra):
            found = step(given, name)
            answer = self.fit(found.shape, (wanted.of(others),))
            yield answer if found.presence is Presence.PRESENT else max(answer, Fit.MAYBE)
        rest = [
            view.of(view.keywords["additionalProperties"])
            for view in given
            if "additionalProperties" in view.keywords
        ]
        if rest or not any(view.member("properties") for view in given):
            closed = any(view.schema is False for view in rest)
            yield Fit.YES if closed else max(Fit.MAYBE, self.fit(tuple(rest), (wanted.of(others),)))

    def _property(self, found: Found, wanted: View, *, required: bool) -> Fit:
        if found.presence is Presence.ABSENT:
            return Fit.NO if required else Fit.YES
        answer = self.fit(found.shape, (wanted,)) if found.described else Fit.MAYBE
        if found.presence is Presence.PRESENT:
            return answer
        return min(answer, Fit.MAYBE) if required else max(answer, Fit.MAYBE)

    def _items(self, given: Shape, wanted: View) -> Iterator[Fit]:
        prefix = wanted.sequence("prefixItems")
        for index, schema in enumerate(prefix):
            yield self.fit(step(given, str(index)).shape, (wanted.of(schema),))
        if "items" not in wanted.keywords or prefix:
            return
        items = (wanted.of(wanted.keywords["items"]),)
        firsts: list[Shape] = [
            (view.of(schema),) for view in given for schema in view.sequence("prefixItems")
        ]
        yield _all(self.fit(shape, items) for shape in firsts or [elements(given)])


def _same(given: View, wanted: View) -> bool:
    return (
        given.root == wanted.root
        and given.schema == wanted.schema
        and _exactly(given.schema) == _exactly(wanted.schema)
    )


def _types(given: frozenset[str] | None, wanted: frozenset[str] | None) -> Fit:
    if wanted is None:
        return Fit.YES
    if given is None:
        return Fit.MAYBE
    return _some_value(_type(name, wanted) for name in given)  # contradictory statements leave no type: MAYBE


def _type(given: str, wanted: frozenset[str]) -> Fit:
    if given in wanted or (given == "integer" and "number" in wanted):
        return Fit.YES
    return Fit.MAYBE if given == "number" and "integer" in wanted else Fit.NO


def _values(given: list[JsonValue] | None, wanted: list[JsonValue] | None) -> Fit:
    if wanted is None:
        return Fit.YES
    if given is None:
        return Fit.MAYBE
    named = set(map(_exactly, wanted))
    return _some_value(Fit.YES if _exactly(value) in named else Fit.NO for value in given)


def _exactly(value: JsonValue) -> str:
    """JSON equality, which Python's `==` is not: there, `True` equals 1."""
    return json.dumps(value, sort_keys=True)


def _formats(given: JsonValue, wanted: JsonValue) -> Fit:
    if wanted is None or given == wanted:
        return Fit.YES
    if not isinstance(given, str) or not isinstance(wanted, str) or given in _WIDER_FORMATS.get(wanted, ()):
        return Fit.MAYBE
    return Fit.YES if wanted in _WIDER_FORMATS.get(given, ()) else Fit.NO
