"""What a template becomes, and that our own templates can become files whatever is known of a service."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chittyactions.compliance.assemble import load
from chittyactions.compliance.documents import front_matter
from chittyactions.compliance.fixing.recipes import load_recipes, strangers, template
from chittyactions.compliance.fixing.templates import NAMES, render, scalar
from chittyactions.compliance.yaml_text import read_yaml
from chittyactions.errors import ConfigError

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"
ALL = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*") if path.is_file())

KNOWN = {
    "SERVICE": "hello",
    "TYPE": "cloudflare-worker",
    "TIER": "3",
    "ORGANIZATION": "CHITTYOS",
    "ORG_LOWER": "chittyos",
    "DOMAIN": "hello.chitty.cc",
    "TERRITORY": "operations",
    "DESCRIPTION": "Says hello.",
    "DATE": "2026-11-21",
    "BRANCH": "trunk",
    "FOLDER": "services/hello",
    "WORKER": "hello-worker",
    "WORKER_FOLDER": "services/hello",
    "OWNERS": "@CHITTYOS/core",
    "CODEOWNERS": "../../.github/CODEOWNERS",
    "SETTLED": "yes",
    "TRUST": "yes",
}


def test_a_line_whose_value_is_not_known_is_left_out() -> None:
    """Nothing is written where nothing is known, and no gap of blank lines stays behind."""
    text = "name: %SERVICE%\n\ntier: %TIER%\n\ndomain: %DOMAIN%\n"
    assert render(text, {"SERVICE": "a", "DOMAIN": "b.c"}) == "name: a\n\ndomain: b.c\n"


def test_conditions_hold_lines_that_belong_to_a_value() -> None:
    """`%IF%` shows its lines where the value is known, `%UNLESS%` where it is not."""
    text = "a\n%IF TRUST%\nb\n%END%\n%UNLESS TRUST%\nc\n%END%\nd\n"
    assert render(text, {"TRUST": "yes"}) == "a\nb\nd\n"
    assert render(text, {}) == "a\nc\nd\n"


@pytest.mark.parametrize(
    "text, said",
    [
        ("%NOTHING%", "line 1: there is no value named NOTHING"),
        ("a\n%IF NOTHING%\n%END%", "line 2: there is no value named NOTHING"),
        ("%IF TRUST%\na", "%IF TRUST% has no %END%"),
        ("%END%", "line 1: %END% has no partner"),
        ("%IF TRUST%\n%IF TIER%\n%END%", "line 2: %IF TIER% has no partner"),
    ],
)
def test_a_template_that_cannot_be_meant_so_is_refused(text: str, said: str) -> None:
    """A placeholder that nothing fills would end in somebody's repository."""
    with pytest.raises(ValueError, match=re.escape(said)):
        render(text, KNOWN)


@pytest.mark.parametrize(
    "word", ["on", "true", "null", "404", "1.0", "0x1F", "a b", "a: b", "- a", "#a", "ä", "a\nb", ""]
)
def test_a_value_means_itself_in_yaml(word: str) -> None:
    """A service called `404` or `true` is a text to whoever reads the file."""
    assert read_yaml(f"a: {scalar(word)}\nb: [{scalar(word)}]\n").data == {"a": word, "b": [word]}
    assert read_yaml(render("name: %SERVICE%\n", {"SERVICE": word}, yaml=True)).data == {"name": word}


def test_what_is_no_text_stays_what_it_is() -> None:
    """A number is not quoted, true is not True, and nothing is null."""
    assert [scalar(one) for one in (3, 1.5, True, False, None)] == ["3", "1.5", "true", "false", "null"]


def test_branches_are_quoted_where_yaml_needs_it() -> None:
    """A branch may be called `2.0` or hold a comma."""
    text = "on:\n  push:\n    branches: [%BRANCH%]\n"
    for branch in ("main", "release/1.x", "2.0", "a,b", "it's"):
        assert read_yaml(render(text, {"BRANCH": branch}, yaml=True)).get("on", "push", "branches") == [branch]


def test_a_tier_and_a_date_stay_what_they_are() -> None:
    """A tier is a number to its readers, and a date looks as it does in the charters that exist."""
    assert render("tier: %TIER%\nday: %DATE%\n", KNOWN, yaml=True) == "tier: 3\nday: 2026-11-21\n"


def test_values_are_quoted_in_front_matter_and_not_in_prose() -> None:
    """The first part of a Markdown file is YAML, the rest is text."""
    text = "---\norganization: %ORGANIZATION%\n---\n\n%ORGANIZATION%\n\n---\n\n- %ORGANIZATION%\n"
    assert render(text, {"ORGANIZATION": "12"}) == '---\norganization: "12"\n---\n\n12\n\n---\n\n- 12\n'


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    "known", [KNOWN, {"SERVICE": "hello", "BRANCH": "main", "WORKER": "hello", "OWNERS": "@a"}, {}]
)
def test_every_template_becomes_a_clean_file(name: str, known: dict[str, str]) -> None:
    """Whatever is known: no placeholder and no trailing blank is left, one line feed ends it, and YAML is YAML."""
    text = render((TEMPLATES / name).read_text("utf-8"), known, yaml=name.endswith(".yml"))
    assert not re.search(r"%[A-Z_ ]+%", text)
    assert [line for line in text.splitlines() if line != line.rstrip()] == []
    assert text.strip() == text[:-1]
    assert "\n\n\n" not in text
    if name.endswith(".yml"):
        assert isinstance(read_yaml(text).data, dict)
    if header := front_matter(text):
        assert isinstance(read_yaml(header[0]).data, dict)


def test_every_name_is_used_by_a_template() -> None:
    """A value that no template shows or asks for is worked out for nothing."""
    text = "".join((TEMPLATES / name).read_text("utf-8") for name in ALL)
    assert {name for name in NAMES if f"%{name}%" not in text and f" {name}%" not in text} == set()


def test_the_charter_has_the_canonical_front_matter() -> None:
    """All keys that the ecosystem's charters have, in their order; what nobody knows is there to be filled in."""
    keys = ["uri", "namespace", "type", "version", "status", "registered_with", "organization", "tier", "territory"]
    for known in (KNOWN, {"SERVICE": "hello", "DATE": "2026-11-21"}):
        header = front_matter(render((TEMPLATES / "CHARTER.md").read_text("utf-8"), known))
        assert header
        assert list(read_yaml(header[0]).data) == [*keys, "last_updated"]
    header = front_matter(render((TEMPLATES / "CHARTER.md").read_text("utf-8"), KNOWN))
    assert header
    assert read_yaml(header[0]).data == {
        "uri": "chittycanon://chittyos/services/hello",
        "namespace": "chittyos.operations.hello",
        "type": "service-charter",
        "version": "0.1.0",
        "status": "DRAFT",
        "registered_with": "chittycanon://core/services/canon",
        "organization": "CHITTYOS",
        "tier": 3,
        "territory": "operations",
        "last_updated": "2026-11-21",
    }


def test_every_template_has_a_recipe_and_every_recipe_a_template() -> None:
    """fixes.yml and templates/ name each other."""
    assert sorted(one.template for one in load_recipes().files) == ALL
    assert all(template(one) for one in load_recipes().files)


def test_recipes_name_checks_that_exist() -> None:
    """A recipe for a check of another name would never be used."""
    assert strangers(load_recipes(), load().engine.catalogue) == []


def test_a_recipe_that_names_nothing_is_refused() -> None:
    """A value that does not exist would never be known, so that the file would never be written."""
    with pytest.raises(ConfigError, match="there is no value named OWNER; did you mean OWNERS"):
        load_recipes("schema_version: 1\nfiles: [{path: a, template: b, needs: [OWNER]}]")


def test_fields_of_recipes_stand_in_their_templates() -> None:
    """What is added to a file that is there is taken from the template, so it has to say it."""
    for recipe in load_recipes().files:
        data = read_yaml(render(template(recipe), KNOWN, yaml=True)) if recipe.fields else None
        for fields in recipe.fields.values():
            assert [one for one in fields if not (data and data.has(*one.split(".")))] == []
        assert not recipe.part or f"\n{recipe.part}\n" in template(recipe)
