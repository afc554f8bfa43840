"""The gate: which answers are well, whose they are, and when it opens."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

import pytest

from chittyactions.deploy.gate import IN_A_ROW, WINDOW, Clock, Verdict, watch
from chittyactions.deploy.health import Address, Answer, classify
from chittyactions.ecosystem.health import SHOWN

NEW, OLD = "0a3f1c1e-1111-4222-8333-444455556666", "0b3f1c1e-1111-4222-8333-444455556666"
ADDRESS = Address("https://hello.example.com/health")
OK = '{"status": "ok"}'


def classified(body: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    return classify(status, headers or {}, body.encode())


@pytest.mark.parametrize(
    "body, status, said",
    [
        ('{"status": "healthy"}', 200, 'HTTP 200 status "healthy"'),
        ('{"status": "OK"}', 200, 'HTTP 200 status "OK"'),
        ('{"status": true}', 200, "HTTP 200 a status that is no string but bool"),
        ('{"ok": true}', 200, "HTTP 200 ok: true and no status field"),
        ("[]", 200, "HTTP 200 an array of 0"),
        ('[{"status": "ok"}]', 200, "HTTP 200 an array of 1"),
        ('"ok"', 200, "HTTP 200 a bare str"),
        ("{}", 200, "HTTP 200 an object without a status field"),
        (OK, 503, 'HTTP 503 status "ok"'),
        (OK, 201, 'HTTP 201 status "ok"'),
        ("ok", 200, "HTTP 200 with text/plain, not JSON"),
        ("", 200, "HTTP 200 with an empty body"),
        ("[" * 100_000, 200, "HTTP 200 with text/plain, not JSON"),
    ],
)
def test_what_is_not_the_documented_answer_is_not_well_and_is_named(body: str, status: int, said: str) -> None:
    """Only 200 with status ok is well; every other form is told so that its owner knows it again."""
    answer = classified(body, status, {"content-type": "text/plain; charset=utf-8"})
    assert answer == Answer(well=False, said=said, status=status)


def test_the_documented_answer_is_well() -> None:
    """Whatever else it says."""
    assert classified('{"status": "ok", "secret": "hush"}') == Answer(
        well=True, said='HTTP 200 status "ok"', status=200
    )


def test_no_more_of_a_body_than_a_short_status_is_shown() -> None:
    """A status may be long, and other fields are nobody's business."""
    answer = classified(json.dumps({"status": "x" * 500, "token": "hush"}))
    assert len(answer.said) < SHOWN + 30
    assert "hush" not in answer.said


@pytest.mark.parametrize(
    "body, headers, version",
    [
        (OK, {"x-chitty-version": f" {NEW.upper()} "}, NEW),
        (json.dumps({"status": "ok", "version": NEW}), {}, NEW),
        (json.dumps({"status": "ok", "version": OLD}), {"x-chitty-version": NEW}, NEW),
        (json.dumps({"status": "ok", "version": "1.4.2"}), {}, ""),
        (json.dumps({"status": "ok", "version": 7}), {}, ""),
        (OK, {"x-chitty-version": "v2"}, ""),
        (OK, {}, ""),
    ],
)
def test_a_version_is_named_by_header_or_field(body: str, headers: dict[str, str], version: str) -> None:
    """The header first; a field counts only when it is a version id, since `1.4.2` is a package's."""
    assert classified(body, headers=headers).version == version


def well(version: str = "") -> Answer:
    return Answer(well=True, said="ok", status=200, version=version)


def sick(version: str = "") -> Answer:
    return Answer(well=False, said="down", status=503, version=version)


class Passing(Clock):
    """Time passes by waiting alone."""

    def __init__(self) -> None:
        self.time = 0.0
        super().__init__(now=lambda: self.time, sleep=self.pass_by)

    def pass_by(self, seconds: float) -> None:
        self.time += seconds


def watched(
    answers: Sequence[Answer],
    *,
    others_serve: bool = False,
    address: Address = ADDRESS,
    versions: frozenset[str] = frozenset({NEW}),
    seconds: float = 20,
    clock: Clock | None = None,
) -> Verdict:
    """The verdict on these answers, of which the last goes on for ever."""

    def forever() -> Iterator[Answer]:
        yield from answers
        while True:
            yield answers[-1]

    coming = forever()
    clock = clock or Passing()
    return watch(lambda *_: next(coming), address, versions, seconds=seconds, others_serve=others_serve, clock=clock)


def arriving(answer: Answer, after: float, *, seconds: float) -> tuple[Verdict, float]:
    """The verdict where an edge answers well without a name, and after so many seconds as given; and when it fell."""
    clock = Passing()
    verdict = watch(
        lambda *_: answer if clock.time >= after else well(), ADDRESS, frozenset({NEW}), seconds=seconds, clock=clock
    )
    return verdict, clock.time


def test_it_opens_after_good_answers_of_the_new_version_in_a_row() -> None:
    """And says what it knows that from."""
    verdict = watched([well(NEW)])
    assert (verdict.open, verdict.asserted, verdict.asked) == (True, True, IN_A_ROW)
    assert (verdict.word, verdict.by) == ("ok", "named in the answers")


def test_a_bad_answer_in_between_starts_the_count_anew() -> None:
    """Flapping is not health."""
    verdict = watched([well(NEW), well(NEW), sick(NEW), well(NEW)])
    assert verdict.asked == 3 + IN_A_ROW
    assert not watched([answer for _ in range(50) for answer in (well(NEW), well(NEW), sick(NEW))]).open


def test_an_old_answer_after_the_promotion_starts_the_count_anew() -> None:
    """The change has not arrived everywhere."""
    assert watched([well(NEW), well(NEW), well(OLD), well(NEW)]).asked == 3 + IN_A_ROW


def test_an_old_answer_beside_a_canary_says_nothing() -> None:
    """Both versions serve, so the old one's answers neither count nor spoil."""
    verdict = watched([well(NEW), well(OLD), well(NEW), well(OLD), well(NEW)], others_serve=True)
    assert (verdict.open, verdict.asked) == (True, 5)


def test_an_old_version_alone_never_opens_it() -> None:
    """However well it is."""
    for others_serve in (True, False):
        verdict = watched([well(OLD)], others_serve=others_serve)
        assert (verdict.open, verdict.answer) == (False, well(OLD))


def test_answers_without_a_name_open_it_as_not_asserted() -> None:
    """They may be anybody's: never reported as verified."""
    verdict = watched([well()])
    assert (verdict.open, verdict.asserted, verdict.word) == (True, False, "version-not-asserted")
    assert str(verdict) == "ok (version not asserted)"


def test_answers_without_a_name_have_to_stay_good_while_a_change_may_still_arrive() -> None:
    """Three good answers right after the change may all be the old version's: the whole window is looked at."""
    verdict, when = arriving(well(), 0, seconds=120)
    assert verdict.open
    assert when >= WINDOW
    verdict, _ = arriving(sick(), 4, seconds=30)
    assert (verdict.open, verdict.answer) == (False, sick())


def test_only_the_deadline_makes_the_window_shorter() -> None:
    """A timeout that is shorter than the window is looked at to its end."""
    assert arriving(well(), 0, seconds=8)[0].open
    assert not arriving(sick(), 6.9, seconds=8)[0].open


def test_a_short_rest_of_good_answers_does_not_make_up_for_a_bad_one_before() -> None:
    """Good, then bad is how a sick version arrives; good again has to last the window. Bad first is a late start."""
    flapping = [*[well()] * 3, *[sick()] * 4, well()]
    assert not watched(flapping, seconds=8).open
    assert watched([*[sick()] * 4, well()], seconds=8).open


def test_answers_with_a_name_and_preview_urls_need_no_window() -> None:
    """What is known to be the new version's is believed at once."""
    for answer, address in ((well(NEW), ADDRESS), (well(), Address(ADDRESS.url, names_version=True))):
        clock = Passing()
        assert watched([answer], address=address, clock=clock).open
        assert clock.time < 1


@pytest.mark.parametrize("seconds", [2, 8, 20])
def test_it_asks_until_the_deadline(seconds: float) -> None:
    """A service that gets well shortly before the end is still found well."""
    clock = Passing()
    verdict = watch(
        lambda *_: well(NEW) if clock.time >= seconds - 1 else sick(NEW),
        ADDRESS, frozenset({NEW}), seconds=seconds, clock=clock,
    )  # fmt: skip
    assert verdict.open
    assert clock.time <= seconds


def test_a_last_question_without_time_says_nothing() -> None:
    """What the deadline cut off does not stand for the service: its answer before does."""
    clock = Passing()

    def slow(address: Address, seconds: float) -> Answer:
        clock.pass_by(min(seconds, 1.2))
        return sick(NEW) if seconds >= 1.2 else Answer(well=False, said="no whole answer")

    verdict = watch(slow, ADDRESS, frozenset({NEW}), seconds=8, clock=clock)
    assert (verdict.open, verdict.answer) == (False, sick(NEW))
    assert clock.time <= 8


def test_a_preview_url_names_the_version_by_itself() -> None:
    """It leads to one version and no other."""
    verdict = watched([well()], address=Address(ADDRESS.url, names_version=True))
    assert (verdict.asserted, verdict.by) == (True, "addressed by its preview URL")


def test_one_answer_without_a_name_leaves_the_row_unasserted() -> None:
    """All of the row has to be known."""
    assert watched([well(NEW), well(), well(NEW)]).word == "version-not-asserted"


def test_the_last_answer_of_the_new_version_is_shown_when_it_stays_shut() -> None:
    """What a person needs is how the new version failed, not how the old one did not."""
    verdict = watched([sick(NEW), well(OLD)], others_serve=True)
    assert (verdict.open, verdict.answer, verdict.word) == (False, sick(NEW), "failed")


def test_a_restored_split_may_answer_by_any_of_its_versions() -> None:
    """Both captured versions are right."""
    assert watched([well(OLD), well(NEW), well(OLD)], versions=frozenset({NEW, OLD})).word == "ok"


def test_it_asks_less_often_when_it_takes_longer() -> None:
    """A service that stays down is asked less and less often, until the deadline."""
    verdict = watched([sick()])
    assert not verdict.open
    assert 8 <= verdict.asked <= 16


def test_the_override_header_names_script_and_version() -> None:
    """As RFC 8941 writes a dictionary."""
    headers = ADDRESS.pinned("my-worker", NEW).headers
    assert headers["Cloudflare-Workers-Version-Overrides"] == f'my-worker="{NEW}"'
    assert "Cloudflare-Workers-Version-Overrides" not in ADDRESS.headers
