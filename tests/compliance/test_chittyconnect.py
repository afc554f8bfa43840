"""The ChittyConnect checks: the service's file, and a workflow that really calls ChittyConnect."""

from __future__ import annotations

import pytest

from chittyactions.compliance.facts import Fact, NotKnown, Wrong
from chittyactions.compliance.repository import Observed
from compliance.repositories import Content, Link, findings, repository, spec_of

CONFIG = "chittyconnect.config"
SYNC = "chittyconnect.sync-workflow"
FILE = ".chittyconnect.yml"
NAME = "service:\n  name: chittyexample\n"
ENDPOINT = "onboarding:\n  endpoint: https://get.chitty.cc/api/onboard\n"
GOOD = NAME + ENDPOINT
URL = "https://connect.chitty.cc/api/github/sync"


def said(text: Content) -> list[str]:
    return [one.message for one in findings(CONFIG, {FILE: text})]


def workflow(steps: str, on: str = "push", above: str = "") -> str:
    """A workflow of one job; `steps` is a YAML list of four spaces less."""
    lines = "".join(f"      {line}\n" for line in steps.splitlines())
    return f"name: any\non: {on}\n{above}jobs:\n  job:\n    runs-on: ubuntu-latest\n    steps:\n{lines}"


def syncs(text: str, **files: Content) -> bool:
    """Whether a workflow of that text counts as a sync workflow."""
    return not findings(SYNC, {".github/workflows/any.yml": text, **files})


SCRIPTED = """\
- uses: actions/github-script@v8
  with:
    script: |
      const base = process.env.X || 'https://connect.chitty.cc'
      await fetch(`${base}/api/github/sync`, {method: 'POST'}) // tell it
"""


# -- the file ----------------------------------------------------------------------------------------------------


def test_a_complete_file_passes() -> None:
    """The fields that are asked for are enough, and what stands beside them is the service's own affair."""
    assert said(GOOD + "auth: {provider: chittyauth}\nchitty_id: ${EXAMPLE_SERVICE_ID}\n") == []


def test_a_missing_file_is_absent_and_comes_with_the_file_to_paste() -> None:
    """Nothing set up yet is told apart from something broken, and what is offered passes the check itself."""
    (one,) = findings(CONFIG, {"README.md": "x"})
    assert one.absent
    assert one.path == FILE
    assert findings(CONFIG, {FILE: one.fix}) == ()
    assert "chittyexample" in one.fix
    assert one.remediation.endswith("known of the service. `chittyops check --fix` writes it too.")


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n"])
def test_known_failure_5_an_empty_file_fails(text: str) -> None:
    """A file without content says nothing, and is broken rather than absent."""
    (one,) = findings(CONFIG, {FILE: text})
    assert one.message == f"{FILE} is empty."
    assert not one.absent
    assert one.remediation == "Write it as below, and add what else is known of the service."


def test_a_file_of_the_other_ending_is_not_read() -> None:
    """`.yaml` is a mistake that is easily made: the finding says that renaming is enough."""
    (one,) = findings(CONFIG, {".chittyconnect.yaml": GOOD})
    assert not one.absent
    assert one.remediation == f"Rename it to {FILE}."


@pytest.mark.parametrize(
    "text, line, message",
    [
        ("service: chittyexample\n" + ENDPOINT, 1, "service is a text, not a table: service.name belongs below it."),
        ("x: 1\nservice:\n  tier: 2\n" + ENDPOINT, 2, "service.name is missing."),
        ("service:\n  name: 123\n" + ENDPOINT, 2, "service.name is a number, not a text."),
        ("service:\n  name:\n" + ENDPOINT, 2, "service.name is missing."),
        ("service:\n  name: [a]\n" + ENDPOINT, 2, "service.name is a list, not a text."),
        ("service:\n  name: ''\n" + ENDPOINT, 2, "service.name is '', which is not a name of letters, digits, "),
        ("service:\n  name: '{{SERVICE_NAME}}'\n" + ENDPOINT, 2, "service.name is '{{SERVICE_NAME}}', which is not"),
        (NAME + "onboarding: https://x.cc\n", 3, "onboarding is a text, not a table: onboarding.endpoint"),
        (NAME + "onboarding:\n  endpoint: http://get.chitty.cc\n", 4, "onboarding.endpoint is 'http://get.chi"),
        (NAME + "onboarding:\n  endpoint: https://{{HOST}}/x\n", 4, "onboarding.endpoint is 'https://{{HOST}}"),
        (NAME + "onboarding:\n  endpoint: https://get.chitty.cc/a b\n", 4, "onboarding.endpoint is 'https://get"),
        (NAME + "# onboarding: {endpoint: https://x.cc}\n", 1, "onboarding.endpoint is missing."),
    ],
)
def test_a_field_that_is_wrong_is_told_with_its_line(text: str, line: int, message: str) -> None:
    """`service` as a string and its like: the finding says what came instead, where, and which lines to write."""
    (one,) = findings(CONFIG, {FILE: text})
    assert one.message.startswith(message)
    assert one.line == line
    assert not one.absent
    assert one.fix.startswith(("service:\n  name: chittyexample", "onboarding:\n  endpoint: https://"))
    assert one.why
    assert one.remediation
    assert "--fix" not in one.remediation, "it changes no value"


def test_a_long_value_is_cut_in_the_message() -> None:
    """What stands there is told as far as it helps to find it: eighty characters."""
    assert said(NAME + f"onboarding:\n  endpoint: {'x' * 100}\n") == [
        f"onboarding.endpoint is '{'x' * 80}', which is not an https address."
    ]


def test_each_missing_field_is_told() -> None:
    """Both fields at once, so that nobody corrects one only to be told of the other."""
    assert said("other: 1\n") == ["service.name is missing.", "onboarding.endpoint is missing."]


def test_known_failure_8_invalid_yaml_is_a_finding_with_its_place() -> None:
    """A file that is no YAML passes nothing, whatever words are in it."""
    with pytest.raises(Wrong) as caught:
        findings(CONFIG, {FILE: GOOD + "broken: [\n"})
    assert (caught.value.finding.path, caught.value.finding.line) == (FILE, 6)


@pytest.mark.parametrize("text", ["- a\n- b\n", "just words\n", "42\n"])
def test_a_file_that_is_no_table_is_told_so(text: str) -> None:
    """A list or a word is YAML, and no settings."""
    with pytest.raises(Wrong, match="no table"):
        findings(CONFIG, {FILE: text})


def test_a_service_in_a_subfolder_has_its_file_there_or_at_the_root() -> None:
    """In a monorepo the service's own file counts before the shared one."""
    shared = {FILE: GOOD, "services/a/package.json": "{}"}
    assert findings(CONFIG, repository(shared, "services/a")) == ()
    (one,) = findings(CONFIG, repository({**shared, f"services/a/{FILE}": "service: x\n" + ENDPOINT}, "services/a"))
    assert one.path == f"services/a/{FILE}"


def test_a_file_that_is_a_link_out_of_the_repository_is_not_followed() -> None:
    """What lies elsewhere on the machine is nobody's settings."""
    with pytest.raises(Wrong, match="outside the repository"):
        findings(CONFIG, {FILE: Link("/etc/hostname")})


# -- the workflow ------------------------------------------------------------------------------------------------


def test_no_workflow_is_absent_and_comes_with_one_that_passes() -> None:
    """The workflow that is offered is one that the check itself takes."""
    (one,) = findings(SYNC, {"README.md": "x"})
    assert one.absent
    assert one.path == ".github/workflows/chittyconnect-sync.yml"
    assert syncs(one.fix)
    assert "curl --fail" in one.fix


@pytest.mark.parametrize(
    "line",
    [
        'curl --fail -H "Authorization: Bearer $KEY" --json "{}" https://connect.chitty.cc/api/github/sync',
        "printf 'Authorization: Bearer %s' \"$KEY\" | curl --header @- --json '{}' https://connect.chitty.cc/api/github/sync",
        'curl --config - --request POST https://connect.chitty.cc/api/github/sync <<< "header = $KEY"',
    ],
    ids=["as an argument", "by a pipe", "by a here string"],
)
def test_the_key_may_come_to_curl_in_any_way(line: str) -> None:
    """Workflows of today pass it as an argument; the one that is offered does not."""
    assert syncs(f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: |\n          {line}\n")


@pytest.mark.parametrize(
    "step",
    [
        f"- run: curl -X POST {URL}",
        f"- run: curl -d '{{}}' {URL}/",
        f"- run: |\n    set -e\n    if ! curl -sSfX POST '{URL}?a=b'; then\n      exit 1\n    fi",
        f'- run: status="$(curl -sS -o /tmp/x --request=POST --url {URL} 2>&1)"',
        '- run: curl --json @x "$BASE/api/github/sync"\n  env: {BASE: "https://connect.chitty.cc"}',
        '- run: curl -XPOST "${CHITTYCONNECT_URL%/}/api/github/sync"',
        '- run: |\n    BASE="${BASE:-https://connect.chitty.cc}"\n    wget --post-data=x "$BASE/api/github/sync"',
        "- run: curl -X POST ${{ vars.BASE || 'https://connect.chitty.cc' }}/api/github/sync",
        "- run: curl -X POST ${{ vars.CHITTYCONNECT_URL }}/api/github/sync",
        f"- run: sudo timeout 30 curl -X POST {URL} || true",  # as people write it: it is sent, whatever comes of it
        f"- run: bash -c 'curl -X POST {URL}'",
        f"- run: |\n    bash <<'EOF'\n    curl -X POST {URL}\n    EOF",
        f"- run: http POST {URL} a=b",
        f"- run: Invoke-RestMethod -Method Post -Uri {URL}\n  shell: pwsh",
        f"- shell: python\n  run: |\n    import requests\n    requests.post('{URL}', json={{}})",
        f"- run: |\n    node -e \"fetch('{URL}', {{method: 'POST'}})\"",
        SCRIPTED,
        f"- uses: someone/http-request@v1\n  with: {{url: '{URL}', method: post}}",
        "- uses: chittyos/chittyconnect-sync@v1",
        "- uses: CHITTYOS/chittyops/actions/chittyconnect-sync@abc",
    ],
)
def test_what_really_calls_chittyconnect_is_a_sync(step: str) -> None:
    """By URL or by action, in whatever way a step is written."""
    assert syncs(workflow(step))


@pytest.mark.parametrize(
    "step",
    [
        "- name: ChittyConnect sync\n  run: echo synced",
        f"# - run: curl -X POST {URL}\n- run: 'true'",
        f"- run: |\n    # curl -X POST {URL}\n    true",
        f"- run: echo 'curl -X POST {URL}'",
        f"- run: 'true # curl -X POST {URL}'",
        f"- run: |\n    cat > notes <<'EOF'\n    curl -X POST {URL}\n    EOF",
        f"- if: false\n  run: curl -X POST {URL}",
        f"- if: ${{{{ false }}}}\n  run: curl -X POST {URL}",
        f"- run: curl {URL}",
        f"- run: curl -X GET -d x {URL}",
        "- run: curl -X POST https://connect.chitty.cc/health",
        f"- run: curl -X POST -H 'Referer: x' -d {URL} https://example.com/hook",
        f"- run: curl -X POST {URL}-not",
        "- run: curl -X POST https://connect.chitty.cc.example.com/api/github/sync",
        "- run: curl -X POST https://notconnect.chitty.cc/api/github/sync",
        "- uses: actions/checkout@v6\n  with: {ref: chittyconnect-sync}",
        "- uses: someone/chittyconnect-sync@v1",
        f"- shell: python\n  run: |\n    # requests.post('{URL}')\n    print('{URL}')",
        f"- uses: actions/github-script@v8\n  with:\n    script: |\n      console.log('request {URL}')",
        f"- uses: someone/notify@v1\n  with: {{text: '{URL}'}}",
    ],
)
def test_what_only_mentions_chittyconnect_is_no_sync(step: str) -> None:
    """Names, comments, printed texts, switched-off steps, other addresses and methods do nothing."""
    assert not syncs(workflow(step))


def test_known_failure_10_disconnect_stale_async_jobs_is_no_sync() -> None:
    """A name in which `connect` and `sync` happen to stand says nothing of what the workflow does."""
    text = workflow("- run: ./stop-jobs").replace("name: any", "name: Disconnect stale async jobs")
    assert findings(SYNC, {".github/workflows/chittyconnect-sync.yml": text})


def test_a_reusable_workflow_of_the_organisation_is_a_sync() -> None:
    """A job that calls it is enough, whatever the ref and the case of the names."""
    called = "CHITTYOS/chittyops/.github/workflows/reusable-chittyconnect-sync.yml@main"
    assert syncs(f"on: [push]\njobs:\n  sync:\n    uses: {called}\n    secrets: inherit\n")
    assert not syncs(f"on: [push]\njobs:\n  sync:\n    if: false\n    uses: {called}\n")
    assert not syncs(f"on: [push]\njobs:\n  sync:\n    uses: {called.replace('chittyconnect-sync', 'node-ci')}\n")


def test_a_call_is_followed_inside_the_repository() -> None:
    """What a local reusable workflow, a local action and a script do is done by the workflow, with the inputs given."""
    caller = "on: push\njobs:\n  a: {uses: ./.github/workflows/inner.yml, with: {base: 'https://connect.chitty.cc'}}\n"
    action = """\
inputs: {address: {default: "https://example.com"}}
runs:
  using: composite
  steps:
    - {run: ./scripts/sync.sh, shell: bash, env: {BASE: "${{ inputs.address }}"}}
"""
    files: dict[str, Content] = {
        ".github/workflows/caller.yml": caller,
        ".github/workflows/inner.yml": workflow(
            "- uses: ./.github/actions/sync\n  with: {address: '${{ inputs.base }}'}", "workflow_call"
        ),
        ".github/actions/sync/action.yml": action,
        "scripts/sync.sh": '#!/bin/sh\ncurl -X POST "$BASE/api/github/sync"\n',
    }
    assert findings(SYNC, files) == ()
    for path in files:
        assert findings(SYNC, {**files, path: "on: push\njobs: {}\n"}), f"without {path} nothing is sent"
    elsewhere = caller.replace("connect.chitty", "example")
    assert findings(SYNC, {**files, ".github/workflows/caller.yml": elsewhere})


@pytest.mark.parametrize(
    "run, files",
    [
        ("bash scripts/s.sh", {"scripts/s.sh": f"curl -X POST {URL}"}),
        ("./scripts/s.sh", {"scripts/s.sh": f"curl -X POST {URL}"}),
        ("python3 scripts/s.py", {"scripts/s.py": f"import httpx\nhttpx.post('{URL}')"}),
        ("node scripts/s.mjs", {"scripts/s.mjs": f"await fetch('{URL}', {{method: 'POST'}})"}),
        ("npm run sync", {"package.json": f'{{"scripts": {{"sync": "curl -X POST {URL}"}}}}'}),
    ],
)
def test_a_script_of_the_repository_is_followed(run: str, files: dict[str, Content]) -> None:
    """Three steps away is still done; a script that only exists is not."""
    assert syncs(workflow(f"- run: {run}"), **files)
    assert not syncs(workflow("- run: 'true'"), **files)
    assert not syncs(workflow(f"- run: {run}"), **{path: "" if path != "package.json" else "{}" for path in files})


def test_known_failure_12_a_disabled_workflow_does_not_count() -> None:
    """Switched off on GitHub it does nothing, and the finding says that it would."""
    path = ".github/workflows/sync.yml"
    files = {path: workflow(f"- run: curl -X POST {URL}")}
    (one,) = findings(SYNC, repository(files, observed=Observed(disabled_workflows=Fact.present((path,)))))
    assert f"{path} is switched off on GitHub" in one.message
    assert (one.path, one.line, one.absent) == (path, 7, False)
    assert findings(SYNC, repository(files, observed=Observed(disabled_workflows=Fact.present(())))) == ()


def test_whether_a_workflow_is_switched_off_may_be_unknown() -> None:
    """A workflow that may be off is no proof; that nothing syncs at all is certain without asking."""
    observed = Observed(disabled_workflows=Fact.unknown("GitHub answered 403"))
    files = {".github/workflows/sync.yml": workflow(f"- run: curl -X POST {URL}")}
    with pytest.raises(NotKnown, match="403"):
        findings(SYNC, repository(files, observed=observed))
    assert findings(SYNC, repository({"a": "b"}, observed=observed))


@pytest.mark.parametrize("on", ["workflow_call", "[]", "{}", "{schedule: []}", "{workflow_call: {}}", ""])
def test_a_workflow_that_nothing_starts_does_not_count(on: str) -> None:
    """Without an event that starts it, a workflow is only text; the finding names it."""
    (one,) = findings(SYNC, {".github/workflows/sync.yml": workflow(f"- run: curl -X POST {URL}", on)})
    assert "has no trigger that starts it" in one.message


def test_known_failure_13_the_31st_workflow_is_seen() -> None:
    """Every workflow is looked at, however many there are."""
    files = {f".github/workflows/{number:03}.yml": workflow("- run: 'true'") for number in range(120)}
    assert findings(SYNC, files)
    assert findings(SYNC, {**files, ".github/workflows/zzz.yaml": workflow(f"- run: curl -X POST {URL}")}) == ()


def test_invalid_workflows_do_not_hide_the_others() -> None:
    """One broken file is its own finding elsewhere; the sync beside it still counts."""
    broken: dict[str, Content] = {".github/workflows/a.yml": "on: [push\n", ".github/workflows/b.yml": b"\xff\xfe\x00"}
    assert findings(SYNC, broken)
    assert findings(SYNC, {**broken, ".github/workflows/c.yml": workflow(f"- run: curl -X POST {URL}")}) == ()


def test_known_failure_1_a_workflow_that_the_disk_refuses_is_no_missing_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be the very one that syncs."""

    def refused(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    held = repository({".github/workflows/sync.yml": workflow("- run: x")})
    monkeypatch.setattr("os.open", refused)
    with pytest.raises(NotKnown, match="Permission denied"):
        findings(SYNC, held)


def test_every_pattern_of_the_check_is_in_checks_yml() -> None:
    """The address and the names that count are the file's, so that changing them there changes the verdict."""
    parameters = spec_of(SYNC).parameters
    assert {"requests", "uses", "variables", "template", "remediation", "why"} <= set(parameters)


# -- code that nobody can follow -----------------------------------------------------------------------------------

STARTS = "- run: ./bin/tool"
CALLS = f"await fetch('{URL}', {{method: 'POST'}})\n"


def test_a_program_that_is_not_followed_may_call_it() -> None:
    """Where nothing calls it for certain, and the address stands in code: nobody can say."""
    held = repository({".github/workflows/any.yml": workflow(STARTS), "src/call.ts": CALLS})
    with pytest.raises(NotKnown, match=r"the step in line 7 of \.github/workflows/any\.yml .*src/call\.ts"):
        findings(SYNC, held)


def test_a_program_that_is_not_followed_in_a_repository_without_the_address() -> None:
    """It is missing."""
    (one,) = findings(SYNC, repository({".github/workflows/any.yml": workflow(STARTS), "src/call.ts": "x()\n"}))
    assert one.absent


def test_a_program_that_is_not_followed_beside_a_step_that_calls_it() -> None:
    """That step is enough, wherever it stands, and no code is searched."""
    held = repository(
        {
            ".github/workflows/a.yml": workflow(STARTS),
            ".github/workflows/b.yml": workflow(f"- run: curl -X POST {URL}"),
            "src/call.ts": CALLS,
        }
    )
    assert findings(SYNC, held) == ()
    assert "src/call.ts" not in held.opened


def test_a_program_that_is_not_followed_in_a_workflow_that_is_switched_off() -> None:
    """It does nothing."""
    flow = ".github/workflows/any.yml"
    off = Observed(disabled_workflows=Fact.present((flow,)))
    (one,) = findings(SYNC, repository({flow: workflow(STARTS), "src/call.ts": CALLS}, observed=off))
    assert one.absent
