"""The fixture itself: as strict as GitHub's runner, or every test that leans on it proves nothing."""

from __future__ import annotations

import base64
import json
import sys

import pytest

from protocol.commands import parse_command_file
from protocol.masking import Masker, find_leaks
from protocol.runner import ActionRunner

SECRET = "s3cr3t/with+odd=chars~~~?ümläut\"and'quotes%!!"


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_step_gets_a_clean_environment(action_runner: ActionRunner) -> None:
    """Nothing of the tests' own environment, and no INPUT_*, reaches a step."""
    run = action_runner.start(python("import os, json; print(json.dumps(dict(os.environ)))")).wait()
    names = json.loads(run.stdout)
    assert not [name for name in names if name.startswith(("INPUT_", "PYTEST"))]
    assert names["GITHUB_ACTIONS"] == "true"


def test_stdin_is_closed_and_stdout_is_a_pipe(action_runner: ActionRunner) -> None:
    """A step that asks a question gets an end of file, and sees no terminal."""
    run = action_runner.start(python("import sys; print(repr(sys.stdin.read()), sys.stdout.isatty())")).wait()
    assert run.log == "'' False"


def test_masks_hide_what_the_runner_hides(action_runner: ActionRunner) -> None:
    """A masked value disappears from later lines; an earlier one shows it, and counts as a leak."""
    code = "print('before hunter22'); print('::add-mask::hunter22'); print('after hunter22')"
    run = action_runner.start(python(code)).wait()
    assert run.log == "before hunter22\nafter ***"
    assert run.unmasked_before_mask == ["before hunter22"]
    assert run.leaks(["hunter22"])


def test_each_line_of_a_mask_is_hidden() -> None:
    """An escaped multi-line mask hides every line by itself."""
    masker = Masker()
    masker.add("line-one\nline-two")
    assert masker.mask("a line-two b line-one") == "a *** b ***"


def test_overlapping_finds_become_one() -> None:
    """Two masks that touch or overlap are shown as one, as the runner shows them."""
    masker = Masker()
    masker.add("abcdef")
    masker.add("defghi")
    assert masker.mask("<abcdefghi>abcdef") == "<***>***"
    assert masker.mask("abcdefdefghi") == "***"


@pytest.mark.parametrize(
    "form", [base64.b64encode(SECRET.encode()).decode(), json.dumps(SECRET, ensure_ascii=False)[1:-1]]
)
def test_the_runner_masks_known_encodings(form: str) -> None:
    """Base64 and JSON forms of a registered secret are hidden too."""
    masker = Masker()
    masker.add(SECRET)
    assert masker.mask(form) == "***"


@pytest.mark.parametrize(
    "form",
    [
        SECRET.encode().hex(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
        base64.b64encode(f"user:{SECRET}:".encode()).decode(),
        base64.b64encode(f"{SECRET}\n".encode()).decode(),
        SECRET[::-1],
        json.dumps({"k": SECRET}),
    ],
)
def test_the_search_finds_what_the_runner_leaks(form: str) -> None:
    """Every form that the runner lets through is found by the canary search."""
    masker = Masker()
    masker.add(SECRET)
    assert find_leaks({"log": masker.mask(f"x {form} y")}, [SECRET])


def test_outputs_with_a_masked_string_are_dropped(action_runner: ActionRunner) -> None:
    """An output that holds a secret never reaches another job."""
    code = """
import os
print('::add-mask::hunter22')
with open(os.environ['GITHUB_OUTPUT'], 'a') as file:
    file.write('a=x-hunter22\\nb=fine\\n')
"""
    run = action_runner.start(python(code)).wait()
    assert run.dropped == ["a"]
    assert run.job_outputs == {"b": "fine"}


def test_command_files_are_read_strictly() -> None:
    """Heredocs are read whole, and a line that the runner would refuse fails."""
    assert parse_command_file("a=1=2\nb<<E\nx\n\ny\nE\n") == {"a": "1=2", "b": "x\n\ny"}
    for wrong in ("nonsense\n", "b<<E\nx\n"):
        with pytest.raises(AssertionError):
            parse_command_file(wrong)


def test_argv_and_left_over_files_are_searched(action_runner: ActionRunner) -> None:
    """A secret on a command line or in a file that stays is found."""
    code = """
import os, pathlib, time
pathlib.Path(os.environ['RUNNER_TEMP'], 'left').write_text('canary-file-1')
time.sleep(0.3)
"""
    run = action_runner.start([*python(code), "canary-argv-1"]).wait()
    found = run.leaks({"argv": "canary-argv-1", "file": "canary-file-1"})
    places = {leak.secret: leak.where for leak in found if leak.form == "as it is"}
    assert places["argv"].startswith("argv ")
    assert "file temp/left" in {leak.where for leak in found if leak.secret == "file"}
