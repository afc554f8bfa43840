"""The kinds of check that need no Python."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest

from chittyactions.compliance.checks.declared import KINDS, LONGEST_LINE, MOST_FINDINGS
from chittyactions.compliance.declared import PARAMETERS, Endpoint, problems
from chittyactions.compliance.engine import Subject
from chittyactions.compliance.facts import Fact, NotApplicable, NotAsked, NotKnown, Undecided, Wrong
from chittyactions.compliance.fields import place_of, same, steps_to, value_at
from chittyactions.compliance.model import Finding
from chittyactions.compliance.repository import LARGEST_TEXT, Observed, Repository
from chittyactions.compliance.yaml_text import read_yaml
from compliance.repositories import Content, Link, Submodule, repository, service


def found(
    kind: str, parameters: Mapping[str, Any], held: Repository | Mapping[str, Content], domain: str = "x.chitty.cc"
) -> list[Finding]:
    """What a check of a kind finds."""
    looked_at = held if isinstance(held, Repository) else repository(held)
    return list(KINDS[kind](Subject(looked_at, service("x", domain=domain), parameters)))


def test_every_kind_has_parameters_and_an_evaluator() -> None:
    """What can be declared can be evaluated, and nothing else."""
    assert KINDS.keys() == PARAMETERS.keys() == {"file_present", "yaml_field", "json_field", "regex", "endpoint"}


# -- file_present ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "files",
    [
        {"SECURITY.md": "Write to us."},
        {"docs/SECURITY.md": "Write to us."},
        {"SECURITY.md": "", "docs/SECURITY.md": "x"},
        {"SECURITY.md": b"\x89PNG\xff"},
        {"SECURITY.md": b"x" * (LARGEST_TEXT + 1)},
        {"SECURITY.md": Link("real.md"), "real.md": "x"},
    ],
)
def test_a_file_that_is_there_passes(files: dict[str, Content]) -> None:
    """Any of the paths will do, by a link within the repository too; a picture or a large file is no empty one."""
    assert found("file_present", {"paths": ["SECURITY.md", "docs/*.md"]}, files) == []


@pytest.mark.parametrize("files", [{}, {"security.md": "x"}, {"x/SECURITY.md": "x"}, {"SECURITY.md": Submodule()}])
def test_a_file_that_is_not_there_is_absent(files: dict[str, Content]) -> None:
    """Another case, another folder, or a submodule of the name is not the file."""
    (finding,) = found("file_present", {"paths": ["SECURITY.md"]}, files)
    assert (finding.message, finding.path, finding.absent) == ("There is no SECURITY.md.", "SECURITY.md", True)


@pytest.mark.parametrize("content", ["", " \n\t\n", "\ufeff"])
def test_known_failure_5_an_empty_file_does_not_pass(content: str) -> None:
    """A file with nothing but white space is there and says nothing; it passes only where that is asked for."""
    (finding,) = found("file_present", {"paths": ["a.md"]}, {"a.md": content})
    assert (finding.message, finding.path, finding.absent) == ("a.md is empty.", "a.md", False)
    assert found("file_present", {"paths": ["a.md"], "empty": True}, {"a.md": content}) == []


def test_a_link_out_of_the_tree_is_no_file() -> None:
    """A link that leads elsewhere is not followed; it is told as what it is."""
    with pytest.raises(Wrong, match="a link to a place outside"):
        found("file_present", {"paths": ["a.md"]}, {"a.md": Link("/etc/hostname")})


def test_a_missing_glob_names_no_path() -> None:
    """Where any of many files would do, none of them is named as the place of the finding."""
    (finding,) = found("file_present", {"paths": ["docs/*.md", "b.md"]}, {})
    assert (finding.message, finding.path) == ("There is no docs/*.md or b.md.", "")
    (finding,) = found("file_present", {"paths": ["XYZ.md"]}, {})
    assert finding.path == "XYZ.md"


def test_a_monorepos_service_may_have_its_own_or_the_roots() -> None:
    """The service's folder comes first, then the root, which shares."""
    files: dict[str, Content] = {"a.md": "x", "apps/api/x.ts": ""}
    assert found("file_present", {"paths": ["a.md"]}, repository(files, folder="apps/api")) == []
    (finding,) = found("file_present", {"paths": ["a.md"]}, repository({**files, "apps/api/a.md": ""}, "apps/api"))
    assert finding.path == "apps/api/a.md"
    (finding,) = found("file_present", {"paths": ["b.md"]}, repository(files, folder="apps/api"))
    assert finding.path == "apps/api/b.md"


def test_a_check_may_speak_for_itself() -> None:
    """Message, remediation, why and fix of the check stand in place of the usual words."""
    words = {"message": "M", "remediation": "R", "why": "W", "fix": "F\n"}
    (finding,) = found("file_present", {"paths": ["a.md"], **words}, {})
    assert (finding.message, finding.remediation, finding.why, finding.fix) == ("M", "R", "W", "F\n")


# -- yaml_field, json_field --------------------------------------------------------------------------------------

YAML = """# provider: not-me
auth:
  provider: chittyauth
  on: true
  port: 1
  empty: ""
  nothing:
onboarding:
  provisions: [chitty_id, 'service_token', 3]
"a.b":
  - b: 0
  - c: 1
"""


@pytest.mark.parametrize(
    "field, test",
    [
        ("auth", {}),
        ("auth.provider", {}),
        ("auth.provider", {"equals": "chittyauth"}),
        ("auth.provider", {"one_of": ["okta", "chittyauth"]}),
        ("auth.provider", {"matches": "chitty[a-z]+"}),
        ("auth.on", {"equals": True}),
        ("auth.port", {"equals": 1}),
        ("auth.empty", {"equals": ""}),
        ("auth.nothing", {"equals": None}),
        ("onboarding.provisions", {"contains": ["service_token", "chitty_id"]}),
        ("onboarding.provisions.0", {"equals": "chitty_id"}),
        ('"a.b".1.c', {"equals": 1}),
    ],
)
def test_a_field_that_holds_what_it_should_passes(field: str, test: dict[str, Any]) -> None:
    """By its value as YAML reads it, never by the text around it."""
    assert found("yaml_field", {"path": "x.yml", "field": field, **test}, {"x.yml": YAML}) == []


@pytest.mark.parametrize(
    "field, test, said, line",
    [
        ("auth.provider", {"equals": "okta"}, 'auth.provider in x.yml is not "okta".', 3),
        ("auth.provider", {"one_of": ["a", "b"]}, 'auth.provider in x.yml is not "a" or "b".', 3),
        ("auth.provider", {"matches": "chitty"}, "auth.provider in x.yml does not match chitty.", 3),
        ("auth.port", {"matches": "1"}, "auth.port in x.yml does not match 1.", 5),
        ("auth.on", {"equals": 1}, "auth.on in x.yml is not 1.", 4),
        ("auth.port", {"equals": True}, "auth.port in x.yml is not true.", 5),
        ("auth.on", {"equals": "true"}, 'auth.on in x.yml is not "true".', 4),
        ("auth.empty", {}, "auth.empty in x.yml is empty.", 6),
        ("auth.nothing", {}, "auth.nothing in x.yml is empty.", 7),
        ("auth.gone", {}, "auth.gone in x.yml is missing.", 2),
        ("auth.gone", {"equals": None}, "auth.gone in x.yml is missing.", 2),
        ("auth.provider.deeper", {}, "auth.provider.deeper in x.yml is missing.", 3),
        ("onboarding.provisions", {"contains": ["chitty_id", "3"]}, 'onboarding.provisions in x.yml lacks "3".', 9),
        ("auth", {"contains": ["provider"]}, 'auth in x.yml lacks "provider".', 2),
        ("onboarding.provisions.3", {}, "onboarding.provisions.3 in x.yml is missing.", 9),
        ('"a.b".1.c', {"equals": 2}, '"a.b".1.c in x.yml is not 2.', 12),
        ("a.b", {}, "a.b in x.yml is missing.", 1),
        ("not-me", {}, "not-me in x.yml is missing.", 1),
    ],
)
def test_known_failures_7_to_9_only_the_field_itself_counts(
    field: str, test: dict[str, Any], said: str, line: int
) -> None:
    """A comment, a longer value, another type or the same word elsewhere does not pass, and the line is told."""
    (finding,) = found("yaml_field", {"path": "x.yml", "field": field, **test}, {"x.yml": YAML})
    assert (finding.message, finding.path, finding.line, finding.absent) == (said, "x.yml", line, False)


@pytest.mark.parametrize(
    "test, said",
    [
        ({}, "Add it."),
        ({"equals": 1}, "Add it with the value 1."),
        ({"one_of": ["a", 2]}, 'Add it with the value "a" or 2.'),
    ],
)
def test_a_missing_field_is_told_with_what_to_add(test: dict[str, Any], said: str) -> None:
    """The remediation names the value where there is one."""
    (finding,) = found("yaml_field", {"path": "x.yml", "field": "gone", **test}, {"x.yml": YAML})
    assert finding.remediation == said


def test_a_file_without_the_field_is_absent_and_may_be_nobodys_business() -> None:
    """A missing file is told as nothing yet; with only_if_present it concerns nobody."""
    asked = {"path": "x.yml", "field": "a"}
    (finding,) = found("yaml_field", asked, {})
    assert (finding.path, finding.absent) == ("x.yml", True)
    with pytest.raises(NotApplicable, match=r"there is no x\.yml"):
        found("yaml_field", {**asked, "only_if_present": True}, {})
    (finding,) = found("yaml_field", {**asked, "path": "*.yml"}, {})
    assert finding.path == ""


def test_invalid_yaml_is_a_finding_with_its_place() -> None:
    """A file that can't be read fails the check where it breaks."""
    with pytest.raises(Wrong) as caught:
        found("yaml_field", {"path": "x.yml", "field": "a"}, {"x.yml": "a: 1\nb: [\n"})
    assert (caught.value.finding.path, caught.value.finding.line) == ("x.yml", 3)


def test_each_file_that_fits_a_glob_has_to_hold_the_field() -> None:
    """One package of a monorepo does not answer for the others."""
    files: dict[str, Content] = {"packages/a/package.json": '{"license": "MIT"}', "packages/b/package.json": "{}"}
    asked = {"path": "packages/*/package.json", "field": "license"}
    assert [one.path for one in found("json_field", asked, files)] == ["packages/b/package.json"]


def test_json_is_read_as_json_and_jsonc_with_comments() -> None:
    """Comments are allowed by the file's name alone."""
    text = '{\n  // a note: https://x\n  "a": {"b": [1, {"c": "d"}]},\n}'
    asked = {"field": "a.b.1.c", "equals": "e"}
    (finding,) = found("json_field", {"path": "x.jsonc", **asked}, {"x.jsonc": text})
    assert (finding.message, finding.line) == ('a.b.1.c in x.jsonc is not "e".', 3)
    with pytest.raises(Wrong, match=r"x\.json is no valid JSON"):
        found("json_field", {"path": "x.json", **asked}, {"x.json": text})


@pytest.mark.parametrize(
    "path, commented",
    [
        ("tsconfig.json", True),
        ("packages/a/tsconfig.build.json", True),
        ("jsconfig.json", True),
        ("base.tsconfig.json", True),
        ("wrangler.json", True),
        (".vscode/settings.json", True),
        (".devcontainer/devcontainer.json", True),
        ("a.jsonc", True),
        ("package.json", False),
        ("not-wrangler.json", False),
        ("tsconfig.json/a.json", False),
        ("jsonc", False),
    ],
)
def test_json_has_comments_where_its_own_tools_read_them(path: str, *, commented: bool) -> None:
    """TypeScript's files have some from its first `--init`; one in package.json breaks npm."""
    asked, files = {"path": path, "field": "a", "equals": 1}, {path: '{\n  // why\n  "a": 1,\n}\n'}
    if commented:
        assert found("json_field", asked, files) == []
    else:
        with pytest.raises(Wrong, match="is no valid JSON"):
            found("json_field", asked, files)


@pytest.mark.parametrize("content", ["", "# only a comment\n", "just text", "- a\n"])
def test_a_file_of_another_shape_lacks_the_field(content: str) -> None:
    """An empty document, a text and a list have no such field; nothing breaks."""
    (finding,) = found("yaml_field", {"path": "x.yml", "field": "a.b"}, {"x.yml": content})
    assert finding.message == "a.b in x.yml is missing."


# -- paths of fields ---------------------------------------------------------------------------------------------


def test_a_path_of_a_field_is_taken_apart_at_its_dots() -> None:
    """Quotes hold a key with dots together."""
    assert steps_to("a.b-c.0") == ["a", "b-c", "0"]
    assert steps_to('exports."./package.json".types') == ["exports", "./package.json", "types"]
    assert steps_to('""') == [""]


@pytest.mark.parametrize("path", ["", ".a", "a.", "a..b", '"a', '"a"b', 'a."'])
def test_a_path_that_leads_nowhere_is_refused(path: str) -> None:
    """An empty step and an open quote are mistakes."""
    with pytest.raises(ValueError, match=r"an empty step|a quote that is not closed"):
        steps_to(path)


def test_a_quoted_path_leads_back_to_its_keys() -> None:
    """Whatever keys there are, the path that quotes them is taken apart into just these."""
    chance = random.Random(5)
    for _ in range(300):
        keys = ["".join(chance.choices("ab.-/ $é0", k=chance.randint(0, 5))) for _ in range(chance.randint(1, 5))]
        bare = [key and "." not in key and chance.random() < 0.5 for key in keys]
        path = ".".join(key if plain else f'"{key}"' for key, plain in zip(keys, bare, strict=True))
        assert steps_to(path) == keys


def test_a_number_is_a_place_in_a_list_and_a_key_in_a_table() -> None:
    """What a step means is told by what it is looked up in."""
    assert value_at({"a": ["x", {"1": "y"}]}, "a.1.1") == (True, "y")
    assert place_of({"a": ["x"]}, "a.0") == ("a", 0)
    assert value_at(["x"], "1") == (False, None)
    assert value_at(["x"], "-1") == (False, None)
    assert value_at("x", "0") == (False, None)
    assert value_at({"a": None}, "a") == (True, None)


def test_true_is_not_one() -> None:
    """Values are compared as JSON has them; 1 and 1.0 are one number."""
    assert same(1, 1.0)
    assert same(None, None)
    assert not same(True, 1)
    assert not same(0, False)
    assert not same("1", 1)


# -- regex -------------------------------------------------------------------------------------------------------


def test_an_expression_that_has_to_be_there() -> None:
    """One line of one file is enough; none at all is told without a line."""
    asked = {"paths": ["src/**/*.ts"], "pattern": r"^import .* from 'x'"}
    assert found("regex", asked, {"src/a/b.ts": "\nimport y from 'x'\n", "src/c.ts": ""}) == []
    (finding,) = found("regex", asked, {"src/a.ts": "// import y from 'x'\n"})
    assert (finding.path, finding.line, finding.absent) == ("src/a.ts", 0, False)
    (finding,) = found("regex", asked, {"lib/a.ts": "import y from 'x'\n"})
    assert (finding.path, finding.absent) == ("", True)


def test_an_expression_that_may_not_be_there() -> None:
    """Each line that matches is a finding with its line and column."""
    asked = {"paths": ["**/*.ts"], "pattern": "SECRET", "expect": "absent"}
    files: dict[str, Content] = {"a.ts": "x\nlet SECRET\n", "b/c.ts": "SECRET = SECRET\r\n", "d.md": "SECRET"}
    assert [(one.path, one.line, one.column) for one in found("regex", asked, files)] == [
        ("a.ts", 2, 5),
        ("b/c.ts", 1, 1),
    ]
    assert found("regex", asked, {"a.ts": "secret"}) == []
    assert len(found("regex", {**asked, "ignore_case": True}, {"a.ts": "secret"})) == 1
    with pytest.raises(NotApplicable, match="no file fits"):
        found("regex", asked, {"a.md": "SECRET"})


@pytest.mark.parametrize("own", [{}, {"message": "No x.", "remediation": "Write y.", "why": "It is x.", "fix": "y"}])
def test_findings_of_an_expression_are_bounded_and_the_last_counts_the_others(own: dict[str, str]) -> None:
    """A file with thousands of hits gives a reader's number of findings, and nobody takes them for all."""
    asked = {"paths": ["a", "b"], "pattern": "x", "expect": "absent", **own}
    hits = found("regex", asked, {"a": "x\n" * 900, "b": "x\n" * 100})
    assert [one.line for one in hits] == [*range(1, MOST_FINDINGS + 1), 0]
    assert hits[-1] == Finding(
        "950 more lines of a, b match x.", own.get("remediation") or "Remove them too.", own.get("why", "")
    )
    one_more = found("regex", asked, {"a": "x\n" * (MOST_FINDINGS + 1)})[-1]
    assert one_more.message == "1 more line of a, b matches x."
    assert len(found("regex", asked, {"a": "x\n" * MOST_FINDINGS})) == MOST_FINDINGS


def test_a_file_that_fits_twice_is_looked_at_once() -> None:
    """By two of the paths."""
    assert len(found("regex", {"paths": ["*", "a"], "pattern": "x", "expect": "absent"}, {"a": "x"})) == 1


@pytest.mark.parametrize(
    "kind, parameters",
    [
        ("regex", {"paths": ["*.md", "src"], "pattern": "x", "expect": "absent"}),
        ("regex", {"paths": ["src"], "pattern": "x"}),
        ("file_present", {"paths": ["src"]}),
        ("yaml_field", {"path": "src", "field": "a", "only_if_present": True}),
    ],
)
@pytest.mark.parametrize("folder", ["", "apps/a", "apps"])
def test_a_folder_is_no_path_of_a_check(kind: str, parameters: Mapping[str, Any], folder: str) -> None:
    """Whoever names one means the files in it; at the root, and in the service's folder."""
    below = "" if folder == "apps/a" else folder
    held = repository({"README.md": "y", f"{below}/src/a.ts".lstrip("/"): "x"}, folder)
    with pytest.raises(Wrong) as caught:
        found(kind, parameters, held)
    assert caught.value.finding == Finding(
        "src is a folder, and the check looks at files.", "Write src/** for all that is in it."
    )


def test_what_merely_begins_like_a_folder_is_none() -> None:
    """Nor is a glob that only folders fit, or a folder beside a file that is shared."""
    asked = {"paths": ["src"], "pattern": "x", "expect": "absent"}
    for files, path in (({"srcs/a.ts": "x"}, "src"), ({"src/a.ts": "x"}, "sr?"), ({"src/a.ts": "x"}, "s*")):
        with pytest.raises(NotApplicable):
            found("regex", {**asked, "paths": [path]}, files)
    assert found("regex", asked, repository({"src": "y", "a/src/b.ts": "x"}, "a")) == []


def test_lines_are_counted_as_editors_count_them() -> None:
    """A form feed and the separators of Unicode end no line; a carriage return before the end is no part of it."""
    asked = {"paths": ["a"], "pattern": "x$", "expect": "absent"}
    (finding,) = found("regex", asked, {"a": "1\f2\u20283\x854\u2029\r5\nx\r\n"})
    assert (finding.line, finding.column) == (2, 1)
    blank = {"paths": ["a"], "pattern": "^$", "expect": "absent"}
    assert found("regex", blank, {"a": "x\n"}) == found("regex", blank, {"a": ""}) == []
    assert [one.line for one in found("regex", blank, {"a": "\nx\n\n"})] == [1, 3]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_what_may_not_be_there_is_searched_for_in_every_encoding(encoding: str) -> None:
    """A file that the check passes over would pass it."""
    text = "// Zürich\ndebugger;\n".encode(encoding)
    asked = {"paths": ["**/*.ts"], "pattern": r"^debugger\b|^// Zürich$"}
    hits = found("regex", {**asked, "expect": "absent"}, {"src/a.ts": text})
    assert [(one.path, one.line, one.column) for one in hits] == [("src/a.ts", 1, 1), ("src/a.ts", 2, 1)]
    assert found("regex", {**asked, "expect": "present"}, {"src/a.ts": text}) == []


def test_pictures_and_links_to_elsewhere_are_not_searched() -> None:
    """What is known to be no text, and what is not the repository's."""
    asked = {"paths": ["**"], "pattern": "x", "expect": "absent"}
    files: dict[str, Content] = {
        "a.png": b"\x89\xff\0x",
        "b": Link("/etc/xattr.conf"),
        "c": Link("none"),
        "d": Link("e"),
    }
    assert found("regex", asked, files) == []
    hits = found("regex", asked, {**files, "e": b"\xffx"})
    assert [(one.path, one.line) for one in hits] == [("e", 1)]


def test_a_generated_line_is_looked_at_only_at_its_beginning() -> None:
    """An expression can't run for ever on a line of megabytes."""
    asked = {"paths": ["a"], "pattern": "x", "expect": "absent"}
    assert found("regex", asked, {"a": " " * LONGEST_LINE + "x"}) == []
    assert len(found("regex", asked, {"a": " " * (LONGEST_LINE - 1) + "x"})) == 1


def test_what_a_glob_sweeps_up_may_be_a_picture() -> None:
    """A file that is no text is passed over, unless it is named outright."""
    files: dict[str, Content] = {"a.png": b"\x89\xff\0", "b.txt": "x"}
    assert found("regex", {"paths": ["*"], "pattern": "x"}, files) == []
    with pytest.raises(Wrong, match="no text"):
        found("regex", {"paths": ["a.png"], "pattern": "x"}, files)


def test_a_file_that_is_too_large_leaves_it_open() -> None:
    """What is absent as far as anybody looked is not known to be absent; what was found is found."""
    files: dict[str, Content] = {"a.js": b" " * (LARGEST_TEXT + 1), "b.js": "x"}
    for expect in ("absent", "present"):
        with pytest.raises(Undecided):
            found("regex", {"paths": ["*.js"], "pattern": "y", "expect": expect}, files)
    assert found("regex", {"paths": ["*.js"], "pattern": "x"}, files) == []
    assert len(found("regex", {"paths": ["*.js"], "pattern": "x", "expect": "absent"}, files)) == 1


# -- endpoint ----------------------------------------------------------------------------------------------------

ASKED = {"url": "https://{domain}/api/{name}", "field": "status", "equals": "ok"}


def observed(fact: Fact[str]) -> Repository:
    """A repository whose endpoint came to something."""
    question = Endpoint.model_validate(ASKED).question(service("x", domain="x.chitty.cc"))
    assert question is not None
    return repository({}, observed=Observed(endpoints={question.key: fact}))


def test_an_endpoint_is_judged_by_what_was_learned() -> None:
    """An answer as it should be passes, another is a finding in its words."""
    assert found("endpoint", ASKED, observed(Fact.present(""))) == []
    (finding,) = found("endpoint", ASKED, observed(Fact.present("It answered HTTP 503.")))
    assert finding.message == "It answered HTTP 503."
    assert finding.remediation == "Have https://x.chitty.cc/api/x answer as it should."


def test_an_endpoint_that_nobody_reached_is_unknown_and_one_not_asked_is_not_evaluated() -> None:
    """No answer is no failure, and an offline run says that it did not ask."""
    with pytest.raises(NotKnown, match="no connection"):
        found("endpoint", ASKED, observed(Fact.unknown("no connection")))
    with pytest.raises(NotAsked, match=r"^this run does not ask for it"):
        found("endpoint", ASKED, {})


def test_an_endpoint_at_the_services_domain_needs_one() -> None:
    """A service without a domain is not concerned; a whole URL is asked for everybody."""
    with pytest.raises(NotApplicable, match="no domain"):
        found("endpoint", ASKED, {}, domain="")
    question = Endpoint.model_validate({"url": "https://a.cc/x"}).question(service(domain=""))
    assert question is not None
    assert (question.url, question.status, question.field, question.equals) == ("https://a.cc/x", 200, "", "")


# -- parameters --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind, parameters, said",
    [
        ("file_present", "{}", "line 1: with.paths: it is missing"),
        ("file_present", "{paths: x}", "with.paths: it has to be a list"),
        ("file_present", "{paths: []}", "with.paths: it has to hold 1 to 100 items"),
        ("file_present", f"{{paths: [{'x, ' * 101}]}}", "with.paths: it has to hold 1 to 100 items"),
        ("file_present", "{paths: [x], emtpy: true}", "with.emtpy: there is no such key"),
        ("yaml_field", "{path: x}", "with.field: it is missing"),
        ("yaml_field", "{path: x, field: a..b}", "with.field: a..b has an empty step"),
        ("json_field", "{path: x, field: a, equals: 1, matches: x}", "with: equals and matches are one too many"),
        ("json_field", "{path: x, field: a, equals: {a: 1}}", "with.equals: it has to be a text, a number"),
        ("regex", "{paths: [x], pattern: '*'}", "with.pattern: it is no regular expression: nothing to repeat"),
        ("regex", "{paths: [x], pattern: ''}", "with.pattern: "),
        ("regex", "{paths: [x], pattern: x, expect: never}", "with.expect: "),
        (
            "file_present",
            "{paths: [src/]}",
            "with.paths.0: it ends with /, and a folder is no file; write /** behind it",
        ),
        ("file_present", "{paths: [x, /y]}", "with.paths.1: paths begin in the repository, without /, ! or ~"),
        ("file_present", "{paths: [a/../y]}", "with.paths.0: paths have no empty steps, and no . or .."),
        ("file_present", r"{paths: ['a\b']}", "with.paths.0: folders are parted by /"),
        (
            "regex",
            "{paths: ['src/[ab].ts'], pattern: x}",
            "with.paths.0: [ is no sign of a glob here: ? is any one char",
        ),
        (
            "regex",
            "{paths: ['*.{ts,t?x}'], pattern: x}",
            "with.paths.0: within { } stand plain words with commas between",
        ),
        ("yaml_field", "{path: 'a/', field: a}", "with.path: it ends with /"),
        ("yaml_field", "{path: x, field: a, one_of: []}", "with.one_of: it has to hold 1 to 100 items"),
        ("yaml_field", "{path: x, field: a, contains: []}", "with.contains: it has to hold 1 to 100 items"),
        ("yaml_field", "{path: x, field: a, matches: null}", "with.matches: "),
        (
            "yaml_field",
            "{path: x, field: a, only_if_present: yes}",
            "with.only_if_present: input should be a valid bool",
        ),
        ("endpoint", "{url: 'http://x.cc'}", "with.url: it is no https address"),
        ("endpoint", "{url: 'https:///x'}", "with.url: it is no https address"),
        ("endpoint", "{url: 'https://x.cc/a b'}", "with.url: an address has no blanks"),
        ("endpoint", "{url: 'https://{nope}/x'}", "with.url: only {domain} and {name} are filled in"),
        ("endpoint", "{url: 'https://x.cc/{name'}", "with.url: only {domain} and {name} are filled in"),
        *(
            (
                "endpoint",
                f"{{url: 'https://{one}'}}",
                "with.url: after https:// comes a host, with a port from 1 to 65535 or without one, and no user or",
            )
            for one in ("localhost:99999/", "{domain}:abc/", "[::1/", "user:password@x.cc/")
        ),
        ("endpoint", "{url: 'https://x.cc', equals: ok}", "with: equals needs a field"),
        ("endpoint", "{url: 'https://x.cc', status: 99}", "with.status: "),
    ],
)
def test_parameters_that_cannot_be_are_told_with_their_place(kind: str, parameters: str, said: str) -> None:
    """Every kind says what it does not take, and where that stands."""
    document = read_yaml(f"with: {parameters}")
    (problem,) = problems(kind, document.get("with"), document, ("with",))
    assert said in problem
    assert problem.startswith("line 1: ")


def test_a_list_of_a_hundred_is_taken() -> None:
    """The most that a check may name."""
    assert problems("file_present", {"paths": ["x"] * 100}, None, ()) == []


def test_a_path_may_begin_with_its_own_folder() -> None:
    """`./README.md` is README.md, as to every shell."""
    files: dict[str, Content] = {"README.md": "x", "a.json": '{"a": 1}'}
    assert found("file_present", {"paths": ["./README.md"]}, files) == []
    assert found("json_field", {"path": "./a.json", "field": "a"}, files) == []
    assert len(found("regex", {"paths": ["./*.md"], "pattern": "x", "expect": "absent"}, files)) == 1


def test_what_is_no_kind_is_not_judged_here() -> None:
    """A check in Python has parameters of its own."""
    assert problems("chittycanon.document", {"anything": 1}, None, ()) == []
