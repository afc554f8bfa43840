"""A formula is brought to a new version by its syntax tree, and nothing else in it changes."""

from __future__ import annotations

import difflib
import random
import re

import pytest
from semver import Version

from chittyactions.publish.formula import Download, FormulaError, Wanted, guessed_version, machines_of
from chittyactions.publish.formula_edit import edit
from chittyactions.publish.formula_read import read
from publish.homebrew.samples import SAMPLES, Sample

OLD, NEW = "1" * 64, "2" * 64
URL = "https://git.chitty.cc/hello@{}"


def formula(body: str) -> str:
    """A formula with these lines in its class."""
    lines = "".join(f"  {line}\n" if line else "\n" for line in body.splitlines())
    return f"class Hello < Formula\n{lines}end\n"


def simple(version: str = "1.4.0", sha256: str = OLD) -> str:
    """The shortest formula there is."""
    return formula(f'url "{URL.format(version)}"\nsha256 "{sha256}"')


def release(version: str = "1.5.0", url: str = "", sha256: str = NEW) -> Wanted:
    """One file for everybody."""
    return Wanted(Version.parse(version), (Download(url or URL.format(version), sha256),))


def refusal(text: str, wanted: Wanted | None = None) -> str:
    """Why an edit is refused."""
    with pytest.raises(FormulaError) as refused:
        edit(text, wanted or release())
    return refused.value.why


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=list(SAMPLES))
def test_only_url_sha256_and_version_change(sample: Sample) -> None:
    """Of every line in the wild that changes, each states a url, a sha256 or a version; bottle and revision go."""
    before = sample.text.split("\n")
    edited = edit(sample.text, sample.wanted("2.0.0"))
    after = edited.text.split("\n")
    assert edited.changed
    ours = re.compile(r"""\s*(url|sha256|version|intel:|arm:|\w+_linux:)[ ("':].*""")
    changes = list(difflib.ndiff(before, after))
    added = [line[2:] for line in changes if line.startswith("+ ")]
    removed = [line[2:] for line in changes if line.startswith("- ")]
    bottle = re.search(r"^  bottle (do.*?^  end|\{.*?\})\n", sample.text, re.DOTALL | re.MULTILINE)
    dropped = (bottle[0].split("\n") if bottle else []) + re.findall(r"^  revision \d$", sample.text, re.MULTILINE)
    assert [line for line in added if not ours.fullmatch(line) and line] == []
    assert added.count("") == (1 if sample.name == "systems" else 0)  # after the version that is stated now
    assert [line for line in removed if not ours.fullmatch(line) and line not in dropped and line] == []
    assert removed.count("") <= bool(bottle)
    assert not read(edited.text).dropped


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=list(SAMPLES))
def test_the_same_release_again_changes_nothing(sample: Sample) -> None:
    """What has this version and this sha256 stays as it is, byte for byte."""
    once = edit(sample.text, sample.wanted("2.0.0")).text
    again = edit(once, sample.wanted("2.0.0"))
    assert (again.text, again.changed) == (once, False)


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=list(SAMPLES))
def test_the_version_that_is_there_is_read(sample: Sample) -> None:
    """The present version is known in every form, so that a lower one never replaces it."""
    assert read(sample.text).version == Version(1, 4, 0)


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=list(SAMPLES))
def test_every_machine_that_is_served_is_known(sample: Sample) -> None:
    """Not one branch of a condition is overlooked: the formula serves what its releases are for."""
    machines = frozenset[str]().union(*map(machines_of, sample.platforms))
    only = {"override": ("darwin-x64", "linux-x64"), "cask_simple": ("darwin-arm64", "darwin-x64")}
    assert set(read(sample.text).served) == machines & set(only.get(sample.name, machines))


def test_what_others_call_alike_is_not_ours() -> None:
    """A url of a method, of another object or of a block with its own is neither read nor changed."""
    others = (
        'Settings.url "https://x.example/1.4.0"\n'
        'def fetch\n    url "https://x.example/1.4.0"\n  end\n'
        f'resource "a" do\n    url "https://x.example/a-1.4.0.tgz"\n    sha256 "{OLD}"\n  end\n'
        'if OS.mac?\n    resource("b") { url "https://x.example/b-1.4.0.tgz" }\n  end'
    )
    text = formula(f"{PLAIN}\n{SHA}\n{others}")
    assert edit(text, release()).text == text.replace(PLAIN, PLAIN.replace("1.4.0", "1.5.0")).replace(OLD, NEW, 1)


def test_bytes_that_are_not_ours_stay() -> None:
    """CRLF, a BOM, trailing white space and a comment in Latin-1 come out as they went in."""
    body = simple().replace("\n", "  \r\n").encode() + b"# caf\xe9 \r\n"
    text = (b"\xef\xbb\xbf" + body).decode("utf-8", "surrogateescape")
    expected = text.replace("1.4.0", "1.5.0").replace(OLD, NEW)
    assert edit(text, release()).text == expected


def test_a_stated_line_ends_as_the_others_do() -> None:
    """A version that is put in where the lines end with CRLF ends so too."""
    edited = edit(simple().replace("\n", "\r\n"), release(url="https://x.example/any")).text
    assert '"https://x.example/any"\r\n  version "1.5.0"\r\n  sha256' in edited


def test_interpolation_is_kept() -> None:
    """A url that builds itself from the version is not touched where it comes out right, and keeps building if not."""
    text = formula(f'version "1.4.0"\nurl "https://a.example/#{{version}}/x.tgz"\nsha256 "{OLD}"')
    same = edit(text, release(url="https://a.example/1.5.0/x.tgz")).text
    assert same == text.replace("1.4.0", "1.5.0").replace(OLD, NEW)
    moved = edit(text, release(url="https://b.example/v1.5.0/x-1.5.0.tgz?n=11.5.01")).text
    assert 'url "https://b.example/v#{version}/x-#{version}.tgz?n=11.5.01"' in moved


@pytest.mark.parametrize(
    "method, said",
    [
        ("to_s", "1.5.2"),
        ("major", "1"),
        ("minor", "5"),
        ("patch", "2"),
        ("major_minor", "1.5"),
        ("major_minor_patch", "1.5.2"),
        ("dots_to_hyphens", "1-5-2"),
        ("dots_to_underscores", "1_5_2"),
        ("no_dots", "152"),
        ("major_minor.no_dots", "15"),
    ],
)
def test_what_a_url_makes_of_the_version(method: str, said: str) -> None:
    """Homebrew's words for parts of a version are understood; another one is refused."""
    text = formula(f'version "1.4.0"\nurl "https://a.example/#{{version.{method}}}/x"\nsha256 "{OLD}"')
    wanted = release("1.5.2", f"https://a.example/{said}/x")
    assert edit(text, wanted).text == text.replace("1.4.0", "1.5.2").replace(OLD, NEW)
    assert "the method dots_to_dots is not known" in refusal(text.replace(method, "dots_to_dots"), wanted)


@pytest.mark.parametrize("name", ["hello_v{}", "hello.{}", "hello{}", "2/hello-2-{}_1"])
def test_a_url_goes_on_to_build_itself(name: str) -> None:
    """A url that builds itself from the version does so in whatever way the new one says it."""
    text = formula(f'version "1.4.0"\nurl "https://a.example/#{{version}}.tgz"\nsha256 "{OLD}"')
    moved = edit(text, release(url=f"https://b.example/{name.format('1.5.0')}.tgz")).text
    assert f'url "https://b.example/{name.format("#{version}")}.tgz"' in moved


def test_quotes_stay_as_they_are() -> None:
    """A formula in single quotes stays one."""
    assert edit(simple().replace('"', "'"), release()).text == simple("1.5.0", NEW).replace('"', "'")


def test_a_version_is_stated_where_homebrew_would_not_read_it() -> None:
    """Homebrew takes 64 for the version of hello-darwin-arm64, so the real one is stated, after the first url."""
    edited = edit(simple(), release(url="https://git.chitty.cc/hello@1.5.0/hello-darwin-arm64.tgz")).text
    assert 'arm64.tgz"\n  version "1.5.0"\n  sha256 ' in edited
    assert "version" not in edit(simple(), release()).text


def test_a_version_in_front_of_blocks() -> None:
    """Where each url stands in a block, the version is stated before the first of them."""
    text = formula(f'on_macos do\n  url "https://a.example/a-1.4.0.tgz"\n  sha256 "{OLD}"\nend')
    edited = edit(text, Wanted(Version(1, 5, 0), (Download("https://a.example/a", NEW, "darwin"),))).text
    assert edited.startswith('class Hello < Formula\n  version "1.5.0"\n\n  on_macos do\n')


def test_revision_and_bottle_stay_with_their_version() -> None:
    """What belongs to the present version is dropped with it, and left where it stays."""
    extra = '\nrevision 1\n\nbottle do\n  sha256 arm64_sonoma: "x"\nend\n\ndepends_on "node"'
    text = formula(f'url "{URL.format("1.4.0")}"\nsha256 "{OLD}"{extra}')
    assert edit(text, release("1.4.0", sha256=OLD)).text == text
    expected = formula(f'url "{URL.format("1.5.0")}"\nsha256 "{NEW}"\n\ndepends_on "node"')
    assert edit(text, release()).text == expected


@pytest.mark.parametrize(
    "revised, left",
    [
        ("revision 1 if OS.mac?\n", ""),
        ("revision 1 unless MacOS.version > 14\n", ""),
        ("if OS.mac?\n  revision 1\nend\n", "if OS.mac?\nend\n"),
        ("if OS.mac?\n  revision 1\nelse\n  desc 1\nend\n", "if OS.mac?\nelse\n  desc 1\nend\n"),
        *[("if OS.mac?\n  resource 'x' do\n    revision 1\n  end\nend\n",) * 2],
        ("if OS.mac?\n  on_arm do\n    revision 1\n  end\nend\n", "if OS.mac?\n  on_arm do\n  end\nend\n"),
    ],
)
def test_a_revision_under_a_condition_goes_too(revised: str, left: str) -> None:
    """Wherever it stands, a revision counts repairs of the present version."""
    text = formula(f"{PLAIN}\n{revised}{SHA}")
    expected = formula(f"{PLAIN}\n{left}{SHA}").replace("1.4.0", "1.5.0").replace(OLD, NEW)
    assert edit(text, release()).text == expected


def test_what_a_compiler_has_is_not_ours() -> None:
    """`version` within fails_with is that of a compiler."""
    text = formula(f'{PLAIN}\n{SHA}\nfails_with :gcc do\n  version "11"\nend')
    assert edit(text, release()).text == text.replace("1.4.0", "1.5.0").replace(OLD, NEW)


def test_a_plain_download_by_curl() -> None:
    """`using: :curl` says what Homebrew does anyway."""
    text = simple().replace('1.4.0"', '1.4.0", using: :curl')
    assert edit(text, release()).text == text.replace("1.4.0", "1.5.0").replace(OLD, NEW)


def test_a_bottle_at_the_end_leaves_no_blank_line() -> None:
    """Dropped as the last thing, a bottle takes the blank line above it along; a comment below it stays set off."""
    first = f'url "{URL.format("1.4.0")}"\nsha256 "{OLD}"'
    bottle = '\n\nbottle do\n  sha256 arm64_sonoma: "x"\nend'
    expected = edit(formula(first), release()).text
    assert edit(formula(first + bottle), release()).text == expected
    assert edit(formula(first + bottle + "\n\nrevision 1"), release()).text == expected
    assert edit(formula(first + "\n\nrevision 1" + bottle), release()).text == expected
    at_once = first.replace("\n", "\nrevision 1\n")
    moved = release(url="https://x.example/any")
    assert edit(formula(at_once), moved).text == edit(formula(first), moved).text
    assert edit(formula(first + bottle + "\n# Below."), release()).text == expected[:-4] + "\n  # Below.\nend\n"


def test_what_is_for_nobody_stays() -> None:
    """A block for machines that the formula does not serve is not touched."""
    linux = f'on_linux do\n    url "https://x.example/old"\n    sha256 "{"9" * 64}"\n  end'
    text = formula(f'depends_on :macos\nurl "{URL.format("1.4.0")}"\nsha256 "{OLD}"\n{linux}')
    assert edit(text, release()).text == text.replace("1.4.0", "1.5.0").replace(OLD, NEW)


def test_a_verified_address_may_move_below_its_place() -> None:
    """`verified:` says where downloads come from: within that, a url may change."""
    text = f'cask "a" do\n  version "1.4.0"\n  {SHA}\n  url "https://x.example/a/1", verified: "x.example/a/"\nend\n'
    assert (
        'url "https://x.example/a/2", verified: "x.example/a/"' in edit(text, release(url="https://x.example/a/2")).text
    )


def test_a_wrong_hash_of_the_same_version_is_put_right() -> None:
    """The same version with another sha256 than what is served is corrected, and its bottle is as wrong."""
    assert edit(simple(), release("1.4.0")).text == simple(sha256=NEW)


def test_a_hash_in_capitals_is_the_same_hash() -> None:
    """Homebrew takes a sha256 in capitals too: a formula that has it so is up to date."""
    text = simple(sha256="AB" * 32)
    assert edit(text, release("1.4.0", sha256="ab" * 32)).text == text


@pytest.mark.parametrize(
    "stated, wanted", [("1.0.0+2", "1.0.0+1"), ("1.0.0+1", "1.0.0+2"), ("1.4", "1.4.0"), ("1.4", "1.4.0+7")]
)
def test_the_version_that_is_stated_is_the_one_that_is_served(stated: str, wanted: str) -> None:
    """Versions that are equal in their order are not the same text: the formula says the one that its url has."""
    text = formula(f'version "{stated}"\nurl "https://a.example/v#{{version}}/x.tgz"\n{SHA}')
    edited = edit(text, release(wanted, f"https://a.example/v{wanted}/x.tgz")).text
    assert edited == text.replace(stated, wanted).replace(OLD, NEW)
    other = text.replace(stated, "0.9.0").replace("x.tgz", "y.tgz")
    assert f'version "{wanted}"' in edit(other, release(wanted, f"https://a.example/v{wanted}/x.tgz")).text
    assert edit(edited, release(wanted, f"https://a.example/v{wanted}/x.tgz")).text == edited


def test_the_same_bytes_under_another_version_are_named_by_it() -> None:
    """A build that made the same file is another release: the formula says which one it names."""
    text = formula(f'version "1.4.0+1"\nurl "https://a.example/v#{{version}}/x.tgz"\n{SHA}')
    edited = edit(text, release("1.4.0+2", "https://a.example/v1.4.0+2/x.tgz", OLD)).text
    assert edited == text.replace("+1", "+2")


@pytest.mark.parametrize(
    "url, version",
    [
        ("https://x.example/hello-1.4.0.tgz", "1.4.0"),
        ("https://x.example/sdk-9.0.0/hello-1.4.0-darwin-arm64.tar.gz", "1.4.0"),
        ("https://x.example/download/v1.4.0/hello-darwin-arm64.tar.gz", "1.4.0"),
        ("https://x.example/1.4.0/hello_x86_64.tar.bz2", "1.4.0"),
        ("https://x.example/hello@1.4.0/hello.tgz", "1.4.0"),
        ("https://x.example/hello-arm64?v=1.4.0", "1.4.0"),
        ("https://x.example/sdk-1.0.0/hello_2.4.tgz", ""),
        ("https://x.example/sdk-1.0.0/hello.tgz", ""),
        ("https://x.example/v1.0.0/hello_2.tgz", ""),
        ("https://x.example/v1.0.0/hello_2.4.tgz", ""),
        ("https://x.example/v1.0.0/v1.1.0/hello.tgz", ""),
        ("https://x.example/hello-1.4.0-macos-14.2.tgz", ""),
        ("https://x.example/hello-1.4.0-1.5.0.tgz", ""),
        ("https://1.4.0.example/hello.tgz", ""),
    ],
)
def test_a_version_is_not_guessed_where_it_may_be_anothers(url: str, version: str) -> None:
    """A number in an address counts where it can be nothing but the file's own; else it has to be stated."""
    assert guessed_version(url) == version


def test_a_version_that_may_be_anothers_has_to_be_stated() -> None:
    """A lower or an unknown version under a folder with a number of its own is never taken for that number."""
    text = simple().replace(URL.format("1.4.0"), "https://x.example/sdk-1.0.0/hello_2.4.tgz")
    assert "its present version is not stated" in refusal(text)


def test_an_address_cannot_break_out_of_its_quotes() -> None:
    """An address that would need an escape is refused; no address that is one at all does."""
    hostile = 'https://x.example/hello-1.5.0/#{exit}"+`id`+"#$0#@a\\'
    for quote in ('"', "'"):
        assert "the escape" in refusal(simple().replace('"', quote), release(url=hostile))


def test_files_without_a_place_are_told() -> None:
    """A platform that the formula does not serve is named, and the others are edited."""
    sample = SAMPLES["mac_only"]
    both = Sample("mac_only", "https://git.chitty.cc/mac@{v}/{p}", ("darwin-arm64", "linux-x64")).wanted("2.0.0")
    edited = edit(sample.text, both)
    assert edited.changed
    assert edited.notes == ("The formula has no place for linux-x64: its file is published, and not in it.",)


SHA = f'sha256 "{OLD}"'
PLAIN = f'url "{URL.format("1.4.0")}"'


@pytest.mark.parametrize(
    "body, reason",
    [
        (f"{PLAIN}\n{PLAIN}\n{SHA}", "line 3: a second url for the same platform (the other is on line 2)"),
        (f"{PLAIN}\n{SHA}\n{SHA}", "line 4: a second sha256 for the same platform"),
        (f"url download_url\n{SHA}", "line 2: something computed where a string in quotes is expected"),
        (f'url "https://x/" + "1.4.0"\n{SHA}', "line 2: an expression where a string"),
        (f'url "https://x/" "1.4.0"\n{SHA}', "line 2: strings side by side where a string"),
        (f"url <<~URL\n  https://x\nURL\n{SHA}", "line 2: a heredoc where a string"),
        (f'url "https://x/#{{name}}-1.4.0"\n{SHA}', "line 2: #{name} in a string"),
        (f'arch = "x"\nurl "https://x/#{{arch}}-1.4.0"\n{SHA}', "line 3: #{arch} in a string: its value is not known"),
        (f'url "https://x\\u0020-1.4.0"\n{SHA}', "line 2: the escape \\u0020"),
        (f"url %q(https://x-1.4.0)\n{SHA}", "line 2: a string that starts with %"),
        (f'url "https://x/x.git", tag: "v1.4.0"\n{SHA}', 'line 2: a url with tag: "v1.4.0" is no plain download'),
        (f'url "https://x-1.4.0", using: PrivateStrategy\n{SHA}', "line 2: a url with using: PrivateStrategy"),
        (f'{PLAIN}\nmirror "https://y"\n{SHA}', "line 3: a mirror"),
        (f'{PLAIN}\nsha1 "{OLD}"', "line 2: there is no sha256 for darwin-arm64"),
        (f'{PLAIN}\nversion "2024.01.02"\n{SHA}', "its present version '2024.01.02' can't be compared"),
        (f'url "https://x/hello"\n{SHA}', "line 2: its present version is not stated"),
        (f"on_ventura :or_newer do\n  {PLAIN}\n  {SHA}\nend", "line 3: url within `on_ventura :or_newer do`"),
        (f"if MacOS.version > 14\n  {PLAIN}\n  {SHA}\nend", "line 2: the condition MacOS.version>14"),
        (f"[1].each do\n  {PLAIN}\n  {SHA}\nend", "line 3: url within `[1].each do`"),
        (f"case OS.mac?\nwhen true then {PLAIN}\nend\n{SHA}", "line 3: url within `case OS.mac?`"),
        (f"{PLAIN}\n{SHA}; revision 1", "line 3: a revision or bottle that shares its line"),
        (f"{PLAIN}\n{SHA}\n)\n", "line 4: it can't be read as Ruby"),
        (f'{PLAIN}, "b"\n{SHA}', "line 2: a url with arguments that are not known"),
        (f"{PLAIN}\n{SHA}, cellar: :any", "line 3: a sha256 with arguments that are not known"),
        (f"{PLAIN}\nurl\n{SHA}", "line 3: a url that is computed by a block"),
        (f'{PLAIN}\nversion "1.#{{minor}}"\n{SHA}', "line 3: a version that is put together by interpolation"),
        ('homepage "https://x"', "it has no url"),
        (f'desc "x"; {PLAIN.replace("hello@", "x-arm64?v=")}\n{SHA}', "line 2: a url that shares its line"),
        (f"{PLAIN.replace('hello@', 'x-arm64?v=')}; {SHA}", "line 2: a url that shares its line"),
        (
            f"{PLAIN}\n{SHA}\non_linux do\n  {PLAIN}\n  {SHA}\nend\non_macos do\n  {PLAIN}\n  {SHA}\nend",
            "line 2: a url that counts on no platform",
        ),
        (f'{PLAIN}\n{SHA}\non_linux do\n  version "1.4.0"\nend', "a version that is stated for some platforms only"),
    ],
)
def test_a_form_that_is_not_known_is_refused(body: str, reason: str) -> None:
    """A formula in which our edit could hit the wrong thing is left alone, with the line and the reason."""
    assert reason in refusal(formula(body), release(url="https://git.chitty.cc/hello-arm64?v=1.5.0"))


@pytest.mark.parametrize(
    "text, reason",
    [
        ("", "no classes of Formula or casks"),
        ("module Hello\nend\n", "no classes of Formula or casks"),
        (simple() + simple(), "2 classes of Formula or casks"),
        (f'cask "a" do\n  version :latest\n  {PLAIN}\n  {SHA}\nend\n', "version :latest: there is nothing to hold to"),
        (f'cask "a" do\n  version "1.4.0"\n  {PLAIN}\n  sha256 :no_check\nend\n', "sha256 :no_check: there is nothing"),
        (f'cask "a" do\n  version "1.4.0,77"\n  {PLAIN}\n  {SHA}\nend\n', "can't be compared"),
        (
            f'cask "a" do\n  version "1.4.0"\n  {SHA}\n  url "https://x", verified: "x.example"\nend\n',
            "line 4: verified: names x.example, and the new url is elsewhere",
        ),
        (f'cask "a" do\n  version "1.4.0"\n  {SHA}\n  url do |page|\n    page\n  end\nend\n', "computed by a block"),
    ],
)
def test_a_file_that_is_no_formula_of_ours_is_refused(text: str, reason: str) -> None:
    """What is no formula, is two, or has nothing to hold to is refused."""
    assert reason in refusal(text)


def test_a_platform_without_a_file_is_refused() -> None:
    """A formula that serves a platform for which the release has no file would give its users an old one."""
    wanted = SAMPLES["on_blocks"].wanted("2.0.0")
    assert "it serves linux-arm64" in refusal(SAMPLES["goreleaser"].text, wanted)


def test_a_requirement_takes_machines_away_where_it_stands() -> None:
    """What a formula asks for on Linux says nothing about macOS, and a lowest macOS says nothing about Linux."""
    lines = (PLAIN, SHA, "on_linux do\n    depends_on arch: :x86_64\n  end", "depends_on macos: :ventura")
    assert read(formula("\n".join(lines))).served == ("darwin-arm64", "darwin-x64", "linux-x64")


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=list(SAMPLES))
def test_a_damaged_formula_is_edited_right_or_refused(sample: Sample) -> None:
    """Wherever a formula is cut, or a quote or a word is lost, the edit says what was wanted or a reason why not."""
    wanted = sample.wanted("2.0.0")
    chance = random.Random(sample.name)
    for _ in range(25):
        start = chance.randrange(len(sample.text))
        text = sample.text[:start] + sample.text[start + chance.choice((1, 3, 9, len(sample.text))) :]
        try:
            edited = edit(text, wanted).text
        except FormulaError:
            continue
        said = read(edited)
        for machine in said.served:
            url, download = said.on("url", machine), wanted.on(machine)
            assert url
            assert download
            assert said.text(url, machine) == download.url


def test_nesting_without_end_is_refused() -> None:
    """A file that would exhaust the reader gets a reason, and no crash."""
    assert "nested too deeply" in refusal(formula("on_arm do\n" * 3000 + PLAIN + "\nend" * 3000))
    assert "are the most" in refusal("#" * 2_000_000)


def test_one_url_for_platforms_with_files_of_their_own_is_refused() -> None:
    """`#{arch}` builds addresses that are not those of the release: one literal can't say two things."""
    wanted = Sample("cask_arch", "https://elsewhere.example/{v}/{p}", ("darwin-arm64", "darwin-x64")).wanted("2.0.0")
    assert "one url for darwin-arm64 and darwin-x64" in refusal(SAMPLES["cask_arch"].text, wanted)
