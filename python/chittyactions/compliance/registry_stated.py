"""What a `.chittyconnect.yml` states of its service, as far as the registry has a field for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chittyactions.compliance import names
from chittyactions.compliance.catalogue import did_you_mean, whole
from chittyactions.compliance.claims import host_of
from chittyactions.compliance.documents import Malformed
from chittyactions.compliance.yaml_text import read_yaml

_PLACES: Mapping[str, tuple[str, ...]] = {
    "name": ("service", "name"),
    "type": ("service", "type"),
    "tier": ("service", "tier"),
    "domain": ("service", "domains", "production"),
}


@dataclass(frozen=True)
class Stated:
    """What is stated: field (name, type, tier, domain) → value, and → its line.

    `unusable`: what says nothing, and why, half a sentence each.
    """

    values: Mapping[str, str | int] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    unusable: tuple[str, ...] = ()


def stated(text: str, types: Iterable[str]) -> Stated:
    """What a file states. A value that can be none of its field, or that is filled in later (`${…}`), is left out."""
    try:
        document = read_yaml(text.removeprefix("\ufeff"))
    except Malformed as error:
        return Stated(unusable=(f"it is no YAML: {error}",))
    if not isinstance(document.data, dict):
        return Stated(unusable=("it is no table of settings",))
    places = {**_PLACES, "name": ("service",)} if isinstance(document.get("service"), str) else _PLACES
    values: dict[str, str | int] = {}
    lines: dict[str, int] = {}
    unusable: list[str] = []
    for of, place in places.items():
        given = document.get(*place)
        if given is None or (isinstance(given, str) and ("${" in given or "{{" in given or not given.strip())):
            continue
        line = document.spot(*place).line
        try:
            values[of], lines[of] = _read(of, given, list(types)), line
        except ValueError as error:
            unusable.append(f"line {line}: {'.'.join(place)} {error}")
    return Stated(values, lines, tuple(unusable))


def _read(of: str, given: Any, types: list[str]) -> str | int:
    """The value of a field. Raises ValueError, which says what is wrong with it."""
    text = given.strip() if isinstance(given, str) else ""
    if of == "tier":
        number = int(text) if re.fullmatch("[0-5]", text) else whole(given)
        if type(number) is int and number in range(6):
            return number
        raise ValueError("is no tier from 0 to 5")
    if of == "type" and text not in types:
        raise ValueError(f"is no type that has a profile{did_you_mean(text[:100], types)}")
    text = host_of(text) if of == "domain" else text
    if of == "domain" and not text:
        raise ValueError("is no domain")
    if of == "name" and not names.is_service(text):
        raise ValueError("is no name of a service")
    return text
