"""Whether a workflow's step makes a call that a check asks for: it does, it does not, or nobody can tell."""

from __future__ import annotations

import time

import pytest

from chittyactions.compliance.facts import NotKnown
from compliance.repositories import findings

SYNC = "chittyconnect.sync-workflow"
NO_HOST = "and no file says what host that is"
PATH = "/api/github/sync"
URL = f"https://connect.chitty.cc{PATH}"


def workflow(steps: str, on: str = "push") -> str:
    lines = "".join(f"      {line}\n" for line in steps.splitlines())
    return f"on: {on}\njobs:\n  job:\n    runs-on: ubuntu-latest\n    steps:\n{lines}"


def running(script: str, more: str = "") -> str:
    return workflow("- run: |\n" + "".join(f"    {line}\n" for line in script.splitlines()) + more)


def scripted(code: str, more: str = "") -> str:
    lines = "".join(f"      {line}\n" for line in code.splitlines())
    return workflow(f"- uses: actions/github-script@v8\n{more}  with:\n    script: |\n{lines}")


def env(value: str, name: str = "BASE") -> str:
    return f"  env: {{{name}: '{value}'}}\n"


def told(text: str) -> str:
    """Whether it "passes" or "fails", or why that is unknown."""
    try:
        return "fails" if findings(SYNC, {".github/workflows/w.yml": text}) else "passes"
    except NotKnown as error:
        return str(error)


@pytest.mark.parametrize(
    "text",
    [
        scripted(f"await fetch('{URL}', {{method: 'POST'}})"),
        scripted(
            f"await fetch(`${{process.env.API}}{PATH}`, {{method: 'POST'}})", env("https://connect.chitty.cc", "API")
        ),
        scripted("await fetch(process.env.API, {method: 'POST'})", env(URL, "API")),
        running(f"python3 - <<E\nrequests.post(os.environ['CHITTYCONNECT_URL'] + '{PATH}')\nE"),
        running(f"curl -X POST $CHITTYCONNECT_URL{PATH}", env("${{ secrets.ANY }}", "CHITTYCONNECT_URL")),
        running(f"curl -X POST ${{{{ secrets.CHITTYCONNECT_URL }}}}{PATH}"),
        running(f"OPTS='-fsS -X POST'\ncurl $OPTS {URL}"),
        running(f'args=(-fsS -X POST)\ncurl "${{args[@]}}" {URL}'),
        running(f"curl $OPTS {URL}"),
        running(f'api() {{ curl -X "$1" "https://connect.chitty.cc$2"; }}\napi POST {PATH}'),
        running(f': "${{API:=https://connect.chitty.cc}}"\ncurl -X POST $API{PATH}'),
        running(f"curl https://example.com --next -X POST {URL}"),
        running(f"((x=1<<2))\ncurl -X POST {URL}"),
        running(f'curl -X POST \\\n  -d "$(cat <<E\na (b) it\'s\nE\n)" {URL}'),
        running(f'Invoke-RestMethod `\n  -Uri "$env:CHITTYCONNECT_URL{PATH}" `\n  -method post', "  shell: pwsh\n"),
        workflow(f"- uses: nick-fields/retry@v3\n  with: {{command: 'curl -X POST {URL}'}}"),
        workflow(f"- uses: Wandalen/wretry.action@v3\n  with: {{command: 'curl -X POST {URL}'}}"),
        workflow(f"- uses: docker://curlimages/curl:8\n  with: {{args: '-X POST {URL}'}}"),
        workflow(f"- uses: docker://alpine\n  with: {{entrypoint: /usr/bin/curl, args: '-X POST {URL}'}}"),
        workflow(f"- run: curl -X POST ${{{{ secrets.BASE }}}}{PATH}\n- run: curl -X POST {URL}"),
    ],
)
def test_what_makes_the_call_passes(text: str) -> None:
    """However it is written; a certain call settles what another step leaves open."""
    assert told(text) == "passes"


@pytest.mark.parametrize(
    "text",
    [
        scripted(f"await fetch('{URL}')"),
        scripted(f"await fetch('{URL}', {{method: 'DELETE'}})"),
        scripted(f"core.info('{URL}'); await github.request('GET /x')"),
        scripted(
            f"await fetch(`${{process.env.CHITTYCONNECT_URL}}{PATH}`, {{method: 'POST'}})",
            env("http://localhost:1", "CHITTYCONNECT_URL"),
        ),
        running(f"python3 - <<E\nimport requests\nrequests.get('{URL}')\nE"),
        running(f"curl -G -d a=b {URL}"),
        running(f"curl {URL} --next -X POST https://example.com"),
        running(f"sync() {{ curl -X POST {URL}; }}\necho hi"),
        running(f"command -v curl -X POST {URL}"),
        running(f"<#\nInvoke-RestMethod -Method Post -Uri {URL}\n#>\nWrite-Host hi", "  shell: pwsh\n"),
        running(f'Write-Host "irm -Method Post {URL}"', "  shell: pwsh\n"),
        running(f"curl $BASE{PATH}", env("${{ secrets.ANY }}")),
        running("curl -X POST $BASE/api/other", env("${{ secrets.ANY }}")),
        running("curl -X POST $BASE", env("${{ secrets.ANY }}")),
        running(f"curl -X POST https://example.com/{{secrets.ANY}}{PATH}"),
        running(f"echo {URL}; git clone {URL}; docker pull https://example.com"),
        workflow(f"- run: curl -X POST ${{{{ secrets.BASE }}}}{PATH}", "workflow_call"),
        workflow("- uses: nick-fields/retry@v3"),
        workflow("- uses: docker://curlimages/curl:8"),
    ],
)
def test_what_does_not_make_the_call_fails(text: str) -> None:
    """Another method or address, a text that is printed, a function that nobody calls."""
    assert told(text) == "fails"


@pytest.mark.parametrize(
    "text, why",
    [
        (running(f"curl -X POST $BASE{PATH}", env("${{ secrets.ANY }}")), f"calls {{secrets.ANY}}{PATH}, {NO_HOST}"),
        (running(f"curl -X POST https://${{{{ vars.HOST }}}}{PATH}"), f"calls https://{{vars.HOST}}{PATH}, {NO_HOST}"),
        (
            running(f"curl -X POST ${{{{ steps.a.outputs.url }}}}{PATH}"),
            f"calls {{steps.a.outputs.url}}{PATH}, {NO_HOST}",
        ),
        (running(f"curl -X POST $UNKNOWN{PATH}"), f"calls {{UNKNOWN}}{PATH}, {NO_HOST}"),
        (running(f"curl -X POST $BASE{PATH}", env("${{ env.NOWHERE }}")), f"calls {{NOWHERE}}{PATH}, {NO_HOST}"),
        (running(f"B=$(jq .url x.json)\ncurl -X POST $B{PATH}"), f"calls {{}}{PATH}, {NO_HOST}"),
        (scripted(f"await fetch(config.url + '{PATH}', {{method: 'POST'}})"), f"calls {{}}{PATH}, {NO_HOST}"),
        (running(f"chitty post {URL}"), f"hands {URL} to chitty, which can't be followed"),
        (scripted(f"await sync('{URL}')"), f"hands {URL} to sync, which can't be followed"),
        (running(f"docker run curlimages/curl -X POST {URL}"), f"hands {URL} to docker, which can't be followed"),
    ],
)
def test_what_may_make_the_call_is_unknown(text: str, why: str) -> None:
    """The path is the one that is asked for, and only running would tell the rest; the reason names the step."""
    assert told(text) == f"the step in line 6 of .github/workflows/w.yml {why}"


REAL, MOCK = "https://connect.chitty.cc", "http://localhost:8787"


@pytest.mark.parametrize("hosts", [(REAL, MOCK), (MOCK, REAL), (MOCK, MOCK)])
@pytest.mark.parametrize(
    "form",
    [
        "if [ $REF = main ]; then BASE={0}; else BASE={1}; fi",
        "case $REF in\n  main) BASE={0} ;;\n  *) BASE={1} ;;\nesac",
        "[ $REF = main ] && BASE={0} || BASE={1}",
        "BASE={0}; [ $REF = main ] || BASE={1}",
        "for BASE in {0} {1}; do curl -X POST $BASE/api/github/sync; done",
        "BASE=${{{{ github.ref == 'main' && '{0}' || '{1}' }}}}",
    ],
)
def test_one_branch_with_the_real_host_passes(form: str, hosts: tuple[str, str]) -> None:
    """Whatever condition it stands behind; where none has it, that is certain."""
    text = running(form.format(*hosts) + f"\ncurl -X POST $BASE{PATH}")
    assert told(text) == ("passes" if REAL in hosts else "fails")


def test_the_default_of_a_default_may_be_the_host() -> None:
    """As in `${A:-${B:-host}}`."""
    assert told(running(f"curl -X POST ${{A:-${{B:-{REAL}}}}}{PATH}")) == "passes"
    assert told(running(f"curl -X POST ${{A:-${{B:-{MOCK}}}}}{PATH}")) == "fails"


def test_each_step_that_may_make_the_call_is_told_once() -> None:
    """All that has to be looked at by hand."""
    step = f"- run: curl -X POST ${{{{ secrets.BASE }}}}{PATH}"
    assert told(workflow(f"{step}\n{step}")).count("; the step in line") == 1


def test_a_hostile_matrix_and_hostile_steps_are_read_in_bounded_time() -> None:
    """Runs and earlier steps are looked at as far as honest ones need."""
    step = "- run: 'echo A=${{ matrix.a }}$A$A >> $GITHUB_ENV; curl $A'\n"
    text = workflow(step * 150).replace(
        "    steps", f"    strategy: {{matrix: {{a: {list(range(300))}, b: {list(range(300))}}}}}\n    steps"
    )
    begun = time.monotonic()
    assert told(text) == "fails"
    assert time.monotonic() - begun < 10
