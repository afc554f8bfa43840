"""The history that runs hand to each other: a line for each audit."""

from __future__ import annotations

from pathlib import Path

from chittyactions.compliance.audit.past import MOST, line_of, read_history, written
from chittyactions.compliance.audit.record import Scope
from chittyactions.compliance.audit.reports.view import point
from chittyactions.compliance.audit.totals import totals
from compliance.audit.ecosystem import WEEK, audit


def test_a_line_tells_what_the_audit_does(tmp_path: Path) -> None:
    """Written and read again, it is the point that the whole audit would have been, in a fraction of its size."""
    lines = [line_of(audit(week), totals(audit(week).services), public=False) for week in (-2, -1, 0)]
    path = tmp_path / "history.ndjson"
    path.write_text(written(reversed(lines)), "utf-8")
    assert [one.point for one in read_history(path)] == [point(audit(week)) for week in (-2, -1, 0)]
    assert len(path.read_bytes()) < 3 * 1024


def test_lines_of_other_scopes_can_be_told_apart() -> None:
    """Other organisations, dimensions, probes, or the public part alone make numbers that are not compared."""
    whole = audit()
    numbers = totals(whole.services)
    scopes = [
        Scope(),
        Scope(organizations=("ChittyOS",)),
        Scope(services=("a",)),
        Scope(except_dimensions=("x",)),
        Scope(runtime=False),
    ]
    lines = [line_of(whole.model_copy(update={"scope": one}), numbers, public=False) for one in scopes]
    lines.append(line_of(whole, numbers, public=True))
    assert len({one.scope for one in lines}) == len(lines)
    again = line_of(whole.model_copy(update={"scope": Scope(organizations=("CHITTYOS",))}), numbers, public=False)
    assert again.scope == lines[1].scope


def test_a_moment_stands_once_and_the_oldest_go() -> None:
    """A merge that ran twice adds one line; the file stays small however many years it is handed on."""
    one = line_of(audit(), totals(audit().services), public=True)
    many = [one.model_copy(update={"finished": one.finished - WEEK * back}) for back in range(MOST + 20)]
    lines = written([*many, one]).splitlines()
    assert len(lines) == MOST
    assert one.finished.isoformat().replace("+00:00", "Z") in lines[-1]


def test_two_lines_of_one_moment_are_both_kept() -> None:
    """Where they are of other services."""
    one = line_of(audit(), totals(audit().services), public=True)
    other = one.model_copy(update={"scope": ("org:grove", "public")})
    assert len(written([one, other, other, one]).splitlines()) == 2


def test_what_is_no_line_is_left_out(tmp_path: Path) -> None:
    """Half a line, another version's, bytes of anything: the others are still shown."""
    good = written([line_of(audit(), totals(audit().services), public=True)])
    path = tmp_path / "history.ndjson"
    path.write_bytes(b'{"finished": 1}\n\xff\xfe\n[]\n' + good.encode() + good.encode()[:40])
    assert len(read_history(path)) == 1
    assert read_history(tmp_path / "none") == ()
