"""The lists of the dashboard: what changed, the waivers, and the services that were not judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from chittyactions.compliance.audit.record import ServiceRecord
from chittyactions.compliance.audit.reports.html_text import words
from chittyactions.compliance.audit.reports.saying import CHANGES, STANDINGS, remaining, unchanged, uncompared
from chittyactions.compliance.audit.reports.view import View
from chittyactions.compliance.audit.totals import Change, Changed

FEW = 30
"""Changes of a kind that are shown at once; more open when they are clicked on."""


def changes(view: View, ids: Mapping[str, str], *, apart: bool = False) -> str:
    """What changed since the audit before, the worst first: of what is reported apart, or of the rest.

    `ids` has the anchors of services.
    """
    note = f"<p>{said}</p>" if (said := uncompared(view)) and not apart else ""
    changed = view.changed(apart=apart)
    if not changed or view.previous is None:
        return f"<p>{unchanged(view, apart=apart)}</p>{note}"
    return f"<p>Since {view.previous:%Y-%m-%d}.</p>{note}" + "".join(_kinds(changed, ids))


def _kinds(changed: Sequence[Changed], ids: Mapping[str, str]) -> Iterator[str]:
    for kind in Change:
        found = [one for one in changed if one.change is kind]
        lines = "".join(f"<li>{_named(one.service, ids)} <span>{words(one.said)}</span></li>" for one in found)
        if found:
            opened = " open" if len(found) <= FEW else ""
            yield (
                f'<details class="change {kind.value}"{opened}><summary><b>{CHANGES[kind]}</b> '
                f'<span class="of">{len(found)}</span></summary><ul>{lines}</ul></details>'
            )


def waivers(view: View, ids: Mapping[str, str]) -> str:
    """All of them with their expiry, those that ended or end first in front."""
    rows = []
    for one in view.waivers():
        said = remaining(one.waiver, view.today)
        rows.append(
            f'<tr class="{said.split(" ")[0]}"><td><b>{said}</b></td><td>{one.waiver.expires.isoformat()}</td>'
            f'<th scope="row">{_named(one.service, ids)}</th><td><code>{words(one.check.id)}</code></td>'
            f"<td>{words(one.waiver.owner)}</td><td>{words(one.waiver.reason)}</td></tr>"
        )
    heads = ("State", "Expires", "Service", "Check", "Owner", "Reason")
    return table("waivers", heads, rows) if rows else "<p>There are none.</p>"


def unjudged(view: View) -> str:
    """The services without a verdict, each with the reason."""
    rows = [
        f'<tr><th scope="row">{_named(one, {})}</th><td><b>{STANDINGS[one.standing]}</b></td>'
        f"<td>{words(one.reason)}</td></tr>"
        for one in view.unjudged()
    ]
    return table("unjudged", ("Service", "State", "Why"), rows) if rows else "<p>Every service was judged.</p>"


def table(name: str, heads: Sequence[str], rows: Sequence[str]) -> str:
    """A table in a box of its own, which scrolls where the page is narrow."""
    head = "".join(f'<th scope="col">{one}</th>' for one in heads)
    return (
        f'<div class="box" tabindex="0" role="region" aria-label="Table: {name}"><table class="{name}">'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _named(service: ServiceRecord, ids: Mapping[str, str]) -> str:
    name = f"{words(service.name)} <small>{words(service.organization)}</small>"
    return f'<a href="#{ids[service.key]}">{name}</a>' if service.key in ids else f"<span>{name}</span>"
