"""Prints the properties of the suite as JSON: theme, test, invariants, abilities needed, and what it says."""

import inspect
import json
import re
import sys
from collections.abc import Iterator

from support.conformance.suite import Suite, needed_by
from support.conformance.themes import THEMES

_INVARIANT = re.compile(r"(?<=_)i(\d\d)(?=_)")


def properties(theme: type[Suite]) -> Iterator[dict[str, object]]:
    """Yield what a theme proves, in the order of its file."""
    for name, test in vars(theme).items():
        if name.startswith("test_"):
            yield {
                "theme": theme.__name__,
                "test": name,
                "invariants": [f"I{int(number)}" for number in _INVARIANT.findall(name)],
                "needs": sorted(ability.name for ability in needed_by(test)),
                "property": inspect.getdoc(test),
            }


def main() -> None:
    found = [each for theme in THEMES for each in properties(theme)]
    json.dump(found, sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
