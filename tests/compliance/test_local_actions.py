"""Actions of the repository that are no composites: what they start is a step like any other."""

from __future__ import annotations

import pytest

from chittyactions.compliance.facts import NotKnown
from chittyactions.compliance.workflows import Step, steps_of, workflows_of
from compliance.repositories import Content, repository

CALL = ".github/workflows/w.yml"


def started(files: dict[str, Content]) -> list[Step]:
    """The steps behind a step that uses the action."""
    text = "on: push\nenv: {A: top}\njobs: {j: {steps: [{uses: ./act, with: {the url: x}, env: {B: own}}]}}\n"
    held = repository({CALL: text, **files})
    (one,) = workflows_of(held).found
    return list(steps_of(held, one))[1:]


def test_the_programs_of_a_nodejs_action_run_in_its_folder() -> None:
    """Before, in the middle and behind; they find the step's environment and their inputs there."""
    action = (
        "inputs: {mode: {default: all}}\nruns:\n  using: NODE24\n  post: c.js\n  main: dist/my main.js\n  pre: a.js\n"
    )
    steps = started({"act/action.yml": action})
    assert [(one.run, one.spot.line) for one in steps] == [
        ("node a.js", 6),
        ("node 'dist/my main.js'", 5),
        ("node c.js", 4),
    ]
    one = steps[0]
    assert (one.path, one.job, one.directory, one.uses, one.shell) == ("act/action.yml", "j", "act", "", "")
    assert one.env == {"A": "top", "B": "own", "INPUT_MODE": "all", "INPUT_THE_URL": "x"}
    assert (one.given, one.fixed) == ({"mode": "all", "the url": "x"}, {"inputs": {"mode": "all"}})


def test_an_action_without_a_program_starts_nothing() -> None:
    """Nor does one of another kind, nor one whose program is no text."""
    for runs in ("{using: node24}", "{using: node24, main: [a]}", "{using: rust, main: a}", "{main: a.js}", "words"):
        assert started({"act/action.yml": f"runs: {runs}\n"}) == []


@pytest.mark.parametrize("uses", ["./", "owner/repo@main"])
def test_an_action_at_the_root_is_followed(uses: str) -> None:
    """A repository that is an action tries itself."""
    text = f"on: push\njobs: {{j: {{steps: [{{uses: {uses}}}]}}}}\n"
    files = {CALL: text, "action.yml": "runs: {using: node24, main: a.js}\n"}
    held = repository(files, remote="https://github.com/owner/repo")
    assert [step.run for step in steps_of(held, workflows_of(held).found[0])] == ["", "node a.js"]


DOCKER = "runs:\n  using: docker\n  image: Dockerfile\n"


@pytest.mark.parametrize(
    "more, dockerfile, run",
    [
        ("", 'FROM x\nCOPY . /\nENTRYPOINT ["/app/entry.sh", "-v"]\n', "./entry.sh -v"),
        ("", "ENTRYPOINT old\nFROM y\n  entrypoint  /entry.sh 'a b'\nCMD c\n", "./entry.sh 'a b' c"),
        ("", 'CMD ["sh", \\\n "sub/run.sh"]\n', "sh ./sub/run.sh"),
        ("", "ENTRYPOINT /x/sub/run.sh\r\n", "./sub/run.sh"),
        ("  args: [--to, 1]\n", "ENTRYPOINT /entry.sh\nCMD c\n", "./entry.sh --to 1"),
        ("  entrypoint: /entry.sh\n", "ENTRYPOINT /other.sh\n", "./entry.sh"),
        ("  entrypoint: curl\n  args: [-X, POST]\n", "", "curl -X POST"),
        ("  pre-entrypoint: /entry.sh\n", "", "./entry.sh"),
        ("  post-entrypoint: /entry.sh\n", "", "./entry.sh"),
        ("", "# ENTRYPOINT /entry.sh\nRUN ENTRYPOINT /entry.sh\n", None),
        ("", "ENTRYPOINT ['\n", None),
        ("", "ENTRYPOINT '\n", None),
        ("", "ENTRYPOINT [" + "[" * 50_000 + "\n", None),
        ("", 'ENTRYPOINT {"a": 1}\n', "'{a:' '1}'"),
        ("", b"\xff", None),
    ],
)
def test_a_container_starts_its_script(more: str, dockerfile: Content, run: str | None) -> None:
    """By the action's entrypoint, else the last of its Dockerfile; the script is the one of that name in its folder."""
    files = {"act/Dockerfile": dockerfile, "act/entry.sh": "x", "act/sub/run.sh": "x", "entry.sh": "another's"}
    steps = started({**files, "act/action.yml": DOCKER + more})
    assert [step.run for step in steps] == ([] if run is None else [run])
    assert all(step.directory == "act" for step in steps)


@pytest.mark.parametrize("key, line", [("pre-entrypoint", 5), ("entrypoint", 5), ("post-entrypoint", 5), ("env", 2)])
def test_what_a_container_starts_stands_where_the_action_says_it(key: str, line: int) -> None:
    """At its key; at `runs` where the Dockerfile says it."""
    files = {"act/action.yml": f"name: x\n{DOCKER}  {key}: a\n", "act/Dockerfile": "ENTRYPOINT b\n" * (key == "env")}
    (one,) = started(dict(files))
    assert (one.run, one.spot.line) == ("b" if key == "env" else "a", line)


def test_the_image_may_lie_anywhere_in_the_repository() -> None:
    """One from a registry is nobody's here, and a missing one is none."""
    image = {"docker/Dockerfile": "ENTRYPOINT a\n"}
    assert [one.run for one in started({**image, "act/action.yml": DOCKER.replace("D", "../docker/D")})] == ["a"]
    for other in ("docker://Dockerfile", "Other", "[x]"):
        action = DOCKER.replace("Dockerfile", other) + "  args: [b]\n"
        files = {"act/action.yml": action, "act/Dockerfile": "ENTRYPOINT a\n"}
        assert started({**image, **files}) == []


def test_a_dockerfile_that_the_disk_refuses_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it starts can't be told."""
    held = repository(
        {
            CALL: "on: push\njobs: {j: {steps: [{uses: ./act}]}}\n",
            "act/action.yml": DOCKER,
            "act/Dockerfile": "ENTRYPOINT a\n",
        }
    )
    (one,) = workflows_of(held).found
    held.yaml("act/action.yml")

    def refused(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.open", refused)
    with pytest.raises(NotKnown, match="act/Dockerfile"):
        list(steps_of(held, one))
