"""The pages about the compliance checks: each check has its section, and what they show can be used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chittyactions.compliance.assemble import load
from chittyactions.compliance.catalogue import parsed, read_catalogue
from chittyactions.compliance.settings import read_settings
from chittyactions.compliance.workflows import FOLDER, workflows_of
from compliance.repositories import findings, laid_out_under, repository
from contracts.files import ROOT
from contracts.files import load as load_yaml

PAGE = ROOT / "docs/compliance.md"
PAGES = ROOT / "docs/compliance"
CATALOGUE = read_catalogue((ROOT / "compliance/checks.yml").read_text("utf-8"), "checks.yml")


def blocks(page: Path, language: str = "yaml") -> list[str]:
    """The fenced code of a page."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def prose(page: Path) -> str:
    """A page without its fenced code."""
    return re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


def test_every_dimension_has_its_page_and_no_page_is_left_over() -> None:
    """Who follows a finding's link lands on the dimension; a page of a dimension that is gone would mislead."""
    assert {path.stem for path in PAGES.glob("*.md")} - {"README"} == set(CATALOGUE.dimensions)


@pytest.mark.parametrize("dimension", CATALOGUE.dimensions)
def test_every_check_has_its_section(dimension: str) -> None:
    """A heading with the check's id, which is the anchor of its findings, then what checks.yml says of it."""
    text = prose(PAGES / f"{dimension}.md")
    ids = [one.id for one in CATALOGUE.checks if one.dimension == dimension]
    assert re.findall(r"^## (\S+)\n\n<!-- check: \1 -->$", text, re.MULTILINE) == ids
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ids


@pytest.mark.parametrize("dimension", CATALOGUE.dimensions)
def test_a_section_says_more_than_the_yaml(dimension: str) -> None:
    """Below what is generated stands what counts and what does not."""
    text = prose(PAGES / f"{dimension}.md")
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        assert len(section.partition("<!-- end -->")[2].split()) > 5, section.partition("\n")[0]


@pytest.mark.parametrize("text", [text for text in blocks(PAGE) if text.startswith("# .chittyops.yml")])
def test_settings_that_the_docs_show_can_be_used(text: str) -> None:
    """Waivers name checks, and own checks have parameters that their kind takes."""
    settings = read_settings(text)
    assembled = load(settings)
    assert {one.id for one in settings.checks} <= {one.id for one in assembled.engine.catalogue.checks}
    assert settings.checks


def test_the_docs_show_every_kind_of_own_check() -> None:
    """A kind that no example has is one that nobody finds."""
    shown = {
        check.evaluate for text in blocks(PAGE) if "# .chittyops.yml" in text for check in read_settings(text).checks
    }
    assert shown == {"file_present", "regex", "json_field", "yaml_field", "endpoint"}


def test_a_services_entry_that_the_docs_show_is_one_of_the_registrys() -> None:
    """The registry takes it, with the profiles that it has."""
    (text,) = (text for text in blocks(PAGE) if text.startswith("organizations:"))
    own = (ROOT / "compliance/service-registry.yml").read_text("utf-8")
    head = own[: own.index("\norganizations:")]
    assembled = load(registry_text=f"{head}\n{text}")
    assert assembled.registry.find("chittyexample") is not None
    assert len(assembled.registry.waivers) == 1


def workflows_shown() -> list[tuple[str, str]]:
    """What the pages offer as a whole workflow."""
    pages = [PAGE, *sorted(PAGES.glob("*.md"))]
    return [(page.name, text) for page in pages for text in blocks(page) if text.startswith("name: ") and "on:" in text]


@pytest.mark.parametrize("page, text", workflows_shown())
def test_workflows_that_the_docs_show_can_be_pasted(page: str, text: str, tmp_path: Path) -> None:
    """They are workflows as the engine reads them, with something that starts them and a job."""
    with laid_out_under(tmp_path):
        found = workflows_of(repository({f"{FOLDER}/{page}.yml": text}))
    assert found.broken == ()
    (one,) = found.found
    assert one.starts
    assert one.document.get("jobs")


@pytest.mark.parametrize("page", [PAGE, ROOT / "README.md"], ids=lambda page: page.name)
def test_a_check_that_may_be_required_starts_in_a_merge_queue_too(page: Path) -> None:
    """A required check that never starts in the queue blocks every merge of it."""
    called = [text for text in blocks(page) if "reusable-compliance-check.yml" in text and "\non:" in text]
    assert called
    assert [text for text in called if "merge_group" not in parsed(text, "example").get("on")] == []


def test_the_example_is_the_ten_lines_it_says() -> None:
    """The first workflow of the page has ten lines, and sets nothing that the reusable workflow does not have."""
    first = blocks(PAGE)[0]
    assert len(first.splitlines()) <= 10
    job = parsed(first, "example").get("jobs", "compliance")
    call = load_yaml(ROOT / ".github/workflows/reusable-compliance-check.yml").data["on"]["workflow_call"]
    assert set(job["with"]) <= set(call["inputs"])


def test_the_workflows_of_the_readme_store_no_credential(tmp_path: Path) -> None:
    """Who pastes them is not told by our own check to correct them."""
    shown = blocks(ROOT / "README.md")
    assert len(shown) == 3
    with laid_out_under(tmp_path):
        found = [findings("secrets-model.deprecated", {f"{FOLDER}/w.yml": text}) for text in shown]
    assert found == [()] * 3
