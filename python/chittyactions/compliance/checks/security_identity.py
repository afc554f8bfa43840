"""Who workflows are to a cloud: themselves, by a token of the run, and not by a key that somebody stored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from chittyactions.compliance.checks.security_workflows import MOST, flows, parts, place_of, told_all
from chittyactions.compliance.engine import Subject
from chittyactions.compliance.model import Finding

_SECRET = re.compile(r"\bsecrets\s*(?:\.\s*([A-Za-z_]\w*)|\[\s*'([^']+)'\s*\])", re.IGNORECASE)

LONGEST = 10_000
"""Signs of a value that is searched."""


def stored_keys(subject: Subject) -> Iterable[Finding]:
    """No step is given a stored key of a cloud that takes a token of the run in its place.

    A key is known by the name of its secret (`keys`), or by the input of an action that takes one.
    """
    clouds: Mapping[str, Mapping[str, Any]] = subject.parameters["clouds"]
    found: dict[tuple[str, str], Finding] = {}
    for flow in flows(subject.repository):
        given = [("env",), *(("jobs", name, "env") for name in flow.document.get("jobs"))]
        held = [(flow.path, "", str(flow.document.get(*at)), flow.document.spot(*at)) for at in given]
        for part in parts(flow):
            words = [one for one in ("env", "run", "secrets") if one in part.said]
            held += [(flow.path, "", str(part.said[word]), part.spot(word)) for word in words]
            for name, value in part.inputs.items():
                held.append((flow.path, f"{part.action} {name}".lower(), str(value), part.spot("with", name)))
        for path, taken, said, spot in held:
            for secret in _SECRET.finditer(said[:LONGEST]):
                name = (secret[1] or secret[2]).upper()
                cloud = next((one for one, how in clouds.items() if _is_key(how, name, taken)), "")
                if cloud and (path, cloud) not in found:
                    place = place_of(subject.repository, path, secret[1] or secret[2], spot.line)
                    found[path, cloud] = Finding(
                        f"{path} signs in to {cloud} with the stored key {name}.",
                        str(clouds[cloud]["remediation"]),
                        why=str(subject.parameters["why"]),
                        path=path,
                        line=place.line,
                        column=place.column,
                        fix=str(clouds[cloud]["fix"]),
                    )
    yield from list(found.values())[:MOST]
    told_all(subject.repository)


def _is_key(how: Mapping[str, Any], name: str, taken: str) -> bool:
    return re.fullmatch(how["keys"], name) is not None or taken in how["inputs"]
