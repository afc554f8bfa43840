"""What checks ask of a repository: where a file is, what fits a pattern, what a file says, read once each."""

from __future__ import annotations

import random
import re

import pytest

from chittyactions.compliance.facts import Fact, NotAsked, NotKnown, Undecided, Wrong
from chittyactions.compliance.repository import LARGEST_TEXT, Observed, glob
from compliance.repositories import Link, Submodule, repository

WRANGLER = '{\n  // "name": "no",\n  "name": "worker", // https://x\n  "routes": [{"pattern": "a.b",},],\n}\n'


def test_a_file_is_looked_for_in_the_services_folder_and_then_at_the_root() -> None:
    """A monorepo shares what a service does not have of its own; a neighbour's file is nobody else's."""
    held = repository({"A.md": "a", "B.md": "b", "services/a/A.md": "own", "services/b/C.md": "c"}, "services/a/")
    assert [held.find(name) for name in ("A.md", "B.md", "C.md")] == ["services/a/A.md", "B.md", ""]
    assert held.home("C.md") == "services/a/C.md"
    assert repository({}).home("C.md") == "C.md"


def test_a_submodule_is_found_and_never_listed() -> None:
    """What is asked for by name is told of; a pattern finds files alone."""
    held = repository({"lib": Submodule(), "lib.md": "x", "link.md": Link("lib.md")})
    assert held.find("lib") == "lib"
    assert held.paths("*") == ("lib.md", "link.md")
    assert repository({"src/a\nb": "x"}).paths("src/**", "lib/**") == ("src/a\nb",)
    with pytest.raises(Wrong, match="submodule"):
        held.text("lib")


@pytest.mark.parametrize(
    "pattern, fits, fits_not",
    [
        ("*.md", ["a.md", ".md"], ["a/b.md", "a.mdx", "a.MD"]),
        ("**/*.md", ["a.md", "a/b.md", "a/b/c.md"], ["a/md"]),
        ("**", ["a", "a/b", "a\n/b"], []),
        ("a/**", ["a/b", "a/b/c", "a/b\nc"], ["a", "ab/c"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["a/xb", "ab"]),
        ("?.md", ["a.md"], ["ab.md", "/.md"]),
        ("w.{json,jsonc,toml}", ["w.json", "w.jsonc", "w.toml"], ["w.", "w.yml", "w.json,jsonc"]),
        ("a+(b)[c]^$|.x", ["a+(b)[c]^$|.x"], ["aabcx", "a+(b)[c]^$|yx"]),
        ("", [""], ["a"]),
    ],
)
def test_a_glob_fits_whole_paths(pattern: str, fits: list[str], fits_not: list[str]) -> None:
    """`*` and `?` stay within a folder, `**/` is any number of folders, and every other sign is itself."""
    assert [path for path in fits if glob(pattern).fullmatch(path)] == fits
    assert [path for path in fits_not if glob(pattern).fullmatch(path)] == []


def test_property_a_glob_without_signs_fits_itself_alone() -> None:
    """Whatever a name holds."""
    dice = random.Random(3)
    for _ in range(300):
        name = "".join(dice.choice("ab.+()[]^$|\\/- \u202f\n") for _ in range(dice.randrange(9)))
        assert glob(name).fullmatch(name)
        assert not glob(name).fullmatch(f"{name}x")


def test_several_wrangler_files_are_each_themselves() -> None:
    """TOML beside JSON with comments, at the root and in subfolders: none hides another."""
    held = repository(
        {"wrangler.toml": 'name = "top"\n', "wrangler.jsonc": WRANGLER, "worker/wrangler.toml": 'name = "sub"\n'}
    )
    assert held.paths("**/wrangler.{toml,json,jsonc}") == ("worker/wrangler.toml", "wrangler.jsonc", "wrangler.toml")
    first, second, third = held.toml("wrangler.toml"), held.jsonc("wrangler.jsonc"), held.toml("worker/wrangler.toml")
    assert first
    assert second
    assert third
    assert [one.get("name") for one in (first, second, third)] == ["top", "worker", "sub"]
    assert second.spot("name").line == 3


def test_the_text_of_crlf_bom_and_tabs_is_data_all_the_same() -> None:
    """As editors of other systems write it."""
    held = repository({"a.yml": b"\xef\xbb\xbfa:\r\n  b: c\r\n", "a.json": b'\xef\xbb\xbf{\r\n\t"a": 1\r\n}\r\n'})
    yaml, json = held.yaml("a.yml"), held.json("a.json")
    assert yaml
    assert json
    assert (yaml.get("a", "b"), yaml.spot("a", "b").line) == ("c", 2)
    assert (json.get("a"), json.spot("a").column) == (1, 2)


def test_a_file_that_is_not_there_is_none() -> None:
    """Missing is no error: each check says what that means."""
    held = repository({})
    assert held.text("a") is None
    assert [held.yaml("a"), held.json("a"), held.jsonc("a"), held.toml("a")] == [None] * 4


@pytest.mark.parametrize(
    "kind, text, line, column, said",
    [
        ("yaml", "a: 1\nb: [\n", 3, 1, "f is no valid YAML: "),
        ("json", '{\n "a": }', 2, 7, "f is no valid JSON: "),
        ("jsonc", "{\n // c\n x}", 3, 2, "f is no valid JSON with comments: "),
        ("toml", "a = 1\na = 2\n", 2, 6, "f is no valid TOML: "),
    ],
)
def test_an_invalid_file_is_a_finding_with_line_and_column(
    kind: str, text: str, line: int, column: int, said: str
) -> None:
    """In each format, with what to do; the same again when it is read again."""
    held = repository({"f": text})
    for _ in range(2):
        with pytest.raises(Wrong) as caught:
            getattr(held, kind)("f")
        told = caught.value.finding
        assert told.message.startswith(said)
        assert (told.path, told.line, told.column) == ("f", line, column)
        assert told.remediation


def test_a_file_in_another_encoding_is_a_finding() -> None:
    """With what to put in its place."""
    with pytest.raises(Wrong) as caught:
        repository({"f": "Zürich".encode("latin-1")}).yaml("f")
    told = caught.value.finding
    assert (told.message, told.path) == ("f cannot be read: byte 1 (line 1) is not UTF-8.", "f")
    assert "UTF-8" in told.remediation


def test_known_failure_14_a_file_of_5_mb_is_an_error_of_the_check() -> None:
    """It is there, and its content is not known: neither missing nor wrong."""
    with pytest.raises(Undecided) as caught:
        repository({"f": "x" * 5 * 1024 * 1024}).text("f")
    told = caught.value.finding
    assert "more than 1024 KiB" in told.message
    assert "smaller" in told.remediation
    assert repository({"f": "x" * LARGEST_TEXT}).text("f") == "x" * LARGEST_TEXT


def test_known_failure_1_what_the_disk_refuses_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """No finding against the repository."""

    def refused(*_: object) -> int:
        raise OSError(5, "Input/output error")

    held = repository({"f": "x"})
    monkeypatch.setattr("os.open", refused)
    with pytest.raises(NotKnown, match="f: it cannot be read: Input/output error"):
        held.text("f")


def test_each_file_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many checks ask for it, and in whatever format; what was read is told."""
    held = repository({"f": "a: 1\n", "g": "{}"})
    first = held.yaml("f")
    for path in ("f", "g"):
        held.text(path)
    monkeypatch.setattr("os.open", None)
    assert held.yaml("f") is first
    assert held.text("f") == "a: 1\n"
    assert held.json("g") is not None
    assert held.opened == {"f", "g"}


def test_a_pattern_opens_nothing() -> None:
    """A list of ten thousand paths costs no file."""
    held = repository({f"d{number % 7}/{number}.md": "" for number in range(500)})
    assert len(held.paths("**/*.md")) == 500
    assert held.opened == set()


def test_a_fact_is_present_absent_unknown_or_not_asked() -> None:
    """Only what is known has a value; the others end the check with their reason."""
    assert Fact.present(3).known() == 3
    assert Fact[int].absent("gone").known() is None
    with pytest.raises(NotKnown, match="rate limit"):
        Fact[int].unknown("rate limit").known()
    with pytest.raises(NotAsked, match="offline"):
        Fact[int].not_asked("offline").known()


def test_nothing_is_observed_by_default() -> None:
    """Without a service asked, no fact is unknown and none is absent."""
    observed = Observed()
    for fact in (
        observed.protection,
        observed.disabled_workflows,
        observed.health,
        observed.registered,
        observed.routed,
    ):
        with pytest.raises(NotAsked, match=re.escape("offline")):
            fact.known()
