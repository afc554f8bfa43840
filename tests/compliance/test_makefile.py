"""Makefiles as the recipes that a target runs."""

from __future__ import annotations

import pytest

from chittyactions.compliance.makefile import recipes

TEXT = """\
# all: nothing
H := host # of it
export P ?= path
K::=k
a: b c; first
\t@+ -curl $(H)/${P} $$X $(UNSET) $(K)
\tnext \\
\t  line

b : c
\tb
c:
\tc
.PHONY: a
d e:
\t-d
a: e
"""


@pytest.mark.parametrize(
    "stated, made",
    [
        ([], {"a": "first\ncurl host/${P:-path} $X ${UNSET} k\nnext \\\n  line", "b": "b", "c": "c", "e": "d"}),
        (["b"], {"b": "b", "c": "c"}),
        (["c", "H=x=y", "b"], {"c": "c", "b": "b"}),
        (["d", "gone"], {"d": "d"}),
        (["gone"], {}),
    ],
)
def test_a_target_runs_its_recipe_and_those_that_it_needs(stated: list[str], made: dict[str, str]) -> None:
    """Each once, without the signs that are make's own."""
    assert dict(recipes(TEXT, stated)) == made


def test_a_variable_of_the_command_comes_before_that_of_the_file() -> None:
    """As `make H=…` has it."""
    assert next(recipes(TEXT, ["H=x=y"]))[1].startswith("first\ncurl x=y/${P:-path}")
    assert list(recipes("", [])) == []


@pytest.mark.parametrize(
    "above, stated, said",
    [
        ("A := x\nU = $(A)/y", [], "x/y"),
        ("U = ${A}/$$y\nA ?= x", [], "${A:-x}/$y"),
        ("U ?= $(A)\nA ?= x", [], "${U:-${A:-x}}"),
        ("A = 1\nA ?= 2\nU = $(A)", [], "1"),
        ("A ?= 1\nA ?= 2\nU = $(A)", [], "${A:-1}"),
        ("A ?= 1\nA = 2\nU = $(A)", [], "2"),
        ("U ?= x", ["U=y", "a"], "y"),
        ("U = x \\\n  y\\\r\n\tz", [], "x    y z"),
        ("U = $(U)", [], "${U}"),
    ],
)
def test_a_variable_is_filled_in_wherever_it_is_used(above: str, stated: list[str], said: str) -> None:
    """What `?=` sets gives way to the environment, and to what is set already."""
    assert list(recipes(f"{above}\na:\n\t$(U)\n", stated)) == [("a", said)]


def test_only_the_first_line_of_a_command_has_makes_own_signs() -> None:
    """The dash of an option at the begin of a line that goes on stays, and so does what a rule needs there."""
    text = "a: b \\\n  c\n\t@curl \\\n\t-X GET \\\r\n\t\t  -s\\\nb:\n\t- x\nc: ; y\n"
    assert dict(recipes(text, [])) == {"a": "curl \\\n-X GET \\\n\t  -s\\\nb:\nx", "c": "y"}


@pytest.mark.parametrize("names", [9, 10])
def test_variables_that_name_each_other_are_followed_ten_deep(names: int) -> None:
    """What lies deeper is as unknown as what is set nowhere."""
    chain = "".join(f"V{one} = $(V{one + 1})\n" for one in range(names)) + f"V{names} = x\n"
    assert list(recipes(f"{chain}a:\n\t$(V0)\n", [])) == [("a", "x" if names == 9 else "${V10}")]


def test_variables_fill_in_no_more_than_they_may() -> None:
    """However often they name each other."""
    text = "A = $(B)-$(B)\nB = {}\na:\n\t$(A)\n"
    assert next(recipes(text.format("x" * 49_994), []))[1] == "x" * 49_994 + "-" + "x" * 49_994
    assert next(recipes(text.format("x" * 49_995), []))[1] == "x" * 49_995 + "-${B}"


def test_the_first_rule_is_made_where_none_is_asked_for() -> None:
    """It alone, and none that only says which targets are no files; a recipe of no rule is passed over."""
    text = "\tlost\n.PHONY: b\na:\n\tx\nb:\n\ty\n"
    assert list(recipes(text, [])) == [("a", "x")]
    assert list(recipes(f"{text}.DEFAULT_GOAL := b\n", [])) == [("b", "y")]
    assert list(recipes(f"{text}.DEFAULT_GOAL := b\n", ["a"])) == [("a", "x")]
