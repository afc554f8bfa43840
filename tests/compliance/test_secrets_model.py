"""The secrets model: stored credentials that ChittyConnect issues, and names that are not standard."""

from __future__ import annotations

import time

import pytest

from chittyactions.compliance.checks import EVALUATORS
from chittyactions.compliance.engine import Subject, evaluated
from chittyactions.compliance.facts import Fact, NotApplicable, NotKnown
from chittyactions.compliance.model import Outcome
from chittyactions.compliance.repository import Observed
from compliance.repositories import Content, findings, repository, service, spec_of

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


ISSUED = "Remove this line: the job has a token issued, by `id-token: write` or CHITTYCONNECT_API_KEY."
TRUSTED = "Remove this line: `id-token: write` is enough once npm knows your workflow as a trusted publisher."
OURS = "chittyos/chittyops/.github/workflows/reusable-"


def handing(uses: str, name: str, key: str = "secrets") -> dict[str, Content]:
    """A workflow whose job hands a secret to another."""
    return {PATH: f"on: push\njobs:\n  j:\n    uses: {uses}\n    {key}:\n      X: ${{{{ secrets.{name} }}}}\n"}


@pytest.mark.parametrize(
    "uses, name, told",
    [
        (f"{OURS}worker-deploy.yml@release@2", "CLOUDFLARE_API_TOKEN", ISSUED),
        (f"{OURS}worker-deploy.yml@v2", "CLOUDFLARE_ACCOUNT_ID", ISSUED),
        (f"{OURS}package-publish.yml@main", "NPM_TOKEN", TRUSTED),
        ("ChittyOS/ChittyOps/.github/workflows/reusable-package-publish.yml@v2", "npm_token", TRUSTED),
    ],
)
def test_a_secret_that_our_workflow_needs_no_more_is_one_line_to_remove(uses: str, name: str, told: str) -> None:
    """Who publishes by our workflow is not told to publish by it, but what to take away, and what is enough."""
    (one,) = findings(DEPRECATED, handing(uses, name))
    assert one.message == f"The workflow reads the stored secret {name.upper()}."
    assert (one.remediation, one.fix, one.path, one.line) == (told, "", PATH, 6)


@pytest.mark.parametrize(
    "files, name",
    [
        (handing("acme/chittyops/.github/workflows/reusable-package-publish.yml@v2", "NPM_TOKEN"), "NPM_TOKEN"),
        (handing("chittyos/chittyops/.github/workflows/other.yml@v2", "NPM_TOKEN"), "NPM_TOKEN"),
        (handing("[x]", "NPM_TOKEN"), "NPM_TOKEN"),
        (handing(f"{OURS}package-publish.yml@v2", "NPM_TOKEN", "env"), "NPM_TOKEN"),
        (handing(f"{OURS}package-publish.yml@v2", "VERCEL_TOKEN"), "VERCEL_TOKEN"),
        (workflow("secrets: {a: '${{ secrets.NPM_TOKEN }}'}"), "NPM_TOKEN"),
    ],
)
def test_elsewhere_the_replacement_is_told(files: dict[str, Content], name: str) -> None:
    """Another's workflow, another place in the job, a secret that ours does not take."""
    (one,) = findings(DEPRECATED, files)
    told = spec_of(DEPRECATED).parameters["instead"][name]
    assert (one.remediation, one.fix) == (told["remediation"], told.get("fix", ""))


@pytest.mark.parametrize(
    "line",
    [
        "env: {T: '${{ secrets.NPM_TOKEN }}'}",
        "env: {T: '${{ secrets.npm_token }}'}",
        "env: {T: \"${{ secrets['NPM_TOKEN'] }}\"}",
        "env: {T: '${{ inputs.x || secrets . NPM_TOKEN }}'}",
        "if: secrets.NPM_TOKEN != ''",
        "run: 'echo ${{ format(''{0}'', secrets.NPM_TOKEN) }}'",
        "run: 'echo ${{ format(''{{\"t\":\"{0}\"}}'', secrets.NPM_TOKEN) }}'",
        "run: 'echo ${{ inputs.x }} it''s ${{ secrets.NPM_TOKEN }}'",
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
    also_pushed = declared.replace("{workflow_call", "{push: , workflow_call")
    assert read("run: echo ${{ secrets.NPM_TOKEN }}", above=also_pushed) == ["NPM_TOKEN"]
    call = "on: push\njobs:\n  j:\n    uses: ./x.yml\n    secrets:\n      npm_token: ${{ secrets.NPM_TOKEN }}\n"
    (one,) = findings(DEPRECATED, {PATH: call})
    assert one.line == 6


CALLED = ".github/workflows/d.yml"
DECLARES = "on: {workflow_call: {secrets: {VERCEL_TOKEN: , npm_token: {required: true}}}}"


def inheriting(uses: str = f"./{CALLED}", secrets: str = "inherit", more: str = "") -> str:
    return f"on: push\njobs:\n  j:\n    {more or 'name: x'}\n    uses: {uses}\n    secrets: {secrets}\n"


def test_what_is_inherited_is_told_at_the_caller() -> None:
    """`secrets: inherit` reads out of the store what the workflow that is called declares."""
    called = workflow("run: echo ${{ secrets.NPM_TOKEN }}", above=DECLARES)[PATH]
    npm, vercel = findings(DEPRECATED, {PATH: inheriting(), CALLED: called})
    assert npm.message == f"The workflow hands {CALLED} the stored secret NPM_TOKEN."
    assert vercel.message == f"The workflow hands {CALLED} the stored secret VERCEL_TOKEN."
    assert (npm.path, npm.line, npm.column) == (PATH, 6, 5)
    both = inheriting() + "  k:\n    steps: [{run: 'echo ${{ secrets.npm_token }}'}]\n"
    npm = findings(DEPRECATED, {PATH: both, CALLED: called})[0]
    assert npm.message == "The workflow reads the stored secret NPM_TOKEN 2 times, first here."
    assert npm.line == 8


def test_what_a_call_by_the_repositorys_own_name_inherits_is_told() -> None:
    """It is the same workflow, whether the call names its path or also owner and repository."""
    called = workflow("run: x", above="on: {workflow_call: {secrets: {NPM_TOKEN: }}}")[PATH]
    files = {PATH: inheriting(f"Acme/X/{CALLED}@main"), CALLED: called}
    (npm,) = findings(DEPRECATED, repository(files, remote="https://github.com/acme/x.git"))
    assert npm.message == f"The workflow hands {CALLED} the stored secret NPM_TOKEN."
    assert findings(DEPRECATED, repository(files, remote="https://github.com/acme/y.git")) == ()


@pytest.mark.parametrize(
    "call",
    [
        inheriting(more="if: false"),
        inheriting(secrets="{x: y}"),
        inheriting("acme/other/.github/workflows/d.yml@v1"),
        inheriting("./.github/workflows/none.yml"),
        inheriting("./.github/workflows/plain.yml"),
        "on: push\njobs:\n  a:\n  b: {secrets: inherit}\n",
    ],
    ids=["off", "not whole", "another's", "nowhere", "declares nothing", "no call"],
)
def test_a_call_that_inherits_nothing_that_is_declared_here(call: str) -> None:
    """What another repository's workflow takes is not known here, and is let pass."""
    called = {
        CALLED: workflow("run: x", above=DECLARES)[PATH],
        ".github/workflows/plain.yml": "on: workflow_call\njobs: {}\n",
    }
    assert findings(DEPRECATED, {PATH: call, **called}) == ()


def test_a_call_that_inherits_nothing_hides_none_after_it() -> None:
    """Each job is looked at by itself."""
    called = workflow("run: x", above="on: {workflow_call: {secrets: {NPM_TOKEN: }}}")[PATH]
    call = f"on: push\njobs:\n  a:\n    uses: ./{CALLED}\n  b:\n    uses: ./{CALLED}\n    secrets: inherit\n"
    (npm,) = findings(DEPRECATED, {PATH: call, CALLED: called})
    assert (npm.line, npm.column) == (7, 5)


def test_what_a_broken_workflow_inherits_is_unknown() -> None:
    """It can't be said what it declares; nor what it reads itself."""
    with pytest.raises(NotKnown) as caught:
        findings(DEPRECATED, {PATH: inheriting(), CALLED: "on: [push\n"})
    assert str(caught.value) == f"nobody can say what {CALLED} reads, as it is broken"


def by_matrix(matrix: str, variable: str = "secret") -> str:
    return (
        f"on: push\njobs:\n  j:\n    strategy: {{matrix: {matrix}}}\n"
        f"    runs-on: x\n    name: y\n    steps: [{{run: 'echo ${{{{ secrets[matrix.{variable}] }}}}'}}]\n"
    )


@pytest.mark.parametrize(
    "matrix, told",
    [
        ("{secret: [A, npm_token]}", ["NPM_TOKEN"]),
        ("{other: [1], include: [{secret: VERCEL_TOKEN}, {other: 2}]}", ["VERCEL_TOKEN"]),
        ("{secret: [NPM_TOKEN], include: [{secret: VERCEL_TOKEN}]}", ["NPM_TOKEN", "VERCEL_TOKEN"]),
        ("{secret: [A], other: [NPM_TOKEN]}", []),
    ],
)
def test_a_secret_named_by_the_matrix_is_read(matrix: str, told: list[str]) -> None:
    """The values of the job's matrix, those of `include` among them."""
    found = findings(DEPRECATED, {PATH: by_matrix(matrix)})
    assert [(one.message.split()[6], one.line) for one in found] == [(f"{name}.", 7) for name in told]


WORKED_OUT = [
    workflow("env: {A: '${{ toJSON(secrets) }}'}")[PATH],
    workflow("run: |", "  echo ${{ toJSON(secrets) }}")[PATH],
    workflow("run: 'echo ${{ secrets[format(''{0}_TOKEN'', ''NPM'')] }} ${{ secrets[inputs.x] }}'")[PATH],
    workflow("env: {A: '${{ secrets[matrix.secret] }}'}")[PATH],
    by_matrix("{secret: [1]}"),
    by_matrix("'${{ fromJSON(inputs.x) }}'"),
    by_matrix("{secret: '${{ fromJSON(inputs.x) }}'}"),
    by_matrix("{include: [secret, '${{ x }}', {secret: '${{ y }}'}]}"),
]


@pytest.mark.parametrize("check", [DEPRECATED, NAMES])
@pytest.mark.parametrize("text", WORKED_OUT)
def test_which_secret_is_read_may_be_unknown(check: str, text: str) -> None:
    """A name that is worked out when the workflow runs, and all secrets at once, are neither good nor bad."""
    with pytest.raises(NotKnown) as caught:
        findings(check, {PATH: text})
    assert str(caught.value) == f"{PATH} works out at line 7 which secret it reads"


def test_a_secret_that_is_worked_out_hides_none_after_it() -> None:
    """What is known to be read is told, and then that there may be more."""
    held = repository(workflow("run: echo ${{ toJSON(secrets) }} ${{ secrets.NPM_TOKEN }}"))
    spec = spec_of(DEPRECATED)
    told, ended = evaluated(EVALUATORS[spec.evaluate], Subject(held, service(), spec.parameters))
    assert [one.message for one in told] == ["The workflow reads the stored secret NPM_TOKEN."]
    assert ended == (Outcome.UNKNOWN, (), f"{PATH} works out at line 7 which secret it reads")


def test_a_broken_workflow_beside_a_clean_one_is_unknown() -> None:
    """Nobody can say what it reads. Of the others is told what they read; one that is empty reads nothing."""
    broken, clean = ".github/workflows/a.yml", workflow("run: x")
    for check in (DEPRECATED, NAMES):
        with pytest.raises(NotKnown) as caught:
            findings(check, {broken: "on: [push\n", **clean})
        assert str(caught.value) == f"nobody can say what {broken} reads, as it is broken"
        with pytest.raises(NotKnown) as caught:
            findings(check, {broken: "on: [push\n", PATH: WORKED_OUT[0]})
        assert str(caught.value) == (
            f"nobody can say what {broken} reads, as it is broken; {PATH} works out at line 7 which secret it reads"
        )
    assert findings(DEPRECATED, {broken: "# on: push\n", **clean}) == ()
    held = repository({broken: "on: [", **workflow("run: echo ${{ secrets.NPM_TOKEN }} ${{ secrets.CHITTYID_TOKEN }}")})
    for check in (DEPRECATED, NAMES):
        told, ended = evaluated(
            EVALUATORS[spec_of(check).evaluate], Subject(held, service(), spec_of(check).parameters)
        )
        assert len(told) == 1
        assert ended is not None
    off = Observed(disabled_workflows=Fact.present((broken,)))
    assert findings(DEPRECATED, repository({broken: "on: [", **clean}, observed=off)) == ()


def test_expressions_that_never_end_are_gone_through_once() -> None:
    """Forty thousand beginnings are no forty thousand texts."""
    started = time.monotonic()
    assert read(f"run: echo {'${{' * 40_000}") == []
    assert read(f'run: "echo {"${{ a" + chr(39)}{"${{ " * 40_000}"') == []
    assert time.monotonic() - started < 2


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
        ("CHITTYDNATOKEN", "CHITTY_DNA_TOKEN"),
        ("CHITTY_AUTHS_TOKEN", "CHITTY_AUTH_TOKEN"),
        ("CHITTY_AXTH_TOKEN", "CHITTY_AUTH_TOKEN"),
        ("CHITTY_REGSTRY_TOKEN", "CHITTY_REGISTRY_TOKEN"),
        ("CHITTY_VERIFI_TOKEN", "CHITTY_VERIFY_TOKEN"),
        ("CHITTYCONECT_API_KEY", "CHITTYCONNECT_API_KEY"),
    ],
)
def test_a_name_that_is_not_standard_is_told_with_the_one_that_is(name: str, better: str) -> None:
    """From the list of known ones, else as one is written otherwise, or with one slip."""
    (one,) = findings(NAMES, workflow(f"run: echo ${{{{ secrets.{name} }}}}"))
    assert one.remediation == f"Name it {better}."
    assert one.fix == f"${{{{ secrets.{better} }}}}"
    assert (one.line, one.column) == (7, 23)


@pytest.mark.parametrize(
    "name",
    [
        "CHITTYQQQQ", "CHITTY_DB_TOKEN", "CHITTY_GIT_TOKEN", "CHITTY_R2_TOKEN", "CHITTY_NPM_TOKEN",
        "CHITTY_OAUTH_TOKEN",
        "CHITTY_AUT_TOKEN", "CHITTY_AUHT_TOKEN", "CHITTY_AUTHS_TOKENS", "CHITTY_AUTHS_TOKEN_2",
        "CHITTY_VERIFYING_TOKEN",
    ],
)  # fmt: skip
def test_a_name_that_resembles_no_standard_one_is_told_with_all_of_them(name: str) -> None:
    """Nothing is guessed: not of short words, nor of two slips, nor of a slip in the first letter."""
    (one,) = findings(NAMES, workflow(f"run: echo ${{{{ secrets.{name} }}}}"))
    assert one.remediation == (
        "Use the one of CHITTYCONNECT_API_KEY, CHITTYCONNECT_BROKER_KEY, CHITTY_AUTH_TOKEN, CHITTY_REGISTRY_TOKEN, "
        "CHITTY_ID_TOKEN, CHITTY_DNA_TOKEN, CHITTY_VERIFY_TOKEN, CHITTY_CERTIFY_TOKEN that it is; a secret of your own "
        "may have any name that does not begin with CHITTY."
    )
    assert one.fix == ""


@pytest.mark.parametrize(
    "name", ["CHITTYCONNECT_API_KEY", "CHITTYCONNECT_BROKER_KEY", "CHITTY_DNA_TOKEN", "SLACK_WEBHOOK", "GITHUB_TOKEN"]
)
def test_standard_and_foreign_names_are_let_pass(name: str) -> None:
    """A secret of somebody else's service has that service's name."""
    assert findings(NAMES, workflow(f"run: echo ${{{{ secrets.{name} }}}}")) == ()
