"""`checks.yml`, read: what is checked, how much it weighs, to whom it applies, and with which parameters.

The file is what runs. A check names its `evaluate`: a function of checks/ (see `checks.EVALUATORS`), or one of the
kinds that need no Python, which a repository's own checks are made of as well (checks/declared.py).
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
)

from chittyactions.compliance.documents import Document, Malformed, Path
from chittyactions.compliance.model import Severity, is_apart
from chittyactions.compliance.yaml_text import read_yaml
from chittyactions.errors import ConfigError

LINE: dict[str, Any] = {"type": "string", "maxLength": 300, "pattern": r"\S"}
"""The schema of a Line."""


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("it is blank")
    return text.strip()


def whole(value: Any) -> Any:
    """A value, which is a whole number also where it is written as 3.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


T = TypeVar("T")

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*(\.[a-z0-9][a-z0-9-]*)+$", max_length=100)]
Line = Annotated[str, StringConstraints(max_length=300), AfterValidator(_said), WithJsonSchema(LINE)]
Whole = Annotated[int, BeforeValidator(whole)]
"""A whole number; 3.0 is one, as it is to JSON schema."""
Tier = Annotated[int, Field(ge=0, le=5), BeforeValidator(whole)]
Many = Annotated[tuple[T, ...], Field(strict=False)]
"""A list. It is a tuple here, which a strict model would else take for something different."""
Level = Annotated[Severity, Field(strict=False)]


class Strict(BaseModel):
    """A table that nobody changes: every key is known, and values are of their kind ("3" is no number)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class DimensionSpec(Strict):
    """One dimension: what it asks, in a sentence each."""

    title: Line
    description: Line
    why: Line
    advisory: bool = False
    """Reported, and never required: its specification is not certified, or it is reported apart."""


class Applies(Strict):
    """Whom a check concerns; nothing said is everybody."""

    types: Many[str] = ()
    tiers: Many[Tier] = ()
    domain: bool = False
    """Only services with a domain."""


class CheckSpec(Strict):
    """One check."""

    id: Id
    dimension: str
    title: Line
    description: Line
    severity: Level
    evaluate: str
    parameters: dict[str, Any] = Field(default_factory=dict, alias="with")
    applies: Applies = Applies()
    advisory: bool = False
    """Reported, and never required, whatever the profile says of its dimension."""
    required: bool | None = None
    """For a repository's own check: whether it is required. A check of ours follows the profile of its dimension."""
    source: str = ""
    """Where a repository's own check stands."""


class Catalogue(Strict):
    """All checks, in the order of the reports."""

    schema_version: Whole = Field(ge=1, le=1)
    dimensions: dict[str, DimensionSpec]
    checks: Many[CheckSpec]

    def named(self, name: str) -> bool:
        """Whether it is the name of a check or of a dimension."""
        return name in self.dimensions or any(check.id == name for check in self.checks)

    def names(self) -> tuple[str, ...]:
        """Every dimension and check."""
        return (*self.dimensions, *(check.id for check in self.checks))


def read_catalogue(text: str, name: str) -> Catalogue:
    """`checks.yml`. Raises ConfigError with every problem and its line."""
    document = parsed(text, name)
    catalogue: Catalogue = validated(Catalogue, text, name, document)
    problems = [
        f"{at(document, 'dimensions', name)}{name} is reported apart, and has to be advisory"
        for name, spec in catalogue.dimensions.items()
        if is_apart(name) and not spec.advisory
    ]
    seen: set[str] = set()
    for number, check in enumerate(catalogue.checks):
        place = ("checks", number)
        if check.dimension not in catalogue.dimensions:
            close = did_you_mean(check.dimension, catalogue.dimensions)
            problems.append(
                f"{at(document, *place, 'dimension')}{check.id}: there is no dimension {check.dimension}{close}"
            )
        if check.id in seen:
            problems.append(f"{at(document, *place, 'id')}{check.id} stands twice")
        seen.add(check.id)
    if problems:
        raise invalid(name, problems)
    return catalogue


def unknown_types(applies: Applies, types: Iterable[str], document: Document, place: Path) -> Iterator[str]:
    """Types of an `applies` at `place` that have no profile: the check would concern nobody, and say nothing of it."""
    known = list(types)
    for number, one in enumerate(applies.types):
        if one not in known:
            here = (*place, "types", number)
            said = f"there is no such type{did_you_mean(one, known)}; there are {', '.join(known)}"
            yield f"{at(document, *here)}{'.'.join(map(str, here))}: {said}"


def parsed(text: str, name: str) -> Document:
    """A file of ours as data with places. Raises ConfigError."""
    try:
        return read_yaml(text)
    except Malformed as error:
        raise ConfigError(
            f"{name} cannot be used: {error}.",
            why="It is no YAML that can be read, so that nothing is known of what it says.",
            fix="Correct it there, and run again.",
            docs="compliance.md#settings",
        ) from None


def validated(model: type[Any], text: str, name: str, document: Document | None = None) -> Any:
    """A file of ours as its model. Raises ConfigError with every problem and its line."""
    document = document or parsed(text, name)
    try:
        return model.model_validate(document.data if document.data is not None else {}, context=document)
    except ValidationError as error:
        raise invalid(name, [told(one, document) for one in error.errors(include_url=False)]) from None


def invalid(name: str, problems: Iterable[str]) -> ConfigError:
    """A file of ours that can't be used."""
    listed = list(problems)
    return ConfigError(
        f"{name} cannot be used: {'; '.join(listed[:20])}.",
        why=f"{len(listed)} {'entry does' if len(listed) == 1 else 'entries do'} not fit its schema.",
        fix="Correct it and run again; the schema is under schemas/, for editors.",
        docs="compliance.md#settings",
    )


def at(document: Document | None, *path: str | int) -> str:
    """`line 3: ` of a place in a document, for the beginning of what is told of it; "" where it is not known."""
    line = document.spot(*path).line if document else 0
    return f"line {line}: " if line else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean x?` where something close is known."""
    words = {one.lower(): one for one in known}
    holding = [one for one in words if len(word) > 3 and word.lower() in one]  # worker: cloudflare-worker
    close = difflib.get_close_matches(word.lower(), words, 1, 0.6) or (holding if len(holding) == 1 else [])
    return f"; did you mean {words[close[0]]}?" if close else ""


def told(error: Any, document: Document | None, above: Path = ()) -> str:
    """An error of pydantic in one line. `above` is the place in the document of what was validated."""
    inner = (step for step in error["loc"] if not (isinstance(step, str) and step.startswith("function-")))
    path = tuple(step for step in (*above, *inner) if step != "[key]")  # what pydantic adds where the key is wrong
    where = ".".join(_step(step) for step in path) or "the file"
    reason = {
        "extra_forbidden": "there is no such key",
        "missing": "it is missing",
        "dict_type": "it has to be a mapping",
        "model_type": "it has to be a mapping",
        "tuple_type": "it has to be a list",
    }.get(error["type"], str(error["msg"]).removeprefix("Value error, "))
    return f"{at(document, *path)}{where}: {reason[:1].lower()}{reason[1:]}"


def _step(step: str | int) -> str:
    """A key on the way, in quotes where nobody could read it without, so that no terminal obeys what is in it."""
    plain = isinstance(step, int) or (re.fullmatch(r"\S+", step) and step.isprintable())
    return str(step) if plain else json.dumps(step)
