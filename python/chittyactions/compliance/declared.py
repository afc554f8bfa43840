"""The kinds of check that need no Python, and what each takes under `with`: in checks.yml, and in `.chittyops.yml`.

How they are evaluated is in checks/declared.py; docs/compliance.md#own-checks shows each.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, ValidationError, WithJsonSchema, model_validator

from chittyactions.compliance.catalogue import Line, Strict, told
from chittyactions.compliance.documents import Document, Path
from chittyactions.compliance.endpoints import Question
from chittyactions.compliance.fields import steps_to
from chittyactions.compliance.model import Finding, Service


def _field(text: str) -> str:
    steps_to(text)
    return text


def _expression(text: str) -> str:
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"it is no regular expression: {error}") from None
    return text


def _scalar(value: Any) -> Any:
    if value is not None and not isinstance(value, (str, bool, int, float)):
        raise ValueError("it has to be a text, a number, true, false or null")
    return value


FieldPath = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(_field)]
Expression = Annotated[str, StringConstraints(min_length=1, max_length=1000), AfterValidator(_expression)]
Globs = Annotated[tuple[Line, ...], Field(min_length=1, max_length=50)]
Scalar = Annotated[
    Any, AfterValidator(_scalar), WithJsonSchema({"type": ["string", "boolean", "number", "null"]}, mode="validation")
]


class Declared(Strict):
    """What every kind takes: the words of its findings, in place of the usual ones."""

    message: str = ""
    remediation: str = ""
    why: str = ""
    fix: str = ""

    def finding(self, message: str, remediation: str, **place: Any) -> Finding:
        """A finding in the check's own words, or else in these."""
        return Finding(self.message or message, self.remediation or remediation, self.why, fix=self.fix, **place)


class FilePresent(Declared):
    """`file_present`: at least one file that fits one of the globs is there, with something in it."""

    paths: Globs
    empty: bool = False
    """Whether an empty file will do."""


class FieldHolds(Declared):
    """`yaml_field` and `json_field`: a field of a file is there, and holds what it should.

    Without `equals`, `one_of`, `matches` and `contains`: it is there, and neither null nor empty.
    """

    path: Line
    """A file, or a glob: then each file that fits."""
    field: FieldPath
    """Keys with dots between them; a key with a dot in it in double quotes; a number for a place in a list."""
    equals: Scalar = None
    one_of: tuple[Scalar, ...] = ()
    matches: Expression | None = None
    """The whole text of the field."""
    contains: tuple[Scalar, ...] = ()
    """Items that the list has to have."""
    only_if_present: bool = False
    """Whether a repository without such a file is none of this check's business."""

    @model_validator(mode="after")
    def _one_question(self) -> FieldHolds:
        asked = [one for one in ("equals", "one_of", "matches", "contains") if one in self.model_fields_set]
        if len(asked) > 1:
            raise ValueError(f"{' and '.join(asked)} are one too many; give one of them")
        return self


class Matching(Declared):
    """`regex`: some line of the files matches (`expect: present`), or none does (`expect: absent`)."""

    paths: Globs
    pattern: Expression
    expect: Literal["present", "absent"] = "present"
    ignore_case: bool = False


class Endpoint(Declared):
    """`endpoint`: a GET answers as it should. `{domain}` and `{name}` in the URL are the service's."""

    url: Annotated[str, StringConstraints(pattern=r"^https://[^\s]+$", max_length=500)]
    status: int = Field(default=200, ge=200, le=599)
    field: FieldPath | None = None
    """A field that the JSON of the answer has to have."""
    equals: Scalar = None

    @model_validator(mode="after")
    def _equals_what(self) -> Endpoint:
        if "equals" in self.model_fields_set and self.field is None:
            raise ValueError("equals needs a field")
        return self

    def question(self, service: Service) -> Question | None:
        """What is asked for a service; None where the URL needs a domain that it has not."""
        if "{domain}" in self.url and not service.domain:
            return None
        url = self.url.replace("{domain}", service.domain).replace("{name}", service.name)
        return Question(url, self.status, self.field or "", shown(self.equals) if self._has_value else "")

    @property
    def _has_value(self) -> bool:
        return "equals" in self.model_fields_set


PARAMETERS: Mapping[str, type[Declared]] = {
    "file_present": FilePresent,
    "yaml_field": FieldHolds,
    "json_field": FieldHolds,
    "regex": Matching,
    "endpoint": Endpoint,
}
"""What each kind takes under `with`."""


def problems(kind: str, parameters: Mapping[str, Any], document: Document | None, place: Path) -> list[str]:
    """What is wrong with a check's parameters, which stand at `place` of a document. None for what is no kind here."""
    try:
        if kind in PARAMETERS:
            PARAMETERS[kind].model_validate(parameters)
    except ValidationError as error:
        return [told(one, document, place) for one in error.errors(include_url=False)]
    return []


def shown(value: Scalar) -> str:
    """A value as JSON."""
    return json.dumps(value, ensure_ascii=False)
