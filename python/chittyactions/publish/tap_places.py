"""Where a tap has its formulae and casks: where Homebrew reads them, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from chittyactions.publish.formula import FormulaError

FOLDERS = ("Formula", "HomebrewFormula", "")
"""Homebrew reads formulae from the first of these that a tap has, and from no other: "" is its root."""
CASKS = "Casks"


def place(paths: Sequence[str], formula: str) -> str:
    """The path of a formula or cask in a tap of these files: where it is, else where it is to be made.

    `formula` is its name, which is a formula's before it is a cask's, or a path that ends in `.rb`. Raises FormulaError
    for a path that Homebrew does not read, and where there would be two of one name: it reads one of them.
    """
    name = stem_of(formula)
    home = next((folder for folder in FOLDERS if _has(folder, paths)), None)
    kinds = [_within(folder, paths) for folder in ("Formula" if home is None else home, CASKS)]
    if formula.endswith(".rb"):
        _check(formula, home)
        kinds = [[*(path for path in kinds[formula.startswith(f"{CASKS}/")] if path != formula), formula]]
    for found in kinds:
        same = [path for path in found if stem_of(path) == name]
        if len(same) > 1:
            raise FormulaError(
                f"Homebrew reads one file of a name, and {name} would be in {' and '.join(sorted(same))}",
                what="It can't be told which file of the tap Homebrew reads.",
                fix=f"Leave one of them in the tap, and give brew_formula as {name}.",
            )
        if same:
            return same[0]
    return f"{'Formula' if home is None else home}/{name}.rb".lstrip("/")


def _has(folder: str, paths: Sequence[str]) -> bool:
    """Whether a folder is there, with whatever in it; the root always is, and counts where it has Ruby files."""
    return any(path.startswith(f"{folder}/") for path in paths) if folder else bool(_within("", paths))


def _within(folder: str, paths: Sequence[str]) -> list[str]:
    """The Ruby files that Homebrew finds in a folder of a tap; of the root, those that are in no folder."""
    if not folder:
        return [path for path in paths if path.endswith(".rb") and "/" not in path]
    return [path for path in paths if path.endswith(".rb") and path.startswith(f"{folder}/")]


def _check(path: str, home: str | None) -> None:
    folder = path.partition("/")[0] if "/" in path else ""
    if folder != CASKS and folder not in (FOLDERS if home is None else (home,)):
        where = "Formula" if home is None else home or "its root"
        raise FormulaError(
            f"of this tap Homebrew reads formulae from {where} and casks from {CASKS}",
            what=f"Homebrew would not find {path}.",
            fix=f"Give brew_formula as a name, such as {stem_of(path)}, or move all of the tap's formulae to Formula.",
        )


def stem_of(formula: str) -> str:
    """The name of a formula, of which a path may be given."""
    return PurePosixPath(formula).stem if formula.endswith(".rb") else formula
