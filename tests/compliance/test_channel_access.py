"""Channel access: the shared token in code and only in code, and who verifies minted ones."""

from __future__ import annotations

import time

import pytest

from chittyactions.compliance.facts import NotApplicable, Undecided
from compliance.repositories import Content, Link, catalogue, findings, repository, spec_of

SHARED, MINTED = "channel-access-pattern.shared-token", "channel-access-pattern.minted-tokens"
CLEAN = "export const hello = 1;\n"


def test_it_is_advisory_and_for_tiers_two_to_five() -> None:
    """Its specification is not certified."""
    assert catalogue().dimensions["channel-access-pattern"].advisory
    assert spec_of(SHARED).applies.tiers == spec_of(MINTED).applies.tiers == (2, 3, 4, 5)


@pytest.mark.parametrize(
    "line",
    [
        "if (h.slice(7) !== c.env.CHITTY_AUTH_SERVICE_TOKEN) return no();",
        "const token = env.CHITTY_AUTH_SERVICE_TOKEN;",
        "const token = env?.['CHITTY_AUTH_SERVICE_TOKEN'];",
        "const { CHITTY_AUTH_SERVICE_TOKEN: token } = c.env;",
        "fetch(url, { headers: { a: `Bearer ${env.CHITTY_AUTH_SERVICE_TOKEN}` } });",
        "const url = 'https://x'; use(env.CHITTY_AUTH_SERVICE_TOKEN);",
    ],
)
def test_any_reference_to_the_shared_token_fails(line: str) -> None:
    """Not a comparison alone; the finding has the place of the name."""
    (finding,) = findings(SHARED, {"src/auth.ts": f"// first\n{line}\n"})
    assert (finding.path, finding.line) == ("src/auth.ts", 2)
    assert finding.column == line.index("CHITTY_AUTH_SERVICE_TOKEN") + 1
    assert finding.why == spec_of(SHARED).parameters["why"]
    assert "docs/migrate-to-minted-auth.md describes, which `chittyops check --fix` writes" in finding.remediation
    assert not finding.absent


NAME = "CHITTY_AUTH_SERVICE_TOKEN"


@pytest.mark.parametrize(
    "text",
    [
        'const p = path.replace(/\\/*$/, "");\nuse(env.{});',
        'const h = u.replace(/^https?:\\/\\//, ""); use(env.{});',
        "if (/[/*]/.test(a) || /[//]/.test(a)) use(env.{});",
        "return /[//]/.test(env.{});",
        'const q = /[`"]/g; use(env.{});',
        "const a = `x ${c ? `y` : '//'} `; use(env.{});",
        "const a = `${b ? `//x` : f({c: 1})}`; use(env.{});",
        "const a = `${b ? `//x` : ''}` + `${env.{}}`;",
        "const a = `\n// ${env.A}`, b = env.{};",
        "return <p>See https://x <b>{env.{}}</b></p>;",
        "return <p>Don't: 'a' // <b>{env.{}}</b></p>;",
        "const g = 'src/**/*.ts', h = \"/*\"; use(env.{}); // */",
        "app.use(a/*b, env.{}) // */",
        "const a = '\\'//', b = env.{};",
        "const a = 1; /* never closed\nuse(env.{});",
        "/* never closed\nuse(env.{});",
        "/* one */ use(env.{}); /* two */",
        "const a = /* one */ env.{};",
        "// one\n  use(env.{});",
        "/* one\n two */ use(env.{});",
        "const a = `\n  ${env.{}}\n`;",
        "const a = `\n  // ${env.{}}\n`;",
        "const a = `\n  // ${`a`} ${env.{}}\n`;",
        "const a = `\n  /* ${env.{}} */\n`;",
    ],
)
def test_code_is_never_taken_for_a_comment(text: str) -> None:
    """Regular expressions, templates in templates, JSX and globs hold what looks like the beginning of one."""
    (finding,) = findings(SHARED, {"src/a.tsx": text.replace("{}", NAME)})
    assert finding.message == f"src/a.tsx refers to the shared token: {NAME}."


@pytest.mark.parametrize(
    "text",
    [
        "{/* {env.{}} */}",
        "  {/* env\n .{} */}",
        "use(a /* env.{} */, b)",
        "a;//{}",
        "// was `${env.{}}`;",
        "a; // it's env.{}",
        'const q = /"/g; // {}',
        "const a = `${b ? `x` : f({c: 1})}`; // {}",
        "const a = `\\``, b = '\\'', c = \"\\\"\"; // {}",
        "a = b / c; // {}",
        "it's\n// {}",
        "\t/* a // b\n{} */",
    ],
)
def test_comments_are_known_among_code(text: str) -> None:
    """Behind strings, templates and regular expressions, and on the line after one that was not understood."""
    assert findings(SHARED, {"src/a.tsx": text.replace("{}", NAME)}) == ()


@pytest.mark.parametrize(
    "text, line",
    [
        ('x = f"""{os.environ[\'{}\']}"""', 1),
        ('x = """\n# {}\n"""', 2),
        ('x = """\na\n"""\ny = "{}"\n"""\nb\n"""', 4),
        ('f(\n"""{}"""\n)', 2),
        ('def f():\n    """a"""\n    return "{}" # """', 3),
        ("rb'{}'", 1),
        ('x = [\n1 # "\n, "{}"]', 3),
        ("f'{}'\n", 1),
        ("x = (\nuse('{}')", 2),
        ("x = '''never closed\n{}", 2),
        ("if a:\n    b\n  c\nuse('{}')", 4),
    ],
)
def test_code_of_python_is_never_taken_for_a_comment(text: str, line: int) -> None:
    """Strings are data wherever they are no statement, and what is no Python is code."""
    (finding,) = findings(SHARED, {"a.py": text.replace("{}", NAME)})
    assert finding.line == line


@pytest.mark.parametrize(
    "text",
    [
        "x = 1 # {}",
        "r'''{}\n'''  # {}\nx = 1",
        'def f():\n    # a\n    \'of {}\'\n\n    """{}"""\n    return 1\n\'{}\'\n',
        "x = '# \"' # {}\n",
        "x = 1 # {}\n'''never closed",
    ],
)
def test_comments_of_python_are_known_among_code(text: str) -> None:
    """Docstrings of modules, functions and attributes among them."""
    assert findings(SHARED, {"a.py": text.replace("{}", NAME)}) == ()


@pytest.mark.parametrize(
    "sign", ["/*\n", "/*", "`", "`${", "'", "a=/[", "`${`", "a = /(", "//", "{", " ", "(  ", "return ", "${", "`${{"]
)
def test_sources_that_look_like_nothing_are_gone_through_once(sign: str) -> None:
    """What is opened over and over and never closed takes no time."""
    started = time.monotonic()
    assert len(findings(SHARED, {"a.js": sign * 50_000 + f"\nuse(env.{NAME})"})) == 1
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    "text",
    [
        "// env.CHITTY_AUTH_SERVICE_TOKEN is gone\n",
        "/* was:\n * env.CHITTY_AUTH_SERVICE_TOKEN\n */\n",
        "const a = 1; // env.CHITTY_AUTH_SERVICE_TOKEN",
        "env.CHITTY_AUTH_SERVICE_TOKENS",
        "env.MY_CHITTY_AUTH_SERVICE_TOKEN",
    ],
)
def test_comments_and_other_names_do_not_count(text: str) -> None:
    """What is not code refers to nothing."""
    assert findings(SHARED, {"src/index.ts": text}) == ()


def test_python_has_its_own_comments() -> None:
    """`#` and docstrings are none of the code, os.environ is."""
    name = "CHITTY_AUTH_SERVICE_TOKEN"
    text = f'"""{name}"""\n# {name}\ntoken = os.environ["{name}"]\n'
    (finding,) = findings(SHARED, {"app/auth.py": text})
    assert finding.line == 3


@pytest.mark.parametrize(
    "path",
    ["test/auth.ts", "src/__tests__/a.ts", "src/auth.test.ts", "worker-configuration.d.ts", "node_modules/x/a.js",
     "a/node_modules/x.js", "dist/a.js", "README.md", ".env"],
)  # fmt: skip
def test_what_is_no_source_of_the_service_is_not_read(path: str) -> None:
    """Tests, declarations, and what was installed or built."""
    assert findings(SHARED, {path: "env.CHITTY_AUTH_SERVICE_TOKEN", "src/index.ts": CLEAN}) == ()


@pytest.mark.parametrize("check", [SHARED, MINTED])
def test_without_sources_it_does_not_apply(check: str) -> None:
    """Documentation verifies nothing."""
    with pytest.raises(NotApplicable, match=r"^it has no sources$"):
        findings(check, {"README.md": "# Hello"})


def test_a_source_that_is_no_text_hides_no_other() -> None:
    """A film ends in .ts too, and a link may lead out of the repository."""
    files: dict[str, Content] = {
        "a/film.ts": b"\x47\x40\xff\xfe\x80",
        "a/out.ts": Link("/etc/hostname"),
        "src/auth.ts": "env.CHITTY_AUTH_SERVICE_TOKEN",
    }
    (finding,) = findings(SHARED, files)
    assert finding.path == "src/auth.ts"
    assert findings(SHARED, {**files, "src/auth.ts": CLEAN}) == ()


def test_a_source_too_large_to_read_is_not_passed_over_in_silence() -> None:
    """Where nothing else fails, it can't be said that nothing refers to the token."""
    large: dict[str, Content] = {"a/big.js": b"x" * (5 * 1024 * 1024)}
    with pytest.raises(Undecided, match=r"a/big\.js"):
        findings(SHARED, {**large, "src/a.ts": CLEAN})
    assert len(findings(SHARED, {**large, "src/a.ts": "env.CHITTY_AUTH_SERVICE_TOKEN"})) == 1


def test_findings_are_bounded() -> None:
    """A thousand references have one cause."""
    assert len(findings(SHARED, {"a.ts": "env.CHITTY_AUTH_SERVICE_TOKEN\n" * 1000})) == 50


def test_a_service_in_a_folder_answers_for_its_own_sources() -> None:
    """Another service's code is that service's."""
    held = repository({"b/src/auth.ts": "env.CHITTY_AUTH_SERVICE_TOKEN", "a/src/index.ts": CLEAN}, "a")
    assert findings(SHARED, held) == ()


@pytest.mark.parametrize(
    "text",
    [
        "const claims = await verifyMintedToken(token, options);",
        "import { verify } from '@chittyos/connect-verify';",
        'const v = require("connect-verify");',
        "app.use('*', verifyMintedToken);",
    ],
)
@pytest.mark.parametrize("path", ["src/auth.ts", "src/lib/guard.mjs"])
def test_minted_tokens_are_verified(path: str, text: str) -> None:
    """By the function or by the package, in src/auth.ts or wherever the service does it."""
    assert findings(MINTED, {path: text}) == ()


@pytest.mark.parametrize("text", [CLEAN, "// verifyMintedToken(token)", "verifyMintedTokens()", "'reconnect-verify'"])
def test_a_service_that_verifies_otherwise_fails(text: str) -> None:
    """Where tokens are verified and none of the two is used; the finding warns of the package's unclaimed name."""
    (finding,) = findings(MINTED, {"src/auth.ts": text})
    assert (finding.message, finding.line) == ("src/auth.ts verifies no minted token.", 1)
    assert not finding.absent
    assert "not in the public npm registry" in finding.remediation
    assert "verifyMintedToken" in finding.fix


def test_a_service_that_verifies_nothing_is_absent() -> None:
    """Without anything like src/auth.ts there is nothing yet; the finding names the file to make, and no line of it."""
    (finding,) = findings(MINTED, {"src/index.ts": CLEAN})
    assert finding.absent
    assert finding.message == "No source verifies minted tokens."
    assert (finding.path, finding.line) == ("src/auth.ts", 0)


def test_the_file_that_verifies_is_named_wherever_it_lies() -> None:
    """Not every service calls it src/auth.ts."""
    (finding,) = findings(MINTED, {"app/middleware/auth.js": CLEAN})
    assert finding.message == "app/middleware/auth.js verifies no minted token."
    assert (finding.path, finding.line, finding.absent) == ("app/middleware/auth.js", 1, False)
