"""The runner's protocol: masks, commands, command files, summary."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

import pytest

from chittyactions.entries import guarded
from chittyactions.errors import ChittyError, CredentialError
from chittyactions.runner import SUMMARY_LIMIT, Runner, escape, escape_property, inert, mask_forms
from protocol.commands import parse_command_file
from protocol.masking import Masker, find_leaks

SECRETS = {
    "plain": "s3cr3t-0123456789",
    "percent": "100%25%0A-sure-thing",
    "quotes": 'it\'s "quoted" \\ here',
    "unicode": "schlüssel-日本語-key",
    "leading dash": "-rf --no-preserve-root",
    "multi-line": "-----BEGIN X-----\nMIIEvQIBADANBg+/\nabc==\n-----END X-----\n",
    "windows lines": "first-line-of-it\r\nsecond-line-of-it\r\n",
    "trailing newline": "token-with-newline\n",
    "url": "postgresql://user:p%40ss@host/db?a=b&c=d",
    "json": '{"type": "service_account", "key": "abc/def+ghi=="}',
}


class Job:
    """A runner with files, whose log is read as GitHub reads it."""

    def __init__(self, folder: Path) -> None:
        self.files = {
            name: folder / name for name in ("GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_ENV", "GITHUB_STEP_SUMMARY")
        }
        for path in self.files.values():
            path.touch()
        self.log = io.StringIO()
        self.runner = Runner({name: str(path) for name, path in self.files.items()}, self.log)

    def read(self, name: str) -> str:
        return self.files[name].read_text("utf-8")

    @property
    def masker(self) -> Masker:
        masker = Masker()
        for line in self.log.getvalue().splitlines():
            if line.startswith("::add-mask::"):
                data = line.removeprefix("::add-mask::")
                masker.add(data.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%"))
        return masker


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """A job with empty command files."""
    return Job(tmp_path)


# -- masks ---------------------------------------------------------------------------------------------------------


def encodings(secret: str) -> dict[str, str]:
    """Everything that the masks of a secret have to hide."""
    raw = secret.encode()
    lines = [line.strip() for line in secret.splitlines() if len(line.strip()) >= 8]
    forms = {
        "whole": secret.strip("\r\n"),
        "hex": raw.hex(),
        "hex in capitals": raw.hex().upper(),
        "base64": base64.b64encode(raw).decode(),
        "base64url": base64.urlsafe_b64encode(raw).decode(),
        "base64url without padding": base64.urlsafe_b64encode(raw).decode().rstrip("="),
        "base64 with a newline": base64.b64encode(raw + b"\n").decode(),
        "JSON": json.dumps(secret),
        "JSON as it is": json.dumps(secret, ensure_ascii=False),
        **{f"basic, user of {n}": base64.b64encode(b"u" * n + b":" + raw).decode() for n in range(4)},
        **{f"basic, token of {n}": base64.urlsafe_b64encode(raw + b":" + b"x" * n).decode() for n in range(3)},
    }
    for number, line in enumerate(lines):
        forms[f"line {number}"] = line
        forms[f"line {number}, hex"] = line.encode().hex()
        forms[f"line {number}, base64url"] = base64.urlsafe_b64encode(line.encode()).decode()
    return forms


@pytest.mark.parametrize("name", SECRETS)
def test_every_form_of_a_secret_is_hidden(job: Job, name: str) -> None:
    """What the runner leaks by itself (base64url, hex, basic authentication, JSON of non-ASCII) is masked as well."""
    job.runner.mask("X", SECRETS[name])
    for form, text in encodings(SECRETS[name]).items():
        shown = job.masker.mask(f"<{text}>")
        assert find_leaks({form: shown}, {"secret": SECRETS[name]}) == []


@pytest.mark.parametrize("name", SECRETS)
def test_masks_are_of_one_line(job: Job, name: str) -> None:
    """A raw line break would print the rest of the secret; each mask is one command."""
    job.runner.mask("X", SECRETS[name])
    assert all(line.startswith("::add-mask::") for line in job.log.getvalue().splitlines())
    assert "\r" not in job.log.getvalue()


@pytest.mark.parametrize("name", SECRETS)
def test_no_mask_is_short(name: str) -> None:
    """A short mask would blank unrelated words: `abc==` is a line of the PEM and no mask."""
    assert min(map(len, mask_forms(SECRETS[name]))) >= 8


def test_a_mask_is_written_once(job: Job) -> None:
    """The same secret by two names costs no second round of commands."""
    job.runner.mask("A", SECRETS["plain"])
    before = job.log.getvalue()
    job.runner.mask("B", SECRETS["plain"])
    assert job.log.getvalue() == before


@pytest.mark.parametrize("secret", ["", "1234567"])
def test_a_short_secret_is_refused(job: Job, secret: str) -> None:
    """The error names the credential and its length, never its value."""
    with pytest.raises(CredentialError) as caught:
        job.runner.mask("THE_TOKEN", secret)
    assert f"THE_TOKEN is {len(secret)} characters long" in caught.value.what
    assert not secret or secret not in str(caught.value)
    assert job.log.getvalue() == ""


def test_redaction(job: Job) -> None:
    """What leaves by the summary or an annotation is cleaned here, the longest form first."""
    job.runner.mask("A", "secret-0123")
    job.runner.mask("B", "secret-0123-and-more")
    assert job.runner.redact("x secret-0123-and-more y secret-0123 z") == "x *** y *** z"
    job.runner.summary("a secret-0123 b")
    job.runner.error("c secret-0123 d", title="e secret-0123 f")
    assert job.read("GITHUB_STEP_SUMMARY") == "a *** b\n"
    assert job.log.getvalue().splitlines()[-1] == "::error title=e *** f::c *** d"


# -- commands ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["plain", "50%", "a%0Ab", "one\ntwo", "dos\r\nline", "100%25", "%%0D"])
def test_escape_is_undone_by_the_runner(text: str) -> None:
    """One line, and what the runner decodes is what was meant."""
    line = escape(text)
    assert "\n" not in line
    assert "\r" not in line
    assert line.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%") == text


def test_properties_escape_more() -> None:
    """A colon or a comma would end a property."""
    assert escape_property("a:b,c%d") == "a%3Ab%2Cc%25d"


@pytest.mark.parametrize(
    "text, shown",
    [
        ("::error::x", ": :error::x"),
        ("  ::set-output name=a::b", "  : :set-output name=a::b"),
        ("say ::error::x", "say ::error::x"),
        ("a\r::debug::b", "a\n: :debug::b"),
        ("##[error]x", "## [error]x"),
        ("fine", "fine"),
    ],
)
def test_foreign_words_are_inert(text: str, shown: str) -> None:
    """Lines of others are shown and obeyed by nobody."""
    assert inert(text) == shown


def test_annotations(job: Job) -> None:
    """Level, properties that are set, message on one line."""
    job.runner.warning("first\nsecond", title="a,b", file="x.py", line=7)
    job.runner.notice("n")
    job.runner.debug("d")
    assert job.log.getvalue() == "::warning title=a%2Cb,file=x.py,line=7::first%0Asecond\n::notice::n\n::debug::d\n"


def test_a_failure_is_shown_whole(job: Job) -> None:
    """Cause, remedy and link in one annotation; the YAML below it as it is pasted."""
    job.runner.failed(ChittyError("It broke.", why="Old.", fix="Mend:", yaml="a:\n  b: 1", docs="p.md"))
    lines = job.log.getvalue().splitlines()
    assert lines[0].startswith("::error title=It broke::It broke.%0AOld.%0AMend:%0Ahttps://")
    assert lines[1:] == ["", "a:", "  b: 1", ""]


def test_groups_fold(job: Job) -> None:
    """A group ends whatever happens in it."""

    def inside() -> None:
        with job.runner.group("Upload"):
            raise KeyError

    with pytest.raises(KeyError):
        inside()
    assert job.log.getvalue() == "::group::Upload\n::endgroup::\n"


def test_a_log_that_is_not_utf8() -> None:
    """A runner with another encoding shows escapes in place of a failure."""
    raw = io.BytesIO()
    log = io.TextIOWrapper(raw, encoding="ascii")
    Runner({}, log).info("schlüssel")
    assert raw.getvalue() == b"schl\\xfcssel\n"


# -- command files -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["", "one", "one\ntwo", "a=b<<EOF", "ends\n", "\nstarts", "ü%\"'\\"])
def test_values_arrive_as_they_are(job: Job, value: str) -> None:
    """Outputs, state and environment are read back by the runner as they were given."""
    job.runner.output("o", value)
    job.runner.outputs({"p": value, "q": "x"})
    job.runner.state("s", value)
    job.runner.export("E", value)
    assert parse_command_file(job.read("GITHUB_OUTPUT")) == {"o": value, "p": value, "q": "x"}
    assert parse_command_file(job.read("GITHUB_STATE")) == {"s": value}
    assert parse_command_file(job.read("GITHUB_ENV")) == {"E": value}


def test_the_last_state_counts(job: Job) -> None:
    """A state is written anew after each mint: what the runner keeps is the latest."""
    job.runner.state("leases", "{1}")
    job.runner.state("leases", "{1,2}")
    assert parse_command_file(job.read("GITHUB_STATE")) == {"leases": "{1,2}"}


def test_a_value_cannot_close_its_block(job: Job) -> None:
    """The delimiter is random: a value that knew the last one does not know this one."""
    job.runner.output("a", "x")
    delimiter = job.read("GITHUB_OUTPUT").splitlines()[0].partition("<<")[2]
    job.runner.output("b", f"x\n{delimiter}\ninjected=1")
    assert set(parse_command_file(job.read("GITHUB_OUTPUT"))) == {"a", "b"}


def test_without_files_nothing_is_written() -> None:
    """Outside of a runner outputs go nowhere and nothing fails."""
    runner = Runner({}, io.StringIO())
    runner.output("a", "b")
    runner.state("a", "b")
    runner.summary("text")
    assert runner.saved("a") == ""


def test_a_summary_that_is_full(job: Job) -> None:
    """GitHub drops a summary of more than 1 MiB whole: what does not fit is left out and told."""
    job.runner.summary("first")
    job.runner.summary("x" * SUMMARY_LIMIT)
    job.runner.summary("last")
    assert job.read("GITHUB_STEP_SUMMARY") == "first\nlast\n"
    assert "::warning::The job summary is full" in job.log.getvalue()


def test_an_entry_renders_an_error_once(job: Job) -> None:
    """An error of the tree becomes an annotation and its exit code; any other is told by class and place alone."""

    def fail(_: Runner) -> int:
        raise CredentialError("No.")

    def crash(_: Runner) -> int:
        raise KeyError("a-secret-0123")

    assert guarded(fail, job.runner) == 1
    assert job.log.getvalue() == "::error title=No::No.\n"
    assert guarded(crash, job.runner) == 1
    assert "a way that it does not know: KeyError in entries/__init__.py, line " in job.log.getvalue()
    assert "a-secret" not in job.log.getvalue()


@pytest.mark.parametrize("text", ["half \ud800 a pair-0123", "raw \udc80 byte-0123", "both \ud800 \udc80-0123"])
def test_text_that_is_none_is_no_stack(job: Job, text: str) -> None:
    """JSON may hold halves of surrogate pairs: masks and files take them."""
    job.runner.mask("X", text)
    job.runner.output("o", text)
    job.runner.info(text)
    assert "half" not in job.log.getvalue().splitlines()[-1]


def test_a_document_is_masked_by_its_long_lines(job: Job) -> None:
    """The runner masks each line of a mask: the brace of a JSON document would blank every brace of the job."""
    document = '{\n  "private_key": "AAAABBBBCCCC",\n  "x": 1\n}'
    job.runner.mask("X", document)
    assert job.masker.mask("{ } x") == "{ } x"
    assert "AAAABBBBCCCC" not in job.masker.mask(document) + job.masker.mask(json.dumps(document))


def test_a_file_that_cannot_be_written() -> None:
    """A full disk is told as such: it ends the step for an output, and not for the summary."""
    log = io.StringIO()
    runner = Runner({"GITHUB_OUTPUT": "/dev/full", "GITHUB_STEP_SUMMARY": "/dev/full"}, log)
    with pytest.raises(ChittyError) as caught:
        runner.output("a", "b")
    assert caught.value.what == "GITHUB_OUTPUT could not be written: No space left on device."
    runner.summary("text")
    assert "::warning::The job summary could not be written: No space left" in log.getvalue()
