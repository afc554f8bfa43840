"""What a publish to R2 leaves in the bucket: objects once and for ever, and pointers that only move up."""

from __future__ import annotations

import hashlib
import json
import time

import pytest

from chittyactions.errors import CredentialError, Refused
from chittyactions.publish.model import Pointer, Result, Status
from chittylocal import Fault
from chittylocal.r2 import BUCKET
from publish.r2.bucket import MEBIBYTE, Shop, made_up

pytestmark = pytest.mark.engines


def told(result: Result) -> str:
    """A failed result's whole message."""
    assert result.failure, result
    return str(result.failure)


def test_a_first_publish(shop: Shop) -> None:
    """The versioned object, then latest/, then metadata.json, each typed, marked and where its readers look."""
    release = shop.release("1.0.0")
    result = shop.publish(release)

    name, tarball = release.tarball.name, release.tarball
    assert result.status is Status.PUBLISHED
    assert result.urls == (f"https://git.chitty.cc/{shop.service}@1.0.0",)
    assert result.pointers == (Pointer(f"latest/{name}", "", "1.0.0"), Pointer("metadata.json", "", "1.0.0"))
    assert set(shop.objects) == {f"1.0.0/{name}", f"latest/{name}", "metadata.json"}
    run = shop.objects["metadata.json"].metadata["run"]
    for key in (f"1.0.0/{name}", f"latest/{name}"):
        assert shop.objects[key].sha256 == tarball.sha256
        assert shop.objects[key].content_type == "application/gzip"
        assert shop.objects[key].metadata == {"sha256": tarball.sha256, "version": "1.0.0", "run": run}
    published = shop.metadata.pop("published")
    assert shop.metadata == {
        "name": shop.service,
        "version": "1.0.0",
        "tarball": name,
        "published": published,
        "platforms": ["any"],
        "install_url": f"https://git.chitty.cc/{shop.service}",
        "sha256": tarball.sha256,
        "size": tarball.size,
    }
    assert shop.objects["metadata.json"].content_type == "application/json"
    writes = [line.partition(" ")[2] for line in shop.asked("PUT", "POST")]
    assert writes == [f"1.0.0/{name}", f"latest/{name}", "metadata.json"]


def test_the_same_again_writes_nothing(shop: Shop) -> None:
    """A rerun says `already` with the same urls, and only reads."""
    first = shop.publish(shop.release())
    shop.local.forget_requests()
    before = shop.objects

    again = shop.publish(shop.release())
    assert again.status is Status.ALREADY
    assert again.urls == first.urls
    assert [(pointer.before, pointer.after) for pointer in again.pointers] == [("1.0.0", "1.0.0")] * 2
    assert shop.asked("PUT", "POST", "DELETE") == []
    assert shop.objects == before


def test_other_bytes_of_a_version_are_refused_with_both_hashes(shop: Shop) -> None:
    """Nothing is overwritten, and a person reads which bytes are where."""
    shop.publish(shop.release())
    before = shop.objects
    other = shop.release(data=b"other bytes")
    result = shop.publish(other)

    assert result.status is Status.FAILED
    assert "with other bytes: nothing was overwritten" in told(result)
    assert other.tarball.sha256 in told(result)
    assert hashlib.sha256(b"bytes of 1.0.0").hexdigest() in told(result)
    assert "Raise the version" in told(result)
    assert result.urls == ()
    assert shop.objects == before


@pytest.mark.parametrize("same", [True, False])
def test_an_object_without_our_metadata_is_read(shop: Shop, same: bool) -> None:
    """What the workflow of today uploaded counts by its bytes, not by its word."""
    release = shop.release()
    shop.put(f"1.0.0/{release.tarball.name}", b"bytes of 1.0.0" if same else b"bytes of 1.0.1")
    result = shop.publish(release)
    assert f"GET 1.0.0/{release.tarball.name}" in shop.asked("GET")
    if same:
        assert result.status is Status.PUBLISHED  # the pointers were missing
        assert shop.metadata["sha256"] == release.tarball.sha256
        latest = shop.objects[f"latest/{release.tarball.name}"]
        run = shop.objects["metadata.json"].metadata["run"]
        assert latest.metadata == {"sha256": release.tarball.sha256, "version": "1.0.0", "run": run}
        assert latest.content_type == "application/gzip"
        shop.local.forget_requests()
        assert shop.publish(release).status is Status.ALREADY
        assert shop.asked("PUT", "POST") == []
    else:
        assert "with other bytes" in told(result)
        assert "metadata.json" not in shop.objects


def test_several_files(shop: Shop) -> None:
    """Each platform's file is out, and metadata.json lists all, with the first standing for the release."""
    files = (shop.file("tool-darwin-arm64", b"mac", "darwin-arm64"), shop.file("tool-linux-x64", b"linux", "linux-x64"))
    result = shop.publish(shop.release("1.0.0", *files))
    place = f"https://git.chitty.cc/{shop.service}@1.0.0"
    assert result.urls == (place, f"{place}/tool-darwin-arm64", f"{place}/tool-linux-x64")
    assert shop.metadata["tarball"] == "tool-darwin-arm64"
    assert shop.metadata["files"] == [
        {"name": file.name, "platform": file.platform, "sha256": file.sha256, "size": file.size} for file in files
    ]
    assert shop.read("latest/tool-linux-x64") == b"linux"


@pytest.mark.parametrize(
    "template, tarball, other",
    [
        ("https://dl.acme.example/{service}/{version}/{file}", "/1.0.0/a%20b-darwin-arm64", "/1.0.0/b-linux-x64"),
        ("https://dl.acme.example/{service}/{platform}", "/darwin-arm64", "/linux-x64"),
        ("https://dl.acme.example/{service}", "", None),
    ],
)
def test_an_own_address(shop: Shop, template: str, tarball: str, other: str | None) -> None:
    """With `public_url` nothing names gitChitty: not the urls, not install_url."""
    files = (shop.file("a b-darwin-arm64", b"mac", "darwin-arm64"), shop.file("b-linux-x64", b"linux", "linux-x64"))
    result = shop.publish(shop.release("1.0.0", *files), public_url=template)
    place = f"https://dl.acme.example/{shop.service}"
    assert result.urls == ((place + tarball,) if other is None else (place + tarball, place + other))
    assert shop.metadata["install_url"] == place + tarball


def test_build_metadata_moves_nothing(shop: Shop) -> None:
    """Of versions that differ in it alone, the first one keeps the pointers; each is out, and a rerun says why."""
    first, second = (shop.release(f"1.0.0+{name}", shop.file("hello.tgz", name.encode())) for name in "ab")
    assert [shop.publish(each).status for each in (first, second)] == [Status.PUBLISHED] * 2
    shop.local.forget_requests()
    for release, why in ((first, ""), (second, "1.0.0+a is of the same rank"), (first, "")):
        again = shop.publish(release)
        assert again.status is Status.ALREADY
        assert again.pointers[-1] == Pointer("metadata.json", "1.0.0+a", "1.0.0+a", why)
    assert shop.asked("PUT") == []
    assert (shop.metadata["version"], shop.read("latest/hello.tgz")) == ("1.0.0+a", b"a")
    assert shop.read("1.0.0+b/hello.tgz") == b"b"
    notes = shop.publish(second, dry_run=True).notes
    assert notes[-1] == "latest/ and metadata.json would stay: 1.0.0+a is of the same rank."


def test_a_file_that_had_gone_is_put_back(shop: Shop) -> None:
    """Somebody deleted it from a release that is out: this run published it again, and says so."""
    release = shop.release()
    shop.publish(release)
    time.sleep(1.1)  # the store tells the time in seconds
    shop.s3()._wire.ask("DELETE", f"{shop.service}/1.0.0/{release.tarball.name}")
    assert shop.publish(release).status is Status.PUBLISHED
    assert shop.publish(release).status is Status.ALREADY


def test_a_higher_version_moves_every_pointer_and_a_lower_one_none(shop: Shop) -> None:
    """1.0.0 after 1.1.0, by a slow run or a rerun, is out under its version and demotes nobody."""
    stable = [shop.release(version, shop.file("hello.tgz", version.encode())) for version in ("1.0.0", "1.1.0")]
    assert shop.publish(stable[1]).status is Status.PUBLISHED
    late = shop.publish(stable[0])

    assert late.status is Status.PUBLISHED
    assert late.pointers == (Pointer("metadata.json", "1.1.0", "1.1.0", "1.1.0 is higher"),)
    assert shop.read("1.0.0/hello.tgz") == b"1.0.0"
    assert shop.read("latest/hello.tgz") == b"1.1.0"
    assert shop.metadata["version"] == "1.1.0"
    assert shop.publish(stable[0]).status is Status.ALREADY

    newest = shop.publish(shop.release("1.10.0", shop.file("hello.tgz", b"1.10.0")))
    assert [(pointer.before, pointer.after) for pointer in newest.pointers] == [("1.1.0", "1.10.0")] * 2
    assert shop.read("latest/hello.tgz") == b"1.10.0"


def test_a_prerelease_moves_no_pointer(shop: Shop) -> None:
    """Neither where nothing stable is, nor beyond what is."""
    first = shop.publish(shop.release("2.0.0-beta.1"))
    assert first.status is Status.PUBLISHED
    assert first.pointers[0].why == "a prerelease moves no pointer"
    assert set(shop.objects) == {f"2.0.0-beta.1/{shop.service}-2.0.0-beta.1.tgz"}
    shop.publish(shop.release("1.0.0"))
    shop.publish(shop.release("2.0.0-beta.2"))
    assert shop.metadata["version"] == "1.0.0"
    assert not any(key.startswith("latest/") and "beta" in key for key in shop.objects)


def test_names_that_a_newer_version_dropped_stay_in_latest(shop: Shop) -> None:
    """Nobody's download by name breaks: this action deletes nothing, and each object says its version."""
    shop.publish(shop.release("1.0.0"))
    shop.publish(shop.release("1.1.0"))
    assert {key: found.metadata["version"] for key, found in shop.objects.items() if key.startswith("latest/")} == {
        f"latest/{shop.service}-1.0.0.tgz": "1.0.0",
        f"latest/{shop.service}-1.1.0.tgz": "1.1.0",
    }
    assert shop.metadata["tarball"] == f"{shop.service}-1.1.0.tgz"


def test_metadata_of_today_is_understood_and_completed(shop: Shop) -> None:
    """The same version by the workflow of today gets hash and size; when it was published and foreign fields stay."""
    release = shop.release("1.0.0")
    today = {"name": "hello", "version": "1.0.0", "tarball": "x", "published": "2025-01-01T00:00:00Z", "notes": "mine"}
    shop.put("metadata.json", json.dumps(today).encode())
    shop.put(f"latest/{release.tarball.name}", b"bytes of 1.0.0")
    assert shop.publish(release).status is Status.PUBLISHED
    assert shop.metadata["published"] == "2025-01-01T00:00:00Z"
    assert shop.metadata["notes"] == "mine"
    assert shop.metadata["sha256"] == release.tarball.sha256
    assert shop.objects[f"latest/{release.tarball.name}"].metadata["version"] == "1.0.0"


@pytest.mark.parametrize("content", [b"<html>", b"[]", b'{"version": 1}', b'{"version": "one"}', b"{" * 100_000])
def test_metadata_that_is_none_is_never_destroyed(shop: Shop, content: bytes) -> None:
    """Somebody's file is left as it is; the version is out all the same, and a rerun after a repair does the rest."""
    shop.put("metadata.json", content)
    release = shop.release()
    result = shop.publish(release)
    assert result.status is Status.FAILED
    assert "is no metadata of a package" in told(result)
    assert result.urls == (f"https://git.chitty.cc/{shop.service}@1.0.0",)
    assert shop.read("metadata.json") == content
    assert f"latest/{release.tarball.name}" not in shop.objects


def test_a_dry_run_reads_only(shop: Shop) -> None:
    """It tells what would be done, before and after, and refuses what a publish would refuse."""
    before = shop.publish(shop.release(), dry_run=True)
    assert before.status is Status.SKIPPED
    assert before.notes == (
        f"{shop.service}/1.0.0/{shop.service}-1.0.0.tgz would be uploaded (0.0 MB).",
        "latest/ and metadata.json would go to 1.0.0.",
    )
    shop.publish(shop.release())
    shop.local.forget_requests()
    after = shop.publish(shop.release("0.9.0"), dry_run=True)
    assert after.notes[1] == "latest/ and metadata.json would stay: 1.0.0 is higher."
    assert "with other bytes" in told(shop.publish(shop.release(data=b"other"), dry_run=True))
    assert shop.asked("PUT", "POST", "DELETE") == []


def test_a_refresh_that_fails_warns(shop: Shop) -> None:
    """gitChitty is asked after everything is out; its refusal is a note, not a failure."""
    asked: list[str] = []

    def refresh() -> None:
        asked.append(shop.metadata["version"])
        raise Refused("gitChitty refused.", service="gitChitty", status=500)

    result = shop.publish(shop.release(), refresh=refresh)
    assert result.status is Status.PUBLISHED
    assert asked == ["1.0.0"]
    assert result.notes == (
        "gitChitty was not refreshed, so it may serve the version before for a while. gitChitty refused.",
    )


def test_the_secret_is_masked_before_it_is_used(shop: Shop) -> None:
    """The keys are made of the token; neither it nor they are in anything that is said."""
    result = shop.publish(shop.release())
    token = shop.local.cloudflare_token
    secret = hashlib.sha256(token.encode()).hexdigest()
    assert shop.masked == {"R2_SECRET_ACCESS_KEY": secret}
    assert not any(value in text for value in (token, secret) for text in [*shop.said, repr(result)])


def test_a_token_that_is_none_is_told(shop: Shop) -> None:
    """A token that Cloudflare does not know leads to no request to R2."""
    with pytest.raises(CredentialError, match="can't be used for R2") as error:
        shop.publish(shop.release(), token="revoked")
    assert "revoked" not in str(error.value).replace("expired or revoked", "").replace("was revoked", "")
    assert shop.local.requests("r2") == []


def test_a_token_of_a_user_is_verified_by_the_other_route(shop: Shop) -> None:
    """The account's route does not know it; the user's does."""
    refusal = Fault("status", status=401, body={"success": False, "errors": [{"code": 1000, "message": "Invalid"}]})
    shop.local.fault("cloudflare", "GET", "/accounts/*/tokens/verify", refusal)
    assert shop.publish(shop.release()).status is Status.PUBLISHED


def test_a_bucket_that_is_not_there(shop: Shop) -> None:
    """The refusal names the bucket, and how to make it."""
    result = shop.publish(shop.release(), bucket="nobodys-bucket")
    assert result.status is Status.FAILED
    assert "NoSuchBucket" in told(result)
    assert "wrangler r2 bucket create" in told(result)


def test_a_write_whose_answer_was_lost_is_cleared_up(shop: Shop) -> None:
    """Each write takes effect and its answer is lost: looking tells, nothing is sent twice, and it was this run."""
    shop.local.fault("r2", "PUT", f"/{BUCKET}/{shop.service}/*", Fault("reset", after_effect=True))
    result = shop.publish(shop.release())
    assert result.status is Status.PUBLISHED
    assert result.failure is None
    assert len(shop.asked("PUT")) == 3
    assert shop.metadata["version"] == "1.0.0"


def test_a_large_file_goes_in_parts(shop: Shop) -> None:
    """Parts of one size, several at once, with progress; the object is whole, typed and marked."""
    data = made_up(21 * MEBIBYTE)
    release = shop.release("1.0.0", shop.file("big.tgz", data))
    assert shop.publish(release).status is Status.PUBLISHED
    assert shop.read("1.0.0/big.tgz") == data
    assert shop.read("latest/big.tgz") == data
    run = shop.objects["metadata.json"].metadata["run"]
    said = {"sha256": release.tarball.sha256, "version": "1.0.0", "run": run}
    assert shop.objects["1.0.0/big.tgz"].metadata == said
    assert shop.objects["1.0.0/big.tgz"].content_type == "application/gzip"
    assert sorted(shop.asked("PUT"))[:3] == [f"PUT 1.0.0/big.tgz?partNumber={number}" for number in (1, 2, 3)]
    assert any(line.startswith("big.tgz: 100 % of 22.0 MB, ") and line.endswith(" MB/s") for line in shop.said)
    assert shop.uploads == []
