"""`fixes.yml`, read: which template answers which check, and which fields of a file that is there already."""

from __future__ import annotations

from pydantic import Field

from chittyactions.compliance.catalogue import Catalogue, Line, Many, Strict, Whole, did_you_mean, invalid, validated
from chittyactions.compliance.fixing.templates import NAMES
from chittyactions.environment import toolkit

FIXES = "compliance/fixes.yml"


class Recipe(Strict):
    """A file that is written where it is missing and one of `checks` asks for it."""

    path: Line
    template: Line
    checks: Many[str] = ()
    always: bool = False
    """Written wherever it is missing, whatever the checks say."""
    types: Many[str] = ()
    """For services of these types alone; nothing said is all."""
    at_root: bool = False
    """Belongs at the repository's root, wherever in it the service lies."""
    needs: Many[str] = ()
    """Values without which the file would say nothing, or something wrong."""
    elsewhere: Many[str] = ()
    """Other paths at which it may lie as well."""
    unless_steps: str = ""
    """A pattern of what a workflow may do already, in `uses` or `run`: then another file would do it twice."""
    each: str = ""
    """The value with the folder that such a workflow works for: each service of a repository has one of its own."""
    beside: bool = False
    """Whether it goes with what is wrong, where others stand in for what is simply not there yet."""
    part: str = ""
    """Where the file is there already: the line of the template from which on it has to be added to that by hand."""
    fields: dict[str, Many[str]] = Field(default_factory=dict)
    """Fields that a check asks of a YAML file that is there; their values are the template's."""


class Recipes(Strict):
    """The whole file."""

    schema_version: Whole = Field(ge=1, le=1)
    files: Many[Recipe]


def load_recipes(text: str = "") -> Recipes:
    """The recipes, by default the toolkit's own. Raises ConfigError with every problem."""
    recipes: Recipes = validated(Recipes, text or (toolkit() / FIXES).read_text("utf-8"), FIXES)
    problems = [
        f"{one.path}: there is no value named {name}{did_you_mean(name, NAMES)}"
        for one in recipes.files
        for name in (*one.needs, *filter(None, (one.each,)))
        if name not in NAMES
    ]
    if problems:
        raise invalid(FIXES, problems)
    return recipes


def strangers(recipes: Recipes, catalogue: Catalogue) -> list[str]:
    """The checks of recipes that do not exist."""
    named = {check for one in recipes.files for check in (*one.checks, *one.fields)}
    return sorted(named - {check.id for check in catalogue.checks})


def template(recipe: Recipe) -> str:
    """The text of a recipe's template."""
    return (toolkit() / "templates" / recipe.template).read_text("utf-8")
