"""ChittyRouter: the domain is declared, and the router knows the way to it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from chittyactions.compliance import names
from chittyactions.compliance.checks.connect_file import connect_file, kind_of
from chittyactions.compliance.engine import Subject
from chittyactions.compliance.model import Finding

AT = ("service", "domains", "production")

_HOST = re.compile(names.DOMAIN_AS_WRITTEN)


def declared(subject: Subject) -> Iterable[Finding]:
    """`service.domains.production` of .chittyconnect.yml is the name of a host."""
    file = connect_file(subject)
    value = file.document.get(*AT) if file.document else None
    domain = subject.service.domain
    fix = f"service:\n  domains:\n    production: {domain}\n"
    if isinstance(value, str) and _HOST.fullmatch(value):
        return []
    if value is None:
        outer = file.document.get("service") if file.document else None
        if outer is not None and not isinstance(outer, dict):
            message = "`service` is no table, so that service.domains.production cannot stand in it."
            fix = f"service:\n  name: {subject.service.name}\n  domains:\n    production: {domain}\n"
            return [file.finding(subject, message, ("service",), fix=fix)]
        absent = file.document is None or not file.document.has(*AT)
        message = f"service.domains.production does not declare {domain}."
        return [file.finding(subject, message, AT, fix=fix, absent=absent)]
    told = repr(value[:60]) if isinstance(value, str) else kind_of(value)
    hint = " Leave the scheme and the path away." if isinstance(value, str) and "/" in value else ""
    return [file.finding(subject, f"service.domains.production is {told}, which is no host name.{hint}", AT, fix=fix)]


def routed(subject: Subject) -> Iterable[Finding]:
    """The router says that it knows the domain."""
    if subject.repository.observed.routed.known() is not None:
        return []
    return [
        Finding(
            f"ChittyRouter knows no route to {subject.service.domain}.",
            str(subject.parameters["remediation"]),
            why=str(subject.parameters["why"]),
            absent=True,
        )
    ]
