"""The net below the reading of steps: where a step holds a wanted address that no request was read from."""

from __future__ import annotations

import time

import pytest

from chittyactions.compliance import mentions, sending
from chittyactions.compliance.documents import Spot
from chittyactions.compliance.facts import NotKnown
from chittyactions.compliance.mentions import Wanted, bare, handed
from chittyactions.compliance.sending import Reader
from chittyactions.compliance.shell_words import Budget
from chittyactions.compliance.starting import POWERSHELL, PYTHON, SCRIPT, SHELL
from chittyactions.compliance.workflows import Step
from compliance.repositories import Content, repository

URL = "https://a.b/c/d"
ASKED = [{"host": r"a\.b", "path": "/c/d", "method": "POST"}]
POSTS = f"curl -X POST {URL}"


def told(run: str, files: dict[str, Content] | None = None, **more: object) -> str:
    """What nobody can tell of a step, "" where it is certain that it does not send the request."""
    step = Step("w.yml", "j", Spot(3), run=run, **more)  # type: ignore[arg-type]
    reader = Reader(repository(files or {}), {})
    try:
        assert not list(reader.asking(step, ASKED)), "it is certain"
        return reader.leading(step, ASKED).removeprefix("the step in line 3 of w.yml ")
    except NotKnown as error:
        return str(error).removeprefix("the step in line 3 of w.yml ")


def held(path: str) -> str:
    return f"holds the address in {path}, and what it does with it can't be followed"


@pytest.mark.parametrize(
    "run",
    [
        f"ssh host '{POSTS}'",
        f"docker exec app sh -c '{POSTS}'",
        f"bash <<< '{POSTS}'",
        f"tool <<E\n{POSTS}\nE",
        "tool $BASE/c/d",
        'ssh host "curl https://a.b$PATH_OF_IT"',
        "ssh host 'curl https://a.b:80/%s'",
        f"cmd ^\n  {URL}/",
        f"tool 'a # {URL}'",
    ],
)
def test_words_for_what_nobody_knows_may_be_sent(run: str) -> None:
    """Programs that can't be followed, and what another shell reads."""
    told_ = told(run)
    assert told_ == held("w.yml") or "which can't be followed" in told_


@pytest.mark.parametrize(
    "run",
    [
        f"# ssh host '{POSTS}'",
        f"echo '{POSTS}'",
        f"printf '{POSTS}' > note",
        f"gh issue create --body '{POSTS}'",
        f"curl -d '{POSTS}' https://x.y",
        f"/usr/bin/curl -d '{POSTS}' https://x.y",
        f"curl {URL}; ssh host '{POSTS}'",
        "curl -X POST https://x.y/c/d; ssh host /c/d",
        f"curl {URL}; curl https://x.y; ssh host '{POSTS}'",
        "tool https://x.y/c/d",
        "tool src/c/d",
        "tool /c/d-e",
        "tool /c/d/e",
        "tool /c/d.ts",
        "tool https://a.b/x",
        "tool /d",
        f"echo '{POSTS}'; bash",
    ],
)
def test_what_is_printed_or_decided_or_another_is_certain(run: str) -> None:
    """Comments, texts, another host or path, and steps whose request of that path is something else."""
    assert told(run) == ""


LEADS = "which can't be followed, and"


@pytest.mark.parametrize(
    "run, said",
    [
        ("python -W ignore s/a.py", "starts python -W ignore s/a.py"),
        ("doppler run -- s/a.sh", "starts doppler run -- s/a.sh"),
        ("cd s; tool ./a.sh", "starts tool ./a.sh"),
        ("npx turbo run sync", "starts turbo run sync"),
        ("task sync", "starts task sync"),
        ("go run ./cmd/sync", "starts go run ./cmd/sync"),
        ("make unknown", "starts make unknown"),
        ("./gone.sh; task sync", "starts ./gone.sh"),
        ('source "$(dirname "$0")/lib.sh"', "sources {}/lib.sh"),
        (f"source {'x' * 100}", f"sources {'x' * 80}"),
        ("bash s/near.sh", "sources {}/lib.sh"),
        ("curl -X POST $(jq .url x.json)", "calls {}"),
        ("curl -X POST $TARGET/y", "calls {TARGET}/y"),
        (f"curl -X POST $TARGET/{'y' * 99}", f"calls {{TARGET}}/{'y' * 71}"),
        ("node s/b.mjs", "runs code of s/b.mjs that brings more"),
        ("python -c 'import a'", "runs code of w.yml that brings more"),
        ("bash s/1.sh", "starts s/5.sh, deeper than is followed"),
        ("x" * 100, f"starts {'x' * 80}"),
        ("cat urls.txt | xargs curl -X POST", "runs curl -X POST without an address"),
        ("curl -K curl.cfg", "runs curl -K curl.cfg without an address"),
        ("while read -r u; do curl -X POST $u; done < urls.txt", "calls {u}"),
    ],
)
def test_what_cannot_be_followed_may_start_any_code(run: str, said: str) -> None:
    """A runner of tasks, a script whose place only a run tells, an import, an address from elsewhere."""
    files: dict[str, Content] = {
        "s/b.mjs": "import { c } from './lib/c'\nc()",
        "s/near.sh": '. "${0%/*}/lib.sh"\npost',
        **{f"s/{one}.sh": f"s/{one + 1}.sh" for one in range(1, 6)},
        "z.sh": POSTS,
    }
    assert told(run, files) == f"{said}, {LEADS} z.sh holds the address"
    assert told(run, {**files, "z.sh": "true"}) == ""


@pytest.mark.parametrize(
    "run",
    [
        "cat a.sh",
        "git add a.sh",
        "npm ci",
        "npx vitest run",
        "bash b.sh",
        "bash -n a.sh",
        "make x",
        "python -m pytest a.sh",
        "curl -X POST ${{ secrets.HOOK }}; curl -X POST ${{ vars.HOOK }}/x; curl -X POST https://x.y",
        "node c.mjs",
        "curl -fsS $HEALTH/health; curl -I $HEALTH; curl --version; gh pr list",
        "if [ -n $X ]; then echo x; fi; for f in s/*.sh; do shellcheck $f; done",
        "case $REF in\n  refs/heads/main) echo a ;;\n  a|b|c*) (cd x; ls) | tee y && echo b ;;\n  *) ls ;;\nesac",
    ],
)
def test_what_is_followed_or_passive_starts_nothing_else(run: str) -> None:
    """An unstarted script that holds the address is no call, nor is one that a test or a linter looks at."""
    files: dict[str, Content] = {
        "a.sh": POSTS,
        "b.sh": f"echo {POSTS}\ncurl https://x.y -d {URL}",
        "c.mjs": "await fetch('https://x.y')",
        "package.json": f'{{"scripts": {{"ci": "{POSTS}", "sync": "{POSTS}"}}}}',
        "Makefile": f"x:\n\ttrue\ny:\n\t{POSTS}\n",
    }
    assert told(run, files) == ""


def test_what_was_followed_is_not_searched_again() -> None:
    """Its commands were read, and merely show the address."""
    files: dict[str, Content] = {"d.sh": f"cat {URL}"}
    assert told("task", files) == f"starts task, {LEADS} d.sh holds the address"
    assert told("bash d.sh; task", files) == ""


@pytest.mark.parametrize("room, more", [(100 + 4, False), (100 + 3, True)])
def test_scripts_are_followed_as_far_as_there_is_room(room: int, more: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each costs a hundred signs more than it holds; what its command leaves out may be what sends it."""
    monkeypatch.setattr(sending, "Budget", lambda: Budget(room))
    said = f"starts bash a.sh, and more than is followed, {LEADS} z.sh holds the address"
    files: dict[str, Content] = {"a.sh": "true", "z.sh": POSTS}
    assert told("bash a.sh", files) == (said if more else "")
    step = Step("w.yml", "j", Spot(3), run="bash a.sh; curl u")
    assert [one.url for one in Reader(repository(files), {}).requests(step)] == ["u"], "what comes behind it is read"


CODE: list[tuple[str, Content, bool]] = [
    ("a.go", f'post("{URL}")', True),
    ("a.go", f'// post("{URL}")', False),
    ("a.py", f"post('{URL}')", True),
    ("a.py", f"# post('{URL}')", False),
    ("a.toml", f"url = '{URL}'", True),
    ("a.toml", f"# url = '{URL}'", False),
    ("Taskfile.yml", POSTS, True),
    ("d/justfile", POSTS, True),
    (".env.production", f"A={URL}", True),
    (".github/actions/x/action.yml", POSTS, True),
    (".github/workflows/x.yml", POSTS, False),
    ("tests/a.py", POSTS, False),
    ("d/a.test.ts", POSTS, False),
    ("test_a.py", POSTS, False),
    ("docs/a.sh", POSTS, False),
    ("README.md", POSTS, False),
    ("LICENSE.txt", POSTS, False),
    ("pnpm-lock.yaml", POSTS, False),
    ("openapi.yml", POSTS, False),
    ("a.csv", POSTS, False),
    ("a.sh", b"\xff\xfe\x00", False),
]


@pytest.mark.parametrize(
    "run",
    [
        f"echo {URL} | xargs curl -X POST",
        f"printf '{URL}' | xargs -I{{}} curl -X POST {{}}",
        f"echo {URL} | while read -r u; do curl -X POST $u; done",
        "url() {\n  echo https://a.b/c/$1\n}\ncurl -X POST $(url d)",
        "U=$(printf '%s/c/d' $BASE); curl -X POST $U",
    ],
)
def test_an_address_may_reach_a_client_through_a_pipe(run: str) -> None:
    """It stands in the step itself, where nobody reads it as the client's."""
    assert told(run) == held("w.yml")
    commented = "\n".join(f"# {line}" for line in run.splitlines())
    assert told(f"{commented}\ncurl -X POST $HOOK") == ""


@pytest.mark.parametrize(
    "path, text, found",
    CODE,
)
def test_the_code_of_a_repository_is_searched(path: str, text: Content, found: bool) -> None:
    """Not its prose, tests, lock files and workflows, nor what is commented out."""
    wanted = f"starts task, {LEADS} {path} holds the address" if found else ""
    assert told("task", {path: text}) == wanted


def test_the_scripts_of_every_package_are_searched() -> None:
    """But those that were followed, and what they merely print."""
    scripts = f'{{"scripts": {{"q": "{POSTS}", "p": 1}}}}'
    files: dict[str, Content] = {"bad/package.json": "{", "none/package.json": "{}", "s/package.json": scripts}
    assert told("nx q", files) == f"starts nx q, {LEADS} s/package.json#q holds the address"
    printed: dict[str, Content] = {"package.json": f'{{"scripts": {{"q": "echo {POSTS}"}}}}'}
    assert told("nx q", printed) == ""
    gets: dict[str, Content] = {"package.json": f'{{"scripts": {{"q": "curl $CHOSEN; true {URL}; nx"}}}}'}
    assert told("npm run q", gets) == ""


def test_twenty_million_signs_are_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of more, nobody can tell."""
    files: dict[str, Content] = {"a.sh": "x" * 60, "b.sh": "y" * 40, "c.md": "z" * 60}
    monkeypatch.setattr(mentions, "MOST_TEXT", 100)
    assert told("task", files) == ""
    monkeypatch.setattr(mentions, "MOST_TEXT", 99)
    assert told("task", files) == "the repository has more code than is searched"
    monkeypatch.setattr(mentions, "MOST_TEXT", 0)
    assert told("task", {"a.sh": b"\xff\xfe\x00"}) == "", "what can't be read counts for nothing"


@pytest.mark.parametrize(
    "url, may",
    [
        ("{secrets.CHITTYCONNECT_SYNC_URL}", True),
        ("https://{vars.Connect_Host}/", True),
        ("{HOOK_TO_SYNC}", True),
        ("{secrets.SLACK_URL}", False),
        ("{secrets.CHITTY_URL}", False),
        ("{secrets.CONNECT_URL}/x", False),
        ("{}", False),
        ("{vars.A}/github/sync", True),
    ],
)
def test_a_variable_may_be_called_like_the_service(url: str, may: bool) -> None:
    """By the first word of its host, or the last of its path."""
    assert Wanted(r"connect\.chitty\.cc", "/api/github/sync").may_be(url) is may


def test_short_words_name_no_service() -> None:
    """Of an address without a word of four letters, no variable's name tells anything."""
    assert not Wanted(r"a\.b", "/c/d").may_be("{secrets.A_B_C_D}")


def test_the_host_before_a_path_is_read_as_far_as_it_goes() -> None:
    """A path behind a host and other parts is that host's."""
    one = Wanted(r"a\.b", "/c/d")
    assert not one.stands_in("https://x.y/aa/bbbbb/cc/c/d")
    assert one.stands_in("https://a.b/v1/c/d")
    assert not one.stands_in("https://a.b https://x.y/c/d")
    assert not one.stands_in("https://x.y/$A/c/d")
    assert one.stands_in("$" + "x" * 199 + "/c/d")
    assert not one.stands_in("$" + "x" * 200 + "/c/d"), "what stands further before is not looked at"
    assert one.stands_in("/c/d")
    assert one.stands_in("'/c/d'")
    assert not one.perhaps.fullmatch("{}/d")
    assert not one.perhaps.fullmatch("{}//c/d")
    assert one.method == ""


def test_code_that_is_too_long_may_send_it() -> None:
    """Beyond what is read of it; what is larger than anybody writes is passed over."""
    cut = "x = 1\n" * 40_000
    assert told("python a.py", {"a.py": f"{cut}requests.post('{URL}')"}) == held("a.py")
    assert told("python a.py", {"a.py": cut}) == ""
    assert told("x a.py", {"a.py": cut * 5 + URL}) == ""


def test_the_inputs_of_an_action_may_be_sent() -> None:
    """But not a message, nor those of an action of this repository, which is followed itself."""
    assert told("", uses="o/r@v1", inputs={"args": f"-X POST {URL}", "n": 1}) == held("w.yml")
    assert told("", uses="o/r@v1", inputs={"args": f"a # {URL}"}) == held("w.yml")
    assert told("", uses="o/r@v1", inputs={"text": URL}) == told("", uses="./a", inputs={"args": URL}) == ""
    assert told("", uses="actions/github-script@v8", inputs={"script": f"print('{URL}')"}) == ""
    files: dict[str, Content] = {".github/x.js": f"fetch('{URL}', {{method: 'POST'}})"}
    script = "const x = require('./.github/x.js')\nx()"
    brings = "runs code of w.yml that brings more"
    found = told("", files, uses="actions/github-script@v8", inputs={"script": script})
    assert found == f"{brings}, {LEADS} .github/x.js holds the address"


@pytest.mark.parametrize(
    "name", ["text", "message", "commit_message", "pr-title", "Body", "comments", "summary", "name"]
)
def test_an_input_that_people_read_is_not_handed_on(name: str) -> None:
    """By its name, alone or behind another word."""
    assert list(handed({name: "a", "args": "b", "context": "c"})) == ["b", "c"]


@pytest.mark.parametrize(
    "text, kind, left",
    [
        ("a # b\n#c\nd#e", SHELL, "a \n\nd#e"),
        ("echo a\nprintf b | c\nWrite-Host d\n", SHELL, "\nprintf b | c\n\n"),
        ("write-output a\nb # c", POWERSHELL, "\nb "),
        ('"""a"""\nb # c\nprint("d")\nlog.info("e", f("g")); h("i")', PYTHON, ' \nb  \nprint(\nlog.info(; h("i")'),
        ('x = """a"""\n    """b"""', PYTHON, 'x = """a"""\n     '),
        ("'''a'''\nb", PYTHON, " \nb"),
        ("print()\nb", PYTHON, "print()\nb"),
        (f"log({'x' * 5_000})", SCRIPT, f"log({'x' * 5_000})"),
        ("a('b') // c\n/* d */ core.setFailed('e')", SCRIPT, "a('b')  \n  core.setFailed("),
        ("x.issues.createComment({body: 'a'})\ncreated('b')", SCRIPT, "x.issues.createComment(\ncreated('b')"),
    ],
)
def test_comments_and_what_is_printed_are_left_out(text: str, kind: str, left: str) -> None:
    """In each language; what only looks like a comment stays."""
    assert bare(text, kind) == left


@pytest.mark.parametrize(
    "before, stays",
    [
        ("", False),
        ("a\nb\n  ", False),
        ("f", True),
        ("a\nf", True),
        ("a" + " " * 199, True),
        ("a" + " " * 200, False),
        ("\na" + " " * 200, False),
    ],
)
def test_a_text_that_stands_for_itself_is_none_of_the_program(before: str, stays: bool) -> None:
    """But one behind something else in its line is, as far as two hundred signs are looked at."""
    assert bare(f'{before}"""c"""', PYTHON) == before + ('"""c"""' if stays else " ")


@pytest.mark.parametrize(
    "url, fits",
    [
        ("{}/api/x/sync", True),
        ("{vars.A}/x/sync", True),
        ("{}/sync", False),
        ("https://a.{}/api/x/sync/", True),
        ("https://a.b{}", True),
        ("https://a.b/{}", True),
        ("https://a.b/{}/x/sync?y", True),
        ("https://a.b/api/{}", False),
        ("https://c.d/{}", False),
        ("https://c.d/{}/api/x/sync", False),
    ],
)
def test_an_address_with_what_only_a_run_fills_in_may_be_it(url: str, fits: bool) -> None:
    """Where the host is open and two parts of the path are right, or the host is right and all the rest is open."""
    assert bool(Wanted(r"a\.b", "/api/{which}/sync").perhaps.fullmatch(url)) is fits


def test_the_address_that_is_wanted_is_told_with_the_parts_of_its_path() -> None:
    """Each name stands for one part; a port, a slash at the end and a query change nothing."""
    one = Wanted(r"a\.b", "/api/{which}/v1.0/sync")
    for url in ("https://a.b/api/x/v1.0/sync", "http://a.b:80/api/x/v1.0/sync/", "https://a.b/api/x/v1.0/sync?y#z"):
        found = one.url.fullmatch(url)
        assert found, url
        assert found["which"] == "x"
    for url in (
        "https://a.b/api/x/y/v1.0/sync",
        "https://a.b/api//v1.0/sync",
        "https://a.b/api/x/v1-0/sync",
        "a.b/api",
    ):
        assert not one.url.fullmatch(url), url
    assert one.at_any_host.fullmatch("https://x.y/z/api/x/v1.0/sync?y")
    assert not one.at_any_host.fullmatch("https://x.y/z?/api/x/v1.0/sync")


@pytest.mark.parametrize(
    "text, stands",
    [
        ("API = 'https://a.b/api'; post(API + '/github/sync')", True),
        ("API = 'https://a.b/api/github/'; post(API + `/sync`)", True),
        ("API = 'https://a.b/api'; post('/sync')", False),
        ("API = 'https://a.b/apis'; post('/github/sync')", False),
        ("API = 'https://x.y/api'; post('/github/sync')", False),
        ("API = 'https://a.b/api'; post('/github/syncs')", False),
    ],
)
def test_an_address_may_be_put_together(text: str, stands: bool) -> None:
    """From the host with the path's beginning, and the rest of it elsewhere."""
    assert Wanted(r"a\.b", "/api/github/sync").stands_in(text) is stands


def test_a_path_of_one_part_is_told_by_its_host() -> None:
    """`/track` alone says nothing; a request of it to a host that no file says does."""
    one = Wanted(r"a\.b", "/track")
    assert one.stands_in("x https://a.b/track")
    assert one.stands_in("x a.b:80/track")
    assert one.stands_in("a.b/track")
    assert not one.stands_in("x $Y/track /track")
    assert one.perhaps.fullmatch("{}/track")


def test_no_text_keeps_the_net_busy() -> None:
    """Long texts of what its patterns begin with are searched in bounded time."""
    for piece in ("/c", "/c/d", "https://", "a.b/", "#", "echo ", "./a ", "from a ", "print(", '"""'):
        begun = time.monotonic()
        text = piece * (200_000 // len(piece))
        assert Wanted("a", "/c/d").stands_in(text) in (True, False)
        for kind in (SHELL, PYTHON, SCRIPT):
            bare(text, kind)
        assert time.monotonic() - begun < 5
