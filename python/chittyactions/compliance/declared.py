"""The kinds of check that need no Python, and what each takes under `with`: in checks.yml, and in `.chittyops.yml`.

How they are evaluated is in checks/declared.py; docs/compliance.md#own-checks shows each.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import combinations
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from chittyactions.compliance.catalogue import LINE, Line, Many, Strict, T, Whole, told
from chittyactions.compliance.documents import Document, Path
from chittyactions.compliance.endpoints import Question
from chittyactions.compliance.fields import steps_to
from chittyactions.compliance.model import Finding, Service

_UNFIT = {
    r"^\s*(/|!|~)": "paths begin in the repository, without /, ! or ~",
    r"/\s*$": "it ends with /, and a folder is no file; write /** behind it for all that is in it",
    r"//|/\./|/\.\s*$|^\s*\.\s*$|(^|/)\s*\.\.\s*(/|$)": "paths have no empty steps, and no . or ..",
    r"\\": "folders are parted by /",
    r"\[": "[ is no sign of a glob here: ? is any one character, and {a,b} is either",
    r"^(?!([^{}]|\{[^{}*?]*\})*$)": "within { } stand plain words with commas between them, and each { is closed",
}
"""What no path fits, so that a check would look at nothing, and why."""


MOST_ITEMS = 100
"""Of a list in the parameters of a check."""


def _some(items: tuple[T, ...]) -> tuple[T, ...]:
    if not 1 <= len(items) <= MOST_ITEMS:
        raise ValueError(f"it has to hold 1 to {MOST_ITEMS} items")
    return items


def _glob(text: str) -> str:
    for unfit, why in _UNFIT.items():
        if re.search(unfit, text):
            raise ValueError(why)
    return text.removeprefix("./")


def _filled(text: str) -> str:
    if not re.match(r"https://[^\s/]", text):
        raise ValueError("it is no https address")
    if re.search(r"\s", text):
        raise ValueError("an address has no blanks")
    if re.search(r"[{}]", re.sub(_FILLED, "", text)):
        raise ValueError("only {domain} and {name} are filled in")
    if not re.fullmatch(_URL, text):
        raise ValueError(
            "after https:// comes a host, with a port from 1 to 65535 or without one, and no user or password"
        )
    return text


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


_STEP = r'("[^"]*"|[^".][^.]*)'
_FILLED = r"\{(domain|name)\}"
_PORT = "(6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3})"
_URL = rf"https://([^\s/?#@:\[\]\\{{}}]|{_FILLED})+(:{_PORT})?([/?#]([^\s{{}}]|{_FILLED})*)?"

FieldPath = Annotated[
    str,
    StringConstraints(min_length=1, max_length=300),
    AfterValidator(_field),
    WithJsonSchema({"type": "string", "maxLength": 300, "pattern": rf"^{_STEP}(\.{_STEP})*$"}),
]
Expression = Annotated[str, StringConstraints(min_length=1, max_length=1000), AfterValidator(_expression)]
Glob = Annotated[Line, AfterValidator(_glob), WithJsonSchema({**LINE, "not": {"pattern": "|".join(_UNFIT)}})]
Some = Annotated[Many[T], AfterValidator(_some), Field(json_schema_extra={"minItems": 1, "maxItems": MOST_ITEMS})]
Url = Annotated[
    str,
    StringConstraints(max_length=500),
    AfterValidator(_filled),
    WithJsonSchema({"type": "string", "maxLength": 500, "pattern": f"^{_URL}$"}),
]
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

    paths: Some[Glob]
    empty: bool = False
    """Whether an empty file will do."""


class FieldHolds(Declared):
    """`yaml_field` and `json_field`: a field of a file is there, and holds what it should.

    Without `equals`, `one_of`, `matches` and `contains`: it is there, and neither null nor empty.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "not": {
                "anyOf": [
                    {"required": list(two)} for two in combinations(("equals", "one_of", "matches", "contains"), 2)
                ]
            }
        }
    )

    path: Glob
    """A file, or a glob: then each file that fits."""
    field: FieldPath
    """Keys with dots between them; a key with a dot in it in double quotes; a number for a place in a list."""
    equals: Scalar = None
    one_of: Some[Scalar] = ()
    matches: Expression = ""
    """The whole text of the field."""
    contains: Some[Scalar] = ()
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

    paths: Some[Glob]
    pattern: Expression
    expect: Literal["present", "absent"] = "present"
    ignore_case: bool = False


class Endpoint(Declared):
    """`endpoint`: a GET answers as it should. `{domain}` and `{name}` in the URL are the service's."""

    model_config = ConfigDict(json_schema_extra={"dependentRequired": {"equals": ["field"]}})

    url: Url
    status: Whole = Field(default=200, ge=200, le=599)
    field: FieldPath = ""
    """A field that the JSON of the answer has to have."""
    equals: Scalar = None

    @model_validator(mode="after")
    def _equals_what(self) -> Endpoint:
        if "equals" in self.model_fields_set and not self.field:
            raise ValueError("equals needs a field")
        return self

    def question(self, service: Service) -> Question | None:
        """What is asked for a service; None where the URL needs a domain that it has not."""
        if "{domain}" in self.url and not service.domain:
            return None
        url = self.url.replace("{domain}", service.domain).replace("{name}", service.name)
        return Question(url, self.status, self.field, shown(self.equals) if self._has_value else "")

    @property
    def _has_value(self) -> bool:
        return "equals" in self.model_fields_set


class Health(Strict):
    """`health_endpoint.health`, of checks.yml alone: where and how patiently a service is asked."""

    path: Annotated[str, StringConstraints(pattern=r"^/[^\s]*$")]
    seconds: float = Field(gt=0, le=300)
    """For all tries together."""
    tries: Whole = Field(ge=1, le=10)
    why: Line
    remediation: Line
    fix: str


OURS: Mapping[str, type[Strict]] = {"health_endpoint.health": Health}
"""What functions of ours take under `with`, where a wrong number would ask for ever or not at all."""

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
        if model := PARAMETERS.get(kind) or OURS.get(kind):
            model.model_validate(parameters)
    except ValidationError as error:
        return [told(one, document, place) for one in error.errors(include_url=False)]
    return []


def shown(value: Scalar) -> str:
    """A value as JSON."""
    return json.dumps(value, ensure_ascii=False)
