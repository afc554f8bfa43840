"""The same verdict from GitHub as from a checkout, and what an audit asks for it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from chittyactions.compliance.audit.asking import Looking
from chittyactions.compliance.audit.paced import Hosts
from chittyactions.compliance.audit.record import Standing
from chittyactions.compliance.checkout import open_checkout
from chittyactions.compliance.identity import identify
from chittyactions.compliance.model import Outcome
from chittyactions.compliance.reports.json_report import document
from chittyactions.compliance.repository import Observed, Repository
from chittyactions.compliance.settings import FILE, read_settings
from chittylocal import Local
from compliance.audit.made import MADE, TODAY, WORKER, Made, registry
from compliance.compliant import CONNECT, SYNC, compliant

TEXT = "# Charter\n\nSays hello.\n"
LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 12\n"


def _links(folder: Path) -> None:
    """Base files that are links: within the repository, out of it, to nothing, to a folder."""
    (folder / "ci").mkdir()
    (folder / ".github/workflows/sync.yml").rename(folder / "ci/sync.yml")
    (folder / ".github/workflows/sync.yml").symlink_to("../../ci/sync.yml")
    (folder / "ci/charter.md").write_text(TEXT, "utf-8")
    for path, target in (("CHARTER.md", "ci/charter.md"), ("CLAUDE.md", "/etc/hostname"), ("package.json", "none")):
        (folder / path).unlink(missing_ok=True)
        (folder / path).symlink_to(target)


def _folder_link(folder: Path) -> None:
    """`.github` itself is one."""
    (folder / ".github").rename(folder / "github")
    (folder / ".github").symlink_to("github")


def _submodules(folder: Path) -> None:
    """One among the folders, and one where the workflows belong."""
    shutil.rmtree(folder / ".github/workflows")
    for path in ("sub", ".github/workflows"):
        (folder / path / ".git").mkdir(parents=True)
        (folder / path / "CHARTER.md").write_text(TEXT, "utf-8")


LAID: Mapping[str, Callable[[Path], None]] = {
    "links": _links, "folder-link": _folder_link, "submodules": _submodules,
}  # fmt: skip
"""Repositories that are plain folders: what git keeps beside files."""

STRANGE: Mapping[str, Mapping[str, str]] = {
    "bom": {".chittyconnect.yml": "\ufeff" + CONNECT.format(kind="tool"), "CHARTER.md": "\ufeff" + TEXT},
    "bom-alone": {"CHARTER.md": "\ufeff", "CLAUDE.md": "\ufeff\r\n"},
    "crlf": {path: text.replace("\n", "\r\n") for path, text in compliant("tool").items()},
    "attributes": {".gitattributes": "* text eol=crlf\nCHARTER.md export-ignore\n*.yml export-subst\n"},
    "latin-1": {"CHARTER.md": "# \udce9t\udce9\n", ".chittyconnect.yml": "service: {name: \udce9}\n"},
    "cut-character": {".chittyconnect.yml": CONNECT.format(kind="tool") + "# \udcf0\udc9f\udc98\n"},
    "nul": {"CHARTER.md": "a\0b", ".github/workflows/sync.yml": SYNC + "# \0\n"},
    "half-large": {".chittyconnect.yml": CONNECT.format(kind="tool") + "# x\n" * 150_000},
    "too-large": {".chittyconnect.yml": CONNECT.format(kind="tool") + "# x\n" * 270_000, "CHARTER.md": "x" * 1_100_000},
    "lfs": {".gitattributes": "*.md filter=lfs diff=lfs merge=lfs -text\n", "CHARTER.md": LFS},
    "many-workflows": {f".github/workflows/w{number}.yml": SYNC for number in range(40)},
    "worker-deep": {"packages/api/wrangler.toml": 'name = "api"\n', "package.json": '{"workspaces": ["packages/*"]}'},
    "names": {"CODEOWNERS copy": "* @me\n", "docs/\u202e.md": "x", "a b/c\td.txt": "x", "d\u00e9/e.txt": "x"},
}
"""Files beside, or in place of, those of a repository that passes."""


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    """One backend for all: nothing is written to it."""
    with Local() as running:
        for name, files in MADE.items():
            running.github.repository(f"made/{name}", files)
        for name, files in STRANGE.items():
            base = WORKER if name.startswith("worker") else compliant("tool")
            running.github.repository(f"made/{name}", {**base, **files})
        for name, lay in LAID.items():
            folder = tmp_path_factory.mktemp(name)
            for path, text in compliant("tool").items():
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_text(text, "utf-8")
            lay(folder)
            running.github.folder(f"made/{name}", folder)
        yield running


@pytest.fixture
def made(backend: Local, tmp_path: Path) -> Made:
    """The ecosystem, with nothing asked of it yet."""
    backend.forget_requests()
    return Made(backend, tmp_path, Hosts())


def from_checkout(made: Made, folder: Path, name: str, observed: Observed) -> dict[str, object]:
    """The report of the same repository as a clone of it has it."""
    url = f"{made.local.urls()['GITHUB_API_URL']}/made/{name}.git"
    subprocess.run(["git", "clone", "--quiet", url, str(folder)], check=True)
    rules = made.rules(registry(name))
    checkout, _ = open_checkout(folder)
    checkout = replace(checkout, remote=f"https://github.com/made/{name}")
    repository = Repository(checkout, "", observed)
    text = (folder / FILE).read_text("utf-8") if (folder / FILE).exists() else None
    settings = read_settings(text, FILE) if text is not None else None
    assembled = rules.assembled(settings)
    service = identify(repository, assembled.registry, settings, slug=f"made/{name}")
    waivers = assembled.waivers_for(service)
    return document(assembled.engine.judge(repository, service, waivers=waivers, today=TODAY))


@pytest.mark.parametrize("name", [one for one in (*MADE, *STRANGE, *LAID) if one != "empty"])
@pytest.mark.parametrize("security", [False, True], ids=["base", "all"])
def test_a_commit_gives_the_same_verdict_from_github_as_from_a_checkout(
    made: Made, tmp_path: Path, name: str, security: bool
) -> None:
    """Whatever the base facts hold of it; settings apart."""
    made.security = security
    seen: list[Observed] = []
    looking = Looking.observe

    def noting(*words: object) -> Observed:
        seen.append(looking(*words))  # type: ignore[arg-type]
        return seen[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Looking, "observe", noting)
        record = made.audit(name)[name]
    expected = from_checkout(made, tmp_path / "clone", name, seen[0])
    assert record.standing is Standing.JUDGED
    told = record.model_dump(mode="json")
    assert told["checks"] == expected["checks"]
    assert told["dimensions"] == expected["dimensions"]
    assert (record.outcome.value if record.outcome else None, record.score) == (expected["outcome"], expected["score"])


def test_base_facts_are_enough_for_most(made: Made) -> None:
    """One query for all; a commit is fetched where a check asks for a file that is not of the base."""
    found = made.audit("flat", "bare", "deep", "document")
    assert made.budget.requests == 1
    assert {name: one.standing for name, one in found.items()} == dict.fromkeys(found, Standing.JUDGED)
    assert made.hosts.asked["archive"] == made.progress.archives == 2


def test_what_has_not_moved_is_not_read_again(made: Made, tmp_path: Path) -> None:
    """The second run asks who moved, and judges by what was kept; waivers count by the day."""
    names = [one for one in MADE if one != "empty"]
    first = made.audit(*names, state=tmp_path / "state")
    made.hosts = Hosts()
    second = made.audit(*names, state=tmp_path / "state")
    assert second == first
    assert (made.budget.requests, made.progress.reused, made.progress.archives) == (1, len(names), 0)
    assert "archive" not in made.hosts.asked
    late = made.audit(*names, state=tmp_path / "state", today=date(2027, 1, 2))
    before = {one.id: one.outcome for one in first["waiving"].checks if one.dimension == "chittycanon"}
    after = {one.id: one.outcome for one in late["waiving"].checks if one.dimension == "chittycanon"}
    assert Outcome.WAIVED in before.values()
    assert after == {check: Outcome.FAIL if was is Outcome.WAIVED else was for check, was in before.items()}


def test_a_repository_that_is_registered_by_both_its_names(made: Made, tmp_path: Path) -> None:
    """It is one service: the entry of its old name has no verdict, the first time and the next, and says why."""
    made.local.github.repository("made/before", MADE["flat"])
    made.local.github.rename("made/before", "made/since")
    for _ in range(2):
        found = made.audit("since", "before", state=tmp_path / "state")
        assert {name: one.standing for name, one in found.items()} == {
            "since": Standing.JUDGED, "before": Standing.INVALID,
        }  # fmt: skip
        assert found["before"].moved_to == "made/since"
        assert (
            "as made/before, which was renamed to made/since, and by that name as made/since." in found["before"].reason
        )


def test_one_that_is_switched_off_is_no_second_one(made: Made) -> None:
    """Nobody else judges it then."""
    made.local.github.repository("made/was", MADE["flat"])
    made.local.github.rename("made/was", "made/is")
    lines = "      was: {repo: made/was, type: tool}\n      is: {repo: made/is, type: tool, active: false}\n"
    found = made.audit(rules=made.rules(registry(services=lines)))
    assert {name: one.standing for name, one in found.items()} == {"was": Standing.JUDGED}


def test_repositories_that_cannot_be_judged_are_told_apart(made: Made) -> None:
    """Empty, gone, archived, renamed."""
    hub = made.local.github
    for name in ("archived", "old"):
        hub.repository(f"made/{name}", MADE["flat"])
    hub.profile("made/archived").archived = True
    hub.rename("made/old", "made/new")
    found = made.audit("empty", "gone", "archived", "old")
    assert {name: one.standing for name, one in found.items()} == {
        "empty": Standing.EMPTY,
        "gone": Standing.MISSING,
        "archived": Standing.ARCHIVED,
        "old": Standing.JUDGED,
    }
    assert (found["old"].moved_to, found["old"].repository) == ("made/new", "made/old")
    assert all(one.reason for name, one in found.items() if name != "old")
