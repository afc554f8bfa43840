"""Markdown, SARIF, CSV and JSON of an audit: valid, within their limits, and harmless whatever a repository holds."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import cmarkgfm
import pytest
from jsonschema import Draft7Validator

from chittyactions.compliance.audit.document import read_audit
from chittyactions.compliance.audit.record import Audit
from chittyactions.compliance.audit.reports import csv_report, dashboard, json_report, markdown, sarif, verdict
from chittyactions.compliance.audit.reports.csv_report import cell
from chittyactions.compliance.audit.reports.view import View, point, view
from chittyactions.compliance.model import is_apart
from chittyactions.compliance.reports.markup import utf16
from compliance.audit.ecosystem import audit, hostile, hostile_before, service
from compliance.audit.test_record import against_the_schema

SNAPSHOTS = Path(__file__).parent / "snapshots"
SARIF = Path(__file__).parents[1] / "sarif-schema-2.1.0.json"

FORMATS: dict[str, Callable[[View], str]] = {
    "dashboard.html": dashboard.render,
    "report.md": markdown.render,
    "report.sarif": lambda one: sarif.render(one, "2.0.0"),
    "report.csv": csv_report.render,
    "report.json": json_report.render,
}


@cache
def whole() -> View:
    """The made ecosystem, incomplete, with what changed and what was before."""
    earlier = [point(audit(-week)) for week in range(1, 5)]
    return view(audit(complete=False), previous=audit(-1), history=earlier, link="https://ci.example/run/7")


@cache
def small() -> View:
    """Five services of it, one of each kind."""
    before, after = (
        one.model_copy(update={"services": tuple(s for s in one.services if s.name in FEW)})
        for one in (audit(-1), audit())
    )
    return view(after, previous=before, history=[point(before)])


FEW = ("chittybeacon", "chittyrouter", "chittymcp-github", "chittysessionsync", "mcp", "chittyos-cli")


@pytest.mark.parametrize(
    "name, shown",
    [
        ("report.md", whole),
        ("report.sarif", small),
        ("report.csv", small),
        ("report.json", small),
        ("dashboard.html", small),
    ],
)
def test_the_reports_are_as_a_person_read_them(name: str, shown: Callable[[], View]) -> None:
    """Each whole report is held to one that was looked at. CHITTY_UPDATE_SNAPSHOTS=1 writes them anew."""
    made = FORMATS[name](shown()).replace("\r\n", "\n")  # as git keeps it
    made = re.sub(r"(?s)<style>.*?</style>|<script>.*?</script>|'sha256-[^']*'", "", made)
    if os.environ.get("CHITTY_UPDATE_SNAPSHOTS"):
        SNAPSHOTS.mkdir(exist_ok=True)
        (SNAPSHOTS / name).write_bytes(made.encode())
    assert made.encode() == (SNAPSHOTS / name).read_bytes()


# -- foreign text --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMATS)
def test_no_report_acts_on_a_terminal_or_a_runner(name: str) -> None:
    """No escape sequence, nothing that turns the reading direction, no command of a runner that prints it."""
    made = FORMATS[name](view(hostile(), previous=hostile_before(), link="https://ci.example/run/7"))
    assert re.findall("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]", made) == []
    assert [one for one in made.splitlines() if one.lstrip().startswith("::")] == []
    assert "##[" not in made
    assert "\r" not in made or name == "report.csv"


def test_markdown_has_no_foreign_link_image_mention_or_element() -> None:
    """Rendered as GitHub renders it, all that leads anywhere leads to where we say."""
    made = markdown.render(view(hostile(), previous=hostile_before(), link="https://ci.example/run/7"))
    page = cmarkgfm.github_flavored_markdown_to_html(made, options=1 << 17)
    plain = re.sub(r"(?s)<code>.*?</code>", "", page)
    assert set(re.findall(r'href="([^"]*)"', plain)) == {"https://ci.example/run/7", PAGE}
    assert re.findall(r"<(?:img|script|input|iframe)", plain) == []
    assert re.findall(r"@\w|(?<!&)#\d|GH-\d", plain) == []
    assert plain.count("<details>") == plain.count("</details>") == made.count("\n<details>")


PAGE = "https://github.com/chittyos/chittyops/blob/main/docs/audit-reports.md"


def test_a_table_keeps_its_columns() -> None:
    """A bar in a name does not shift what stands behind it."""
    made = markdown.render(view(hostile()))
    for block in re.findall(r"(?m)(?:^\|.*\n)+", made):
        bars = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(bars) == 1, block


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r\n@", " =", "\uff1d", "\uff20"])
def test_no_cell_is_a_formula(start: str) -> None:
    """A spreadsheet shows it as text."""
    assert cell(f"{start}cmd|' /C calc'!A0").startswith("'")


@pytest.mark.parametrize("value, shown", [(None, ""), (True, "true"), (False, "false"), (0, "0"), ("a\nb", "a b")])
def test_a_cell_is_one_line(value: object, shown: str) -> None:
    """Numbers, words and nothing as any reader of CSV takes them."""
    assert cell(value) == shown


# -- CSV -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shown", [audit(), hostile(), audit(complete=False)], ids=["made", "hostile", "incomplete"])
def test_csv_has_a_line_for_each_check_of_each_service(shown: Audit) -> None:
    """And one for a service that was not judged; every line has every column, and ends as RFC 4180 says."""
    made = csv_report.render(view(shown))
    rows = list(csv.DictReader(io.StringIO(made, newline="")))
    assert len(rows) == sum(max(1, len(one.checks)) for one in shown.services)
    assert {len(row) for row in rows} == {len(csv_report.COLUMNS)}
    assert not any(None in row.values() or None in row for row in rows)
    assert made.endswith("\r\n")
    assert "\n" not in made.replace("\r\n", "")
    assert not any(value.startswith(("=", "+", "-", "@")) for row in rows for value in row.values())


# -- SARIF ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shown", [audit(), hostile(), audit(complete=False)], ids=["made", "hostile", "incomplete"])
def test_sarif_fits_its_schema(shown: Audit) -> None:
    """The standard's own schema has nothing against it."""
    schema = json.loads(SARIF.read_text("utf-8"))
    document = json.loads(sarif.render(view(shown)))
    assert [error.message for error in Draft7Validator(schema).iter_errors(document)] == []


def test_sarif_tells_every_finding_with_its_repository_and_rule() -> None:
    """Each result leads to its repository by a base that the run names, and to its rule by its number."""
    shown = view(audit())
    run, other = json.loads(sarif.render(shown))["runs"]
    bases = {one["mappedTo"]["uriBaseId"]: one["repositoryUri"] for one in run["versionControlProvenance"]}
    assert len(bases) == 62
    assert {name: one["uri"] for name, one in run["originalUriBaseIds"].items()} == {
        name: f"{uri}/" for name, uri in bases.items()
    }
    bad = [(s, c) for s in shown.audit.services for c in s.checks if c.outcome.value in ("fail", "error")]
    assert len(run["results"]) == sum(not is_apart(c.dimension) for _, c in bad)
    assert len(run["results"]) + len(other["results"]) == len(bad)
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        (location,) = result["locations"]
        base = location["physicalLocation"]["artifactLocation"]["uriBaseId"]
        name = result["properties"]["service"]
        assert location["logicalLocations"][0]["fullyQualifiedName"].endswith(f"/{name}")
        assert bases[base].lower().endswith((f"/{name}".lower(), "/chittymcp-gh"))
    prints = [one["partialFingerprints"]["chittyopsFinding/v1"] for one in run["results"]]
    assert len(set(prints)) == len(prints)
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(ids)) == len(ids)


def test_sarif_of_an_incomplete_audit_is_no_success() -> None:
    """What reads SARIF learns that results may be missing, and why."""
    run = json.loads(sarif.render(whole()))["runs"][0]
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    errors = [one["message"]["text"] for one in invocation["toolExecutionNotifications"] if one["level"] == "error"]
    assert errors == list(audit(complete=False).incomplete)


# -- JSON ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shown", [audit(), hostile(), audit(complete=False)], ids=["made", "hostile", "incomplete"])
def test_json_is_an_audit_again(tmp_path: Path, shown: Audit) -> None:
    """It fits the published schema, and whatever reads an audit reads it: nothing is lost."""
    made = json_report.render(view(shown))
    assert against_the_schema(json.loads(made)) == []
    (tmp_path / "a.json").write_text(made, "utf-8")
    read = read_audit(tmp_path / "a.json")
    assert read.summary == json_report.summary(view(shown))
    assert {one.key: one for one in read.services} == {one.key: one for one in shown.services}
    assert json_report.render(view(read)) == made


# -- Markdown ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 200, 1500])
def test_markdown_fits_an_issue_and_says_what_it_leaves_out(size: int) -> None:
    """65,536 characters as GitHub counts them; the worst services are there, and a line counts the others."""
    shown = view(audit(size=size), previous=audit(-1), link="https://ci.example/run/7") if size else whole()
    made = markdown.render(shown)
    assert utf16(made) <= 65_536
    bad = [one for one in shown.judged() if verdict.bad(one)]
    pieces = re.findall(r"(?m)^### . ?\[[^]]*/(.+?)\]", made)
    assert [name.replace("\\", "") for name in pieces] == [one.name for one in bad[: len(pieces)]]
    told = made.partition("## Findings")[2].partition("<details>")[0]
    left = [int(count) for count in re.findall(r"… and (\d+) more: \[the whole report\]", told)]
    if len(pieces) < len(bad):
        assert left == [len(bad) - len(pieces)]
        assert utf16(made) > 55_000
    else:
        assert left == []


@pytest.mark.parametrize("limit", [3_000, 8_000, 20_000, 40_000])
def test_markdown_keeps_to_any_limit(limit: int) -> None:
    """Whoever has less room gets the numbers first; no piece is cut in the middle."""
    for shown in (whole(), view(hostile())):
        made = markdown.render(shown, limit=limit)
        assert utf16(made) <= max(limit, 1_900)
        assert made.count("<details>") == made.count("</details>")
        assert made.endswith("</sub>\n")


def told_over_time(made: str) -> list[str]:
    """The rows of the part on how it went."""
    part = made.partition("## Over time\n")[2].partition("\n## ")[0]
    return [one for one in part.splitlines() if one.startswith("| 2")]


def test_markdown_says_how_it_went() -> None:
    """A row for each of the last twelve audits, the newest first; one that is not complete says so."""
    points = [point(audit(-week)) for week in range(1, 30)]
    shown = view(audit(), history=[*points[:1], replace(points[1], complete=False), *points[2:]])
    made = markdown.render(shown)
    rows = told_over_time(made)
    assert len(rows) == 12
    assert [one[2:12] for one in rows] == [f"{audit(-week).finished:%Y-%m-%d}" for week in range(12)]
    assert [number for number, one in enumerate(rows) if "(incomplete)" in one] == [2]
    checks = shown.totals.required_checks
    assert f"{checks} ({checks.passed} of {checks.whole})" in rows[0]
    assert f"{shown.totals.passing} of {shown.totals.rate.whole}" in rows[0]
    assert "The last 12 of 30 audits." in made
    assert "The last" not in markdown.render(view(audit(), history=points[:11]))


def test_markdown_of_one_audit_has_nothing_over_time() -> None:
    """One point is no line; nor is there one where little fits, since the numbers of today are worth more."""
    assert "Over time" not in markdown.render(view(audit()))
    assert "Over time" not in markdown.render(whole(), limit=3_000)


def test_markdown_of_the_public_part_has_its_numbers_over_time() -> None:
    """None of them counts what is left out."""
    public = [point(audit(-week), public=True) for week in range(1, 4)]
    shown = view(audit(), history=public, public=True)
    assert shown.left_out > 0
    rows = told_over_time(markdown.render(shown))
    assert [re.findall(r"\((\d+) of (\d+)\)", row)[0] for row in rows] == [
        (str(one.totals.passing), str(one.totals.rate.whole)) for one in reversed(shown.history)
    ]
    assert (
        rows[1:]
        != told_over_time(markdown.render(view(audit(), history=[point(audit(-one)) for one in (1, 2, 3)])))[1:]
    )


def test_markdown_of_nothing() -> None:
    """An audit of no service says so, and claims nothing."""
    made = markdown.render(view(audit().model_copy(update={"services": ()})))
    assert "No service was audited" in made
    assert "100 %" not in made


def test_a_service_with_hundreds_of_findings_leaves_room_for_others() -> None:
    """Twenty of one service are told, and how many more there are."""
    bad = next(one for one in audit().services if one.failing())
    many = bad.model_copy(update={"checks": bad.failing()[:1] * 30, "name": "many"})
    made = markdown.render(view(audit().model_copy(update={"services": (many, service("o", "tool", "x", 0))})))
    assert "… and 10 more findings" in made
