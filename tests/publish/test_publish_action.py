"""The whole action as a job runs it: check without credentials, then npm, R2 and Homebrew, and what it tells."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest

from chittylocal import Fault
from publish.chain import CHANGES, Package, Tap, statuses, until

pytestmark = [pytest.mark.engines, pytest.mark.protocol]

NO_CREDENTIALS = {
    "cloudflare_token": "",
    "account_id": "",
    "npm_token": "",
    "github_app_id": "",
    "github_app_private_key": "",
}


def test_a_release_goes_to_all_channels_and_the_second_time_is_already_there(package: Package) -> None:
    """First everything is published, with outputs, table and no secret anywhere; then nothing is, and it says so."""
    first = package.publish("1.0.0")
    assert first.returncode == 0, first.log
    assert statuses(first) == ["published"] * 3
    out = package.out()
    assert out.tags == {"latest": "1.0.0"}
    assert first.outputs["version"] == "1.0.0"
    assert first.outputs["integrity"] == out.npm["1.0.0"]
    assert first.outputs["tarball"] == out.metadata["tarball"]
    assert set(json.loads(first.outputs["urls"])) == {"npm", "r2", "homebrew"}
    assert "is out on npm, R2 and Homebrew" in first.summary
    assert [line for line in first.log.splitlines() if line.startswith(("npm: ", "R2: ", "Homebrew: "))]
    assert not first.leaks(secrets_of(package.tap))

    second = package.publish("1.0.0")
    assert second.returncode == 0, second.log
    assert statuses(second) == ["already"] * 3
    assert package.out() == out
    assert any("There was nothing to do" in note.message for note in second.annotations if note.level == "notice")


def test_the_check_needs_no_credential_and_names_those_to_get(package: Package) -> None:
    """Nothing is asked of a service but the npm that publishes; the names are what no secret gives."""
    run = package.publish(phase="check", **NO_CREDENTIALS, own_secrets="NPM_TOKEN")
    assert run.returncode == 0, run.log
    assert run.outputs["credentials"].split(",") == [
        *("CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID"),
        *("GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY"),
    ]
    assert run.outputs["required"] == "CLOUDFLARE_API_TOKEN,CLOUDFLARE_ACCOUNT_ID"
    assert run.outputs["version"] == "1.0.0"
    assert package.local.requests() == []


def test_a_prerelease_needs_no_tap(package: Package) -> None:
    """It goes out under a tag of its own, moves no pointer, and Homebrew is skipped without a token for the tap."""
    run = package.publish("1.0.0-beta.1", github_app_id="", github_app_private_key="")
    assert run.returncode == 0, run.log
    assert statuses(run) == ["published", "published", "skipped"]
    assert package.out().metadata == {}
    assert "prerelease" in run.summary


def test_a_channel_without_credentials_fails_alone(package: Package) -> None:
    """Without Cloudflare's token npm is published, and R2 says what a caller adds; a rerun does exactly the rest.

    Homebrew would download from R2: the address is looked at once, and not waited for.
    """
    run = package.publish(cloudflare_token="", account_id="")
    assert run.returncode == 1
    assert statuses(run) == ["published", "failed", "failed"]
    for word in ("id-token: write", "CHITTYCONNECT_API_KEY:", "CLOUDFLARE_API_TOKEN:", "CLOUDFLARE_ACCOUNT_ID:"):
        assert word in run.log
    assert "does not serve the release" in run.log
    assert "See to R2 first, then run again: a rerun does both." in run.log
    assert "public_url" not in run.log
    assert "is out on npm, not on R2 and Homebrew" in run.summary
    assert "a rerun tries it again" in run.summary
    rest = package.publish()
    assert statuses(rest) == ["already", "published", "published"]


def test_a_service_that_is_silent_is_told_with_a_page(package: Package) -> None:
    """An error that no part of the page is about leads to the one on errors."""
    package.local.fault("r2", "*", "*", Fault("reset"))
    run = package.publish(publish_npm="false", brew_formula="")
    assert statuses(run) == ["skipped", "failed", "skipped"]
    assert "package-publish.md#errors" in run.log
    assert "package-publish.md#errors" in run.summary


def test_a_tap_without_a_token_fails_alone(package: Package) -> None:
    """A GitHub App that was not granted keeps neither npm nor R2 from their release."""
    run = package.publish(github_app_id="", github_app_private_key="")
    assert run.returncode == 1
    assert statuses(run) == ["published", "published", "failed"]
    assert "TAP_TOKEN" in run.log


def test_a_token_of_the_caller_goes_before_the_app(package: Package) -> None:
    """With both given, TAP_TOKEN is what the tap sees, and the app is asked for nothing."""
    before = len(package.local.github.issued_tokens())
    run = package.publish("1.0.0", tap_token="the-callers-own", publish_npm="false")
    assert run.outputs["brew_status"] == "published", run.log
    assert len(package.local.github.issued_tokens()) == before
    assert not [entry for entry in package.local.requests("github") if "installation" in entry["path"]]


def test_npm_alone_serves_homebrew(package: Package) -> None:
    """With R2 off the formula names npm's tarball, once the registry serves it."""
    run = package.publish(publish_r2="false")
    assert statuses(run) == ["published", "skipped", "published"], run.log
    assert f"{package.local.npm_url}" in package.out().formula


def test_a_dry_run_changes_nothing(package: Package) -> None:
    """Every channel is looked at, each says what it would do, and no request changes anything."""
    run = package.publish(dry_run="true")
    assert run.returncode == 0, run.log
    assert statuses(run) == ["skipped"] * 3
    asked = package.local.requests()
    changes = [entry for entry in asked if entry["method"] not in ("GET", "HEAD")]
    # The app's token is issued and revoked: looking at the tap takes one.
    assert [entry for entry in changes if "token" not in entry["path"]] == []
    assert package.out().npm == {}
    assert "dry run, nothing was changed" in run.summary


def test_a_dry_run_without_r2_knows_npms_address(package: Package) -> None:
    """The formula would name the tarball where npm will have it, before it is there."""
    run = package.publish(dry_run="true", publish_r2="false")
    assert run.returncode == 0, run.log
    assert statuses(run) == ["skipped"] * 3
    places = json.loads(run.outputs["urls"])
    assert places["homebrew"] == places["npm"]


def test_a_forks_pull_request_is_refused_before_anything_is_asked(package: Package, tmp_path: Path) -> None:
    """Neither phase publishes for a fork, and both say what to add."""
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"head": {"repo": {"full_name": "mallory/greet"}}}}))
    package.env |= {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": str(event)}
    for phase in ("check", "publish"):
        run = package.publish(phase=phase)
        assert run.returncode == 1
        assert "pull request of a fork" in run.errors[0]
    assert package.local.requests() == []


def test_a_package_that_steers_npm_elsewhere_is_refused_by_the_check(package: Package) -> None:
    """publishConfig.proxy would have the token sent there: refused before a credential is asked for, by both phases."""
    package.manifest = {"publishConfig": {"proxy": "http://thief.example:8080"}}
    run = package.publish(phase="check", **NO_CREDENTIALS)
    assert run.returncode == 1
    assert "proxy" in run.errors[0]
    assert "credentials" not in run.outputs
    assert package.publish(publish_r2="false", brew_formula="").outputs["npm_status"] == "failed"
    assert package.local.requests() == []


def test_a_tag_that_disagrees_is_refused(package: Package) -> None:
    """The tag says another version than package.json: nothing is asked, nothing is published."""
    package.env["GITHUB_REF"] = "refs/tags/v9.9.9"
    run = package.publish(phase="check")
    assert run.returncode == 1
    assert "9.9.9" in run.errors[0]
    assert package.local.requests() == []


def test_a_lost_answer_is_unknown_and_a_rerun_tells(package: Package) -> None:
    """The upload took effect, and from then on R2 is silent: that is no failure, and the rerun finds it out."""
    package.local.fault("r2", "*", "*", Fault("reset", skip=1, after_effect=True, times=60))
    run = package.publish(publish_npm="false", brew_formula="")
    package.local.clear_faults()
    assert run.returncode == 1
    assert run.outputs["r2_status"] == "unknown", run.log
    assert "may be out" in run.summary
    rerun = package.publish(publish_npm="false", brew_formula="")
    assert rerun.outputs["r2_status"] in ("already", "published"), rerun.log


def test_a_cancelled_publish_tells_what_is_out(package: Package) -> None:
    """npm is out, R2 hangs, the job is cancelled: it ends within seconds, tells each channel, and begins nothing."""
    local = package.local
    local.fault("r2", CHANGES, "*", Fault("hang", times=1))
    running = package.start()
    assert until(running, lambda: hanging(package, "r2") and package.out().tags == {"latest": "1.0.0"})
    running.cancel()
    run = running.wait(20)
    assert run.returncode == 130, run.log
    assert statuses(run)[1:] == ["unknown", "failed"]
    assert statuses(run)[0] in ("published", "unknown")
    assert "was at work when the job was cancelled" in run.summary
    assert "did not end in time" not in run.log + run.summary
    assert package.out().formula == ""
    local.clear_faults()
    assert statuses(package.publish())[1:] == ["published", "published"]


@pytest.mark.parametrize(
    "service, method, path",
    [("cloudflare", "GET", "*/tokens/verify"), ("r2", "HEAD", "*")],
    ids=["the token's verification", "a look"],
)
def test_a_cancellation_reaches_what_r2_asks(package: Package, service: str, method: str, path: str) -> None:
    """It ends at once, and nothing is out for certain."""
    package.local.fault(service, method, path, Fault("hang"))
    running = package.start(publish_npm="false", brew_formula="")
    assert until(running, lambda: hanging(package, service))
    running.cancel()
    run = running.wait(20)
    assert run.returncode == 130, run.log
    assert statuses(run) == ["skipped", "failed", "skipped"]
    assert "did not end in time" not in run.log + run.summary


def test_a_cancellation_ends_a_wait_before_a_retry(package: Package) -> None:
    """R2 asks for patience, and nothing was sent to it: it ends at once, and nothing is out for certain."""
    package.local.fault("r2", "HEAD", "*", Fault("status", status=503, headers={"Retry-After": "60"}))
    running = package.start(publish_npm="false", brew_formula="")
    assert until(running, lambda: any("Trying again in 60" in line for line in running.lines))
    running.cancel()
    run = running.wait(20)
    assert run.returncode == 130, run.log
    assert statuses(run) == ["skipped", "failed", "skipped"]
    assert "did not end in time" not in run.log + run.summary


def test_a_long_wait_is_not_sat_out(package: Package) -> None:
    """A service that wants ten minutes fails its channel with that number; who publishes comes back later."""
    package.local.fault("r2", "*", "*", Fault("status", status=503, headers={"Retry-After": "600"}))
    run = package.publish(publish_npm="false", brew_formula="")
    assert statuses(run) == ["skipped", "failed", "skipped"]
    assert "R2 asks to wait 600 s before the next try (HTTP 503)" in run.log


def test_a_cancelled_publish_leaves_no_program_behind(package: Package) -> None:
    """npm waits for the registry when the job is cancelled: it is ended with all that it started, and so told."""
    package.local.fault("npm", "PUT", "*", Fault("hang", times=1))
    running = package.start(publish_r2="false", brew_formula="")
    assert until(running, lambda: hanging(package, "npm"))
    running.cancel()
    run = running.wait(20)
    assert run.returncode == 130, run.log
    assert statuses(run) == ["unknown", "skipped", "skipped"]
    assert programs_at_work(package.folder) == []


def hanging(package: Package, service: str) -> bool:
    """Whether the fault has been reached."""
    return any(entry["fault"] == "hang" for entry in package.local.requests(service))


def programs_at_work(folder: Path) -> list[str]:
    """Command lines of running programs that name the job's folder."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            lines.append(path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
    return [line for line in lines if str(folder) in line]


def secrets_of(tap: Tap) -> dict[str, str]:
    """Every secret that the action is given."""
    local = tap.local
    lines = {f"the app's key {n}": line for n, line in enumerate(tap.key.splitlines()[1:-1])}
    return {"Cloudflare's token": local.cloudflare_token, "npm's token": local.npm_token, **lines}
