"""The whole chain of a publish with secrets that are hard to hide: none may show anywhere, in any encoding."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from chittylocal import Local
from e2e.harness import Repository
from e2e.test_leaks import everything
from protocol.argv import ArgvWatch
from protocol.masking import find_leaks

pytestmark = pytest.mark.timeout(240)

# What HTTP headers can hold, and act's masks (see test_leaks.py):
API_KEY = "-ck%41\"quoted'&<api>+/=~key?{$HOME}`id`"
TOKEN = "-cf%41%25\"token'&<x>+/=~$(id)%Zz9"
REQUEST = "-oidc%request\"token'+/=abc"
# npm reads its token out of a file in which the value stands for itself, whatever is in it.
NPM = "-npm%41\"token'&+/=~${HOME}x"
TAP = "-tap%41\"token'&+/=~`id`x"


def packed(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The files of a tarball."""
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for member in tar:
            content = tar.extractfile(member)
            if content is not None:
                yield member.name, content.read()


@pytest.mark.parametrize("own", [False, True], ids=["the app's key", "tokens of one's own"])
def test_no_secret_shows_anywhere(tmp_path: Path, own: bool) -> None:
    """No log, summary, artifact, npmrc, command line, left file, state of the backend, or published tarball."""
    repository = Repository(tmp_path, name="chittyos/greet", sample="package")
    if own:
        repository.edit(
            ".github/workflows/publish.yml",
            lambda text: text.replace(
                'NPM_TOKEN: "${{ secrets.NPM_TOKEN }}"',
                'NPM_TOKEN: "${{ secrets.NPM_TOKEN }}", TAP_TOKEN: "${{ secrets.TAP_TOKEN }}"',
            ),
        )
    repository.tag("v1.0.0")
    with Local(tmp_path / "state", api_key=API_KEY, request_token=REQUEST, npm_token=NPM) as local, ArgvWatch() as argv:
        local.issue_as.update(CLOUDFLARE_API_TOKEN=TOKEN)
        outcome = repository.run(local, TAP_TOKEN=TAP)
        repository.ended(outcome, 0)
        uploaded = local.r2.read("chittyos-packages", "greet/1.0.0/chittyos-greet-1.0.0.tgz")
        formula = local.github.read("chittyos/homebrew-tap", "Formula/greet.rb")
        canaries = {
            "API key": API_KEY, "Cloudflare token": TOKEN, "request token": REQUEST, "npm token": NPM,
            "the S3 key made of the token": hashlib.sha256(TOKEN.encode()).hexdigest(),
            "the app's key": local.issue_as["GITHUB_APP_PRIVATE_KEY"],
            **({"tap token": TAP} if own else {}),
        }  # fmt: skip
    record = outcome.record
    places: dict[str, bytes | str] = {
        "log": "\n".join(repository.log),
        "act's log": "\n".join(record.messages),
        "summaries": json.dumps(record.summaries, ensure_ascii=False),
        "annotations": json.dumps([note.text for note in record.notes], ensure_ascii=False),
        "formula": formula,
        **{f"argv {number}": line for number, line in enumerate(argv)},
        **{f"published {name}": content for name, content in packed(uploaded)},
        **everything(tmp_path),
    }
    found = find_leaks(places, canaries)
    assert not found, "\n".join(f"{leak.where}: {leak.secret}, {leak.form}" for leak in found)
    assert "npm-cli.js" in " ".join(line.decode("utf-8", "replace") for line in argv)
