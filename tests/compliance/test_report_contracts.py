"""The formats that machines read: each valid by its schema, and saying the same as the verdict."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft7Validator

from chittyactions import VERSION
from chittyactions.compliance.fail_on import FailOn
from chittyactions.compliance.model import Checked, Finding, Outcome, Severity, Verdict
from chittyactions.compliance.reports import badge, json_report, junit, sarif
from chittyactions.compliance.reports.annotations import MOST, annotate
from compliance.verdicts import LEAVE, check, crowded, decision, hostile, mixed, passing, sparse, verdict

ROOT = Path(__file__).resolve().parents[2]
VERDICTS = [mixed(), passing(), hostile(), sparse(), crowded(), verdict()]
NAMES = ["mixed", "passing", "hostile", "sparse", "crowded", "empty"]


def load(path: str) -> Any:
    return json.loads((ROOT / path).read_text("utf-8"))


OURS = load("schemas/compliance-report.schema.json")
SARIF = load("tests/compliance/sarif-schema-2.1.0.json")


def many(count: int, **given: Any) -> Verdict:
    """A verdict with as many findings of one check."""
    found = [Finding(f"finding {number}", "fix it", path="a.yml", line=number + 1) for number in range(count)]
    return verdict(check("a.b", Outcome.FAIL, *found, **given))


# -- JSON ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("judged", VERDICTS, ids=NAMES)
def test_the_json_report_fits_its_published_schema(judged: Verdict) -> None:
    """Whoever reads the report by its schema reads every report."""
    Draft7Validator.check_schema(OURS)
    assert [error.message for error in Draft7Validator(OURS).iter_errors(json.loads(json_report.render(judged)))] == []


def undescribed(value: Any, schema: dict[str, Any], path: str = "") -> Iterator[str]:
    """Keys of a document that its schema does not know."""
    if "$ref" in schema:
        schema = OURS["definitions"][schema["$ref"].rsplit("/", 1)[-1]]
    schema = next((one for one in schema.get("anyOf", []) if "$ref" in one), schema)
    if "$ref" in schema:
        yield from undescribed(value, schema, path)
    elif isinstance(value, dict):
        for name, inner in value.items():
            below = schema.get("properties", {}).get(name) or schema.get("additionalProperties")
            if below is None:
                yield f"{path}.{name}"
            else:
                yield from undescribed(inner, below, f"{path}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from undescribed(inner, schema["items"], f"{path}[]")


def test_the_published_schema_names_every_key() -> None:
    """A key that the schema does not describe is no contract."""
    assert list(undescribed(json_report.document(mixed()), OURS)) == []


@pytest.mark.parametrize("path", ["score", "checks.0.findings", "dimensions.chittycanon.outcome", "service.tier"])
def test_the_published_schema_misses_what_is_taken_away(path: str) -> None:
    """The schema demands what the contract promises."""
    document = json_report.document(mixed())
    *way, last = path.split(".")
    place: Any = document
    for step in way:
        place = place[int(step) if step.isdigit() else step]
    del place[last]
    assert not Draft7Validator(OURS).is_valid(document)


def test_the_json_report_says_what_the_verdict_says() -> None:
    """Known failures 20 and 21: one score, floored, and one denominator that adds up."""
    failing = [check(f"a.c{number}", Outcome.PASS) for number in range(299)]
    document = json_report.document(verdict(*failing, check("a.last", Outcome.FAIL)))
    assert document["score"] == 99
    assert document["outcome"] == "fail"
    assert document["required"] | {"passed": 299, "failed": 1} == document["required"]
    assert document["dimensions"]["a"] | {"passed": 299, "failed": 1} == document["dimensions"]["a"]
    counted = json_report.document(mixed())["required"]
    assert counted == {
        "passed": 1,
        "failed": 2,
        "waived": 1,
        "error": 0,
        "unknown": 1,
        "not_evaluated": 1,
        "not_applicable": 0,
    }
    assert len(json_report.REQUIRED) == len(Outcome)


def test_a_waiver_is_told_as_holding_or_expired() -> None:
    """A waived check never looks like one whose waiver has run out."""
    checks = {one["id"]: one["waiver"] for one in json_report.document(mixed())["checks"]}
    assert checks["chittyregister.heartbeat"]["expired"] is False
    assert checks["chittyregister.heartbeat"]["expires"] == "2027-06-30"
    assert checks["secrets-model.deprecated"]["expired"] is True
    assert checks["chittyconnect.config"] is None


def test_the_json_report_gives_back_what_was_found() -> None:
    """Escapes are JSON's own: a parser reads the text that the finding had."""
    text = "über\u202e ##[error] \x1b[31m\u2028\x9b"
    document = json.loads(json_report.render(verdict(check("a.b", Outcome.FAIL, Finding(text, text)))))
    assert document["checks"][0]["findings"][0]["message"] == text


# -- SARIF ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("judged", VERDICTS, ids=NAMES)
def test_sarif_is_valid_by_its_schema(judged: Verdict) -> None:
    """The schema is the OASIS committee's for SARIF 2.1.0, as its repository publishes it."""
    document = json.loads(sarif.render(judged))
    assert [error.message for error in Draft7Validator(SARIF).iter_errors(document)] == []


def results(judged: Verdict) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sarif.document(judged)["runs"][0]["results"]
    return found


def test_sarif_has_a_result_for_each_finding_that_stands() -> None:
    """Failed and undecided checks are results; what is waived is none, since GitHub would open an alert for it."""
    assert [one["ruleId"] for one in results(mixed())] == [
        "chittyconnect.config",
        "chittyconnect.config",
        "chittycanon.codeowners",
        "channel-access-pattern.shared-token",
        "artifacts.openapi",
        "secrets-model.deprecated",
    ]
    assert results(passing()) == []


def test_sarif_tells_what_was_not_settled_apart() -> None:
    """Unknown, not evaluated and waived are notifications of the run, each with its reason."""
    runs = sarif.document(mixed())["runs"]
    told = [run["invocations"][0]["toolExecutionNotifications"] for run in runs]
    assert [{(one["associatedRule"]["id"], one["level"]) for one in run} for run in told] == [
        {("chittyregister.heartbeat", "note")},
        {("chittycanon.protection", "warning")},
        {("chittyregister.registered", "note")},
        set(),
    ]
    assert "403" in told[1][0]["message"]["text"]


def test_every_sarif_result_points_at_its_rule() -> None:
    """Index and id name the same rule."""
    run = sarif.document(mixed())["runs"][0]
    rules = [one["id"] for one in run["tool"]["driver"]["rules"]]
    assert all(rules[one["ruleIndex"]] == one["ruleId"] for one in run["results"])


@pytest.mark.parametrize(
    "severity, level, lowest, highest",
    [
        (Severity.CRITICAL, "error", 9.1, 10.0),
        (Severity.HIGH, "error", 7.0, 8.9),
        (Severity.MEDIUM, "warning", 4.0, 6.9),
        (Severity.LOW, "note", 0.1, 3.9),
    ],
)
def test_github_shows_our_severity_by_its_name(severity: Severity, level: str, lowest: float, highest: float) -> None:
    """`security-severity` lies in the band that GitHub calls by the same word."""
    run = sarif.document(many(1, severity=severity))["runs"][0]
    assert run["results"][0]["level"] == level
    assert lowest <= float(run["tool"]["driver"]["rules"][0]["properties"]["security-severity"]) <= highest


def test_a_sarif_result_of_no_file_has_a_place_all_the_same() -> None:
    """GitHub drops a result without a location; a branch that is not protected is of no file."""
    found = results(verdict(check("a.b", Outcome.FAIL, Finding("No protection.", "Protect it."))))
    place = found[0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == ".chittyconnect.yml"
    assert place["region"] == {"startLine": 1}


def test_a_sarif_result_of_no_file_is_in_the_services_own_folder() -> None:
    """The alert of a service in a folder is shown there, and not at a file of the root, which is another's."""
    of = replace(mixed().service, folder="services/a b")
    found = results(verdict(check("a.b", Outcome.FAIL, Finding("No protection.", "Protect it.")), service=of))
    place = found[0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "services/a%20b/.chittyconnect.yml"


@pytest.mark.parametrize("path, raw", [("a b/ü#%.yml", "a b/ü#%.yml".encode()), ("caf\udce9.yml", b"caf\xe9.yml")])
def test_a_sarif_path_is_an_address(path: str, raw: bytes) -> None:
    """Spaces, #, % and bytes that are no UTF-8 are escaped, and lead to the same file."""
    found = results(verdict(check("a.b", Outcome.FAIL, Finding("x", "y", path=path, line=2, column=3))))
    place = found[0]["locations"][0]["physicalLocation"]
    assert unquote_to_bytes(place["artifactLocation"]["uri"]) == raw
    assert place["artifactLocation"]["uri"].isascii()
    assert " " not in place["artifactLocation"]["uri"]
    assert place["region"] == {"startLine": 2, "startColumn": 3}


def test_a_sarif_fingerprint_survives_an_edit_above_it() -> None:
    """The same finding at another line is the same alert; two of the same text in one file are two."""
    one = Finding("x", "y", path="a.yml", line=3)
    before = results(verdict(check("a.b", Outcome.FAIL, one)))
    after = results(verdict(check("a.b", Outcome.FAIL, replace(one, line=9), replace(one, line=12))))
    prints = [result["partialFingerprints"]["chittyopsFinding/v1"] for result in (*before, *after)]
    assert prints[0] == prints[1]
    assert prints[1] != prints[2]


def test_a_sarif_result_has_the_fingerprint_that_github_compares() -> None:
    """It knows an alert again by `primaryLocationLineHash`, and without it makes its own of the line's text."""
    (one,) = results(verdict(check("a.b", Outcome.FAIL, Finding("x", "y", path="a.yml", line=3))))
    own = one["partialFingerprints"]["chittyopsFinding/v1"]
    assert one["partialFingerprints"]["primaryLocationLineHash"] == f"{own}:1"


FOUND = Finding("x", "y", path="a.yml")
STATIC_FAILS, STATIC_UNKNOWN = (check("a.static", one, FOUND) for one in (Outcome.FAIL, Outcome.UNKNOWN))
ASKED_FAILS, ASKED_UNKNOWN, NOT_ASKED = (
    replace(check("a.asked", one, FOUND), asks=True) for one in (Outcome.FAIL, Outcome.UNKNOWN, Outcome.NOT_EVALUATED)
)
OTHER_ASKED = replace(check("b.asked", Outcome.FAIL, FOUND), asks=True)
OWN_ASKED, OWN_UNKNOWN = (replace(check("own.e", one, FOUND), asks=True) for one in (Outcome.FAIL, Outcome.UNKNOWN))


def test_what_services_are_asked_for_is_a_run_for_each_dimension() -> None:
    """A service that does not answer keeps back the alerts of its dimension alone: the categories are not the same."""
    runs = sarif.document(verdict(ASKED_FAILS, STATIC_FAILS, check("a.other", Outcome.PASS), OTHER_ASKED))["runs"]
    assert [run["automationDetails"]["id"] for run in runs] == [
        "compliance/chittyrouter/checkout/",
        "compliance/chittyrouter/a/",
        "compliance/chittyrouter/b/",
        "compliance/chittyrouter/own/",
    ]
    assert [[one["id"] for one in run["tool"]["driver"]["rules"]] for run in runs] == [
        ["a.static", "a.other"],
        ["a.asked"],
        ["b.asked"],
        [],
    ]
    assert [[(one["ruleId"], one["ruleIndex"]) for one in run["results"]] for run in runs] == [
        [("a.static", 0)],
        [("a.asked", 0)],
        [("b.asked", 0)],
        [],
    ]


def test_alerts_of_an_own_check_that_is_gone_are_closed() -> None:
    """Its category is uploaded without it; the rules of those that are there come once."""
    ids = [run["automationDetails"]["id"] for run in sarif.document(verdict(OWN_ASKED, OTHER_ASKED))["runs"]]
    assert [one.split("/")[-2] for one in ids] == ["checkout", "own", "b"]
    gone = sarif.document(verdict(STATIC_FAILS))["runs"][-1]
    assert gone["automationDetails"]["id"] == "compliance/chittyrouter/own/"
    assert gone["results"] == gone["tool"]["driver"]["rules"] == []


@pytest.mark.parametrize(
    "checks, categories, not_looked_at",
    [
        ((STATIC_FAILS, ASKED_FAILS), ["checkout", "a", "own"], []),
        ((STATIC_FAILS, ASKED_UNKNOWN), ["checkout", "own"], ["a.asked"]),
        ((STATIC_FAILS, ASKED_UNKNOWN, OTHER_ASKED), ["checkout", "b", "own"], ["a.asked"]),
        ((STATIC_FAILS, NOT_ASKED), ["checkout", "own"], ["a.asked"]),
        ((STATIC_UNKNOWN, ASKED_FAILS), ["a", "own"], ["a.static"]),
        ((STATIC_UNKNOWN, NOT_ASKED), ["own"], ["a.static", "a.asked"]),
        ((STATIC_FAILS, OWN_UNKNOWN), ["checkout"], ["own.e"]),
        ((STATIC_UNKNOWN, OWN_UNKNOWN), [], ["a.static", "own.e"]),
    ],
)
def test_code_scanning_takes_no_run_in_which_something_was_not_looked_at(
    checks: tuple[Checked, ...], categories: list[str], not_looked_at: list[str]
) -> None:
    """An alert is closed by an upload that does not name it, and nobody has seen that it is mended."""
    text, open_ends = sarif.to_hand_over(verdict(*checks), "9.8.7")
    runs = json.loads(text)["runs"] if text else []
    assert [run["automationDetails"]["id"].split("/")[-2] for run in runs] == categories
    assert [one.id for one in open_ends] == not_looked_at
    assert '"9.8.7"' in text or not runs
    whole = {"checkout", "own", *(one.dimension for one in checks if one.asks)}
    assert len(sarif.document(verdict(*checks))["runs"]) == len(whole), "the file holds them all, with the reasons"


def test_services_of_one_repository_have_alerts_of_their_own() -> None:
    """The category names the service, so that one upload closes no alert of the other's."""
    assert sarif.document(mixed())["runs"][0]["automationDetails"]["id"] == "compliance/chittyrouter/checkout/"
    odd = verdict(service=replace(mixed().service, name="a/b c"))  # its last slash would end the category
    assert sarif.document(odd)["runs"][0]["automationDetails"]["id"] == "compliance/a-b-c~af3de131/checkout/"


@pytest.mark.parametrize("render", [json_report.render, sarif.render])
def test_a_report_says_which_version_made_it(render: Callable[..., str]) -> None:
    """By default the version that runs."""
    assert f'ersion": "{VERSION}"' in render(passing())
    assert 'ersion": "9.8.7"' in render(passing(), "9.8.7")


def test_sarif_keeps_to_what_github_shows() -> None:
    """5,000 results, and a notification that says how many are left out."""
    run = sarif.document(many(5_002))["runs"][0]
    assert len(run["results"]) == 5_000
    assert run["invocations"][0]["toolExecutionNotifications"] == [
        {
            "level": "warning",
            "message": {"text": "2 more findings are left out; the JSON report holds all 5002."},
        }
    ]
    assert not sarif.document(many(5_000))["runs"][0]["invocations"][0]["toolExecutionNotifications"]


# -- JUnit ---------------------------------------------------------------------------------------------------


def cases(judged: Verdict, policy: FailOn = FailOn.REQUIRED, *, opted_in: bool = True) -> dict[str, ET.Element]:
    tree = ET.fromstring(junit.render(judged, decision(judged, policy, opted_in=opted_in)))
    return {case.attrib["name"].split(":")[0]: case for case in tree.iter("testcase")}


def test_junit_is_red_where_a_required_check_failed() -> None:
    """A viewer of tests shows red for what is required, and lets pass what is not."""
    kinds = {name: [child.tag for child in case] for name, case in cases(mixed()).items()}
    assert kinds == {
        "chittyconnect.config": ["failure"],
        "chittyconnect.sync-workflow": [],
        "chittybeacon.installed": ["skipped"],
        "chittycanon.codeowners": ["failure"],
        "chittycanon.protection": ["skipped"],
        "chittyregister.heartbeat": ["skipped", "system-out"],
        "chittyregister.registered": ["skipped"],
        "channel-access-pattern.shared-token": ["skipped", "system-out"],
        "secrets-model.deprecated": ["skipped", "system-out"],
        "artifacts.openapi": ["skipped", "system-out"],
    }
    broken = verdict(check("a.b", Outcome.ERROR, Finding("Too big.", "Split it.")))
    assert [child.tag for child in cases(broken)["a.b"]] == ["error"]


@pytest.mark.parametrize(
    "policy, opted_in, red",
    [
        (FailOn.CRITICAL, True, {"chittyconnect.config": "failure"}),
        (FailOn.MEDIUM, True, {"chittyconnect.config": "failure", "own.one": "failure", "own.two": "error"}),
        (FailOn.REQUIRED, True, {"chittyconnect.config": "failure", "own.three": "failure"}),
        (FailOn.NONE, True, {}),
        (FailOn.AUTO, False, {}),
        (FailOn.AUTO, True, {"chittyconnect.config": "failure", "own.three": "failure"}),
    ],
)
def test_junit_stops_what_fails_the_job_and_nothing_else(policy: FailOn, opted_in: bool, red: dict[str, str]) -> None:
    """A check of one's own that fails the job by its severity is red; what this run lets through is skipped."""
    judged = verdict(
        check("chittyconnect.config", FAIL, Finding("Wrong.", ""), severity=Severity.CRITICAL),
        check("own.one", FAIL, Finding("No.", ""), severity=Severity.MEDIUM, required=False),
        check("own.two", Outcome.ERROR, Finding("Too big.", ""), severity=Severity.MEDIUM, required=False),
        check("own.three", FAIL, Finding("Never.", ""), severity=Severity.LOW),
        check("own.four", Outcome.PASS),
    )
    found = cases(judged, policy, opted_in=opted_in)
    kinds = {name: case[0].tag for name, case in found.items() if len(case)}
    assert {name: kind for name, kind in kinds.items() if kind != "skipped"} == red
    assert len(kinds) == 4
    told = found["own.one"][0].attrib["message"]
    assert told == ("No." if "own.one" in red else "fails (medium, not required): No.")
    told = found["own.three"][0].attrib["message"]
    assert told == ("Never." if "own.three" in red else "fails (low, required): Never.")


@pytest.mark.parametrize("policy", [FailOn.REQUIRED, FailOn.LOW, FailOn.NONE])
@pytest.mark.parametrize("judged", VERDICTS, ids=NAMES)
def test_the_numbers_of_junit_add_up(judged: Verdict, policy: FailOn) -> None:
    """Tests, failures, errors and skipped are what the file holds, in each suite and in all."""
    tree = ET.fromstring(junit.render(judged, decision(judged, policy)))
    for suite in (tree, *tree.iter("testsuite")):
        found = {tag: len(list(suite.iter(tag))) for tag in ("failure", "error", "skipped", "testcase")}
        said = [int(suite.attrib[name]) for name in ("failures", "errors", "skipped", "tests")]
        assert said == list(found.values())


def test_junit_says_where_and_what_to_do() -> None:
    """File and line for the viewers that link them; the whole finding in the text."""
    case = cases(mixed())["chittyconnect.config"]
    assert (case.attrib["file"], case.attrib["line"]) == (".chittyconnect.yml", "3")
    failure = case[0]
    assert failure.attrib == {"message": "onboarding.endpoint is missing. (and 1 more finding)", "type": "critical"}
    assert "Fix: Add the endpoint.\n    onboarding:\n      endpoint:" in (failure.text or "")
    waived = cases(mixed())["chittyregister.heartbeat"][0].attrib["message"]
    assert waived == "waived: until 2027-06-30, @router: The registry is read-only until June."


# -- badge ---------------------------------------------------------------------------------------------------

PASS, FAIL = Outcome.PASS, Outcome.FAIL


@pytest.mark.parametrize(
    "outcomes, message, color",
    [
        ([PASS], "100 %", "brightgreen"),
        ([PASS, Outcome.WAIVED], "50 %, 1 waived", "yellow"),
        ([PASS, Outcome.UNKNOWN], "100 %, 1 unknown", "lightgrey"),
        ([Outcome.UNKNOWN], "no score, 1 unknown", "lightgrey"),
        ([PASS, FAIL], "50 %, 1 failing", "red"),
        ([PASS] * 4 + [Outcome.ERROR], "80 %, 1 failing", "orange"),
        ([PASS, Outcome.NOT_EVALUATED], "100 %, 1 not looked at", "lightgrey"),
        ([Outcome.NOT_EVALUATED] * 2 + [Outcome.UNKNOWN], "no score, 1 unknown, 2 not looked at", "lightgrey"),
        ([PASS, Outcome.WAIVED, Outcome.NOT_EVALUATED], "50 %, 1 not looked at", "lightgrey"),
        ([PASS, FAIL, Outcome.NOT_EVALUATED], "50 %, 1 failing", "red"),
        ([Outcome.NOT_APPLICABLE], "nothing required", "lightgrey"),
        ([], "nothing required", "lightgrey"),
    ],
)
def test_the_badge_is_green_only_where_all_is_settled(outcomes: list[Outcome], message: str, color: str) -> None:
    """A share alone would look settled where something is unknown or waived."""
    judged = verdict(*(check(f"a.c{number}", outcome) for number, outcome in enumerate(outcomes)))
    assert json.loads(badge.render(judged, decision(judged))) == {
        "schemaVersion": 1,
        "label": "compliance",
        "message": message,
        "color": color,
    }


@pytest.mark.parametrize(
    "policy, required, message, color",
    [
        (FailOn.MEDIUM, [PASS], "100 %, 1 failing", "orange"),
        (FailOn.MEDIUM, [], "no score, 1 failing", "red"),
        (FailOn.MEDIUM, [Outcome.UNKNOWN], "no score, 1 failing", "red"),
        (FailOn.MEDIUM, [PASS, FAIL], "50 %, 2 failing", "red"),
        (FailOn.REQUIRED, [PASS], "100 %", "brightgreen"),
        (FailOn.REQUIRED, [], "nothing required", "lightgrey"),
        (FailOn.CRITICAL, [PASS, FAIL], "50 %, 1 failing", "red"),
        (FailOn.NONE, [PASS, FAIL], "50 %, 1 failing", "red"),
    ],
)
def test_the_badge_is_never_green_where_the_job_fails(
    policy: FailOn, required: list[Outcome], message: str, color: str
) -> None:
    """A check of one's own may fail the job while all that is required passes; what is required is told anyhow."""
    own = check("own.one", FAIL, Finding("No.", ""), severity=Severity.MEDIUM, required=False)
    judged = verdict(own, *(check(f"a.c{number}", outcome) for number, outcome in enumerate(required)))
    made = json.loads(badge.render(judged, decision(judged, policy)))
    assert (made["message"], made["color"]) == (message, color)


# -- annotations ---------------------------------------------------------------------------------------------


def test_annotations_keep_to_githubs_limit_and_say_how_many_more() -> None:
    """Ten errors and ten warnings of a step are shown: the worst of them, and a notice counts the rest."""
    low = [Finding(f"low {number}", "x", path="a", line=1) for number in range(12)]
    high = [Finding(f"high {number}", "x", path="a", line=1) for number in range(9)]
    optional = [Finding(f"optional {number}", "x", path="a", line=1) for number in range(13)]
    judged = verdict(
        check("a.optional", FAIL, *optional, required=False),
        check("a.low", FAIL, *low, severity=Severity.LOW),
        check("a.high", FAIL, *high),
    )
    told = annotate(judged, decision(judged))
    errors = [one.message.split("\n")[0] for one in told if one.level == "error"]
    assert errors == [*(f"high {number}" for number in range(9)), "low 0"]
    assert sum(one.level == "warning" for one in told) == MOST
    assert [one.message for one in told if one.level == "notice"] == [
        "14 more findings are in the job summary and in the reports."
    ]


@pytest.mark.parametrize(
    "count, said",
    [
        (10, []),
        (11, ["1 more finding is in the job summary and in the reports."]),
        (12, ["2 more findings are in the job summary and in the reports."]),
    ],
)
def test_the_notice_counts_what_is_left_out(count: int, said: list[str]) -> None:
    """None where nothing is left out, and the right number where something is."""
    assert [one.message for one in annotate(many(count), decision(many(count))) if one.level == "notice"] == said


@pytest.mark.parametrize("count, ending", [(20, "own.c19."), (21, "own.c19, and 1 more.")])
def test_a_sentence_names_no_more_than_twenty_checks(count: int, ending: str) -> None:
    """A thousand checks of a repository's own do not fill the annotation."""
    told = annotate(crowded(count), decision(crowded(count), FailOn.AUTO, opted_in=False))
    assert told[0].message.split("\n")[0].endswith(ending)


def test_annotations_of_a_run_that_is_only_warned_are_warnings() -> None:
    """Whoever has not asked to be failed sees first what would fail, and no error."""
    told = annotate(mixed(), decision(mixed(), FailOn.AUTO, opted_in=False))
    assert {one.level for one in told} == {"warning", "notice"}
    assert told[0].message.startswith("This would fail: chittyconnect.config, chittycanon.codeowners.\n")
    assert (told[1].path, told[1].line) == (".chittyconnect.yml", 3)


def test_an_unknown_required_check_is_a_notice() -> None:
    """What nobody could say is shown, and is no error."""
    told = annotate(mixed(), decision(mixed()))
    assert [one.title for one in told if one.level == "notice"] == ["Compliance is incomplete"]
    assert "chittycanon.protection: GitHub answered 403" in told[-1].message


def test_nothing_to_say_of_a_service_that_passes() -> None:
    """No annotation, and none for what is waived."""
    waived = check("a.b", Outcome.WAIVED, Finding("x", "y"), waiver=LEAVE)
    assert annotate(passing(), decision(passing())) == []
    assert annotate(verdict(waived), decision(verdict(waived))) == []


def test_an_expired_waiver_is_told_with_the_finding() -> None:
    """Whoever relied on it learns why the check fails again."""
    judged = verdict(check("a.b", FAIL, Finding("x", "y"), waiver=replace(LEAVE, expires=date(2026, 1, 31))))
    assert "Its waiver expired on 2026-01-31 (owner: @router)." in annotate(judged, decision(judged))[0].message
