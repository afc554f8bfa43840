"""What programs send: their calls, the URLs and methods that these are given, and what nobody can follow."""

from __future__ import annotations

import random
import time

import pytest

from chittyactions.compliance.program_text import PYTHON, SCRIPT
from chittyactions.compliance.programs import sent
from chittyactions.compliance.shell_words import Budget

SET = {"BASE": "https://b", "FULL": "https://b/c"}


def told(code: str, grammar: object = SCRIPT) -> list[str]:
    """Each request as `METHOD URL`, with whom it is handed to where that can't be followed."""
    found = sent(code, PYTHON if grammar is PYTHON else SCRIPT, SET.get, Budget())
    return [f"{one.method or '?'} {one.url}{' by ' + one.by if one.by else ''}" for one in found]


@pytest.mark.parametrize(
    "code, expected",
    [
        ("fetch('https://a')", "GET https://a"),
        ("fetch('https://a', {method: 'DELETE'})", "DELETE https://a"),
        ("await fetch(\n  'https://a', {\n  headers: {a: 'b'},\n  method: \"post\"\n})", "POST https://a"),
        ("fetch('https://a', {body: JSON.stringify({method: 'POST'})})", "GET https://a"),
        ("fetch('https://a', {'method': 'POST'})", "POST https://a"),
        ("const o = {method: 'PUT'}\nfetch('https://a', o)", "PUT https://a"),
        ("fetch('https://a', options)", "? https://a"),
        ("fetch('https://a', {...options, body})", "? https://a"),
        ("fetch('https://a', {method})", "? https://a"),
        ("fetch('https://a', {method: of(it)})", "? https://a"),
        ("new Request('https://a', {method: 'POST', body})", "POST https://a"),
        ("new Request('https://a', {data: 1})", "GET https://a"),
        ("axios.post('https://a')", "POST https://a"),
        ("x.y?.patch('https://a')", "PATCH https://a"),
        ("axios('https://a')", "GET https://a"),
        ("axios({url: `https://a`, method: 'put'})", "PUT https://a"),
        ("https.request({hostname: 'a.b', path: '/c', method: 'POST'}, answer)", "POST https://a.b/c"),
        ("http.get({host: 'a.b'})", "GET https://a.b"),
        ("github.request('POST https://a/b', {x: 1})", "POST https://a/b"),
        ("github.request('POST /b')", "POST {}/b"),
        ("axios.create({}).post('/b')", "POST {}/b"),
        ("fetch(process.env.FULL)", "GET https://b/c"),
        ("fetch(process.env.BASE! + '/x')", "GET https://b/x"),
        ("fetch(process.env['BASE'] + '/x')", "GET https://b/x"),
        ("fetch(`${process.env.BASE}/x`)", "GET https://b/x"),
        ("fetch(Deno.env.get('BASE') + '/x')", "GET https://b/x"),
        ("fetch(process.env.NONE + '/x')", "GET {NONE}/x"),
        ("const b = process.env.NONE || 'https://d'\nfetch(`${b}/x`)", "GET https://d/x"),
        ("let b = process.env.BASE ?? 'https://d';fetch(b + '/x')", "GET https://b/x"),
        ("const b: string =\n  'https://d';\nfetch(b)", "GET https://d"),
        ("const b = 'https://d/'\nfetch(b.replace(/\\/$/, '') + '/x')", "GET https://d/x"),
        ("fetch(new URL('/p/q', 'https://a'), {method: 'POST'})", "POST https://a/p/q"),
        ("const u = new URL('/p', process.env.BASE)\nfetch(u.toString())", "GET https://b/p"),
        ("fetch(new URL('/p', given))", "GET {}/p"),
        ("fetch(new URL('/p', 'https://a/b'))", "GET https://a/p"),
        ("fetch(new URL('https://a'))", "GET https://a"),
        ("fetch(String('https://a'))", "GET https://a"),
        ("fetch(String('https://a', 'b'))", "GET https://a"),
        ("const aX = 'https://a'\nfetch(aX!)", "GET https://a"),
        ("fetch('https://a/X'.trim())", "GET https://a/X"),
        ("fetch(hosts[0] + '/x')", "GET {}/x"),
        ("fetch(process.env.NONE || process.env.NIL)", "GET {NONE}"),
        ("fetch('https://a', {a: [[1], method, 2]})", "GET https://a"),
        ("fetch(/* it */ 'https://a')", "GET https://a"),
        ("fetch('https://a', x", ""),
        ("fetch()", ""),
        ("fetch('https://a', )", "GET https://a"),
        ("fetch(`https://a/${x // y}`)", "GET https://a/{}"),
        (f"{'x' * 99}.tell('https://a')", f"? https://a by {'x' * 59}.tell"),
        ("if(!tell('https://a')) x", "? https://a by tell"),
        ("fetch(made('https://a'))", "GET {}|? https://a by made"),
        ("fetch(config.url + '/x')", "GET {}/x"),
        ("sync('x', 'https://a/b')", "? https://a/b by sync"),
        ("sync('https://a/' + of[0])", "? https://a/{} by sync"),
        ("sync(1, 2, 'https://a', 'https://b')", "? https://a by sync"),
        ("shell.execSync('curl -X POST https://a/b')", "? https://a/b by shell.execSync"),
        ("core.info('https://a'); console.log('https://a')", ""),
        ("if (u === 'https://a') throw new Error('https://a')", ""),
        ("const u = 'https://a'", ""),
        ("// fetch('https://a')", ""),
        ("say(\"fetch('x')\")", ""),
        ("process.env.get('BASE')", "GET BASE"),
    ],
)
def test_javascript_sends_what_its_calls_say(code: str, expected: str) -> None:
    """The URL and the method of a call; what is printed or compared is not sent."""
    assert told(code) == [one for one in expected.split("|") if one]


@pytest.mark.parametrize(
    "code, expected",
    [
        ("requests.post('https://a')", "POST https://a"),
        ("requests.get('https://a')", "GET https://a"),
        ("requests.Session().put('https://a')", "PUT https://a"),
        ("session.post(\n    'https://a',\n    json={'a': 1},\n)", "POST https://a"),
        ("requests.request('post', 'https://a')", "POST https://a"),
        ("requests.request(how, 'https://a')", "? https://a"),
        ("requests.request(method='POST', url='https://a')", "POST https://a"),
        ("requests.post(url=f\"{os.environ['BASE']}/x\")", "POST https://b/x"),
        ("urlopen('https://a')", "GET https://a"),
        ("urlopen('https://a', timeout=3)", "GET https://a"),
        ("urllib.request.urlopen('https://a', data=b)", "POST https://a"),
        ("Request('https://a', b'x')", "POST https://a"),
        ("Request('https://a', method='DELETE', data=b'x')", "DELETE https://a"),
        ("conn.request('POST', '/c/d')", "POST {}/c/d"),
        ("requests.post(os.environ['BASE'] + '/x')", "POST https://b/x"),
        ("requests.post(os.environ.get('BASE', 'no') + '/x')", "POST https://b/x"),
        ("requests.post(os.getenv('NONE', 'https://d') + '/x')", "POST https://d/x"),
        ("requests.post(os.getenv('NONE') + '/x')", "POST {NONE}/x"),
        ("requests.post(urljoin('https://a', '/b'))", "POST https://a/b"),
        ("requests.post(parse.urljoin('https://a/b/c', 'd', False))", "POST https://a/b/d"),
        ("requests.post(str('https://a'))", "POST https://a"),
        ("requests.post('{BASE}/x')", "POST {BASE}/x"),
        ("requests.post('https://a/{}'.format(x))", "POST https://a/{}"),
        ("b = os.environ['BASE']\nrequests.post(f'{b}/x')", "POST https://b/x"),
        ("Net::HTTP.post(URI('https://a'), '')", "POST https://a"),
        ("Net::HTTP.post_form(URI.parse(ENV['FULL']), {})", "POST https://b/c"),
        ("Net::HTTP.get(URI(\"#{ENV.fetch('BASE')}/x\"))", "GET https://b/x"),
        ("subprocess.run(['curl', '-X', 'POST', 'https://a'])", "? https://a by subprocess.run"),
        ("logger.info('https://a')\nprint('https://a')", ""),
        ("requests.post('https://a' if x else 'https://b')", "POST {}"),
        ("# requests.post('https://a')", ""),
    ],
)
def test_python_and_ruby_send_what_their_calls_say(code: str, expected: str) -> None:
    """Requests, httpx, urllib and Net::HTTP; variables come from the environment, or from the program."""
    assert told(code, PYTHON) == [one for one in expected.split("|") if one]


@pytest.mark.parametrize(
    "text",
    [
        "fetch(" * 33_000,
        "a=a+a\n" * 33_000 + "fetch(a)",
        "fetch(" + "a+" * 90_000 + ")",
        "f(x,[{" * 25_000,
        "a.trim(" * 25_000,
        " " * 200_000,
        "a\n" + "\t" * 199_998,
        "a=(" * 66_000,
        "a=[\n" * 50_000,
        "(a," * 66_000,
    ],
)
def test_a_hostile_program_is_read_in_bounded_time(text: str) -> None:
    """Calls within calls, and names that name themselves, cost no more than others."""
    begun = time.monotonic()
    told(text)
    assert time.monotonic() - begun < 10


def test_names_that_name_each_other_are_followed_eight_times() -> None:
    """As far as anybody nests them."""
    for levels, url in ((7, "https://a"), (8, "{}")):
        chain = "\n".join(f"const n{level} = n{level + 1}" for level in range(levels))
        assert told(f"{chain}\nconst n{levels} = 'https://a'\nfetch(n0)") == [f"GET {url}"]


@pytest.mark.parametrize(
    "code, expected",
    [
        ("const o = {\n  method: 'DELETE',\n};\nfetch('https://a', o)", "DELETE https://a"),
        ("const o = {\n  headers: {},\n}\nfetch('https://a', o)", "GET https://a"),
        ("const o = {}\no.method = 'POST'\nfetch('https://a', o)", "? https://a"),
        (
            "const o = {\n  hostname: 'a.b',\n  path: '/c',\n  method: 'POST',\n}\nhttps.request(o)",
            "POST https://a.b/c",
        ),
        ("let o = {\n  method: 'post',\n  url: 'https://a',\n}; axios.request(o)", "POST https://a"),
        ("const u = new URL(\n  '/b',\n  'https://a',\n)\nfetch(u)", "GET https://a/b"),
        ("U = (\n  'https://a'\n  + '/b'\n)\nfetch(U)", "GET https://a/b"),
        ("U = ('https://a', 'b')\nfetch(U)", "GET {}"),
        ("U = 'https://a'; V = 'b'\nfetch(U)", "GET https://a"),
        ("f(() => {\n  U = 'https://a'\n})\nfetch(U)", "GET https://a"),
        ("const u = 'https://a'\nf(\n  u = 'b',\n)\nfetch(u)", "GET https://a"),
        ("const u = 'https://a'\ng = [\n  u = 'b',\n]\nfetch(u)", "GET https://a"),
        ("const u = 'https://a'\nf(\n  1,\n  u = 'b',\n)\nfetch(u)", "GET https://a"),
        (")\nu = 'https://a'\nfetch(u)", "GET https://a"),
        ("fetch(u)\nu = 'https://a'", "GET https://a"),
        ("x = {\n  a: [1]\n}\nu = 'https://a'\nfetch(u)", "GET https://a"),
    ],
)
def test_a_value_goes_on_to_the_end_of_its_brackets(code: str, expected: str) -> None:
    """Options and addresses of several lines; what stands among the arguments of a call is bound to nothing."""
    assert told(code)[-1] == expected


@pytest.mark.parametrize(
    "code, url",
    [
        ("u = 'https://a'\nfetch(config.u)", "{}"),
        ("u = 'https://a'\nfetch(self.u)", "https://a"),
        ("u = 'https://a'\nfetch(this.u)", "https://a"),
        ("u = 'https://a'\nfetch(this.u.v)", "{}"),
        ("fetch(BASE)", "{}"),
        ("fetch(config.BASE)", "{}"),
        ("u = 'https://a'\nu = 'https://b'\nfetch(u)", "{}"),
        ("u = 'https://a'\nu = 'https://a'\nfetch(u)", "https://a"),
        ("u = 'https://a'\nfunction f(v, u) { fetch(u) }", "{}"),
        ("u = 'https://a'\ndef f(v, u: str): fetch(u)", "{}"),
        ("u = 'https://a'\nv = (u) => fetch(u)", "{}"),
        ("u = 'https://a'\nv = w.map(u => fetch(u))", "{}"),
        ("u = 'https://a'\nclass A {\n  async ask(u) { fetch(u) }\n}", "{}"),
        ("u = 'https://a'\nif (u) { fetch(u) }", "https://a"),
        ("u = 'https://a'\nfor (const u of v) fetch(u)", "{}"),
        ("u = 'https://a'\nfor u in v: fetch(u)", "{}"),
        ("u = 'https://a'\nu.v = 'b'\nfetch(u)", "{}"),
        ("u = 'https://a'\nif (u.v == 'b') fetch(u)", "https://a"),
    ],
)
def test_a_name_holds_what_alone_it_is_bound_to(code: str, url: str) -> None:
    """Not what another's field of that name, a parameter, a loop or the environment holds."""
    assert told(code)[-1] == f"GET {url}"


@pytest.mark.parametrize("answer", ["(x) => 1", "async (x) => 1", "function (x) {}", "async function () {}", "x => 1"])
def test_what_answers_at_an_address_asks_nothing(answer: str) -> None:
    """A server's route, or a test's stand-in; Node's own `get` is handed what is done with the answer."""
    assert told(f"http.post('https://a', {answer}); http.post('https://b', x)") == ["POST https://b"]
    assert told(f"https.get('https://a', {answer})") == ["GET https://a"]


@pytest.mark.parametrize("form", ["`${%s}`", "String(%s)", "%s.trim()", "%s || ''", "'' + %s"])
def test_what_names_another_counts_as_a_level_of_its_own(form: str) -> None:
    """A text that is filled in, a call, a choice or a sum: three of them, with their names, are within eight levels."""
    for levels, url in ((3, "https://a"), (4, "{}")):
        chain = "\n".join(f"const n{level} = {form % f'n{level + 1}'}" for level in range(levels))
        assert told(f"{chain}\nconst n{levels} = 'https://a'\nfetch(n0)") == [f"GET {url}"]


@pytest.mark.parametrize(
    "code, cost, within, beyond",
    [
        ("fetch('https://a')", 21 + 31 + 31, "GET https://a", "GET {}"),
        ("fetch('a' + 'b')", 21 + 2 * (29 + 23 + 23 + 2), "GET ab", "GET {}"),
    ],
)
def test_values_have_a_budget(code: str, cost: int, within: str, beyond: str) -> None:
    """A call costs a tenth of its signs and twenty, a value its signs and twenty, a sum also what it comes to."""
    for budget, expected in ((cost, within), (cost - 1, beyond)):
        assert [f"{one.method} {one.url}" for one in sent(code, SCRIPT, SET.get, Budget(budget))] == [expected]
    assert [one.url for one in sent(code, SCRIPT, SET.get, Budget(0))] == ["{}"]
    assert list(sent(code, SCRIPT, SET.get, Budget(-1))) == []


def spent(value: str, room: int = 100_000) -> int:
    """What a program costs that sends something, and binds a name to a value."""
    budget = Budget(room)
    list(sent(f"fetch(b)\nc = {value}", SCRIPT, SET.get, budget))
    return room - budget.left


@pytest.mark.parametrize(
    "value, tenths",
    [("9" * 4_999, 499), ("9" * 5_000, 500), (f"[{'9' * 10_000}]\n", 500), (f"(\n{'9' * 50}\n)", 5)],
)
def test_what_a_name_is_bound_to_costs_a_tenth_of_its_signs(value: str, tenths: int) -> None:
    """Of five thousand at most; nothing where the call before it has used up more than there is."""
    assert spent(value) - spent("9") == tenths
    before = (20 + 0) + (20 + len("b"))
    assert spent(value, before) - spent(value, before - 1) == tenths


def test_a_value_of_five_thousand_signs_is_read() -> None:
    """One that is longer is not known."""
    for more, url in ((0, "https://a"), (1, "{}")):
        held = f"String('https://a', '{'x' * (5_000 - 23 + more)}')"
        assert told(f"const u = {held}\nfetch('https://b' + `${{u}}`)") == [f"GET https://b{url}"]


PIECES = [
    "fetch(",
    "f(",
    ")",
    "'",
    '"',
    "`",
    "${",
    "}",
    "{",
    "method:",
    ",",
    "+",
    "||",
    "[",
    "]",
    "\n",
    "a = ",
    "a",
    "'https://a'",
    "\\",
]


def test_property_any_text_is_read_to_its_end() -> None:
    """No program, however broken, ends the reading with anything but requests."""
    dice = random.Random(5)
    for _ in range(2000):
        text = "".join(dice.choice(PIECES) for _ in range(dice.randint(1, 40)))
        assert all(one.split()[0] in ("?", "GET") for one in told(f"fetch({text}") + told(text, PYTHON)), text
