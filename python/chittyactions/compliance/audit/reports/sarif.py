"""SARIF 2.1.0 of a whole audit, for what gathers findings of many repositories.

One run for all of it, with its rules once, and one for what is reported apart. Each repository is a
versionControlProvenance of the run, mapped to a base of its own by which the places of its results are found (3.14.14
and 3.23 of the standard). GitHub's code scanning takes results of one repository only: there `chittyops check` hands
them over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from chittyactions import VERSION
from chittyactions.compliance.audit.record import ServiceRecord, Standing
from chittyactions.compliance.audit.reports.saying import (
    STANDINGS,
    asked,
    headline,
    left_out,
    repository_address,
    security,
)
from chittyactions.compliance.audit.reports.verdict import verdict_of
from chittyactions.compliance.audit.reports.view import View
from chittyactions.compliance.model import Outcome, is_apart
from chittyactions.compliance.reports import sarif
from chittyactions.compliance.reports.wording import SECURITY, WORDS, dumped, leave, line

TOLD = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.WAIVED)


def render(view: View, version: str = VERSION) -> str:
    """The report as text."""
    return dumped(document(view, version))


def document(view: View, version: str = VERSION) -> dict[str, Any]:
    """The report as plain values: a run for what counts, and one for what is reported apart where it was looked at."""
    runs = [_run(view, version, apart=False)]
    if view.apart.services:
        runs.append(_run(view, version, apart=True))
    return {"$schema": sarif.SCHEMA, "version": "2.1.0", "runs": runs}


def _run(view: View, version: str, *, apart: bool) -> dict[str, Any]:
    rules: dict[str, dict[str, Any]] = {}
    numbers: dict[str, int] = {}
    provenance: list[dict[str, Any]] = []
    results: list[dict[str, Any]] = []
    notifications = list(_of_the_run(view, apart=apart))
    for whole in view.audit.services:
        checks = tuple(one for one in whole.checks if is_apart(one.dimension) is apart)
        service = whole.model_copy(update={"checks": checks})
        if apart and not checks:
            continue  # that it was not judged, the first run says
        base = f"REPOSITORY{len(provenance)}"
        address = repository_address(service)
        if address:
            provenance.append(_provenance(service, address, base))
        for run in _runs(service, version):
            for rule in run["tool"]["driver"]["rules"]:
                numbers.setdefault(rule["id"], len(rules))
                rule["properties"].pop("required")  # of one service it is, of another it is not
                rules.setdefault(rule["id"], rule)
            results += [_placed(one, service, base if address else "", numbers) for one in run["results"]]
        notifications += _of_service(service, numbers)
    driver = {
        "name": "ChittyOps",
        "semanticVersion": version,
        "informationUri": "https://github.com/chittyos/chittyops",
        "rules": list(rules.values()),
    }
    invocation = {
        "executionSuccessful": view.audit.complete,
        "startTimeUtc": _utc(view.audit.started.isoformat()),
        "endTimeUtc": _utc(view.audit.finished.isoformat()),
        "toolExecutionNotifications": notifications,
    }
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": "audit/security/" if apart else "audit/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {one["mappedTo"]["uriBaseId"]: {"uri": f"{one['repositoryUri']}/"} for one in provenance},
        "versionControlProvenance": provenance,
        "invocations": [invocation],
        "results": results,
    }


def _utc(moment: str) -> str:
    return moment.replace("+00:00", "Z")


def _provenance(service: ServiceRecord, address: str, base: str) -> dict[str, Any]:
    return {
        "repositoryUri": address,
        **({"revisionId": line(service.commit)} if service.commit else {}),
        **({"branch": line(service.branch)} if service.branch else {}),
        "mappedTo": {"uriBaseId": base},
    }


def _runs(service: ServiceRecord, version: str) -> list[dict[str, Any]]:
    """The runs of one repository's report, with the rules of what is told alone."""
    told = service.model_copy(update={"checks": tuple(one for one in service.checks if one.outcome in TOLD)})
    runs: list[dict[str, Any]] = sarif.document(verdict_of(told), version)["runs"]
    return runs


def _placed(result: dict[str, Any], service: ServiceRecord, base: str, numbers: dict[str, int]) -> dict[str, Any]:
    """A result, at home in its repository."""
    for location in result["locations"]:
        artifact = location["physicalLocation"]["artifactLocation"]
        artifact.pop("uriBaseId")
        if base:
            artifact["uriBaseId"] = base
        location["logicalLocations"] = [{"fullyQualifiedName": line(f"{service.organization}/{service.name}")}]
    required = any(one.required for one in service.checks if one.id == result["ruleId"])
    prints = result["partialFingerprints"]
    whole = f"{service.key}\0{prints['chittyopsFinding/v1']}".encode("utf-8", "replace")
    return {
        **result,
        "ruleIndex": numbers[result["ruleId"]],
        "partialFingerprints": {"chittyopsFinding/v1": hashlib.sha256(whole).hexdigest()[:32]},
        "properties": {**result.get("properties", {}), "service": line(service.name), "required": required},
    }


def _of_the_run(view: View, *, apart: bool) -> Iterator[dict[str, Any]]:
    of_whom = f"Audited {view.audit.finished:%Y-%m-%d %H:%M} UTC{asked(view)}." if asked(view) else ""
    texts = (f"{SECURITY}: {security(view)}" if apart else headline(view) + ".", of_whom, left_out(view))
    yield from ({"level": "note", "message": {"text": text}} for text in texts if text)
    yield from ({"level": "error", "message": {"text": line(text)}} for text in view.audit.incomplete)


def _of_service(service: ServiceRecord, numbers: dict[str, int]) -> Iterator[dict[str, Any]]:
    """What was not settled and what is waived."""
    name = line(f"{service.organization}/{service.name}")
    if service.standing is not Standing.JUDGED:
        text = f"{name}: {STANDINGS[service.standing]}. {line(service.reason)}"
        yield {"level": "warning" if service.standing is Standing.UNKNOWN else "note", "message": {"text": text}}
    for check in verdict_of(service).checks:
        if check.outcome in (Outcome.UNKNOWN, Outcome.WAIVED):
            why = leave(check) if check.outcome is Outcome.WAIVED else line(check.reason)
            yield {
                "level": "warning" if check.outcome is Outcome.UNKNOWN else "note",
                "message": {"text": f"{name}: {check.id} is {WORDS[check.outcome]}: {why}"},
                "associatedRule": {"id": check.id, "index": numbers[check.id]},
            }
