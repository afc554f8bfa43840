"""Changes to a registry's text: only what is meant, whatever the layout, and none where there is no place."""

from __future__ import annotations

from pathlib import Path

import pytest

from chittyactions.compliance.registry_edit import CannotEdit, Edit, edited, written
from chittyactions.compliance.yaml_text import read_yaml

OURS = (Path(__file__).resolve().parents[2] / "compliance/service-registry.yml").read_text("utf-8")

TEXT = """\
schema_version: 1 # the first
organizations:
  A: # ours
    services:
      # the first of them
      beta:
        repo: A/beta   # where it is
        type: 'tool'

      # and the last
      delta:
        repo: A/delta
        type: tool
        active: true # for now
"""

OFF = "        active: {} # for now"
AT = "        repo: {}   # where it is"
ALIASES = TEXT.replace("'tool'", "&t tool").replace("type: tool", "type: *t")


def changed(before: str, after: str) -> list[str]:
    """The lines that are in one of the texts alone, with - or +."""
    old, new = before.splitlines(), after.splitlines()
    return [f"-{one}" for one in old if one not in new] + [f"+{one}" for one in new if one not in old]


@pytest.mark.parametrize(
    "edit, lines",
    [
        (Edit("A", "delta", {"active": False}), [f"-{OFF.format('true')}", f"+{OFF.format('false')}"]),
        (Edit("A", "beta", {"type": "npm-package"}), ["-        type: 'tool'", "+        type: npm-package"]),
        (Edit("A", "beta", {"repo": "A/b"}), [f"-{AT.format('A/beta')}", f"+{AT.format('A/b')}"]),
        (Edit("A", "delta", {"tier": 3}), ["+        tier: 3"]),
        (Edit("A", "beta", {"description": "Yes: it is"}), ['+        description: "Yes: it is"']),
        (Edit("A", "beta", {}, name="gamma"), ["-      beta:", "+      gamma:"]),
    ],
)  # fmt: skip
def test_one_change_is_one_line(edit: Edit, lines: list[str]) -> None:
    """A value is replaced where it stands, with its comment; a new field is a line of its own."""
    assert changed(TEXT, edited(TEXT, [edit])) == lines


def test_a_new_field_stands_where_its_kind_stands() -> None:
    """The fields keep their order: a tier comes behind the repository, and a domain behind the type."""
    after = edited(TEXT, [Edit("A", "delta", {"tier": 3, "domain": "d.cc"})])
    last = [line.strip().partition(":")[0] for line in after.splitlines()[-5:]]
    assert last == ["repo", "tier", "type", "domain", "active"]


@pytest.mark.parametrize("name, line", [("alpha", 5), ("charlie", 9), ("echo", 15), (".dot", 5)])
def test_a_new_service_stands_where_its_name_belongs(name: str, line: int) -> None:
    """In the order of the names, above the comments of the one below it."""
    after = edited(TEXT, [Edit("A", name, {"type": "tool", "repo": f"A/{name}", "active": True}, new=True)])
    lines = after.splitlines()
    new = [f"      {name}:", f"        repo: A/{name}", "        type: tool", "        active: true"]
    assert lines[line - 1 : line + 3] == new
    assert lines[: line - 1] + lines[line + 3 :] == TEXT.splitlines()


def test_names_that_are_in_no_order_stay_so() -> None:
    """A new one comes last."""
    text = TEXT.replace("beta", "zeta")
    after = edited(text, [Edit("A", "alpha", {"repo": "A/alpha", "type": "tool"}, new=True)])
    assert after == text + "      alpha:\n        repo: A/alpha\n        type: tool\n"


def test_many_changes_at_once() -> None:
    """Each lands where it would alone, two new ones between the same neighbours in the order of their names."""
    edits = [
        Edit("A", "charlie", {"repo": "A/charlie", "type": "tool"}, new=True),
        Edit("A", "beta", {"tier": 2, "active": False}, name="bravo"),
        Edit("A", "bzz", {"repo": "A/bzz", "type": "tool"}, new=True),
        Edit("A", "delta", {"active": False}),
    ]
    after = edited(TEXT, edits)
    services = read_yaml(after).data["organizations"]["A"]["services"]
    assert list(services) == ["bravo", "bzz", "charlie", "delta"]
    assert services["bravo"] == {"repo": "A/beta", "tier": 2, "type": "tool", "active": False}
    assert after.count("#") == TEXT.count("#")


@pytest.mark.parametrize(
    "services, edit, after",
    [
        ("{}", Edit("A", "x", {"repo": "A/x", "type": "tool"}, new=True), "{x: {repo: A/x, type: tool}}"),
        ("{y: {repo: A/y}}", Edit("A", "x", {"repo": "A/x"}, new=True), "{x: {repo: A/x}, y: {repo: A/y}}"),
        ("{y: {repo: A/y}}", Edit("A", "z", {"repo": "A/z"}, new=True), "{y: {repo: A/y}, z: {repo: A/z}}"),
        ("{y: {repo: A/y}}", Edit("A", "y", {"tier": 1}), "{y: {repo: A/y, tier: 1}}"),
        ("{y: {type: tool}}", Edit("A", "y", {"repo": "A/y"}), "{y: {repo: A/y, type: tool}}"),
        ("\n   y:\n    tier:", Edit("A", "y", {"tier": 0}), "\n   y:\n    tier: 0"),
        ("\n   y:\n    tier: # ?", Edit("A", "y", {"tier": 0}), "\n   y:\n    tier: 0 # ?"),
        ("\n   y: {repo: A/y}", Edit("A", "z", {"repo": "z"}, new=True), "\n   y: {repo: A/y}\n   z: {repo: z}\n"),
        ("\n   y:\n    tier: 1", Edit("A", "z", {"tier": 2}, new=True), "\n   y:\n    tier: 1\n   z:\n    tier: 2\n"),
        ("\n   y:\n      type: t", Edit("A", "y", {"repo": "A/y"}), "\n   y:\n      repo: A/y\n      type: t"),
    ],
)  # fmt: skip
def test_other_layouts(services: str, edit: Edit, after: str) -> None:
    """Tables on one line, empty ones, other indentation, no line end at the end."""
    head = "organizations:\n A:\n  services: "
    assert edited(head + services, [edit]) == head + after


def test_line_ends_of_windows_stay() -> None:
    """What is added ends its lines as the others do."""
    text = TEXT.replace("\n", "\r\n")
    after = edited(text, [Edit("A", "charlie", {"repo": "A/charlie", "type": "tool"}, new=True)])
    assert after.count("\n") == after.count("\r\n") == text.count("\n") + 3


@pytest.mark.parametrize(
    "text, edit, reason",
    [
        ("a: [", Edit("A", "x", {"tier": 1}), "it is no YAML"),
        ("", Edit("A", "x", {"tier": 1}), "no table of their own"),
        (TEXT, Edit("B", "x", {"tier": 1}), "the services of B"),
        (TEXT, Edit("A", "x", {"tier": 1}), "A/x is no table"),
        (TEXT.replace("'tool'", "|\n          tool"), Edit("A", "beta", {"type": "x"}), "what its type says"),
        (ALIASES, Edit("A", "delta", {"type": "x"}), "type"),
        (ALIASES, Edit("A", "beta", {"type": "x"}), "place"),
        ("organizations: &o\n  A: {services: {}}\nB: *o\n", Edit("A", "x", {"repo": "A/x"}, new=True), "no place"),
    ],
)  # fmt: skip
def test_what_has_no_place_is_not_written(text: str, edit: Edit, reason: str) -> None:
    """Aliases, texts over several lines, and whatever else would change what is said elsewhere."""
    with pytest.raises(CannotEdit, match=reason):
        edited(text, [edit])


@pytest.mark.parametrize(
    "value, text",
    [
        ("a-b", "a-b"), (".github", ".github"), ("-x", "-x"), ("A/.github", "A/.github"), ("yes: no", '"yes: no"'),
        ("true", '"true"'), ("null", '"null"'), (".5", '".5"'), ("---", '"---"'), ("-", '"-"'), (".inf", '".inf"'),
        ("", '""'), ("é", '"\\u00e9"'), (3, "3"), (True, "true"), ("5", '"5"'),
    ],
)  # fmt: skip
def test_values_mean_what_they_say(value: str | int | bool, text: str) -> None:
    """Plain where that is the same, else in quotes; read again it is the same value."""
    assert written(value) == text
    assert read_yaml(f"a: {text}\n").data == {"a": value}


def test_our_own_registry_takes_every_kind_of_change() -> None:
    """In 67 services with comments above, only the lines that are meant change."""
    edits = [
        Edit("CHITTYOS", "chittymac", {"active": False}),
        Edit("CHITTYOS", "chittymad", {"repo": "CHITTYOS/chittymad", "type": "tool"}, new=True),
        Edit("CHITTYOS", "-chittyos", {"tier": 5}),
        Edit("furnished-condos", "zzz", {"repo": "furnished-condos/zzz", "type": "tool"}, new=True),
    ]
    after = edited(OURS, edits).splitlines()
    before = OURS.splitlines()
    assert len(after) == len(before) + 7
    assert after[:70] == before[:70]
