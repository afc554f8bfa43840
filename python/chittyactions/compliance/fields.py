"""A field of YAML or JSON by its dotted path: `service.name`, `jobs.build.steps.0`, `exports."./package.json"`."""

from __future__ import annotations

from typing import Any

from chittyactions.compliance.documents import holds


def steps_to(field: str) -> list[str]:
    """The keys of a dotted path; one that holds dots itself stands in double quotes. Raises ValueError."""
    steps: list[str] = []
    rest = field
    while True:
        if rest.startswith('"'):
            step, sign, rest = rest[1:].partition('"')
            if not sign or (rest and not rest.startswith(".")):
                raise ValueError(f"{field} has a quote that is not closed, or something behind it")
        else:
            step = rest.partition(".")[0]
            rest = rest[len(step) :]
            if not step:
                raise ValueError(f"{field} has an empty step")
        steps.append(step)
        if not rest:
            return steps
        rest = rest[1:]


def place_of(data: Any, field: str) -> tuple[str | int, ...]:
    """A dotted path as keys and positions: a number is a position where there is a list."""
    path: list[str | int] = []
    for step in steps_to(field):
        here: str | int = int(step) if isinstance(data, list) and step.isdecimal() else step
        path.append(here)
        data = data[here] if holds(data, here) else None
    return tuple(path)


def value_at(data: Any, field: str) -> tuple[bool, Any]:
    """Whether there is a value at a dotted path, and which."""
    for step in place_of(data, field):
        if not holds(data, step):
            return False, None
        data = data[step]
    return True, data


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same to JSON: true is not 1."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)
