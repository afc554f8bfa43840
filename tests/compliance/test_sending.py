"""What a step sends: by a client's words, with expressions and variables filled in, and from which scripts."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from chittyactions.compliance import sending
from chittyactions.compliance.clients import method_of
from chittyactions.compliance.documents import Spot
from chittyactions.compliance.facts import NotKnown
from chittyactions.compliance.sending import Reader
from chittyactions.compliance.shell_words import Budget
from chittyactions.compliance.starting import Starting, script_name
from chittyactions.compliance.step_values import Values
from chittyactions.compliance.workflows import Step
from compliance.repositories import Content, Link, repository


def sent(step: Step, files: dict[str, Content] | None = None) -> list[tuple[str, str]]:
    """Method and URL of what a step sends."""
    reader = Reader(repository(files or {}), {"BASE_URL": "https://base"})
    return [(one.method, one.url) for one in reader.requests(step)]


def running(run: str, **more: object) -> Step:
    return Step("w.yml", "j", Spot(), run=run, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "command, method",
    [
        ("curl x", "GET"),
        ("curl -G -d a x", "GET"),
        ("curl -sG -d a x", "GET"),
        ("curl --get --json a x", "GET"),
        ("curl {OPTS} x", ""),
        ("curl {URL}", "GET"),
        ("curl -o {FILE} x", "GET"),
        ("curl -X {HOW} x", ""),
        ("http x a=b", "POST"),
        ("http x a:=1", "POST"),
        ("http x a==b", "GET"),
        ("curl -d a x", "POST"),
        ("curl -sSfd a x", "POST"),
        ("curl --data-binary @f x", "POST"),
        ("curl --json {} x", "POST"),
        ("curl -F a=b x", "POST"),
        ("curl -X PUT -d a x", "PUT"),
        ("curl -sXdelete x", "DELETE"),
        ("curl --request=patch x", "PATCH"),
        ("curl -I x", "HEAD"),
        ("curl --head x", "HEAD"),
        ("curl -u USER x", "GET"),
        ("curl -X", ""),
        ("wget --post-data=a x", "POST"),
        ("wget --method=PUT x", "PUT"),
        ("curl x -X PUT", "PUT"),
        ("/usr/bin/http POST x", "POST"),
        ("http POST x", "POST"),
        ("https PUT x", "PUT"),
        ("xh DELETE x", "DELETE"),
        ("http x", "GET"),
        ("curl --fail --no-buffer x", "GET"),
    ],
)
def test_the_method_of_a_client_is_told_by_its_options(command: str, method: str) -> None:
    """Stated, or by what it sends."""
    assert method_of(tuple(command.split())) == method


def test_what_curl_does_next_has_its_own_method() -> None:
    """Each part of a call stands for itself."""
    run = "curl -X PUT https://a --next https://b -: -d x --url=https://c/d --url https://e"
    assert [one for one in sent(running(run)) if one[1] != "PUT"] == [
        ("PUT", "https://a"),
        ("GET", "https://b"),
        ("POST", "https://c/d"),
        ("POST", "https://e"),
    ]


def test_what_another_client_asks_has_one_method() -> None:
    """`--next` is curl's; a client may be told its method by a word."""
    assert sent(running("wget --method=PUT https://a --next https://b")) == [("PUT", "https://a"), ("PUT", "https://b")]
    assert sent(running("http PUT https://a"))[-1] == ("PUT", "https://a")


def test_the_values_of_options_are_no_urls() -> None:
    """A header, a body or a file may hold any address."""
    command = "curl -H 'X: https://h' -d https://d --data-raw https://r -o https://o -sX POST https://u -u https://k"
    assert sent(running(command)) == [("POST", "POST"), ("POST", "https://u")]


def test_a_url_without_a_scheme_is_asked_as_http() -> None:
    """As curl and wget do; a word without a path may be anything."""
    assert sent(running("curl api.chitty.cc/a; curl word")) == [("GET", "http://api.chitty.cc/a"), ("GET", "word")]
    assert sent(running("curl a.cc/?of=https://b")) == [("GET", "http://a.cc/?of=https://b")]


def using(uses: str, **inputs: object) -> Step:
    return Step("w.yml", "j", Spot(), uses=uses, inputs=inputs, env={"U": "https://u"})


def test_an_action_that_takes_a_url_asks_it() -> None:
    """Filled in, by the method that it is given, which may be none; one that takes none asks nothing."""
    assert sent(using("o/r@v1", url=" ${{ env.U }}/x ", method="post")) == [("POST", "https://u/x")]
    assert sent(using("o/r@v1", url="https://u")) == [("", "https://u")]
    (asked,) = Reader(repository({}), {}).requests(using("o/r@v1", url="https://u"))
    assert asked.by == "o/r", "nobody says by which method"
    (asked,) = Reader(repository({}), {}).requests(using("o/r@v1", url="https://u", method="put"))
    assert (asked.by, asked.method) == ("", "PUT")
    (asked,) = Reader(repository({"a.sh": "curl u"}), {}).requests(running("sh a.sh", directory="${{ '/' }}"))
    assert asked.url == "u"
    assert sent(using("o/r@v1", address="https://u")) == []


def test_the_script_of_a_step_is_read_in_its_own_language() -> None:
    """github-script's and node's as JavaScript, Python's as Python, and neither as shell."""
    script = "// get('https://no')\nfetch('${{ env.U }}/x')"
    assert sent(using("actions/github-script@v7", script=script)) == [("GET", "https://u/x")]
    assert sent(using("actions/github-script@v7")) == []
    assert sent(running(script, shell="node {0}", env={"U": "https://u"})) == [("GET", "https://u/x")]
    assert sent(running("fetch('https://u')", shell="deno run {0}")) == [("GET", "https://u")]
    for shell in ("pwsh", "PowerShell"):
        assert sent(running("irm -Method `\n  Post https://u", shell=shell)) == [("POST", "https://u")]
    script = "# get('https://no')\nrequests.get('${{ env.U }}/x')"
    assert sent(running(script, shell="python", env={"U": "https://u"})) == [("GET", "https://u/x")]
    assert sent(running("curl https://u", shell="python")) == sent(running("curl https://u", shell="node {0}")) == []


def test_the_values_of_a_step_have_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """One for all that it starts; of what comes beyond it nobody knows the value."""
    step = running("curl $U; curl $U", env={"U": "https://u"})
    for room, urls in ((18, ["https://u", "https://u"]), (17, ["https://u", "{}"])):
        monkeypatch.setattr(sending, "Budget", lambda room=room: Budget(room))
        assert [url for _, url in sent(step)] == urls


def test_variables_come_from_the_script_the_step_and_the_usual_values() -> None:
    """In this order; what nobody says stays a name."""
    step = running("Y=2; curl $X/$Y $BASE_URL $WHO", env={"X": "${{ env.Z }}", "Z": 1}, given={})
    assert [url for _, url in sent(step)] == ["1/2", "https://base", "{WHO}"]
    assert sent(running("curl $BASE_URL/x", env={"BASE_URL": "${{ secrets.A }}"})) == [("GET", "https://base/x")]
    assert sent(running("curl $BASE_URL/x", env={"BASE_URL": ""})) == [("GET", "/x")]
    assert sent(running("curl $BASE_URL/x", env={"BASE_URL": None})) == [("GET", "/x")]
    mock = {"BASE_URL": "${{ steps.mock.outputs.url }}"}
    assert sent(running("curl $BASE_URL/x", env=mock)) == [("GET", "{steps.mock.outputs.url}/x")]


@pytest.mark.parametrize(
    "expression, urls",
    [
        ("github.ref == 'main' && 'https://a' || 'https://b'", ["https://a", "https://b"]),
        ("(github.ref == 'x&&y' && env.A) || env.B", ["a", "b", "b"]),
        ("github.a && 'a' || github.b && 'b' || 'c'", ["a", "b", "c"]),
        ("github.a && 'a' || github.b && 'b' || github.c && 'c' || github.d && 'd' || 'e'", ["a", "b", "c", "d"]),
        ("github.a && secrets.A || 'b'", ["{secrets.A}", "b"]),
        ("github.a && '' || 'b'", ["b", "b"]),
        ("github.a && github.b && 'a' || 'b'", ["a", "b", "b"]),
        ("inputs.a == 'x' && 'a' || 'b'", ["a", "a"]),
        ("inputs.a == 'y' && 'a' || 'b'", ["b", "b"]),
        ("github.a && 'https://a'", ["https://a", "{a}"]),
        ("'a&&b'", ["a&&b", "a&&b"]),
    ],
)
def test_each_value_that_an_expression_may_have_is_asked(expression: str, urls: list[str]) -> None:
    """Whatever condition it stands behind, unless that is certain; what is set elsewhere keeps its name."""
    env = {"U": f"${{{{ {expression} }}}}", "A": "a", "B": "b"}
    step = running("curl $U", env=env, fixed={"inputs": {"a": "x"}})
    assert [url for _, url in sent(step)] == urls
    assert [url for _, url in sent(replace(step, run='curl "${{ inputs.u }}"', given={"u": env["U"]}))] == urls
    assert sent(running("curl $MINE", env={"MINE": "${{ secrets.KEY }}"})) == [("GET", "{secrets.KEY}")]


def test_an_expression_of_a_step_without_runs_has_its_first_value() -> None:
    """As where the steps before a step are read for what they hand on."""
    assert Values(running(""), {}).filled("${{ github.a && 'a' || 'b' }}") == "a"


def test_a_long_expression_is_named_by_its_first_two_hundred_signs() -> None:
    """The rest is not read for a name."""
    assert Values(running(""), {}).filled("${{ " + "x" * 199 + "yz }}") == "{" + "x" * 199 + "}"


def test_expressions_have_a_budget() -> None:
    """Each costs its name, twenty signs and its value; beyond it, the name is left."""
    step = running("", env={"A": "abc"})
    for budget, filled in ((30, "abc"), (29, "{env.A}")):
        assert Values(step, {}, budget=Budget(budget)).filled("${{ env.A }}") == filled


@pytest.mark.parametrize(
    "expression, value",
    [
        ("env.A", "a"),
        ("env.BY_X", "x"),
        ("inputs.b", "b"),
        ("github.event.inputs.b", "b"),
        ("vars.BASE_URL", "https://base"),
        ("vars.NONE || 'd'", "d"),
        ("env.NONE || inputs.b", "b"),
        ("''", "{}"),
        ("secrets.KEY", "{secrets.KEY}"),
        ("env.LOOP", "{env.LOOP}"),
        ("format('{0}', env.A)", "{env.A}"),
    ],
)
def test_expressions_are_filled_in_as_far_as_the_files_say(expression: str, value: str) -> None:
    """The rest keeps its name, and an expression that names itself ends."""
    step = running("", env={"A": "a", "BY_X": "x", "LOOP": "${{ env.LOOP }}"}, given={"b": "b"})
    assert Reader(repository({}), {"BASE_URL": "https://base"}).filled(step, f"${{{{ {expression} }}}}") == value


def test_expressions_that_name_each_other_are_followed_four_levels_deep() -> None:
    """As far as anybody nests them, and no further; where it ends, the last name is left."""
    step = running("", env={f"A{level}": f"${{{{ env.A{level + 1} }}}}" for level in range(9)})
    assert Reader(repository({}), {}).filled(step, "${{ env.A0 }}") == "{env.A4}"


def test_a_program_without_a_folder_is_no_file_of_the_repository() -> None:
    """A shell looks for it among the programs; only a path, or what a shell is told to read, is the file."""
    files: dict[str, Content] = {"deploy": "curl https://a", "a.py": "requests.get('https://b')"}
    assert sent(running("deploy; a.py; chmod +x ./deploy; cat ./deploy"), files) == []
    assert sent(running("./deploy"), files) == [("GET", "https://a")]
    assert sent(running("bash deploy"), files) == [("GET", "https://a")]


def test_a_shell_runs_its_script_whatever_options_it_has() -> None:
    """A file behind options of either sign, a text behind -c also in another one, or what it is fed."""
    files: dict[str, Content] = {"a.sh": "curl https://a", "b.sh": "curl https://b"}
    assert sent(running("bash -e +x a.sh b.sh"), files) == [("GET", "https://a")]
    assert sent(running("bash -c \"bash -ec 'curl https://b'\"")) == [("GET", "https://b")]
    assert sent(running("sh <<E\ncurl https://c\nE")) == [("GET", "https://c")]
    assert sent(running("bash -x; bash -c")) == []


def test_a_program_that_is_not_in_the_repository_sends_nothing() -> None:
    """Its file may be made by the run; what it asks can't be told, and ends nothing."""
    assert sent(running("python gone.py; ./gone.js; curl https://a")) == [("GET", "https://a")]


def test_scripts_are_found_from_the_steps_folder_and_never_outside() -> None:
    """From `working-directory`, from the workspace and the action's folder; `..` leads no further than the root."""
    files: dict[str, Content] = {
        "sub/a.sh": "curl https://a",
        "act/b.sh": "curl https://b",
        "x.sh": Link("/etc/hostname"),
    }
    assert sent(running("./a.sh", directory="sub"), files) == [("GET", "https://a")]
    assert sent(running("bash $GITHUB_WORKSPACE/sub/a.sh"), files) == [("GET", "https://a")]
    acting = Step("act/action.yml", "j", Spot(), run="${{ github.action_path }}/b.sh")
    assert sent(acting, files) == [("GET", "https://b")]
    assert sent(running("sh ../../../sub/a.sh"), files) == [("GET", "https://a")]
    assert sent(running("./x.sh; ./gone.sh"), files) == []


def test_scripts_that_start_themselves_end() -> None:
    """Directly, and by way of package.json."""
    files: dict[str, Content] = {
        "a.sh": "sh a.sh; sh b.sh; curl https://a",
        "b.sh": "npm run c",
        "package.json": '{"scripts": {"c": "sh a.sh", "d": 1}}',
    }
    assert sent(running("sh a.sh; npm run d; npm; npm run"), files) == [("GET", "https://a")]


def test_a_script_is_followed_once_for_each_environment() -> None:
    """It sends the same wherever it is started, unless it is handed something else."""
    files: dict[str, Content] = {"a.sh": "curl https://a/$X"}
    assert sent(running("sh a.sh; sh a.sh; X=1 sh a.sh; sh a.sh; X=1 sh a.sh"), files) == [
        ("GET", "https://a/{X}"),
        ("GET", "https://a/1"),
    ]


def test_what_was_followed_leaves_out_nothing_beside_it() -> None:
    """A rule of make that was started before comes with one that was not."""
    files: dict[str, Content] = {"Makefile": "x:\n\tcurl https://x\ny:\n\tcurl https://y\n"}
    assert sent(running("make x; make x y"), files) == [("GET", "https://x"), ("GET", "https://y")]


def test_a_file_is_read_into_a_script_from_the_folder_that_it_works_in() -> None:
    """That of the step, and from there where `cd` led to."""
    files: dict[str, Content] = {"a/b/c.sh": "curl https://c", "b/c.sh": "curl https://no", "a/c.sh": "curl https://no"}
    assert sent(running("cd b; . ./c.sh", directory="a"), files) == [("GET", "https://c")]


def test_a_command_that_an_action_runs_is_followed() -> None:
    """It starts scripts of the repository, from its root."""
    files: dict[str, Content] = {"a.sh": "curl $U"}
    assert sent(using("nick-fields/retry@v3", command="sh a.sh; sh gone.sh"), files) == [("GET", "https://u")]
    assert sent(using("docker://alpine", entrypoint="sh", args="a.sh"), files) == [("GET", "https://u")]
    files = {"o/tool": "curl https://no", "x.y/o/tool": "curl https://no"}
    assert sent(using("docker://x.y/o/tool:1"), files) == [], "the image's program is no file"


def test_scripts_are_followed_four_levels_deep() -> None:
    """A chain of scripts is followed as far as anybody builds one, and no further."""
    files: dict[str, Content] = {f"{level}.sh": f"sh {level + 1}.sh; curl https://{level}" for level in range(9)}
    assert {url for _, url in sent(running("sh 0.sh"), files)} == {f"https://{level}" for level in range(4)}


def test_a_script_that_the_disk_refuses_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it sends can't be told."""

    def refused(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.open", refused)
    with pytest.raises(NotKnown):
        sent(running("sh a.sh"), {"a.sh": "x"})


@pytest.mark.parametrize(
    "code, urls",
    [
        ("import requests\nrequests.post('https://a')", ["https://a"]),
        ("base = 'https://b'\nurlopen(base + '/c')", ["https://b/c"]),
        ("base = 'https://b'\nurlopen(self.base + '/c')", ["https://b/c"]),
        ("urlopen(f'{BASE_URL}/a')", ["{}/a"]),
        ("urlopen(who + f'/{what.it}')", ["{}/{}"]),
        ("urlopen('https://a/{}'.format(x))", ["https://a/{}"]),
        ("b: str = os.environ.get('X') or 'https://b'\nfetch(f'{b}/c')", ["https://b/c"]),
        ("# requests.post('https://a')", []),
        ("print('requests https://a')", []),
        ('"""requests.post("https://a")"""', []),
    ],
)
def test_python_sends_where_it_calls(code: str, urls: list[str]) -> None:
    """Texts of a program that calls something; a docstring or a comment alone calls nothing."""
    assert [url for _, url in sent(running(code, shell="python"))] == urls


@pytest.mark.parametrize(
    "script, urls",
    [
        ("python -c \"requests.post('https://a')\"", ["https://a"]),
        ("python3 -c \"# requests.post('https://a')\"", []),
        ("ruby -e \"Net::HTTP.post('https://a')\"", ["https://a"]),
        ("ruby -e \"# Net::HTTP.post('https://a')\"", []),
        ("node --eval \"fetch('https://a')\"", ["https://a"]),
        ("node -e \"// fetch('https://a')\"", []),
        ("node -e \"fetch/* it */('https://a')\"", ["https://a"]),
        ("python x \"requests.post('https://a')\"; python -c", []),
        ("./a.py; ./a.rb; ./a.js", ["https://py", "https://rb", "https://js"]),
        ("python a.py b.py", ["https://py"]),
    ],
)
def test_a_program_sends_what_its_code_sends(script: str, urls: list[str]) -> None:
    """Given behind an option or as its file, and without the comments of its language; arguments are no code."""
    files: dict[str, Content] = {
        "a.py": "# get('https://no')\nrequests.get('https://py')",
        "b.py": "requests.get('https://other')",
        "a.rb": "# get('https://no')\nNet::HTTP.get('https://rb')",
        "a.js": "// get('https://no')\nfetch('https://js')",
    }
    assert [url for _, url in sent(running(script), files)] == urls


@pytest.mark.parametrize(
    "text",
    [
        "'" * 200_001,
        "/*" * 100_000,
        "`" * 199_999,
        "a" * 200_000,
        "x='" * 66_000,
        "//" * 99_999,
        '"' + '\\"' * 99_999,
        '"' + '\\"' * 99_999 + "\\",
        "'''" + "\\'" * 99_999,
    ],
)
def test_hostile_code_is_read_in_bounded_time(text: str) -> None:
    """No pattern runs away on a long text."""
    begun = time.monotonic()
    sent(running(f"fetch(1);{text}", shell="node {0}"))
    sent(running(f"fetch(1);{text}", shell="python"))
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize(
    "words, name",
    [
        ("npm run x", "x"),
        ("npm run-script x", "x"),
        ("npm --silent run -s x y", "x"),
        ("yarn x", "x"),
        ("yarn -s x", "x"),
        ("npm run", "run"),
        ("npm", ""),
        ("npm --version", ""),
    ],
)
def test_the_script_that_a_package_manager_starts(words: str, name: str) -> None:
    """Options are passed over; `run` is a word of npm's, and a script's name only where nothing follows."""
    assert script_name(tuple(words.split())) == name


@pytest.mark.parametrize(
    "path, directory, found",
    [
        ("a.sh", "", "a.sh"),
        ("./a.sh", "", "a.sh"),
        ("../X/a.sh", "web/b", "web/X/a.sh"),
        ("{GITHUB_WORKSPACE}/a.sh", "web", "a.sh"),
        ("{WORKSPACE}/X/a.sh", "web", "X/a.sh"),
        ("{github.workspace}/a.sh", "web", "a.sh"),
        ("{ACTION_PATH}/a.sh", "web", "actions/x/a.sh"),
        ("{GITHUB_ACTION_PATH}/a.sh", "", "actions/x/a.sh"),
        ("{github.action_path}/a.sh", "", "actions/x/a.sh"),
        ("../../a.sh", "web", "a.sh"),
        ("X/a.sh", "", "X/a.sh"),
    ],
)
def test_a_script_is_found_from_the_folder_that_the_step_works_in(path: str, directory: str, found: str) -> None:
    """By the variables and expressions of GitHub as well; never outside of the repository."""
    assert Starting(repository({}), "actions/x/action.yml").within(path, directory) == found


@pytest.mark.parametrize(
    "text, filled",
    [
        ("${{ env.KNOWN }}", "https://known"),
        ("${{ vars.KNOWN }} ${{ vars.HERE }} ${{ inputs.HERE }}", "https://named {vars.HERE} given"),
        ("${{ inputs.NONE || 'x y' }}", "x y"),
        ("${{ inputs.NONE || '' }}", "{inputs.NONE}"),
        ("${{ inputs.NONE || 'x\ny' }}", "x\ny"),
        ("${{ inputs.NONE || 'ab }}", "{ab}"),
        ("${{ inputs.NONE || ab' }}", "{ab}"),
        ("${{ ' }}", "{}"),
        ("${{ env.EMPTY || 'x' }}", "x"),
        ("${{ env.NESTED }}/a", "https://known/a"),
        ("${{ secrets.KEY }} ${{ github.sha }}", "{secrets.KEY} {github.sha}"),
    ],
)
def test_expressions_are_filled_in_as_far_as_files_say(text: str, filled: str) -> None:
    """`env` is the step's, `inputs` what a call gives, `vars` only what is known by name; the rest keeps its name."""
    step = Step(
        "w.yml", "j", Spot(),
        env={"KNOWN": "https://known", "EMPTY": "", "NESTED": "${{ env.KNOWN }}", "HERE": "wrong"},
        given={"HERE": "given"},
    )  # fmt: skip
    assert Reader(repository({}), {"KNOWN": "https://named"}).filled(step, text) == filled


def test_the_commands_of_a_step_are_its_own_and_those_of_its_scripts() -> None:
    """A step that uses an action runs none."""
    reader = Reader(repository({"a.sh": "npm install x"}), {})
    assert [one.words[0] for one in reader.commands(running("bash a.sh; node -e 'fetch(1)'"))] == [
        "bash",
        "npm",
        "node",
    ]
    assert list(reader.commands(using("actions/github-script@v8", script="npm install x"))) == []


def test_a_command_is_in_the_folder_of_what_started_it() -> None:
    """A script of package.json works in its own; from there `cd` leads on."""
    reader = Reader(repository({"s/package.json": '{"scripts": {"x": "a; cd t; b; cd /tmp; c"}}'}), {})
    found = {one.words[0]: one.directory for one in reader.commands(running("a0; npm --prefix s run x; cd s; b0"))}
    assert found == {"a0": "/", "npm": "/", "a": "/s", "b": "/s/t", "c": "/tmp", "cd": "/s", "b0": "/s"}


WANTED = [
    {"host": "b", "path": "/{service}", "method": "PUT"},
    {"host": "c", "path": "/x", "method": "POST"},
    {"host": "d", "path": "/z"},
]


def asking(run: str) -> list[str]:
    """The URLs that a step is certain to ask for."""
    reader = Reader(repository({}), {"A": "https://b", "B": "https://c"})
    return [found[0] for found in reader.asking(running(run), WANTED)]


def test_each_call_that_is_wanted_is_told() -> None:
    """With what its pattern names; where no method is wanted, any will do."""
    assert asking("curl -X PUT https://b/x; curl https://b/y; curl -d a https://c/x; curl https://d/z") == [
        "https://b/x",
        "https://c/x",
        "https://d/z",
    ]
    reader = Reader(repository({}), {})
    (found,) = reader.asking(running("curl -X PUT https://b/me"), WANTED)
    assert found["service"] == "me"


def test_a_certain_call_settles_what_another_leaves_open() -> None:
    """In either order."""
    assert asking("curl -d a $(it)/x; curl https://d/z") == ["https://d/z"]
    assert asking("curl https://d/z; tool https://d/z") == ["https://d/z"]


@pytest.mark.parametrize(
    "run, why",
    [
        ("curl -d a $(it)/x; curl -X PUT $(it)/y", "calls {}/x, and no file says what host that is"),
        ("curl -X PUT $(it)/" + "x" * 300, f"calls {{}}/{'x' * 197}, and no file says what host that is"),
        (f"{'t' * 100} https://b/{'x' * 300}", f"hands https://b/{'x' * 190} to {'t' * 80}, which can't be followed"),
        ("tool https://d/z; other https://d/z", "hands https://d/z to tool, which can't be followed"),
    ],
)
def test_the_first_call_that_nobody_can_tell_is_the_reason(run: str, why: str) -> None:
    """As far as it is short enough to read."""
    with pytest.raises(NotKnown) as caught:
        asking(run)
    assert str(caught.value) == f"the step in line 0 of w.yml {why}"
