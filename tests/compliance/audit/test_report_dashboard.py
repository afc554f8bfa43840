"""The dashboard as text: what it is made of. tests/pages looks at it in a browser."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from chittyactions.compliance.audit.record import Audit, ServiceRecord
from chittyactions.compliance.audit.reports.dashboard import render
from chittyactions.compliance.audit.reports.findings import gather
from chittyactions.compliance.audit.reports.view import point, view
from compliance.audit.ecosystem import TOOL, WORKER, audit, hostile, hostile_before, service

VOID = {"meta", "link", "input", "br"}


class Page(HTMLParser):
    """Elements with their attributes, and whether each is closed where it has to be."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def pages() -> list[Audit]:
    """All kinds of audits."""
    return [audit(), audit(complete=False), hostile(), audit().model_copy(update={"services": ()})]


@pytest.mark.parametrize("shown", pages(), ids=["made", "incomplete", "hostile", "empty"])
def test_the_page_is_well_formed_and_whole_in_itself(shown: Audit) -> None:
    """Each element is closed, each anchor is there once, and nothing is loaded from anywhere."""
    before = hostile_before() if shown == hostile() else audit(-1)
    page = Page(render(view(shown, previous=before, history=[point(before)])))
    assert [tag for tag, _ in page.found].count("script") == 1
    assert page.open == []
    ids = [one["id"] for _, one in page.found if "id" in one]
    assert len(set(ids)) == len(ids)
    inside = {one["href"] for tag, one in page.found if tag == "a" and (one["href"] or "").startswith("#")}
    assert inside <= {f"#{one}" for one in ids}
    assert [one for _, one in page.found if {"src", "style", "onclick", "onload", "onerror"} & one.keys()] == []
    assert [one["href"] for tag, one in page.found if tag == "link"] == ["data:,"]
    assert {tag for tag, _ in page.found} & {"iframe", "img", "object", "embed", "base"} == set()
    assert [one for tag, one in page.found if tag == "th" and "scope" not in one] == []


def test_the_policy_names_the_one_style_and_the_one_script() -> None:
    """A page that was changed on its way shows without its style and runs nothing."""
    made = render(view(audit()))
    policy = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', made)[0]
    for tag in ("style", "script"):
        (body,) = re.findall(rf"(?s)<{tag}>(.*?)</{tag}>", made)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "://" not in re.findall(r"(?s)<style>(.*?)</style>", made)[0]


def test_it_is_the_same_whenever_it_is_made() -> None:
    """Two runs over one audit differ in no byte, whatever order its services are in."""
    turned = audit().model_copy(update={"services": audit().services[::-1]})
    assert render(view(audit())) == render(view(turned))


def test_each_text_is_there_once() -> None:
    """Nine services that lack one file share its text, though each would paste its own name."""
    made = render(view(audit()))
    assert made.count("There is no .chittyconnect.yml.") == 1
    found = gather(audit().services)
    several = [places for places in found.by_text if len(places) > 3]
    assert {places[0].check.id for places in several} >= {"chittyconnect.config", "chittycanon.codeowners"}
    assert sum(map(len, found.by_text)) == sum(map(len, found.by_service.values()))


@pytest.mark.parametrize("name", ["a", "name", "service", "x.y", "schema_version", "chitty.cc", "<b>", "C++"])
def test_a_name_that_is_a_word_of_the_text_changes_nothing(name: str) -> None:
    """Wherever a service's name may stand in what is to be pasted, its own block is what its finding says."""
    one = service("o", WORKER, "broken", 1)
    bad = next(check for s in audit().services for check in s.failing() if check.id == "chittyconnect.config")
    odd = one.model_copy(update={"name": name, "domain": "", "repository": f"o/{name}", "checks": (bad,)})
    made = render(view(audit().model_copy(update={"services": (odd,)})))
    (block,) = re.findall(r"(?s)<pre[^>]*>(.*?)</pre>", made)
    plain = re.sub(r"<[^>]*>", "", block)
    for sign, escaped in (("<", "&lt;"), (">", "&gt;"), ("&", "&amp;")):
        plain = plain.replace(escaped, sign)
    assert plain == bad.findings[0].fix.rstrip()


def test_only_what_is_not_settled_is_listed_service_by_service() -> None:
    """A service that passes everything has a row and no more."""
    well = service("o", TOOL, "well", 0)
    made = render(view(audit().model_copy(update={"services": (well,)})))
    assert ">well <small>o</small></th>" in made
    assert "There is nothing to say of any." in made
    assert "Nothing: no check fails." in made


def test_waivers_show_their_state() -> None:
    """Expired and soon-ending ones are marked by a word, not by their colour alone."""
    made = render(view(audit()))
    for state in ("expired 12 days ago", "ends in 9 days", "holds"):
        assert f"<b>{state}</b>" in made


def test_what_was_not_judged_says_why() -> None:
    """Each with its state and its reason, and the table has a row for it."""
    shown = view(audit(complete=False))
    made = render(shown)

    def told(one: ServiceRecord) -> bool:
        return one.reason.replace("'", "&#x27;") in made

    assert all(map(told, shown.unjudged()))
    assert made.count('<td class="why"') == len(shown.unjudged()) > 8


def test_a_single_audit_has_no_line() -> None:
    """A line of one point says nothing."""
    assert "<polyline" not in render(view(audit()))
    assert "This is the only audit" in render(view(audit()))
    assert render(view(audit(), history=[point(audit(-1))])).count("<polyline") == 2
