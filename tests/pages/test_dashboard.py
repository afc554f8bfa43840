"""The dashboard in a real browser: on a phone, in the dark, on paper, without scripts, with ten thousand services."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from chittyactions.compliance.audit.reports.dashboard import render
from chittyactions.compliance.audit.reports.verdict import bad
from chittyactions.compliance.audit.reports.view import point, view
from compliance.audit.ecosystem import audit, hostile, hostile_before
from pages.chromium import look

pytestmark = pytest.mark.engines

PHONE: dict[str, Any] = {"width": 360, "height": 740, "mobile": True}
DESK: dict[str, Any] = {"width": 1280, "height": 900}
PAPER: dict[str, Any] = {"width": 703, "height": 1000, "print": True}

WIDTHS = "[document.documentElement.scrollWidth, innerWidth]"
OPEN = "document.querySelectorAll('details').forEach((one) => { one.open = true })"
SETTLED = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
CHANGED = "new Promise((done) => new MutationObserver(done).observe(%s, { childList: true }))"
"""When an element has another text, or the same once more."""


@cache
def page() -> str:
    """The made ecosystem, incomplete, with a history."""
    history = [point(audit(-week)) for week in range(1, 6)]
    return render(view(audit(complete=False), previous=audit(-1), history=history))


def filtered(text: str = "", org: str = "", kind: str = "", outcome: str = "", table: str = "services") -> list[str]:
    """Expressions that set the filters, and tell what is shown."""
    fields = {"q": text, "org": org, "type": kind, "outcome": outcome}
    sets = ";".join(f"form.elements.{name}.value = {value!r}" for name, value in fields.items())
    count = CHANGED % f"document.getElementById('count-{table}')"
    return [
        f"""(() => {{ const form = document.getElementById('filters-{table}'); {sets}; const filtered = {count};
            form.dispatchEvent(new Event('input')); return filtered.then(() => null); }})()""",
        SETTLED,
        f"""[document.getElementById('count-{table}').textContent,
            [...document.querySelectorAll('#table-{table} tbody tr')].filter((one) => one.offsetParent)
              .map((one) => one.querySelector('th').firstChild.textContent.trim()),
            [...document.querySelectorAll('.service')].filter((one) => one.offsetParent)
              .map((one) => one.querySelector('b').textContent)]""",
    ]


def test_a_phone_scrolls_only_the_table(tmp_path: Path) -> None:
    """At 360 pixels the page has no scroll bar across, all opened too; the table scrolls, its first column stays."""
    stays = """(() => {
      const box = document.querySelector('.box:has(> .matrix)');
      box.scrollLeft = 150;
      const first = box.querySelector('tbody th');
      return [box.scrollWidth > box.clientWidth, first.getBoundingClientRect().left - box.getBoundingClientRect().left];
    })()"""
    (seen,) = look(page(), tmp_path, {**PHONE, "evaluate": [WIDTHS, stays, OPEN, SETTLED, WIDTHS]})
    assert seen.values[0] == seen.values[4] == [360, 360]
    scrolls, left = seen.values[1]
    assert scrolls
    assert 0 <= left <= 1
    assert seen.said == []


@pytest.mark.parametrize(
    "shown", [DESK, {**DESK, "dark": True}, {**PHONE, "dark": True}, PAPER], ids=["light", "dark", "phone", "print"]
)
def test_axe_finds_nothing(tmp_path: Path, shown: dict[str, Any]) -> None:
    """Contrast, labels, headings, landmarks and tables, with everything opened."""
    (seen,) = look(page(), tmp_path, {**shown, "accessible": True, "evaluate": [OPEN, SETTLED]})
    assert seen.faults == []


def test_a_screen_reader_is_told_of_a_table(tmp_path: Path) -> None:
    """62 rows with a heading each, a heading for each column, words in the cells, and a count that speaks."""
    cells = "[...document.querySelectorAll('#table-services tbody tr:first-child td')].map((one) => one.textContent)"
    spoken = "document.getElementById('count-services').getAttribute('aria-live')"
    (seen,) = look(page(), tmp_path, {**DESK, "accessible": True, "evaluate": [cells, spoken]})
    assert seen.roles["row"] >= 62 + 2
    assert seen.roles["rowheader"] >= 62
    assert seen.roles["columnheader"] >= 12
    assert seen.roles["cell"] > 62 * 8
    assert {"passes", "fails"} <= set(seen.values[0])
    assert seen.values[1] == "polite"


def test_the_filters_narrow_the_table_and_the_list_below(tmp_path: Path) -> None:
    """Each by itself and all together; the count is told; Clear shows all again."""
    count = CHANGED % "document.getElementById('count-services')"
    button = "document.querySelector('#filters-services [type=reset]')"
    clear = f"(() => {{ const filtered = {count}; {button}.click(); return filtered.then(() => null); }})()"
    wanted = [
        filtered(text="router"),
        filtered(text="GITHUB chittyos"),
        filtered(org="ChittyCorp"),
        filtered(kind="documentation"),
        filtered(outcome="u"),
        filtered(outcome="x"),
        filtered(org="ChittyCorp", outcome="f"),
        filtered(text="no such thing"),
        [clear, SETTLED, filtered()[2]],
    ]
    (seen,) = look(page(), tmp_path, {**DESK, "evaluate": [one for three in wanted for one in three]})
    answers = seen.values[2::3]
    assert answers[0] == ["1 of 62 services", ["chittyrouter"], ["chittyrouter"]]
    assert sorted(answers[1][1]) == [".github", "chittymcp-github"]
    assert sorted(answers[2][1]) == [".github", "chittychronicle-corp", "chittyentry", "chittyforce", "chittyreception"]
    assert sorted(answers[3][1]) == ["demo-repository", "docs", "legal-cases"]
    shown = view(audit(complete=False)).totals
    assert answers[4][0] == f"{shown.unknown} of 62 services"
    assert answers[5][0] == f"{sum(shown.unjudged.values())} of 62 services"
    assert set(answers[6][1]) < set(answers[2][1])
    assert answers[7] == ["0 of 62 services", [], []]
    assert answers[8][0] == "62 services"
    assert len(answers[8][1]) == 62
    assert seen.said == []


def test_the_table_of_security_has_filters_of_its_own(tmp_path: Path) -> None:
    """They narrow that table alone: neither the services above it nor what is told of each."""
    shown = view(audit(complete=False)).apart
    others = "[...document.querySelectorAll('#table-services tbody tr, .service')].every((one) => !one.hidden)"
    wanted = [*filtered(outcome="f", table="security"), others, *filtered(text="chittyrouter", table="security")]
    (seen,) = look(page(), tmp_path, {**DESK, "evaluate": wanted})
    assert seen.values[2][0] == f"{shown.failing} of {shown.services} services"
    assert len(seen.values[2][1]) == shown.failing
    assert seen.values[3] is True
    assert seen.values[6][:2] == [f"1 of {shown.services} services", ["chittyrouter"]]
    assert seen.said == []


def test_a_service_brings_its_findings_with_its_own_name(tmp_path: Path) -> None:
    """The link in the table opens it; what it has to paste is what it has to paste, and can be copied."""
    row = "[...document.querySelectorAll('.matrix a')].find((one) => one.textContent === 'chittyintel').click()"
    opened = """(() => { const one = document.querySelector('.service[open]');
      return [one.querySelector('b').textContent, [...one.querySelectorAll('pre')].map((pre) => pre.textContent),
              one.querySelectorAll('pre + button').length, one.getBoundingClientRect().top < innerHeight]; })()"""
    copied = f"""(async () => {{ const button = document.querySelector('.service[open] pre + button');
      const changed = {CHANGED % "button"}; button.click();
      await changed; return [button.textContent, String(getSelection())]; }})()"""
    (seen,) = look(page(), tmp_path, {**DESK, "evaluate": [row, SETTLED, opened, copied]})
    name, blocks, buttons, visible = seen.values[2]
    service = next(one for one in audit(complete=False).services if one.name == "chittyintel")
    fixes = [found.fix.rstrip() for one in (bad(service), bad(service, apart=True)) for check in one
             for found in check.findings if found.fix]  # fmt: skip
    assert name == "chittyintel"
    assert sorted(blocks) == sorted(fixes)
    assert "name: chittyintel" in "".join(blocks)
    assert buttons == len(fixes) > 0
    assert visible
    assert seen.values[3][0] == "Copied" or "name: chittyintel" in seen.values[3][1]
    assert seen.said == []


def test_it_works_with_the_keyboard_alone(tmp_path: Path) -> None:
    """From the search field on: the filters, then the box of the table, then its links, each with a mark around it."""
    start = "document.querySelector('#filters-services [name=q]').focus()"
    where = """(() => { const one = document.activeElement;
      return [one.tagName, one.closest('.box') !== null, getComputedStyle(one).outlineStyle]; })()"""
    orders = {**DESK, "evaluate": [start], "press": ["Tab"] * 6, "after": where}
    (seen,) = look(page(), tmp_path, orders)
    assert seen.values[1] == ["A", True, "solid"]


def test_it_works_without_scripts(tmp_path: Path) -> None:
    """A plain table of all services, without filters that would do nothing, and every finding is there to read."""
    told = """[document.querySelectorAll('#table-services tbody tr').length,
      document.querySelector('.filters').offsetParent,
      document.querySelectorAll('.check .text').length > 8, document.querySelectorAll('button:not(form *)').length]"""
    (seen,) = look(page(), tmp_path, {**DESK, "javascript": False, "evaluate": [told]})
    assert seen.values == [[62, None, True, 0]]


def test_on_paper_everything_is_open_and_nothing_is_cut(tmp_path: Path) -> None:
    """No filters, no scroll boxes, and the findings are to be read: with scripts and without."""
    told = """[document.querySelector('.filters').offsetParent,
      getComputedStyle(document.querySelector('.box')).overflow,
      [...document.querySelectorAll('.check > .text')].every((one) => one.getBoundingClientRect().height > 0),
      document.documentElement.scrollWidth <= innerWidth]"""
    views = [{**PAPER, "javascript": run, "evaluate": [told]} for run in (True, False)]
    for seen in look(page(), tmp_path, *views):
        assert seen.values == [[None, "visible", True, True]]


def test_no_foreign_text_runs_or_leads_anywhere(tmp_path: Path) -> None:
    """Names that are scripts, images and links of their own show as the text that they are; nothing is asked for."""
    made = render(view(hostile(), previous=hostile_before(), link="https://ci.example/run/7"))
    told = """[document.scripts.length, document.images.length,
      [...new Set([...document.links].map((one) => one.protocol + one.host))].sort(),
      document.body.textContent.includes('<script>alert(1)</scr' + 'ipt>'), typeof pwned]"""
    (seen,) = look(made, tmp_path, {**DESK, "evaluate": [OPEN, SETTLED, told]})
    assert seen.values[2] == [1, 0, ["file:", "https:ci.example", "https:github.com"], True, "undefined"]
    assert seen.said == []
    assert len(seen.asked) == 1


def test_the_policy_stops_what_would_get_past_the_escaping(tmp_path: Path) -> None:
    """Were a script or a style ever let through, the browser would refuse it."""
    attack = (
        "<script>document.title='pwned'</script><img src=https://evil.example/x onerror=\"document.title='pwned'\">"
    )
    made = page().replace("<main>", f"<main>{attack}", 1)
    (seen,) = look(made, tmp_path, {**DESK, "evaluate": ["document.title"]})
    assert seen.values[0].startswith("Compliance: ")
    assert any("Content Security Policy" in one for one in seen.said)
    assert [one for one in seen.asked if "evil" in one] == []


@pytest.mark.timeout(240)
def test_ten_thousand_services_open_and_filter(tmp_path: Path) -> None:
    """The page grows as the ecosystem does, and no faster; how fast it is, benchmarks/dashboard measures."""
    thousand, ten = (render(view(audit(size=size))) for size in (1_000, 10_000))
    (seen,) = look(ten, tmp_path, {**DESK, "evaluate": filtered(text="router")})
    assert seen.values[2][0] == "161 of 10000 services"
    assert len(ten) < 10.5 * len(thousand)
    assert len(ten) < 25_000_000
