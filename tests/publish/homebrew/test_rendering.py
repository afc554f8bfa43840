"""A formula that the tap has not got yet is written from what the package says of itself."""

from __future__ import annotations

import pytest
from semver import Version

from chittyactions.publish.formula import (
    About,
    Download,
    FormulaError,
    Wanted,
    check_name,
    class_name,
    machines_of,
    readable_version,
)
from chittyactions.publish.formula_edit import edit
from chittyactions.publish.formula_read import read
from chittyactions.publish.formula_render import render

ONE = Wanted(Version(1, 2, 3), (Download("https://git.chitty.cc/hello@1.2.3", "1" * 64),))
ABOUT = About("Says hello", "https://hello.example", "MIT", ("hello",))


def platforms(*names: str, ending: str = ".tar.gz") -> Wanted:
    """A release with a file for each platform."""
    base = "https://git.chitty.cc/hello@1.2.3/hello-"
    return Wanted(Version(1, 2, 3), tuple(Download(f"{base}{name}{ending}", "1" * 64, name) for name in names))


def rendered(
    wanted: Wanted = ONE, ecosystem: str = "npm", about: About = ABOUT, path: str = "Formula/hello.rb", file: str = ""
) -> str:
    """The new formula."""
    files = {item.url: file or item.url.rpartition("/")[2] for item in wanted.downloads}
    return render(path, ecosystem, wanted, files, about)


def test_an_npm_package() -> None:
    """The whole of a formula for an npm package, as a person would write it."""
    assert (
        rendered()
        == f"""class Hello < Formula
  desc "Says hello"
  homepage "https://hello.example"
  url "https://git.chitty.cc/hello@1.2.3"
  sha256 "{"1" * 64}"
  license "MIT"

  depends_on "node"

  def install
    system "npm", "install", *std_npm_args
    bin.install_symlink Dir["#{{libexec}}/bin/*"]
  end

  test do
    assert_path_exists bin/"hello"
  end
end
"""
    )


def test_what_is_not_for_all_says_for_whom() -> None:
    """Where a whole system or processor is left out, Homebrew is told, so that it says so to a user."""
    assert "\n  depends_on :macos\n\n  on_macos do\n" in rendered(platforms("darwin-arm64", "darwin-x64"), "go")
    assert "\n  depends_on :linux\n  depends_on arch: :x86_64\n\n" in rendered(platforms("linux-x64"), "go")
    assert "depends_on" not in rendered(platforms("darwin-arm64", "linux-x64"), "go")


def test_what_is_rendered_can_be_edited() -> None:
    """The next release edits what this one made: the one form is among the other's."""
    for wanted, ecosystem in ((ONE, "npm"), (platforms("darwin-arm64", "darwin-x64", "linux"), "rust")):
        text = rendered(wanted, ecosystem)
        assert not edit(text, wanted).changed
        downloads = tuple(Download(i.url.replace("1.2.3", "1.3.0"), "2" * 64, i.platform) for i in wanted.downloads)
        edited = edit(text, Wanted(Version(1, 3, 0), downloads)).text
        assert edited == text.replace("1.2.3", "1.3.0").replace("1" * 64, "2" * 64)
        assert read(edited).version == Version(1, 3, 0)


def test_the_version_is_stated_where_homebrew_would_not_read_it() -> None:
    """An address that tells Homebrew the version is enough; another one needs it said."""
    assert "version" not in rendered()
    odd = Wanted(Version(1, 2, 3), (Download("https://x.example/hello-arm64.tgz", "1" * 64),))
    assert 'arm64.tgz"\n  version "1.2.3"\n  sha256' in rendered(odd)


@pytest.mark.parametrize(
    "name, expected",
    [
        ("hello", "Hello"),
        ("foo-bar@2", "FooBarAT2"),
        ("foo_bar.baz", "FooBarBaz"),
        ("libc++", "Libcxx"),
        ("a2ps", "A2ps"),
        ("hello@1.4", "HelloAT14"),
        ("i-7z", "I7z"),
    ],
)
def test_a_class_has_the_name_that_homebrew_looks_for(name: str, expected: str) -> None:
    """Homebrew makes the class's name from the file's, and finds nothing under another."""
    assert class_name(name) == expected


@pytest.mark.parametrize(
    "formula", ["Hello", "../hello", "hello/world", "Formula/../hello.rb", "a b", "", "/hello.rb", "-x"]
)
def test_an_odd_name_is_refused(formula: str) -> None:
    """A name becomes a path and a class: it has to be one that Homebrew has."""
    with pytest.raises(FormulaError):
        check_name(formula)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("MIT", '"MIT"'),
        ("Apache-2.0 OR MIT", 'any_of: ["Apache-2.0", "MIT"]'),
        ("(MIT AND Zlib)", 'all_of: ["MIT", "Zlib"]'),
        ("UNLICENSED", ":cannot_represent"),
        ("SEE LICENSE IN LICENSE.txt", ":cannot_represent"),
        ('MIT"; exit; "', ":cannot_represent"),
    ],
)
def test_a_license_is_said_in_homebrews_words(text: str, expected: str) -> None:
    """SPDX expressions of one kind are translated; what Homebrew can't say is told so."""
    assert f"  license {expected}\n" in rendered(about=About(license=text))


def test_programs_of_odd_names_are_left_out() -> None:
    """Only a plain name is taken for a program's."""
    text = rendered(about=About(programs=("../evil", "a b", "good")))
    assert 'bin/"good"' in text
    assert "evil" not in text


def test_a_long_description_is_cut_at_a_word() -> None:
    """Homebrew's audit takes eighty characters, and no full stop."""
    desc = rendered(about=About("word " * 30 + ".")).split('"')[1]
    assert desc.endswith("word word…")
    assert 70 < len(desc) <= 80


def test_a_program_of_rust_is_ready_to_run() -> None:
    """A bare program is installed under its name; sources are built; a cask names the formula's program."""
    assert 'bin.install Dir["*"].fetch(0) => "hello"' in rendered(ecosystem="rust", file="hello-x64")
    assert "std_cargo_args" in rendered(ecosystem="rust", file="hello-1.2.3.crate")
    assert '  binary "hello"\nend' in rendered(ecosystem="go", about=About(), file="hello.zip", path="Casks/hello.rb")


def test_nothing_known_of_the_package() -> None:
    """Without a word about the package the formula still installs it, and tests that something is there."""
    text = rendered(about=About())
    assert "desc" not in text
    assert 'assert_path_exists libexec/"lib/node_modules"' in text


def test_archives_and_bare_programs_do_not_mix() -> None:
    """One `install` can't serve both, so that a person writes it."""
    wanted = platforms("darwin-arm64", "linux-x64")
    files = dict(zip((item.url for item in wanted.downloads), ("hello.zip", "hello"), strict=True))
    with pytest.raises(FormulaError, match="none could be written"):
        render("Formula/hello.rb", "go", wanted, files, ABOUT)


@pytest.mark.parametrize(
    "wanted, ecosystem, file, path, reason",
    [
        (
            ONE,
            "python",
            "hello-1.2.3-py3-none-any.whl",
            "Formula/hello.rb",
            "can't install hello-1.2.3-py3-none-any.whl",
        ),
        (platforms("windows-x64"), "go", "", "Formula/hello.rb", "no file for a platform"),
        *((ONE, each, "hello-1.2.3.tar.gz", "Casks/hello.rb", "ready to run") for each in ("npm", "python", "rust")),
        (ONE, "files", "Hello.dmg", "Casks/hello.rb", "what of Hello.dmg is to be installed"),
        (ONE, "files", "hello", "Casks/hello.rb", "what of hello is to be installed"),
    ],
)
def test_what_can_not_be_written_sensibly_is_refused(
    wanted: Wanted, ecosystem: str, file: str, path: str, reason: str
) -> None:
    """Where nobody could tell how to install it, a person writes the first formula."""
    with pytest.raises(FormulaError) as refused:
        rendered(wanted, ecosystem, path=path, file=file)
    assert reason in refused.value.why


@pytest.mark.parametrize(
    "platform, machines",
    [
        ("", {"darwin-arm64", "darwin-x64", "linux-arm64", "linux-x64"}),
        ("darwin-arm64", {"darwin-arm64"}),
        ("macos_aarch64", {"darwin-arm64"}),
        ("Linux-x86_64", {"linux-x64"}),
        ("linux-amd64", {"linux-x64"}),
        ("darwin", {"darwin-arm64", "darwin-x64"}),
        ("darwin-universal", {"darwin-arm64", "darwin-x64"}),
        ("x86_64-unknown-linux-gnu", {"linux-x64"}),
        ("aarch64-apple-darwin", {"darwin-arm64"}),
        ("linux-x64-musl", {"linux-x64"}),
        ("x86_64-pc-windows-msvc", set()),
        ("linux-riscv64", set()),
        ("arm64", set()),
        ("windows-x64", set()),
        ("any", set()),
    ],
)
def test_platforms_of_a_release_are_machines_of_homebrew(platform: str, machines: set[str]) -> None:
    """The names that projects give to platforms, and none that Homebrew has not."""
    assert machines_of(platform) == machines


@pytest.mark.parametrize(
    "url, version",
    [
        ("https://git.chitty.cc/hello@1.2.3", "1.2.3"),
        ("https://git.chitty.cc/chitty-id@1.2.3", "1.2.3"),
        ("https://x.example/hello-1.2.3.tgz", "1.2.3"),
        ("https://github.com/a/b/archive/refs/tags/v1.2.3.tar.gz", "1.2.3"),
        ("https://git.chitty.cc/hello@1.2.3/hello-darwin-arm64.tar.gz", ""),
        ("https://git.chitty.cc/hello@1.2.3/hello.tgz", ""),
        ("https://git.chitty.cc/web3-kit@1.2.3", ""),
        ("https://x.example/hello-1.2.3-1.tgz", ""),
    ],
)
def test_a_version_that_homebrew_certainly_reads(url: str, version: str) -> None:
    """Of the thirty ways in which Homebrew reads a version, the one that leaves no doubt."""
    assert readable_version(url) == version


@pytest.mark.parametrize("path", ["Formula/7zip.rb", "Formula/2@1.rb"])
def test_a_name_that_no_class_can_have_is_refused(path: str) -> None:
    """Ruby's classes begin with a letter: no formula is made that Homebrew could never load; a cask has no class."""
    with pytest.raises(FormulaError) as refused:
        rendered(path=path)
    assert "begins with a letter" in refused.value.fix
    assert 'cask "7zip" do' in rendered(platforms("darwin-arm64"), path="Casks/7zip.rb")


def test_what_was_written_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new formula goes through the same reading as one that is edited, before anybody gets it."""
    monkeypatch.setattr("chittyactions.publish.formula_render._words", lambda _: ['url "https://x.example/1"'])
    with pytest.raises(FormulaError, match="could be written"):
        rendered()
