"""The net below the reading of steps: where a step holds a wanted address that no request was read from."""

from __future__ import annotations

import time

import pytest

from chittyactions.compliance.documents import Spot
from chittyactions.compliance.facts import NotKnown
from chittyactions.compliance.mentions import MOST_NAMES, Wanted, bare, handed, named
from chittyactions.compliance.sending import Reader
from chittyactions.compliance.starting import POWERSHELL, PYTHON, SCRIPT, SHELL
from chittyactions.compliance.workflows import Step
from compliance.repositories import Content, repository

URL = "https://a.b/c/d"
ASKED = [{"host": r"a\.b", "path": "/c/d", "method": "POST"}]
POSTS = f"curl -X POST {URL}"


def told(run: str, files: dict[str, Content] | None = None, **more: object) -> str:
    """What nobody can tell of a step, "" where it is certain that it does not send the request."""
    step = Step("w.yml", "j", Spot(3), run=run, **more)  # type: ignore[arg-type]
    try:
        assert not list(Reader(repository(files or {}), {}).asking(step, ASKED)), "it is certain"
    except NotKnown as error:
        return str(error).removeprefix("the step in line 3 of w.yml ")
    return ""


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


@pytest.mark.parametrize(
    "run, path",
    [
        ("python -W ignore s/a.py", "s/a.py"),
        ("doppler run -- s/a.sh", "s/a.sh"),
        ("cat s/a.sh | bash", "s/a.sh"),
        ("cd s; tool ./a.sh", "s/a.sh"),
        ("node s/b.mjs", "s/lib/c.mjs"),
        ("python s/e.py", "s/f.py"),
        ("python s/h.py", "s/lib/i.py"),
        ("tool s/g.sh", "s/a.sh"),
        ("npx turbo run sync", "s/package.json#sync"),
        ("npm publish", "s/package.json#postpublish"),
        ("pnpm -r run by-file", "s/a.sh"),
        ("make unknown", "Makefile"),
        ("make -f other", "Makefile"),
    ],
)
def test_a_file_that_a_step_names_may_send_it(run: str, path: str) -> None:
    """By its path, as what a program imports, as a script of any package.json, or as the rules of make."""
    files: dict[str, Content] = {
        "s/a.py": f"requests.post('{URL}')",
        "s/a.sh": POSTS,
        "s/b.mjs": "import { c } from './lib/c'\nc()",
        "s/lib/c.mjs": f"fetch('{URL}', {{method: 'POST'}})",
        "s/e.py": "from f import x\nx()",
        "s/f.py": f"requests.post('{URL}')",
        "s/g.sh": "s/a.sh",
        "s/h.py": "import lib.i\nlib.i.x()",
        "s/lib/i.py": f"requests.post('{URL}')",
        "s/package.json": f'{{"scripts": {{"sync": "{POSTS}", "postpublish": "{POSTS}", "by-file": "x ./a.sh"}}}}',
        "Makefile": f"sync-%:\n\t{POSTS}\n",
    }
    assert told(run, files) == held(path)


@pytest.mark.parametrize(
    "run",
    [
        "tool README.md",
        "tool package.json",
        "cat a.sh",
        "git add a.sh",
        "npm ci",
        "npm run gone",
        "bash b.sh",
        "make x",
        "tool a",
        "./tool.bin",
    ],
)
def test_a_file_that_is_read_by_people_or_was_followed_sends_nothing(run: str) -> None:
    """Nor does one that is merely printed, or a script of another name."""
    files: dict[str, Content] = {
        "README.md": POSTS,
        "a.sh": POSTS,
        "b.sh": f"echo {POSTS}\ncurl https://x.y -d {URL}",
        "package.json": f'{{"scripts": {{"ci": "{POSTS}", "sync": "{POSTS}"}}}}',
        "Makefile": f"x:\n\ttrue\ny:\n\t{POSTS}\n",
        "tool.bin": b"\xff\xfe\x00",
    }
    assert told(run, files) == ""


def test_each_file_is_looked_at_once_and_fifty_at_most() -> None:
    """Files that name each other end; of many, the first fifty are looked at, besides those that were followed."""
    assert told("tool a.sh", {"a.sh": "./b.sh", "b.sh": "./a.sh"}) == ""
    for others, more in ((49, held("z.sh")), (50, "")):
        files: dict[str, Content] = {**{f"{one}.sh": "true" for one in range(others)}, "z.sh": POSTS}
        assert told(f"tool {' '.join(files)}", files) == more
    assert told(f"tool {'x-y ' * 4_000} z.sh", {"z.sh": POSTS}) == held("z.sh")


@pytest.mark.parametrize("before, found", [(MOST_NAMES - 1, [("z.sh", POSTS)]), (MOST_NAMES, [])])
def test_of_the_words_of_a_text_five_thousand_may_name_a_file(before: int, found: list[tuple[str, str]]) -> None:
    """What stands behind them is not looked at."""
    assert list(named(repository({"z.sh": POSTS}), [("", "x " * before + "z.sh")], set(), set())) == found


def test_names_are_looked_for_where_they_are_said() -> None:
    """From the step's folder, also for code in its words; an ending is guessed for imports alone."""
    files: dict[str, Content] = {
        "s/b.mjs": f"fetch('{URL}')",
        "bad/package.json": "{",
        "s/package.json": f'{{"scripts": {{"q": "{POSTS}"}}}}',
    }
    assert told("node -e \"import('./b.mjs')\"", files, directory="s") == held("s/b.mjs")
    assert told("tool s/b", files) == ""
    assert told("nx q", files) == held("s/package.json#q")
    assert told("tool publish", {"package.json": f'{{"scripts": {{"prepublish": "{POSTS}"}}}}'}) == held(
        "package.json#prepublish"
    )
    assert told("make x", {"makefile": POSTS}) == held("makefile")
    called: dict[str, Content] = {
        "package.json": '{"scripts": {"q": "curl x"}}',
        "s/package.json": files["s/package.json"],
    }
    assert told("npm run q", called) == told("yarn q", called) == ""
    printed = f'{{"scripts": {{"q": "echo {POSTS}"}}}}'
    assert told("npm run q; nx q", {"package.json": printed}) == ""
    assert told(f"echo '{POSTS}' > a; bash a.sh; tool b", {"a.sh": "true"}) == ""


def test_the_host_before_a_path_is_read_as_far_as_it_goes() -> None:
    """A path behind a host and other parts is that host's."""
    one = Wanted(r"a\.b", "/c/d")
    assert not one.stands_in("https://x.y/aa/bbbbb/cc/c/d")
    assert one.stands_in("https://a.b/v1/c/d")
    assert not one.stands_in("https://x.y/$A/c/d")
    assert one.stands_in("$" + "x" * 199 + "/c/d")
    assert not one.stands_in("$" + "x" * 200 + "/c/d"), "what stands further before is not looked at"
    assert one.stands_in("/c/d")
    assert one.stands_in("'/c/d'")
    assert not one.perhaps.fullmatch("{}/d")
    assert not one.perhaps.fullmatch("{}//c/d")
    assert one.method == ""


def test_code_that_is_too_long_may_send_it() -> None:
    """Beyond what is read of it, and where it is too large to be read at all."""
    cut = "x = 1\n" * 40_000
    assert told("python a.py", {"a.py": f"{cut}requests.post('{URL}')"}) == held("a.py")
    assert told("python a.py", {"a.py": cut}) == ""
    assert told("x a.py", {"a.py": cut * 5}).startswith("starts what can't be read: a.py cannot be read")
    assert told("x a.csv", {"a.csv": cut * 5}) == ""
    assert told("python a.py", {"a.py": cut * 5}).startswith("starts what can't be read: a.py cannot be read")


def test_the_inputs_of_an_action_may_be_sent() -> None:
    """But not a message, nor those of an action of this repository, which is followed itself."""
    assert told("", uses="o/r@v1", inputs={"args": f"-X POST {URL}", "n": 1}) == held("w.yml")
    assert told("", uses="o/r@v1", inputs={"text": URL}) == told("", uses="./a", inputs={"args": URL}) == ""
    assert told("", uses="actions/github-script@v8", inputs={"script": f"print('{URL}')"}) == ""
    files: dict[str, Content] = {".github/x.js": f"fetch('{URL}', {{method: 'POST'}})"}
    script = "const x = require('./.github/x.js')\nx()"
    assert told("", files, uses="actions/github-script@v8", inputs={"script": script}) == held(".github/x.js")


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
