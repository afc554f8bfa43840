"""A formula is looked for, and made, where Homebrew reads it: in one folder of the tap."""

from __future__ import annotations

import pytest

from chittyactions.publish.formula import FormulaError
from chittyactions.publish.tap_places import place

README = "README.md"


@pytest.mark.parametrize(
    "paths, formula, expected",
    [
        ([], "x", "Formula/x.rb"),
        ([README], "x", "Formula/x.rb"),
        (["Formula/x.rb"], "x", "Formula/x.rb"),
        (["Formula/x/x.rb"], "x", "Formula/x/x.rb"),
        (["Formula/lib/libx.rb"], "libx", "Formula/lib/libx.rb"),
        (["Formula/tools/x.rb"], "x", "Formula/tools/x.rb"),
        (["HomebrewFormula/deep/er/x.rb"], "x", "HomebrewFormula/deep/er/x.rb"),
        (["x.rb"], "x", "x.rb"),
        (["Casks/deep/x.rb"], "x", "Casks/deep/x.rb"),
        (["Casks/x.rb", "Formula/x.rb"], "x", "Formula/x.rb"),
        (["Casks/x.rb", "Formula/x.rb"], "Casks/x.rb", "Casks/x.rb"),
        (["Casks/y.rb"], "x", "Formula/x.rb"),
        (["other.rb"], "x", "x.rb"),
        (["HomebrewFormula/other.rb", "y.rb"], "x", "HomebrewFormula/x.rb"),
        (["Formula/other.rb", "x.rb", "HomebrewFormula/x.rb"], "x", "Formula/x.rb"),
        (["Formula/.keep", "other.rb"], "x", "Formula/x.rb"),
        (["lib/x.rb", "cmd/x.rb", "Formulary/x.rb"], "x", "Formula/x.rb"),
        (["Formula/x.rb.bak", "Formula/xx.rb"], "x", "Formula/x.rb"),
        ([README], "HomebrewFormula/x.rb", "HomebrewFormula/x.rb"),
        ([README], "x.rb", "x.rb"),
        (["Formula/other.rb"], "Formula/x/x.rb", "Formula/x/x.rb"),
        (["Formula/other.rb"], "Casks/x.rb", "Casks/x.rb"),
    ],
)
def test_where_a_formula_is(paths: list[str], formula: str, expected: str) -> None:
    """The first of Formula, HomebrewFormula and the root that is there is the only one, in any depth but the root."""
    assert place(paths, formula) == expected


@pytest.mark.parametrize(
    "paths, formula, what",
    [
        (["other.rb"], "Formula/x.rb", "would not find Formula/x.rb"),
        (["HomebrewFormula/other.rb"], "Formula/x.rb", "would not find"),
        (["Formula/other.rb", "x.rb"], "x.rb", "would not find"),
        (["other.rb"], "deep/x.rb", "would not find"),
        ([], "packages/x.rb", "would not find"),
        (["Formula/x.rb", "Formula/x/x.rb"], "x", "can't be told"),
        (["Formula/x/x.rb"], "Formula/x.rb", "can't be told"),
        (["Casks/x.rb"], "Casks/x/x.rb", "can't be told"),
    ],
)
def test_what_homebrew_would_not_read(paths: list[str], formula: str, what: str) -> None:
    """A path that hides the tap's other formulae or is hidden by them is refused, and so is a second file of a name."""
    with pytest.raises(FormulaError) as refused:
        place(paths, formula)
    assert what in refused.value.what
