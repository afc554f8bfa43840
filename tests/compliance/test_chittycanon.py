"""ChittyCanon's checks: files that say something, owners whom GitHub knows, a branch that nobody can rewrite."""

from __future__ import annotations

import json

import pytest

from chittyactions.compliance.facts import Fact, NotAsked, NotKnown, Undecided, Wrong
from chittyactions.compliance.repository import Observed, Protection
from compliance.repositories import Content, Link, findings, repository, service

CLAUDE, OWNERS, CHARTER = "chittycanon.claude-md", "chittycanon.codeowners", "chittycanon.charter"
PROTECTION = "chittycanon.protection"
FILES = {CLAUDE: "CLAUDE.md", CHARTER: "CHARTER.md"}


@pytest.mark.parametrize("check", [CLAUDE, CHARTER])
def test_a_document_with_words_passes(check: str) -> None:
    """A heading is enough: what it says is for people to judge."""
    assert findings(check, {FILES[check]: "# Hello\n"}) == ()


@pytest.mark.parametrize("check", [CLAUDE, CHARTER])
def test_a_missing_document_is_absent(check: str) -> None:
    """The finding names the file to make and what to paste."""
    (finding,) = findings(check, {"README.md": "# Hello"})
    assert (finding.message, finding.path, finding.absent) == (f"There is no {FILES[check]}.", FILES[check], True)
    assert finding.fix.startswith("# ")
    assert finding.why
    assert finding.remediation.endswith(". `chittyops check --fix` writes a first one.")


@pytest.mark.parametrize("check", [CLAUDE, CHARTER])
@pytest.mark.parametrize(
    "text",
    ["", "\n \t\n", "\ufeff", "<!-- to do -->\n", "<!-- never closed", "---\ntier: 3\n---\n", "---\n---\n<!-- x -->"],
    ids=["nothing", "blanks", "byte order mark", "comment", "open comment", "front matter", "empty front matter"],
)
def test_empty_files_pass_nowhere(check: str, text: str) -> None:
    """Known failure 5: a file without words is as good as none, and it is broken, not absent."""
    (finding,) = findings(check, {FILES[check]: text})
    assert "is empty" in finding.message
    assert (finding.path, finding.line, finding.absent) == (FILES[check], 1, False)
    assert finding.remediation.startswith("Write ")
    assert "--fix" not in finding.remediation, "it writes over nothing"


def test_words_after_front_matter_count() -> None:
    """What stands below the header is the charter, also below an empty header."""
    assert findings(CHARTER, {"CHARTER.md": "---\ntier: 3\n---\n# Charter\n"}) == ()
    assert findings(CHARTER, {"CHARTER.md": "---\n---\n# Charter"}) == ()
    assert findings(CHARTER, {"CHARTER.md": "---\r\ntier: 3\r\n---\r\n# Charter\r\n"}) == ()
    assert findings(CHARTER, {"CHARTER.md": "---\ntier: 3\n--- \t\n# Charter\n"}) == ()
    assert findings(CHARTER, {"CHARTER.md": "---\ntier: 3\n...\n# Charter\n"}) == ()


def test_front_matter_that_is_no_yaml_has_its_line() -> None:
    """The place is that of the file, not of the header alone."""
    (finding,) = findings(CHARTER, {"CHARTER.md": "---\ntier: 3\nstatus: open: no\n---\n# Charter\n"})
    assert "front matter of CHARTER.md is no valid YAML" in finding.message
    assert (finding.path, finding.line, finding.column) == ("CHARTER.md", 3, 13)


def test_a_document_over_a_mebibyte_is_not_missing() -> None:
    """Known failure 14: what is too large to read is there, and not empty."""
    assert findings(CLAUDE, {"CLAUDE.md": b"x" * (2 * 1024 * 1024)}) == ()


def test_a_document_that_leads_out_of_the_repository_is_not_followed() -> None:
    """A link to elsewhere says nothing of this repository."""
    with pytest.raises(Wrong, match="outside the repository"):
        findings(CLAUDE, {"CLAUDE.md": Link("/etc/hostname")})


def test_a_document_may_link_within_the_repository() -> None:
    """CLAUDE.md is often a link to AGENTS.md."""
    assert findings(CLAUDE, {"CLAUDE.md": Link("AGENTS.md"), "AGENTS.md": "# Rules"}) == ()


def test_a_service_in_a_folder_shares_the_documents_of_the_root() -> None:
    """Its own comes first; where it has none, the repository's is its as well."""
    shared: dict[str, Content] = {"CHARTER.md": "# All", "services/a/README.md": "a"}
    assert findings(CHARTER, repository(shared, "services/a")) == ()
    (finding,) = findings(CHARTER, repository({**shared, "services/a/CHARTER.md": ""}, "services/a"))
    assert finding.path == "services/a/CHARTER.md"


# -- CODEOWNERS ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS"])
def test_codeowners_counts_wherever_github_reads_it(path: str) -> None:
    """Known failure 4: not at the root alone."""
    assert findings(OWNERS, {path: "* @chittyos/core\n"}) == ()


@pytest.mark.parametrize(
    "path", ["CODEOWNERS copy", "CODEOWNERS.md", "codeowners", "src/CODEOWNERS", ".github/CODEOWNERS/x"]
)
def test_what_merely_looks_like_codeowners_does_not_count(path: str) -> None:
    """GitHub reads a file of exactly that name in one of three folders."""
    (finding,) = findings(OWNERS, {path: "* @chittyos/core\n"})
    assert finding.message == "There is no CODEOWNERS."
    assert finding.path == ".github/CODEOWNERS"
    assert finding.absent


def test_the_first_codeowners_is_the_one_that_counts() -> None:
    """An empty one under .github hides the good one at the root, as it does on GitHub."""
    (finding,) = findings(OWNERS, {".github/CODEOWNERS": "# later\n", "CODEOWNERS": "* @chittyos/core\n"})
    assert finding.path == ".github/CODEOWNERS"
    assert "is empty but for comments. GitHub reads no other beside it, so that CODEOWNERS does" in finding.message


@pytest.mark.parametrize(
    "text, words, line",
    [
        ("", "is empty.", 1),
        ("# * @chittyos/core\n", "is empty but for comments.", 1),
        ("\n/src/\n*.md # @me\n", "each of its lines is a pattern alone", 2),
        ("* chittyos/core\n", "chittyos/core is neither @user", 1),
        ("\n* @\n", "@ is neither @user", 2),
        ("/src/\n* chittyos/core\n", "chittyos/core is neither @user", 2),
    ],
)
def test_codeowners_without_an_owner(text: str, words: str, line: int) -> None:
    """Neither comments nor patterns nor a name without @ make an owner; the finding has the line."""
    (finding,) = findings(OWNERS, {"CODEOWNERS": text})
    assert words in finding.message
    assert (finding.line, finding.absent) == (line, False)


@pytest.mark.parametrize(
    "text, words",
    [
        ("/src/\n!docs @me\n", "it passes over !docs, as no pattern begins with !"),
        ("/src/\n* @acme/your-team\n", "@acme/your-team holds the place of your team"),
        ("/src/\n* @Acme/Your-Team\n!docs @me", "@Acme/Your-Team holds the place of your team"),
    ],
)
def test_an_owner_whom_github_never_asks_is_none(text: str, words: str) -> None:
    """GitHub passes over a negated pattern, and the team of our own fix is nobody's until it is put in."""
    (finding,) = findings(OWNERS, {"CODEOWNERS": text})
    assert finding.message == f"CODEOWNERS names no owner that GitHub knows: {words}."
    assert finding.line == 2
    assert findings(OWNERS, {"CODEOWNERS": text + "\n*.md @acme/not-your-team"}) == ()


@pytest.mark.parametrize("rule", ["* @octocat", "*\t@org/team", "docs/a\\ b.md ops@chitty.cc", "* bad @good # why"])
def test_owners_as_github_writes_them(rule: str) -> None:
    """People, teams and addresses; tabs, escaped blanks and comments."""
    assert findings(OWNERS, {"CODEOWNERS": f"# who\r\n{rule}\r\n"}) == ()


def test_an_owner_is_never_invented() -> None:
    """The line to paste holds the organisation where it is known, and a team to be put in."""
    (finding,) = findings(OWNERS, {}, service())
    assert finding.fix == "* @organisation/your-team\n"


def test_codeowners_of_a_monorepo_are_those_of_the_root() -> None:
    """GitHub does not look into a service's folder."""
    (finding,) = findings(OWNERS, repository({"services/a/CODEOWNERS": "* @chittyos/core"}, "services/a"))
    assert finding.path == ".github/CODEOWNERS"


def test_codeowners_too_large_to_read_is_an_error() -> None:
    """It can't be said whether it names an owner."""
    with pytest.raises(Undecided):
        findings(OWNERS, {"CODEOWNERS": b"#" * (2 * 1024 * 1024)})


# -- protection ----------------------------------------------------------------------------------------------------


def observed(reviews: bool = True, status_checks: bool = True, force_pushes: bool = False) -> Observed:
    return Observed(Fact.present(Protection(reviews, status_checks, force_pushes)), "trunk")


def test_a_branch_with_all_guards_passes() -> None:
    """Reviews, status checks, no force push."""
    assert findings(PROTECTION, repository({}, observed=observed())) == ()


@pytest.mark.parametrize(
    "lacking, words",
    [
        ({"reviews": False}, "Trunk takes changes that nobody has reviewed."),
        ({"status_checks": False}, "Trunk takes changes whatever their status checks say."),
        ({"force_pushes": True}, "Trunk can be rewritten by a force push."),
    ],
)
def test_force_pushes_and_no_reviews_do_not_pass(lacking: dict[str, bool], words: str) -> None:
    """Known failure 6: each guard counts by itself, and a branch with some of them is not simply absent."""
    (finding,) = findings(PROTECTION, repository({}, observed=observed(**lacking)))
    assert (finding.message, finding.absent) == (words, False)
    assert len(findings(PROTECTION, repository({}, observed=observed(False, False, True)))) == 3


def test_an_unprotected_branch_is_told_by_its_own_name() -> None:
    """Known failure 2: the default branch is called whatever it is called. The ruleset to import is valid JSON."""
    held = repository({}, observed=Observed(Fact.absent(), "trunk"))
    (finding,) = findings(PROTECTION, held)
    assert finding.message == "Nothing protects trunk."
    assert finding.absent
    ruleset = json.loads(finding.fix)
    assert ruleset["conditions"]["ref_name"]["include"] == ["~DEFAULT_BRANCH"]
    assert {rule["type"] for rule in ruleset["rules"]} >= {"non_fast_forward", "pull_request", "required_status_checks"}


def test_a_default_branch_whose_name_is_not_known() -> None:
    """It is called what everybody calls it."""
    (finding,) = findings(PROTECTION, repository({}, observed=Observed(Fact.absent())))
    assert finding.message == "Nothing protects the default branch."


def test_protection_that_nobody_could_see_is_unknown() -> None:
    """Known failure 1: a rate limit or a missing right is no missing protection; offline it is not even asked."""
    with pytest.raises(NotKnown, match="HTTP 403"):
        findings(PROTECTION, repository({}, observed=Observed(Fact.unknown("HTTP 403"), "main")))
    with pytest.raises(NotAsked):
        findings(PROTECTION, repository({}))
