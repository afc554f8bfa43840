"""PowerShell as commands, and what its clients ask for."""

from __future__ import annotations

import random
import time

import pytest

from chittyactions.compliance.clients import asked
from chittyactions.compliance.powershell import commands
from chittyactions.compliance.shell_words import Budget

SET = {"BASE": "https://b"}


def told(script: str) -> list[str]:
    """Each command of a script, its words by spaces."""
    return [" ".join(command.words) for command in commands(script, SET.get, Budget())]


@pytest.mark.parametrize(
    "script, expected",
    [
        ("a b; c | d && e", ["a b", "c", "d", "e"]),
        ("a `\n  -B c `\r\n  d", ["a -B c d"]),
        ('a \'b \'\'c\'\'\' "d `"e`" ""f""" g`;h', ['a b \'c\' d "e" "f" g;h']),
        ("<# a\nb #>\nc # d\n# e\nf#g", ["c", "f#g"]),
        (
            'a $x $env:BASE "$env:BASE/c" "${env:BASE}/d" \'$env:BASE\' $env:NONE',
            ["a {x} https://b https://b/c https://b/d $env:BASE {NONE}"],
        ),
        ('$x = \'b\'\na $x "$X/c" "$($x.d)"', ["a b b/c {}"]),
        ('[string]$x = "b"; a $x', ["a b"]),
        ('a "$($env:BASE)/c" $( $ENV:BASE ) "$($x)" "$($x.y)"', ["a https://b/c https://b {x} {}"]),
        ("$env:BASE = 'c'\na $env:base", ["a c"]),
        ("$x = a b\nc $x", ["a b", "c {}"]),
        ("$x = 'a' + 'b'; c $x", ["c ab"]),
        ("if ($x) { a } else { b }\ntry { c } catch { d }", ["$x", "a", "b", "c", "d"]),
        ("a (\"b\" + '/c') d", ["a b/c d"]),
        ("a (b c) d", ["b c", "a {} d"]),
        ("[void](a b)", ["a b", "[void] {}"]),
        (
            "$p = @{\n  Uri = \"$env:BASE/c\"; 'Method' = 'Post'\n  Headers = @{ a = 'b' }\n}\na @p @q",
            ["a -Uri https://b/c -Method Post -Headers {} {}"],
        ),
        ("$Xp = @{ Uri = 'u' }\na @xp", ["a -Uri u"]),
        ("a -H @{ b = 'c' } d", ["a -H {} d"]),
        ("$p = @{ Uri = 'b' + 'c'; Method = ; Body = d }\na @p", ["a -Uri {} -Method {} -Body d"]),
        ("a ('b' + ) c", ["b +", "a {} c"]),
        ("$x = @'\na b\n'@\nc", ["c"]),
        ('a @"\nb\n"@\nc', ["a b", "c"]),
        ("$x = @'\r\na\r\n'@\r\nb $x", ["b a"]),
        ("$Xa = 'b'; c $Xa", ["c b"]),
        ("$x = 'a' +; b $x", ["a +", "b {}"]),
        ("$x = a -b; c", ["a -b", "c"]),
        ("$x = -split 'a b'; c $x", ["c {}"]),
        ("$x =\nc $x", ["c {}"]),
        ("$x += 'b'; c $x", ["c {x}b"]),
        ("$x = 'a'; $x += 'b' + 'c'; c $x", ["c abc"]),
        ("${x} = 'a'; ${x} += 'b'; c $x", ["c ab"]),
        ("$env:BASE += '/c'; a $env:BASE", ["a https://b/c"]),
        ("[hashtable]$p = @{ Uri = 'u' }\n${q} = @{ Uri = 'v' }\na @p @q", ["a -Uri u -Uri v"]),
        ("p = @{ Uri = 'u' }\na @p", ["p = {}", "a {}"]),
        ("$p = @{Uri=u}\na @p", ["a -Uri u"]),
        ("= @{ Uri = 'u' }", ["= {}"]),
        ("$x = 'a' + 'b' -join '+'; c $x", ["a + b -join +", "c {}"]),
        ("${x} = 'b'; c $x ${x}", ["c b b"]),
        ("function F { a }\nb", ["b"]),
        ("function { a }\nb", ["function", "a", "b"]),
        ("function F { a; { b }; c }\nd", ["d"]),
        ("$p = @{ H = @{ b = 'c' }; Uri = 'u' }\na @p", ["a -H {} -Uri u"]),
        ("a (b (c d); e) f", ["c d", "b {}", "e", "a {} f"]),
        ("function F { a; { b } }\nc\nf 1", ["c", "a", "b"]),
        ("function F { F; a }\nF", ["a"] * 20),
        ("& a b; . ./c.ps1", ["a b", "./c.ps1"]),
        ('a "b', ["a b"]),
    ],
)
def test_a_script_is_read_as_powershell_reads_it(script: str, expected: list[str]) -> None:
    """Quotes, comments, lines that go on, variables, tables that are handed on, and functions that are called."""
    assert told(script) == expected


def test_what_a_script_sets_in_its_environment_is_handed_on() -> None:
    """A script that it starts finds it there."""
    (command,) = commands("$env:Url = 'https://x'; bash a.sh", SET.get, Budget())
    assert (command.words, command.env) == (("bash", "a.sh"), {"URL": "https://x"})


@pytest.mark.parametrize(
    "words, request_",
    [
        ("irm u", "GET u"),
        ("iwr -Uri u", "GET u"),
        ("Invoke-RestMethod -Method Post -Uri u", "POST u"),
        ("Invoke-WebRequest -uri u -method:put", "PUT u"),
        ("invoke-restmethod u -Me delete -ContentType x", "DELETE u"),
        ("irm -Headers h -Body b u", "GET u"),
        ("irm -UseBasicParsing u -SkipHttpErrorCheck -CustomMethod purge", "PURGE u"),
        ("irm -Method {m} u", "? u"),
        ("irm -Method Post", ""),
        ("irm", ""),
        ("irm -Method", ""),
        ("irm a -Uri u b", "GET u"),
        ("irm -METHOD Post -URI u", "POST u"),
        ("irm -cu purge -UR u", "PURGE u"),
        ("irm v -u u", "GET u"),
        ("/bin/iwr -Method Post u", "POST u"),
        ("irm u -Method", "? u"),
        ("irm -USEBASICPARSING u", "GET u"),
    ],
)
def test_the_parameters_of_its_clients_say_what_is_asked(words: str, request_: str) -> None:
    """In any case and shortened; switches take no value, and a body alone makes no POST."""
    assert " ".join(f"{one.method or '?'} {one.url}" for one in asked(tuple(words.split()))) == request_


def test_brackets_are_read_twenty_levels_deep() -> None:
    """As deep as anybody nests them; those that have ended count no more."""
    nested = "".join(f"c{level} (" for level in range(30)) + ")" * 30
    assert {one.split()[0] for one in told(f"c0 (c1 x)\n{nested}")} == {f"c{level}" for level in range(21)}
    called = "function F { F; a }\nfunction G { b }\nG\nF"
    assert told(called) == ["b", *["a"] * 20]


@pytest.mark.parametrize(
    "script, cost, within, beyond",
    [
        ("a (b c)", 103, ["b c", "a {}"], ["a {}"]),
        ("function F { a }\nF", 103, ["a"], []),
        ("$x = 'abc'\na $x", 3, ["a abc"], ["a {}"]),
    ],
)
def test_what_is_read_again_and_filled_in_has_a_budget(
    script: str, cost: int, within: list[str], beyond: list[str]
) -> None:
    """Brackets and functions cost a hundred signs more than they hold; beyond it, nothing is followed or filled in."""
    for budget, expected in ((cost, within), (cost - 1, beyond)):
        assert [" ".join(one.words) for one in commands(script, SET.get, Budget(budget))] == expected


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        "a(" * 100_000,
        "@{" * 50_000,
        "$x = @{" + "\n" * 100_000,
        "a (" + " " * 100_000,
        '"' * 99_999,
        "`" * 99_999,
        '$x = "$x$x"\n' * 1_000,
        "function f { f; f }\nf",
    ],
)
def test_a_hostile_script_is_read_in_bounded_time(text: str) -> None:
    """However its brackets nest and its variables double."""
    begun = time.monotonic()
    told(text)
    assert time.monotonic() - begun < 10


PIECES = [
    "a",
    " ",
    "\n",
    "'",
    '"',
    "`",
    "$x",
    "$env:BASE",
    "=",
    "(",
    ")",
    "{",
    "}",
    "@{",
    "@x",
    "<#",
    "#>",
    "#",
    "+",
    "|",
    ";",
    "function f",
    "@'\n",
]


def test_property_any_text_is_read_to_its_end() -> None:
    """No script, however broken, ends the reading with anything but commands."""
    dice = random.Random(6)
    for _ in range(2000):
        text = "".join(dice.choice(PIECES) for _ in range(dice.randint(1, 40)))
        for command in commands(text, SET.get, Budget()):
            assert command.words, text
            list(asked(("irm", *command.words)))
