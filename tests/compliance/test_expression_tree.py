"""GitHub's expressions as trees: what is one, and what its text may come from."""

from __future__ import annotations

import time

import pytest

from chittyactions.compliance.expression_tree import (
    DEEPEST,
    MOST_WORDS,
    Call,
    Joined,
    Literal,
    Name,
    Negated,
    Source,
    Within,
    alternatives,
    condition_of,
    sources,
    tree_of,
)

A, B, C = Name(("a",)), Name(("b",)), Name(("c",))


@pytest.mark.parametrize(
    "expression, tree",
    [
        ("a", A),
        (" A ", A),
        ("a.B['c d'][0][*].*", Name(("a", "b", "c d", "*", "*", "*"))),
        ("a['it''s']", Name(("a", "it's"))),
        ("a[b]", Name(("a", "*"))),
        ("a[true]", Name(("a", "*"))),
        ("(a).b", Name(("a", "b"))),
        ("'it''s A'", Literal("it's A", quoted=True)),
        ("true", Literal(True)),
        ("FALSE", Literal(False)),
        ("null", Literal(None)),
        ("-1.5e3", Literal("-1.5e3")),
        ("0xfF", Literal("0xfF")),
        (".5", Literal(".5")),
        ("!a", Negated(A)),
        ("!!a", Negated(Negated(A))),
        ("! a == b", Joined("==", Negated(A), B)),
        ("a || b && c", Joined("||", A, Joined("&&", B, C))),
        ("a && b || c", Joined("||", Joined("&&", A, B), C)),
        ("(a || b) && c", Joined("&&", Joined("||", A, B), C)),
        ("a == b == c", Joined("==", Joined("==", A, B), C)),
        ("a < b != c", Joined("!=", Joined("<", A, B), C)),
        ("a<=b", Joined("<=", A, B)),
        ("a > b", Joined(">", A, B)),
        ("a >= b", Joined(">=", A, B)),
        ("F(a, b)", Call("f", (A, B))),
        ("f ( )", Call("f", ())),
        ("f(a || b)", Call("f", (Joined("||", A, B),))),
        ("a[b || c]", Name(("a", "*"))),
        ("(a || b)", Joined("||", A, B)),
        ("f(a).b[0]", Within(Call("f", (A,)), ("b", "*"))),
        ("(a || b).c", Within(Joined("||", A, B), ("c",))),
        ("(a == b)", Joined("==", A, B)),
        *(
            (bad, None)
            for bad in (
                "",
                "a b",
                "a)",
                "(a",
                "(a]",
                "f(a",
                "f(a b)",
                "f(a b c)",
                "f(,a)",
                "f(a,)",
                "a.",
                "a.0",
                "a.'b'",
            )
        ),
        *(
            (bad, None)
            for bad in (
                "a[",
                "a[b",
                "a[]",
                "a[*",
                "a[* b",
                "a[b c",
                "a ==",
                "== a",
                "&& a",
                "1x",
                "'a",
                "$",
                "a = b",
                "!",
                "a.(",
            )
        ),
    ],
)
def test_an_expression_is_a_tree_or_none(expression: str, tree: object) -> None:
    """By GitHub's powers of operators; names are alike however they are written."""
    assert tree_of(expression) == tree


@pytest.mark.parametrize(
    "text, tree",
    [("a", A), (" ${{ a }} ", A), ("${{ a }} || b", None), ("${{ a", None), ("${{ a }}${{ b }}", None)],
)
def test_a_condition_may_stand_in_braces(text: str, tree: object) -> None:
    """As a whole; else it is a text, which holds always."""
    assert condition_of(text) == tree


def test_alternatives_are_in_their_order() -> None:
    """Of one sign alone."""
    tree = tree_of("a || b && c || !a")
    assert tree
    assert alternatives(tree, "||") == [A, Joined("&&", B, C), Negated(A)]
    assert alternatives(tree, "&&") == [tree]


@pytest.mark.parametrize(
    "expression, names",
    [
        ("a.b || c", ["a.b", "c"]),
        ("a && b", ["b"]),
        ("a && (b || c)", ["b", "c"]),
        ("a && (b && c)", ["c"]),
        ("a == b", []),
        ("!a", []),
        ("'a'", []),
        ("f(a, g(b))", ["a", "b"]),
        ("toJSON(a.b)", ["a.b!"]),
        ("format('x', toJSON(a), b)", ["a!", "b"]),
        ("hashFiles(a) || endsWith(b, 'x') || success() || failure() || cancelled() || always(c)", []),
        ("(a || b).c", ["a.c", "b.c"]),
        ("fromJSON(toJSON(a)).c", ["a!"]),
        ("fromJSON(a).c", ["a.c"]),
        ("a.b['C'][0] c", ["a.b.c.*!", "c!"]),
    ],
)
def test_a_text_comes_from_what_may_be_its_value(expression: str, names: list[str]) -> None:
    """What only decides does not come into it; of what is no expression everything does."""
    assert [f"{one}{'!' * one.whole}" for one in sources(expression)] == names


@pytest.mark.parametrize(
    "name, whole, pattern, fits",
    [
        ("a.b", False, "a.b", True),
        ("a.b", False, "a.c", False),
        ("a.b", False, "a.b.c", False),
        ("a.b", True, "a.b.c", True),
        ("a.b", True, "a.b", True),
        ("a.b", True, "a", False),
        ("a.b.c", False, "a.b", False),
        ("a.*", False, "a.b", True),
        ("a.b", False, "a.*", True),
        ("a.b.c", False, "a.*", False),
        ("a.bc", False, "a.b*", True),
        ("a.b.c", False, "a.b.**", True),
        ("a.b.c.d", False, "a.b.**", True),
        ("a.b", False, "a.b.**", False),
        ("a.b", True, "a.b.**", True),
        ("a", True, "a.b.**", True),
        ("c.b.c", False, "a.b.**", False),
    ],
)
def test_a_source_fits_a_pattern(name: str, whole: bool, pattern: str, fits: bool) -> None:
    """Part by part; what an index leaves open may be any."""
    assert Source(tuple(name.split(".")), whole=whole).fits(pattern) is fits


def test_long_and_deep_expressions_end() -> None:
    """So many words and so many brackets are read; beyond that all names in them count."""
    assert tree_of("a" + " || a" * ((MOST_WORDS - 1) // 2))
    assert tree_of("a" + " || a" * (MOST_WORDS // 2)) is None
    for opened, closed in (("(", ")"), ("!", ""), ("f(", ")"), ("a[", "]")):
        assert tree_of(opened * DEEPEST + "a" + closed * DEEPEST)
        assert tree_of(opened * (DEEPEST + 1) + "a" + closed * (DEEPEST + 1)) is None
    assert len(list(sources("a" + " || a" * ((MOST_WORDS - 1) // 2)))) == MOST_WORDS // 2
    assert Source(("a",), whole=True) in list(sources("!" * 100 + "a"))


@pytest.mark.parametrize("text", ["a.", "a[", "a['", "(", "f(", "!", "' ", "1", "a" * 99, " ", "a.a[0]", "[0]", "a "])
def test_hostile_expressions_take_no_time(text: str) -> None:
    """Whatever is repeated."""
    begun = time.monotonic()
    long = text * (100_000 // len(text))
    tree_of(long)
    list(sources(long))
    assert time.monotonic() - begun < 2
