"""Which services are looked at, and by which shard."""

from __future__ import annotations

from pathlib import Path

import pytest

from chittyactions.compliance.assemble import load
from chittyactions.compliance.audit.plan import COMPLIANCE, Target, Wish, digest_of, planned, shard_of, sources
from chittyactions.errors import InputError
from compliance.audit.made import registry

LINES = """\
      One: {repo: made/one, type: tool}
      two: {repo: Made/ONE, type: tool}
      three: {repo: other/three, type: tool}
      gone: {repo: made/gone, type: tool, active: false}
  Other:
    services:
      one: {repo: other/one, type: tool}
  Idle:
    services:
      sleeper: {repo: idle/sleeper, type: tool, active: false}
"""
DIMENSIONS = tuple(load().engine.catalogue.dimensions)


def plan(*, organizations: tuple[str, ...] = (), services: tuple[str, ...] = (), **more: object) -> tuple[Target, ...]:
    """Of the made registry."""
    assembled = load(registry_text=registry(services=LINES))
    return planned(assembled.registry, assembled.engine.catalogue, Wish(organizations, services, **more))  # type: ignore[arg-type]


def keys(targets: tuple[Target, ...]) -> list[list[str]]:
    return [[one.key for one in target.services] for target in targets]


def test_everything_that_is_active() -> None:
    """By repository, whatever case it is written in, in the order of the names."""
    found = plan()
    assert keys(found) == [["made/one", "made/two"], ["other/one"], ["made/three"]]
    assert [(one.repository, one.owner) for one in found] == [
        ("made/one", "made"), ("other/one", "other"), ("other/three", "other"),
    ]  # fmt: skip


def test_a_part_of_it() -> None:
    """By organisation, by name in all of them, by both, without regard to case."""
    assert keys(plan(organizations=("OTHER",))) == [["other/one"]]
    assert keys(plan(services=("ONE",))) == [["made/one"], ["other/one"]]
    assert keys(plan(services=("made/ONE",))) == [["made/one"]]
    assert keys(plan(organizations=("other",), services=("one",))) == [["other/one"]]


@pytest.mark.parametrize(
    "wish, told",
    [
        ({"organizations": ("mode",)}, "there is no organisation mode; did you mean made?"),
        ({"organizations": ("MODE",)}, "there is no organisation MODE; did you mean made?"),
        ({"services": ("thre",)}, "there is no service thre; did you mean three?"),
        ({"services": ("Idle/three",)}, "there is no service Idle/three; did you mean made/three?"),
        ({"except_dimensions": ("chittybeacn",)}, "there is no dimension chittybeacn; did you mean chittybeacon?"),
        ({"services": ("gone",)}, "the service gone is not active"),
        ({"services": ("one", "gone")}, "the service gone is not active"),
        ({"services": ("made/gone", "one")}, "the service made/gone is not active"),
        ({"organizations": ("Other",), "services": ("two",)}, "the service two is in made, which --org leaves out"),
        ({"organizations": ("Other",), "services": ("one", "Made/One")},
         "the service Made/One is in made, which --org leaves out"),
        ({"organizations": ("Other",), "services": ("one", "gone")}, "the service gone is in made, which --org leaves"),
        ({"organizations": ("Other", "made"), "services": ("three",)},
         "none of the services that are asked for is in the organisation Other"),
        ({"organizations": ("made", "Idle")}, "the organisation Idle has no active service"),
        ({"organizations": ("made", "Idle"), "services": ("one",)}, "the organisation Idle has no active service"),
    ],
)  # fmt: skip
def test_names_that_there_are_not(wish: dict[str, tuple[str, ...]], told: str) -> None:
    """Nothing to look at is never a success."""
    with pytest.raises(InputError) as raised:
        plan(**wish)
    assert told in raised.value.what
    assert "?." not in raised.value.what


def test_every_name_is_told() -> None:
    """Not the first one alone: each would be left out in silence."""
    with pytest.raises(InputError) as raised:
        plan(organizations=("other", "Idle"), services=("three", "gone", "one"))
    assert [one for one in ("three", "gone", "Idle") if one in raised.value.what] == ["three", "gone", "Idle"]


@pytest.mark.parametrize(
    "without",
    [DIMENSIONS, tuple(one for one in DIMENSIONS if not one.startswith("security-")), ("CHITTYCONNECT", "chittycanon")],
    ids=["all", "all but security", "what a tool is held to"],
)
def test_nothing_that_counts(without: tuple[str, ...]) -> None:
    """Who is held to nothing would pass: that says nothing of anybody."""
    with pytest.raises(InputError, match="nothing is left that counts") as raised:
        plan(except_dimensions=without)
    assert "--except" in raised.value.fix


def test_something_that_counts() -> None:
    """One dimension is enough."""
    assert plan(except_dimensions=tuple(one for one in DIMENSIONS if one != "chittycanon"))


def test_shards_divide_it() -> None:
    """Each repository is in one of them, with all its services; some may have none."""
    shards = [plan(shard=(index, 5)) for index in range(1, 6)]
    assert sorted(target.repository for shard in shards for target in shard) == [one.repository for one in plan()]


def test_a_shard_keeps_its_repositories() -> None:
    """Whoever else comes or goes."""
    alone = {one.repository for one in plan(organizations=("made",), shard=(2, 3))}
    assert alone <= {one.repository for one in plan(shard=(2, 3))}


@pytest.mark.parametrize(
    "text", ["", "1", "0/1", "2/1", "1/257", "1/2/3", "-1/2", "1/2 ", "a/b", "\u0661/\u0662", "1/0"]
)
def test_what_is_no_shard(text: str) -> None:
    """It is refused."""
    with pytest.raises(InputError, match="expected i/n"):
        shard_of(text)


def test_a_shard() -> None:
    """Its numbers."""
    assert (shard_of("2/8"), shard_of("256/256")) == ((2, 8), (256, 256))


def test_a_digest_tells_rules_apart() -> None:
    """By their values."""
    assert digest_of("a", {"b": 1}) == digest_of("a", {"b": 1})
    assert len({digest_of("a"), digest_of("b"), digest_of("a", "b"), digest_of(["a", "b"])}) == 4


def test_other_programs_are_other_rules(tmp_path: Path) -> None:
    """By their names and what is in them, wherever they lie; what is made of them does not count."""

    def made(name: str, files: dict[str, str]) -> str:
        for path, text in files.items():
            (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / path).write_text(text, "utf-8")
        return sources(tmp_path / name)

    one = made("one", {"a.py": "1", "checks/b.py": "2"})
    assert made("same", {"a.py": "1", "checks/b.py": "2", "__pycache__/a.pyc": "x"}) == one
    others = [{"a.py": "1", "checks/b.py": "3"}, {"a.py": "1", "checks/c.py": "2"}, {"a.py": "1"}]
    assert len({one, *(made(f"other{number}", files) for number, files in enumerate(others))}) == 4
    assert (COMPLIANCE / "checks/chittycanon.py").is_file()
