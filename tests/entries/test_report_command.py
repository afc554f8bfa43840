"""`chittyops report` as a person types it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from chittyactions.compliance.audit.document import dumped
from chittyactions.compliance.audit.record import Audit
from chittyactions.compliance.audit.reports.forms import FORMS
from chittyactions.entries.report_command import main
from compliance.audit.ecosystem import TOOL, audit, service


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with this week's audit, and one with those of four weeks before."""
    (tmp_path / "audits").mkdir()
    for week in range(-4, 0):
        written(tmp_path / f"audits/week{week}.json", audit(week))
    written(tmp_path / "audit.json", audit())
    return tmp_path


def written(path: Path, one: Audit) -> Path:
    """An audit as a file."""
    path.write_text(dumped(one), "utf-8")
    return path


STARTS = {
    "html": "<!doctype html>",
    "markdown": "# ",
    "sarif": '{\n  "$schema"',
    "csv": "organization,",
    "json": '{\n"schema_version"',
}


@pytest.mark.parametrize("name", FORMS)
def test_each_format_goes_to_the_terminal(folder: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is asked for is what is printed, and nothing else."""
    assert main([str(folder / "audit.json"), "--format", name]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(STARTS[name])
    assert err == ""


@pytest.mark.parametrize(
    "file, name",
    [("a.html", "html"), ("a.HTM", "html"), ("a.md", "markdown"), ("a.sarif", "sarif"), ("a.csv", "csv"),
     ("a.json", "json"), ("a", "html")],
)  # fmt: skip
def test_a_file_is_of_the_format_that_it_is_named_for(folder: Path, file: str, name: str) -> None:
    """-o audit.csv is enough."""
    assert main([str(folder / "audit.json"), "-o", str(folder / file)]) == 0
    assert (folder / file).read_bytes().decode().startswith(STARTS[name])


def test_csv_keeps_its_line_ends_on_a_terminal_too(folder: Path) -> None:
    """RFC 4180 asks for CR and LF, on every system."""
    code = "import sys; from chittyactions.entries.report_command import main; sys.exit(main(sys.argv[1:]))"
    words = [sys.executable, "-c", code, str(folder / "audit.json"), "--format", "csv"]
    done = subprocess.run(words, capture_output=True, check=True)
    assert b"\r\n" in done.stdout
    assert b"\r\r\n" not in done.stdout


def test_the_audit_before_is_the_last_of_those_that_are_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In whatever order, and as history alone."""
    old = [str(folder / f"audits/week{week}.json") for week in (-1, -3)]
    for words in (["--previous", *old], ["--previous", *old[::-1]], ["--history", str(folder / "audits")]):
        assert main([str(folder / "audit.json"), "--format", "markdown", *words]) == 0
        assert "## Changes since 2026-11-09" in capsys.readouterr().out


def test_the_history_is_all_audits_of_a_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The audit itself may lie there as well; what is no audit is named and left out."""
    written(folder / "audits/this.json", audit())
    (folder / "audits/other.json").write_text("{}", "utf-8")
    assert main([str(folder / "audits/this.json"), "--history", str(folder / "audits")]) == 0
    out, err = capsys.readouterr()
    assert out.count("M") > 0
    assert all(f'<th scope="row">2026-{day} 05:04</th>' in out for day in ("10-19", "10-26", "11-02", "11-09", "11-16"))
    assert err == "other.json is left out of the history: started: Field required.\n"


def test_nothing_is_compared_with_a_later_audit(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two files in the wrong order are no news."""
    words = [str(folder / "audits/week-2.json"), "--previous", str(folder / "audit.json"), "--format", "markdown"]
    assert main(words) == 0
    out, err = capsys.readouterr()
    assert "Changes" not in out
    assert err == "audit.json is not earlier than week-2.json: nothing is compared with it.\n"


def test_public_leaves_out_what_is_private_in_the_history_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No number is of more than what is shown."""
    hidden = service("CHITTYOS", TOOL, "hush-hush", 1, private=True)
    for week, name in ((0, "audit.json"), (-1, "audits/week-1.json")):
        written(folder / name, audit(week).model_copy(update={"services": (*audit(week).services, hidden)}))
    words = [str(folder / "audit.json"), "--history", str(folder / "audits"), "--public"]
    for name in FORMS:
        assert main([*words, "--format", name]) == 0
        assert "hush" not in capsys.readouterr().out
    assert main([*words, "--format", "json"]) == 0
    summary = json.loads(capsys.readouterr().out)["summary"]
    assert (summary["services"], summary["left_out"]) == (57, 6)


def test_an_incomplete_audit_is_reported_as_that(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It ends with 0: the audit itself ended with 3, and the report says so at its top."""
    written(folder / "audit.json", audit(complete=False))
    for name in ("markdown", "html"):
        assert main([str(folder / "audit.json"), "--format", name]) == 0
        out = capsys.readouterr().out
        assert 0 < out.index("This audit is incomplete") < out.index("ChittyConnect")
        assert "7 services were not looked at." in out


@pytest.mark.parametrize(
    "words, said",
    [
        (["none.json"], "none.json is no audit."),
        (["audit.json", "--previous", "bad.json"], "bad.json is no audit."),
        (["audit.json", "--history", "bad.json"], "bad.json is no audit."),
        (["audit.json", "--link", "javascript:alert(1)"], "--link 'javascript:alert(1)' is no address."),
        (["audit.json", "--link", "https://x.cc/a)b"], "is no address."),
    ],
)
def test_what_cannot_be_used_ends_with_2_and_what_to_do(
    folder: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is written then."""
    monkeypatch.chdir(folder)
    (folder / "bad.json").write_text("[]", "utf-8")
    assert main([*words, "-o", "out.html"]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert "Fix: " in err
    assert not (folder / "out.html").exists()


def test_a_file_that_cannot_be_written_ends_with_1(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The folder is missing: the error names the file."""
    assert main([str(folder / "audit.json"), "-o", str(folder / "none/out.html")]) == 1
    assert "none/out.html could not be written: No such file or directory." in capsys.readouterr().err


def test_an_unknown_format_is_refused(folder: Path) -> None:
    """A typo ends with usage and 2."""
    with pytest.raises(SystemExit) as ended:
        main([str(folder / "audit.json"), "--format", "pdf"])
    assert ended.value.code == 2


def test_audits_of_others_are_in_no_history(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who looked at one organisation has other numbers; it is said, and compared with all the same."""
    one = audit(-1)
    scope = one.scope.model_copy(update={"organizations": ("chittycorp",)})
    written(folder / "audits/week-1.json", one.model_copy(update={"scope": scope}))
    assert main([str(folder / "audit.json"), "--history", str(folder / "audits"), "--format", "markdown"]) == 0
    out, err = capsys.readouterr()
    part = out.partition("## Over time")[2].partition("\n## ")[0]
    assert (part.count("\n| 2"), f"| {one.finished:%Y-%m-%d}" in part) == (4, False)
    assert "week-1.json is left out of the history: it looked at other services or checks." in err
    assert f"Changes since {one.finished:%Y-%m-%d}" in out
