"""The audit as a file: written, read again, and held to its published schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from chittyactions.compliance.audit import document
from chittyactions.compliance.audit.document import dumped, read_audit
from chittyactions.compliance.audit.record import Audit
from chittyactions.errors import ConfigError
from compliance.audit.ecosystem import audit

SCHEMA = Path(__file__).parents[3] / "schemas/audit.schema.json"


def against_the_schema(document: Any) -> list[str]:
    """What the published schema has against a document."""
    schema = json.loads(SCHEMA.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return [error.message for error in Draft202012Validator(schema).iter_errors(document)]


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    """Nothing is lost between two programs, and the services stand in the order of their keys."""
    (tmp_path / "a.json").write_text(dumped(audit()), "utf-8")
    read = read_audit(tmp_path / "a.json")
    assert sorted(read.services, key=str) == sorted(audit().services, key=str)
    assert [one.key for one in read.services] == sorted(one.key for one in audit().services)
    assert read.model_copy(update={"services": ()}) == audit().model_copy(update={"services": ()})


@pytest.mark.parametrize("complete", [True, False])
def test_what_is_written_fits_the_schema(complete: bool) -> None:
    """Whoever reads an audit by its schema reads every audit."""
    assert against_the_schema(json.loads(dumped(audit(complete=complete)))) == []


@pytest.mark.parametrize("path", ["services.0.standing", "services.0.checks.0.outcome", "complete", "finished"])
def test_the_schema_misses_what_is_taken_away(path: str) -> None:
    """The schema demands what the contract promises."""
    document = json.loads(dumped(audit()))
    *way, last = path.split(".")
    inner = document
    for step in way:
        inner = inner[int(step)] if step.isdecimal() else inner[step]
    del inner[last]
    assert against_the_schema(document) == [f"'{last}' is a required property"]


def test_the_schema_refuses_what_it_does_not_know() -> None:
    """A word that no reader knows is no contract."""
    assert against_the_schema(json.loads(dumped(audit())) | {"more": 1}) != []


@pytest.mark.parametrize(
    "text, said",
    [
        ("", "the document: Invalid JSON"),
        ("[]", "the document: Input should be an object"),
        ("{}", "started: Field required"),
        (dumped(audit()).replace('"schema_version": 1', '"schema_version": 2', 1), "schema_version: Input should be 1"),
        (dumped(audit()).replace('"standing": "judged"', '"standing": "fine"', 1), "services.0.standing: "),
        (dumped(audit()).replace('"complete": true', '"complete": true, "more": 1', 1), "more: Extra inputs"),
    ],
)
def test_what_is_no_audit_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    """The error names the file and the place, and nothing of what stands there."""
    path = tmp_path / "a.json"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        read_audit(path)
    assert caught.value.what == f"{path} is no audit."
    assert caught.value.why.startswith(said)


def test_however_it_is_laid_out_it_is_the_same_audit(tmp_path: Path) -> None:
    """Indented, on one line, with the line ends of Windows, without services: whoever rewrote it."""
    path, told = tmp_path / "a.json", dumped(audit())
    document = json.loads(told)
    bare = audit().model_copy(update={"services": ()})
    for text in (json.dumps(document, indent=2), json.dumps(document), told.replace("\n", "\r\n")):
        path.write_text(text, "utf-8", newline="")
        assert dumped(read_audit(path)) == told
    path.write_text(dumped(bare), "utf-8")
    assert read_audit(path) == bare


@pytest.mark.parametrize(
    "old, new",
    [
        ("},\n{", "}\n{"),
        ("}\n]\n}\n", "},\n]\n}\n"),
        ("},\n{", "},,\n{"),
        ("},\n{", "},\n\n,{"),
        ('"services": [\n', "[\n"),
    ],
    ids=["no comma", "one at the end", "two", "a lonely one", "no name"],
)
def test_what_is_no_json_between_the_services_is_refused(tmp_path: Path, old: str, new: str) -> None:
    """As it is within them."""
    text = dumped(audit())
    assert old in text
    (tmp_path / "a.json").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ConfigError) as caught:
        read_audit(tmp_path / "a.json")
    assert caught.value.why.startswith("the document: Invalid JSON")


def test_a_file_that_is_missing_or_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No report reads without end."""
    with pytest.raises(ConfigError) as caught:
        read_audit(tmp_path / "none.json")
    assert "No such file" in caught.value.why
    monkeypatch.setattr(document, "LARGEST", 1024 * 1024)
    (tmp_path / "a.json").write_bytes(b" " * (1024 * 1024 + 1))
    with pytest.raises(ConfigError) as caught:
        read_audit(tmp_path / "a.json")
    assert caught.value.why == "It has more than 1 MiB."


def test_what_fails_is_what_is_required_and_bad() -> None:
    """An optional check that fails makes no service fail."""
    for one in audit().services:
        failing = {check.id for check in one.failing()}
        assert failing == {c.id for c in one.checks if c.required and c.outcome.value in ("fail", "error")}
        assert (one.outcome is not None and one.outcome.value == "fail") == bool(failing)


def test_a_moment_needs_its_zone() -> None:
    """Two audits of different machines can be put in order."""
    with pytest.raises(ValueError, match="timezone"):
        Audit.model_validate({"started": "2026-01-01T00:00:00", "finished": "2026-01-01T00:00:00Z", "complete": True})
