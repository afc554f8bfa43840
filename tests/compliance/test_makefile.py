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
        ([], {"a": "first\ncurl host/path $X ${UNSET} k\nnext \\\nline", "b": "b", "c": "c", "e": "d"}),
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
    assert next(recipes(TEXT, ["H=x=y"]))[1].startswith("first\ncurl x=y/path")
    assert list(recipes("", [])) == []


def test_the_first_rule_is_made_where_none_is_asked_for() -> None:
    """It alone, and none that only says which targets are no files; a recipe of no rule is passed over."""
    text = "\tlost\n.PHONY: b\na:\n\tx\nb:\n\ty\n"
    assert list(recipes(text, [])) == [("a", "x")]
