"""Real Ruby runs every formula that was edited or rendered: it says what was wanted, on each machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from semver import Version

from chittyactions.publish.formula import MACHINES, About, Download, FormulaError, Wanted
from chittyactions.publish.formula_check import check_syntax
from chittyactions.publish.formula_edit import edit
from chittyactions.publish.formula_read import read
from chittyactions.publish.formula_render import render
from publish.homebrew.ruby import load, program
from publish.homebrew.samples import SAMPLES, Sample

pytestmark = pytest.mark.engines

FOUR = MACHINES
URL = "https://git.chitty.cc/hello@1.2.3"
HOSTILE = About(
    desc='A "desc" \\ with #{exit(7)} #$0 and #@thing\nand a second line \\',
    homepage='https://x.example/"+exit(7).to_s+"',
    license='MIT"; exit(7); "',
    programs=("hello", 'x"; exit(7); "'),
)


def _wanted(platforms: tuple[str, ...], ending: str) -> Wanted:
    downloads = tuple(Download(f"{URL}/hello-{name}{ending}", f"{at:064x}", name) for at, name in enumerate(platforms))
    return Wanted(Version(1, 2, 3), downloads)


ONE = Wanted(Version(1, 2, 3), (Download(URL, "f" * 64),))
NEW: dict[str, tuple[str, str, Wanted, str, About]] = {
    "npm": ("Formula/foo-bar@2.rb", "npm", ONE, "hello-1.2.3.tgz", About("Says hello", programs=("hello",))),
    "hostile": ("Formula/hello.rb", "npm", ONE, "hello-1.2.3.tgz", HOSTILE),
    "python": ("Formula/hello.rb", "python", ONE, "hello-1.2.3.tar.gz", About(license="MIT OR Zlib")),
    "rust": ("Formula/hello.rb", "rust", ONE, "hello-1.2.3.crate", About()),
    "go": ("Formula/hello.rb", "go", _wanted(FOUR, ".tar.gz"), "", About(programs=("hello", "hellod"))),
    "bare": ("Formula/h/hello.rb", "files", _wanted(("darwin", "linux-x64"), ""), "", About()),
    "cask": ("Casks/hello.rb", "go", _wanted(FOUR[:2], ".zip"), "", About("Says hello", programs=("hello",))),
}


def _rendered(name: str) -> str:
    path, ecosystem, wanted, file, about = NEW[name]
    return render(path, ecosystem, wanted, {i.url: file or i.url.rpartition("/")[2] for i in wanted.downloads}, about)


@pytest.fixture(scope="module")
def said() -> dict[str, dict[str, Any]]:
    """What Ruby says of every formula: as it was, edited, and made anew. One start for all."""
    texts = {f"{name} before": sample.text for name, sample in SAMPLES.items()}
    texts |= {name: edit(sample.text, sample.wanted("2.0.0")).text for name, sample in SAMPLES.items()}
    texts |= {f"new {name}": _rendered(name) for name in NEW}
    texts["broken"] = "class Hello < Formula\n  url 'x\nend\n"
    return dict(zip(texts, load(list(texts.values())), strict=True))


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=list(SAMPLES))
def test_ruby_and_we_read_the_same(sample: Sample, said: dict[str, dict[str, Any]]) -> None:
    """What our reader takes a formula to say is what Ruby does: url, sha256 and version, by machine."""
    formula = read(sample.text)
    for machine, words in said[f"{sample.name} before"].items():
        if machine in formula.served:
            url, sha256 = formula.on("url", machine), formula.on("sha256", machine)
            assert url
            assert sha256
            assert words["url"] == formula.text(url, machine)
            assert words["sha256"] == formula.text(sha256, machine)
            assert words.get("version", "") == formula.stated_version(machine)


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=list(SAMPLES))
def test_an_edited_formula_says_what_was_wanted(sample: Sample, said: dict[str, dict[str, Any]]) -> None:
    """On each machine that the formula served, Ruby gets the new url with its sha256, and no revision or bottle."""
    wanted = sample.wanted("2.0.0")
    served = read(sample.text).served
    assert served
    for machine in served:
        words, download = said[sample.name][machine], wanted.on(machine)
        assert download
        assert (words["url"], words["sha256"]) == (download.url, download.sha256)
        assert words.get("version", "2.0.0") == "2.0.0"
        assert not {"revision", "bottle"} & words.keys()


@pytest.mark.parametrize("name", NEW)
def test_a_new_formula_says_what_was_wanted(name: str, said: dict[str, dict[str, Any]]) -> None:
    """Ruby gets from a rendered formula the url and sha256 of each machine, and nothing else ran."""
    wanted = NEW[name][2]
    for machine in MACHINES:
        words, download = said[f"new {name}"][machine], wanted.on(machine)
        given = (words.get("url"), words.get("sha256"))
        assert given == ((download.url, download.sha256) if download else (None, None))


def test_what_a_package_says_of_itself_stays_text(said: dict[str, dict[str, Any]]) -> None:
    """Quotes, backslashes and interpolations in a description come out of Ruby as they went in, on one line."""
    words = said["new hostile"]["linux-x64"]
    assert words["desc"] == 'A "desc" \\ with #{exit(7)} #$0 and #@thing and a second line \\'
    assert words["homepage"] == HOSTILE.homepage
    assert words["license"] == "[:cannot_represent]"


def test_a_new_formula_installs(said: dict[str, dict[str, Any]]) -> None:
    """`install` of each kind does what its ecosystem needs; the class has the name that Homebrew looks for."""
    done = {name: said[f"new {name}"]["darwin-arm64"]["install"] for name in NEW}
    assert said["new npm"]["darwin-arm64"]["name"] == "FooBarAT2"
    assert done["npm"] == ["npm install --std-npm-args", 'bin.install_symlink ["libexec/bin/*"]']
    assert done["python"][0] == "python3.13 -m venv libexec"
    assert done["python"][1] == "libexec/bin/python -m pip install --no-cache-dir buildpath"
    assert done["python"][2] == "bin.install_symlink libexec/bin/hello"
    assert done["rust"] == ["cargo install --std-cargo-args"]
    assert done["go"] == ['bin.install "hello", "hellod"']
    assert done["bare"] == ['bin.install {"*" => "hello"}']
    assert done["cask"] == ['binary "hello"']


def test_what_is_not_ruby_is_refused_by_ruby(tmp_path: Path, said: dict[str, dict[str, Any]]) -> None:
    """Where Ruby is there it has the last word, from stdin, and runs nothing; where it is not, that is told."""
    assert "SyntaxError" in said["broken"]["error"]
    environ = {"PATH": str(program(tmp_path).parent) + ":/usr/bin:/bin", "RUBYOPT": "-rnothing"}
    assert check_syntax(SAMPLES["npm"].text, environ)
    assert check_syntax("BEGIN { raise }\nraise\n", environ)
    with pytest.raises(FormulaError) as refused:
        check_syntax("class Hello < Formula\n  url 'x\nend\n", environ)
    assert "Ruby does not take the result" in refused.value.why
    assert not check_syntax(SAMPLES["npm"].text, {"PATH": str(tmp_path / "empty")})


def test_ruby_learns_nothing_of_the_job(tmp_path: Path) -> None:
    """Ruby's process has a path, an empty home and a language, and none of the job's variables."""
    ruby = tmp_path / "ruby"
    ruby.write_text(f'#!/bin/sh\nenv >"{tmp_path}/env"\nls -A "$HOME" >"{tmp_path}/home"\n')
    ruby.chmod(0o755)
    environ = {"PATH": f"{tmp_path}:/usr/bin:/bin", "TAP_TOKEN": "canary", "RUBYLIB": "/x", "HOME": "/root"}
    assert check_syntax(SAMPLES["npm"].text, environ)
    lines = dict(line.partition("=")[::2] for line in (tmp_path / "env").read_text().splitlines())
    assert lines.keys() - {"PWD", "SHLVL", "_", "OLDPWD"} == {"PATH", "HOME", "LANG"}
    assert (tmp_path / "home").read_text() == ""
