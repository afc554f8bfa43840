"""Read an action's inputs: typed, and with every problem reported at once.

An entry declares its inputs by reading them, so that the declaration cannot drift from the use; contract tests
run the same declaration with nothing set and compare names and defaults with `action.yml`.
"""

from __future__ import annotations

import json
import re

from chittyactions.errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypeVar

    T = TypeVar("T")

TRUE = {"true", "yes", "on", "1"}
FALSE = {"false", "no", "off", "0"}
DURATION = r"(\d+(?:\.\d+)?)\s*(ms|s|m)?"


class Inputs:
    """The inputs of one step, as the runner gives them: a mapping of names to strings, where "" means not set.

    Each reading method returns the value or its default, and notes a problem instead of raising. `finish` raises
    one InputError for all of them. `declared` maps every name that was read to its default as written in YAML.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self._problems: list[str] = []
        self.declared: dict[str, str] = {}

    @classmethod
    def load(cls, environ: Mapping[str, str]) -> Inputs:
        """From CHITTY_INPUTS, a JSON object with a string for each input; GitHub does not tell names by their case."""
        text = environ.get("CHITTY_INPUTS", "") or "{}"
        try:
            values = json.loads(text)
        except (ValueError, RecursionError):
            values = None
        if not isinstance(values, dict):
            raise InputError(
                "The inputs of this action could not be read.",
                why="CHITTY_INPUTS is not a JSON object.",
                fix="Call the action by `uses:`; to start it by hand, set CHITTY_INPUTS to a JSON object of strings.",
            )
        found: dict[str, str] = {}
        for key, value in values.items():
            found[key.lower()] = _plain(value) or found.get(key.lower(), "")
        return cls(found)

    def text(self, name: str, default: str = "", *, pattern: str = "", like: str = "", required: bool = False) -> str:
        """A string. With `pattern`, the whole value has to match; `like` is an example for the message."""
        value = self._take(name, default)
        if required and not value:
            self._problems.append(f"{name} is required" + (f", something like {like}" if like else ""))
        if value and pattern and not re.fullmatch(pattern, value):
            self._problem(
                name,
                value,
                f"expected something like {like}" if like else "it has a form that is not allowed",
            )
            return default
        return value

    def secret(self, name: str) -> str:
        """A string that is never shown in a message. Surrounding white space (a pasted newline) is dropped."""
        return self._take(name, "").strip()

    def choice(self, name: str, choices: Sequence[str], default: str) -> str:
        """One of `choices`; one that is "" stands for what is not set."""
        value = self._take(name, default)
        if value not in choices:
            self._problem(name, value, "expected " + " or ".join(choice or "nothing" for choice in choices))
            return default
        return value

    def flag(self, name: str, default: bool) -> bool:
        """True or false, in the spellings that YAML writers use (yes, on, 1 …)."""
        value = self._take(name, str(default).lower()).lower()
        if value not in TRUE | FALSE:
            self._problem(name, value, "expected true or false")
            return default
        return value in TRUE

    def seconds(self, name: str, default: str, *, low: float, high: float) -> float:
        """A duration in seconds: `60`, `90s`, `2m`, `500ms`."""
        value = self._take(name, default)
        match = re.fullmatch(DURATION, value)
        if match:
            amount = float(match[1]) * {"ms": 0.001, "m": 60.0}.get(match[2] or "s", 1.0)
            if low <= amount <= high:
                return amount
        self._problem(name, value, f"expected a duration from {low:g}s to {high:g}s, such as {default}")
        return float(default.rstrip("s"))

    def names(self, name: str, default: str = "") -> tuple[str, ...]:
        """A list separated by commas, white space or lines, or a JSON array of strings; order kept, doubles dropped."""
        value = self._take(name, default)
        if value.startswith("["):
            try:
                items = json.loads(value)
            except (ValueError, RecursionError):
                items = None
            if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
                self._problem(name, value, "expected a JSON array of strings, or names separated by commas")
                return ()
        else:
            items = value.replace(",", " ").split()
        return tuple(dict.fromkeys(item.strip() for item in items if item.strip()))

    def parsed(self, name: str, default: str, parse: Callable[[str], T]) -> T:
        """A value with a grammar of its own; `parse` raises ValueError with what was expected."""
        value = self._take(name, default)
        try:
            return parse(value)
        except ValueError as error:
            self._problem(name, value, str(error))
            return parse(default)

    def given(self, *names: str) -> bool:
        """Whether one of `names`, read before, was set to something else than its default."""
        return any(self._values.get(name, "").strip() not in ("", self.declared[name]) for name in names)

    def problem(self, text: str) -> None:
        """Note a problem that concerns several inputs together."""
        self._problems.append(text)

    def finish(self) -> None:
        """Raise one InputError for everything noted, unknown names included."""
        for name in sorted(set(self._values) - set(self.declared)):
            self._problems.append(f"{name}: there is no such input")
        if self._problems:
            plural = "inputs" if len(self._problems) > 1 else "input"
            raise InputError(
                f"{len(self._problems)} {plural} cannot be used: " + "; ".join(self._problems) + ".",
                fix="Correct the values under `with:` of this step.",
            )

    def _take(self, name: str, default: str) -> str:
        self.declared[name] = default
        value = self._values.get(name, "").strip()
        return value or default

    def _problem(self, name: str, value: str, expected: str) -> None:
        shown = value if len(value) <= 60 else value[:57] + "…"
        self._problems.append(f"{name} is {shown!r}: {expected}")


def _plain(value: object) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value)
