"""The inputs `platforms` and `files`: which files a release has, and which of them is for which system."""

from __future__ import annotations

from pathlib import Path

import pytest

from chittyactions.errors import ConfigError
from chittyactions.publish.platforms import platforms_of, read_platforms
from chittyactions.publish.release_files import find_files, judge_names


def test_platforms_are_read() -> None:
    """Names with a file, names alone, separated by commas or lines."""
    assert read_platforms("darwin-arm64=dist/*-mac.tar.gz, linux-x64\n any") == {
        "darwin-arm64": "dist/*-mac.tar.gz",
        "linux-x64": "",
        "any": "",
    }
    assert read_platforms(" ") == {}


@pytest.mark.parametrize("text", ["Linux", "linux=", "=x", "a=b,a=c", "../x", "a" * 60, ",".join(map(str, range(99)))])
def test_platforms_that_cannot_be(text: str) -> None:
    """A name that can't stand in a path or a table, one without its file, and doubles are refused."""
    with pytest.raises(ValueError, match=r"expected|twice|more than"):
        read_platforms(text)


def test_the_default_is_the_packages_own() -> None:
    """The input, else package.json's os, else any."""
    assert platforms_of({"linux-x64": "a"}, ("darwin",)) == ("linux-x64",)
    assert platforms_of({}, ("darwin", "linux")) == ("darwin", "linux")
    assert platforms_of({}, ()) == ("any",)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository after its build."""
    for name in ("dist/b.tar.gz", "dist/a.tar.gz", "dist/.gitignore", "dist/sub/c.zip", "app/d.zip", "-x.zip"):
        path = tmp_path / "repo" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "secret.zip").write_text("x")
    return tmp_path / "repo"


def test_globs_find_files(repo: Path) -> None:
    """Sorted within a pattern, in the order of the patterns, each once, hidden files left alone."""
    found = find_files(repo, repo, ["dist/*", "dist/a*", "**/[cd].zip"], {"linux-x64": "dist/b.*", "any": ""})
    assert [(file.name, file.platform) for file in found] == [
        ("a.tar.gz", ""),
        ("b.tar.gz", "linux-x64"),
        ("d.zip", ""),
        ("c.zip", ""),
    ]


@pytest.mark.parametrize(
    "patterns,platforms,match",
    [
        (["dist/*.exe"], {}, "no such file"),
        (["dist"], {}, "no such file"),
        (["../secret.zip"], {}, "leads out"),
        (["/etc/hostname"], {}, "leads out"),
        (["-x.zip"], {}, "-x.zip has a name"),
        (["dist/.gitignore"], {}, ".gitignore has a name"),
        ([], {"linux-x64": "dist/*.gz"}, "a.tar.gz, b.tar.gz"),
        ([], {"linux-x64": "dist/a*", "darwin-arm64": "dist/a*"}, "linux-x64 and for darwin-arm64"),
        (["link.zip"], {}, "outside the repository"),
        (["empty.zip"], {}, "is empty"),
    ],
)
def test_files_that_cannot_be_released(patterns: list[str], platforms: dict[str, str], match: str, repo: Path) -> None:
    """A pattern that finds nothing, the wrong thing, or too much is told with the pattern and the next step."""
    (repo / "link.zip").symlink_to("../secret.zip")
    (repo / "empty.zip").touch()
    with pytest.raises(ConfigError) as caught:
        find_files(repo, repo, patterns, platforms)
    assert match in str(caught.value)
    assert caught.value.fix


def test_two_files_of_one_name(repo: Path) -> None:
    """In a release all files lie side by side."""
    (repo / "app/A.tar.gz").write_text("x")
    with pytest.raises(ConfigError, match="Two files"):
        judge_names(find_files(repo, repo, ["dist/*", "app/*"], {}))
