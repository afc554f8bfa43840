"""The secrets model: stored credentials that ChittyConnect issues, and names that are not standard."""

from __future__ import annotations

import pytest

from chittyactions.compliance.facts import Fact, NotApplicable, NotKnown
from chittyactions.compliance.repository import Observed
from compliance.repositories import Content, findings, repository, spec_of

DEPRECATED = "secrets-model.deprecated"
NAMES = "secrets-model.names"
PATH = ".github/workflows/w.yml"


def workflow(*lines: str, above: str = "on: push") -> dict[str, Content]:
    """A workflow with these lines under the one step of its one job; the first of them is line 7."""
    inside = "".join(f"        {line}\n" for line in lines)
    return {PATH: f"{above}\njobs:\n  j:\n    runs-on: x\n    steps:\n      - id: s\n{inside}"}


def read(*lines: str, above: str = "on: push") -> list[str]:
    """What secrets are told of as deprecated."""
    return [one.message.split()[6].rstrip(".") for one in findings(DEPRECATED, workflow(*lines, above=above))]


@pytest.mark.parametrize("name", ["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID", "NPM_TOKEN", "VERCEL_TOKEN"])
def test_each_deprecated_secret_is_told_with_its_replacement(name: str) -> None:
    """At the line and column where it is read first, with how often, and what to write instead."""
    (one,) = findings(
        DEPRECATED, workflow("run: |", "  echo", f'  a "${{{{ secrets.{name} }}}}" ${{{{secrets.{name}}}}}')
    )
    assert one.message == f"The workflow reads the stored secret {name} 2 times, first here."
    assert (one.path, one.line, one.column) == (PATH, 9, 18)
    assert one.remediation == spec_of(DEPRECATED).parameters["instead"][name]["remediation"]
    assert ("chittyops" in one.fix) == (name != "VERCEL_TOKEN")


@pytest.mark.parametrize(
    "line",
    [
        "env: {T: '${{ secrets.NPM_TOKEN }}'}",
        "env: {T: '${{ secrets.npm_token }}'}",
        "env: {T: \"${{ secrets['NPM_TOKEN'] }}\"}",
        "env: {T: '${{ inputs.x || secrets . NPM_TOKEN }}'}",
        "if: secrets.NPM_TOKEN != ''",
        "run: 'echo ${{ format(''{0}'', secrets.NPM_TOKEN) }}'",
    ],
)
def test_a_secret_is_found_however_it_is_written(line: str) -> None:
    """In any case, by index, within an expression, and in an `if`, which is all expression."""
    assert read(line) == ["NPM_TOKEN"]


@pytest.mark.parametrize(
    "line",
    [
        "# env: {T: '${{ secrets.NPM_TOKEN }}'}",
        "run: echo secrets.NPM_TOKEN",
        "run: 'echo ${{ ''secrets.NPM_TOKEN'' }}'",
        "env: {NPM_TOKEN: '${{ steps.credentials.outputs.npm_token }}'}",
        "env: {T: '${{ secrets.NPM_TOKEN_OTHER }}'}",
        "env: {T: '${{ mysecrets.NPM_TOKEN }}'}",
        "env: {T: '${{ needs.secrets.NPM_TOKEN }}'}",
        "env: {T: '${{ secrets.GITHUB_TOKEN }}'}",
        "if: secrets.NPM_TOKEN != '' && ${{ github.ref }}",
    ],
)
def test_what_reads_no_stored_secret_is_let_pass(line: str) -> None:
    """Comments, plain text, literals, other names, and the outputs of an issue of credentials.

    An `if` with an expression in it is plain text around that.
    """
    assert read(line) == []


@pytest.mark.parametrize(
    "lines, place",
    [
        (["env:", "  T: ${{ Secrets.npm_token }}"], (8, 18)),
        (["run: >", "  echo ${{ secrets", "    .NPM_TOKEN }}"], (7, 1)),
    ],
)
def test_the_place_of_a_secret(lines: list[str], place: tuple[int, int]) -> None:
    """In whatever case it is written; one that is spread over lines is told at the key whose value it is in."""
    (one,) = findings(DEPRECATED, workflow(*lines))
    assert (one.line, one.column) == place


def test_a_workflow_in_one_line_has_its_secrets_there() -> None:
    """YAML may be written like JSON."""
    text = "{on: push, jobs: {j: {runs-on: x, steps: [{run: '${{ secrets.NPM_TOKEN }}'}]}}}"
    (one,) = findings(DEPRECATED, {PATH: text})
    assert (one.line, one.column) == (1, text.index("secrets") + 1)


def test_a_secret_that_may_be_read_hides_none_after_it() -> None:
    """Neither one of somebody else's, nor one with a standard name."""
    line = (
        "run: echo ${{ secrets.OTHER }} ${{ secrets.CHITTY_DNA_TOKEN }} ${{ secrets.NPM_TOKEN }} ${{ secrets.CHITTYQ }}"
    )
    assert read(line) == ["NPM_TOKEN"]
    assert [one.message for one in findings(NAMES, workflow(line))] == ["CHITTYQ is no standard name of a secret."]


def test_a_job_or_step_that_is_switched_off_reads_nothing() -> None:
    """It never runs; the same lines switched on are told of."""
    line = "run: echo ${{ secrets.NPM_TOKEN }}"
    assert read(line, "if: false") == []
    assert read(line, "if: true") == ["NPM_TOKEN"]
    off = "on: push\njobs:\n  j:\n    if: false\n    steps: [{run: 'echo ${{ secrets.NPM_TOKEN }}'}]\n"
    assert findings(DEPRECATED, {PATH: off}) == ()
    assert findings(DEPRECATED, {PATH: off.replace("if: false", "if: true")})


def test_what_a_caller_hands_over_is_told_at_the_caller() -> None:
    """A reusable workflow that declares a secret reads no store; the workflow that passes it does."""
    declared = "on: {workflow_call: {secrets: {npm_token: {required: false}}}}"
    assert read("run: echo ${{ secrets.NPM_TOKEN }}", above=declared) == []
    assert read("run: echo ${{ secrets.NPM_TOKEN }}", above="on: {workflow_call: {}}") == ["NPM_TOKEN"]
    call = "on: push\njobs:\n  j:\n    uses: ./x.yml\n    secrets:\n      npm_token: ${{ secrets.NPM_TOKEN }}\n"
    (one,) = findings(DEPRECATED, {PATH: call})
    assert one.line == 6


def test_each_workflow_is_told_by_itself() -> None:
    """One finding for each secret of each file, in the order of the files."""
    text = workflow("run: echo ${{ secrets.NPM_TOKEN }} ${{ secrets.VERCEL_TOKEN }}")[PATH]
    found = findings(DEPRECATED, {".github/workflows/a.yml": text, ".github/workflows/b.yml": text})
    assert [(one.path[-5:], one.message.split()[-1]) for one in found] == [
        (path, name) for path in ("a.yml", "b.yml") for name in ("NPM_TOKEN.", "VERCEL_TOKEN.")
    ]


def test_without_workflows_there_is_nothing_to_say() -> None:
    """No workflow, one that nothing starts, or one that is switched off."""
    with pytest.raises(NotApplicable, match=r"^there is no workflow$"):
        findings(DEPRECATED, {"README.md": "x"})
    with pytest.raises(NotApplicable):
        findings(DEPRECATED, workflow("run: echo ${{ secrets.NPM_TOKEN }}", above="on: []"))
    held = repository(workflow("run: x"), observed=Observed(disabled_workflows=Fact.present((PATH,))))
    with pytest.raises(NotApplicable):
        findings(NAMES, held)


def test_workflows_that_the_disk_refuses_are_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is concluded from what could not be read."""

    def refused(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    text = workflow("run: x")[PATH]
    held = repository({".github/workflows/a.yml": text, PATH: text})
    monkeypatch.setattr("os.open", refused)
    with pytest.raises(NotKnown, match=r"a\.yml: [^;]*Permission denied; \.github/workflows/w\.yml: "):
        findings(DEPRECATED, held)


@pytest.mark.parametrize(
    "name, better",
    [
        ("CHITTYCONNECT_SERVICE_TOKEN", "CHITTYCONNECT_API_KEY"),
        ("CHITTYREGISTRY_TOKEN", "CHITTY_REGISTRY_TOKEN"),
        ("CHITTY_AUTHTOKEN", "CHITTY_AUTH_TOKEN"),
    ],
)
def test_a_name_that_is_not_standard_is_told_with_the_one_that_is(name: str, better: str) -> None:
    """From the list of known ones, else by likeness."""
    (one,) = findings(NAMES, workflow(f"run: echo ${{{{ secrets.{name} }}}}"))
    assert one.remediation == f"Name it {better}."
    assert one.fix == f"${{{{ secrets.{better} }}}}"
    assert (one.line, one.column) == (7, 23)


def test_a_name_that_resembles_no_standard_one_is_told_with_all_of_them() -> None:
    """Nothing is guessed."""
    (one,) = findings(NAMES, workflow("run: echo ${{ secrets.CHITTYQQQQ }}"))
    assert "CHITTY_DNA_TOKEN" in one.remediation
    assert one.fix == ""


@pytest.mark.parametrize("name", ["CHITTYCONNECT_API_KEY", "CHITTY_DNA_TOKEN", "SLACK_WEBHOOK", "GITHUB_TOKEN"])
def test_standard_and_foreign_names_are_let_pass(name: str) -> None:
    """A secret of somebody else's service has that service's name."""
    assert findings(NAMES, workflow(f"run: echo ${{{{ secrets.{name} }}}}")) == ()
