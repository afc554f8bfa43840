"""What S3 answers, read without trust: XML of strangers, pages, and refusals that a person understands."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from chittyactions.ecosystem import s3_xml
from chittyactions.ecosystem.s3 import S3, settled_by_looking
from chittyactions.ecosystem.s3_codes import MEANINGS
from chittyactions.ecosystem.s3_signature import Keys
from chittyactions.errors import AnswerLost, BadAnswer, Refused
from chittyactions.http import Client, Deadline, Response

BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><ListPartsResult>&b;</ListPartsResult>'
OUTSIDE = b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><Error><Code>x</Code></Error>'


class Hurried(Deadline):
    """A deadline by whose clock waiting takes no time."""

    def pause(self, seconds: float) -> None:
        """Go on at once."""


class Ending(Deadline):
    """A deadline that a cancellation brings forward in the first wait."""

    def pause(self, seconds: float) -> None:
        """It is over."""
        self.shorten(0)


class Scripted(Client):
    """A client whose answers are given: there is no S3 that answers so."""

    def __init__(self, answer: Callable[[str, str], tuple[int, bytes]]) -> None:
        super().__init__("R2", Hurried(5), environ={})
        self._answer = answer
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []

    def send(self, method: str, url: str, *, headers: Any = dict, **_: object) -> Response:
        """The answer to this request."""
        self.asked.append(f"{method} {url}")
        self.headers.append(headers())
        status, body = self._answer(method, url)
        return Response("R2", status, {"content-length": str(len(body)), "etag": '"e"'}, body)


def bucket(answer: Callable[[str, str], tuple[int, bytes]]) -> tuple[S3, Scripted]:
    """A bucket that answers so."""
    client = Scripted(answer)
    return S3(client, Keys("id", "secret"), endpoint="https://r2.example.com", bucket="b"), client


@pytest.mark.parametrize(
    "body",
    [
        BOMB,
        OUTSIDE,
        b"",
        b"<html>",
        b"not xml",
        b'<?xml version="1.0" encoding="no-such"?><a/>',
        BOMB.decode().encode("utf-16"),
    ],
    ids=["entities", "outside", "empty", "cut", "text", "encoding", "utf-16"],
)
def test_xml_that_is_not_s3s(body: bytes) -> None:
    """A document type, an entity, a cut or foreign document: refused, not expanded, not fetched."""
    with pytest.raises(s3_xml.NotXml):
        s3_xml.read(body)


def test_names_are_freed_of_their_namespace() -> None:
    """R2 answers with a namespace, others without."""
    root = s3_xml.read(b'<L xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Part><Size>1</Size></Part></L>')
    assert list(s3_xml.each(root, "Part")) == [{"Size": "1"}]


def test_a_success_may_carry_an_error() -> None:
    """S3 answers a completion with 200 before it is done: the error within is a refusal."""
    s3, _ = bucket(lambda *_: (200, b"<Error><Code>EntityTooSmall</Code><Message>small</Message></Error>"))
    with pytest.raises(Refused) as refusal:
        s3.complete("key", "upload", {1: '"e"'})
    assert refusal.value.code == "EntityTooSmall"


def test_a_page_in_place_of_an_answer() -> None:
    """A success that is no XML of S3's may have taken effect: a look has to tell."""
    s3, _ = bucket(lambda *_: (200, b"<html><body>Sign in</body></html>"))
    with pytest.raises(BadAnswer) as error:
        s3.complete("key", "upload", {1: '"e"'})
    assert settled_by_looking(error.value)
    assert "Sign in" not in str(error.value)


def test_a_write_says_what_it_is() -> None:
    """Its checksum, which the store keeps and verifies, its type, and that it is the first under its key."""
    s3, client = bucket(lambda *_: (200, b""))
    s3.put("key", b"x", content_type="text/plain", metadata={"version": "1.0.0"}, if_match=None)
    digest = hashlib.sha256(b"x").digest()
    assert (
        client.headers[0].items()
        >= {
            "x-amz-checksum-sha256": base64.b64encode(digest).decode(),
            "X-Amz-Content-Sha256": digest.hex(),
            "Content-Type": "text/plain",
            "x-amz-meta-version": "1.0.0",
            "If-None-Match": "*",
        }.items()
    )


def test_a_copy_has_conditions_on_both_sides() -> None:
    """It is of what was looked at, to a place that is as it was; and says what it is as a write does."""
    s3, client = bucket(lambda *_: (200, b"<CopyObjectResult/>"))
    for etag in (None, '"there"'):
        s3.copy("a", '"a"', "b", content_type="text/plain", metadata={"version": "1.0.0"}, if_match=etag)
    first, second = client.headers
    for sent in (first, second):
        assert sent["x-amz-copy-source-if-match"] == '"a"'
        assert sent["x-amz-metadata-directive"] == "REPLACE"
        assert (sent["Content-Type"], sent["x-amz-meta-version"]) == ("text/plain", "1.0.0")
    assert first["cf-copy-destination-if-none-match"] == "*"
    assert second["cf-copy-destination-if-match"] == '"there"'


def test_a_secret_in_a_long_message_is_not_cut_in_two() -> None:
    """Half of one would not be masked: what is too long ends between two words, and a code is a code or nothing."""
    secret = "s-" * 20
    for words in range(80, 101):
        error = f"<Error><Code>{secret}</Code><Message>{'a ' * words}{secret} and more</Message></Error>".encode()
        s3, _ = bucket(lambda *_, error=error: (400, error))
        with pytest.raises(Refused) as refusal:
            s3.head("key")
        assert "s-" not in str(refusal.value).replace(secret, "")
        assert secret not in refusal.value.what
        assert len(refusal.value.why) < 250


def test_a_gateway_that_lost_the_answer_to_a_write() -> None:
    """502 to a write that is sent once is a lost answer, not a refusal."""
    s3, client = bucket(lambda *_: (502, b""))
    with pytest.raises(AnswerLost):
        s3.put("key", b"x", content_type="text/plain", metadata={}, if_match=None)
    assert len(client.asked) == 1


def test_parts_are_listed_to_the_end() -> None:
    """More parts than one page holds are asked for from the marker on; one that repeats itself ends it."""

    def page(first: int, truncated: bool, marker: int) -> bytes:
        part = f'<Part><PartNumber>{first}</PartNumber><Size>9</Size><ETag>"e{first}"</ETag></Part>'
        more = (
            f"<IsTruncated>{str(truncated).lower()}</IsTruncated><NextPartNumberMarker>{marker}</NextPartNumberMarker>"
        )
        return f"<ListPartsResult>{part}{more}</ListPartsResult>".encode()

    s3, client = bucket(
        lambda _, url: (200, page(2, True, 1) if url.endswith("marker=1&uploadId=u") else page(1, True, 1))
    )
    assert sorted(s3.parts("key", "u")) == [1, 2]
    assert len(client.asked) == 2


def test_uploads_of_other_keys_are_not_ours() -> None:
    """A prefix finds longer keys as well."""
    body = b"<ListMultipartUploadsResult>%s</ListMultipartUploadsResult>" % b"".join(
        b"<Upload><Key>%s</Key><UploadId>%s</UploadId><Initiated>%s</Initiated></Upload>" % each
        for each in ((b"k", b"new", b"2026-02"), (b"k2", b"other", b"2026-03"), (b"k", b"old", b"2026-01"))
    )
    s3, client = bucket(lambda *_: (200, body))
    assert s3.uploads("k") == ["old", "new"]
    assert client.asked == ["GET https://r2.example.com/b?prefix=k&uploads="]


@pytest.mark.parametrize("code", MEANINGS)
def test_every_code_has_a_cause_and_a_remedy(code: str) -> None:
    """A refusal says what it means here and what to do, whatever the store says of it."""
    s3, _ = bucket(lambda *_: (400, f"<Error><Code>{code}</Code><Message>Their words.</Message></Error>".encode()))
    with pytest.raises(Refused) as refusal:
        s3.put("key", b"x", content_type="text/plain", metadata={}, if_match=None)
    assert f"(HTTP 400, {code})" in refusal.value.what
    assert refusal.value.why.endswith("It says: Their words.")
    assert refusal.value.why != "It says: Their words."
    assert refusal.value.fix
    assert "secret" not in str(refusal.value)


def test_a_bucket_that_is_not_there_is_no_missing_key() -> None:
    """404 may mean either; only the key's counts as nothing there."""
    assert bucket(lambda *_: (404, b"<Error><Code>NoSuchKey</Code></Error>"))[0].get("k", limit=9) is None
    with pytest.raises(Refused, match="NoSuchBucket"):
        bucket(lambda *_: (404, b"<Error><Code>NoSuchBucket</Code></Error>"))[0].get("k", limit=9)


def test_a_wait_for_an_internal_error_ends_with_the_deadline() -> None:
    """A cancellation reaches the pause between two tries: the refusal is told, and nothing more is sent."""
    s3, client = bucket(lambda *_: (500, b"<Error><Code>InternalError</Code></Error>"))
    client.deadline = Ending(60)
    with pytest.raises(Refused, match="InternalError"):
        s3.head("k")
    assert len(client.asked) == 1


def test_an_internal_error_is_tried_again() -> None:
    """S3's InternalError passes by itself; a read and a part are sent again, and of a write it is a lost answer."""
    answers = iter([(500, b"<Error><Code>InternalError</Code></Error>"), (200, b"")])
    s3, client = bucket(lambda *_: next(answers))
    assert s3.upload_part("k", "u", 1, b"x").etag == '"e"'
    assert len(client.asked) == 2
    s3, client = bucket(lambda *_: (500, b"<Error><Code>InternalError</Code></Error>"))
    with pytest.raises(AnswerLost):
        s3.put("k", b"x", content_type="text/plain", metadata={}, if_match=None)
    assert len(client.asked) == 1
