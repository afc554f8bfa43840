"""What the catalogue says of a word that it does not know."""

from __future__ import annotations

import pytest

from chittyactions.compliance.catalogue import did_you_mean


@pytest.mark.parametrize(
    "word, meant",
    [("chittyo", "CHITTYOS"), ("CHITTYAP", "chittyapps"), ("worker", "cloudflare-Worker"), ("nothing", "")],
)
def test_what_was_meant(word: str, meant: str) -> None:
    """In whatever case either is written; the word is given as it is known."""
    known = ["chittyapps", "CHITTYOS", "cloudflare-Worker"]
    assert did_you_mean(word, known) == (f"; did you mean {meant}?" if meant else "")
