"""The refresh of gitChitty."""

from __future__ import annotations

import pytest

from chittyactions.ecosystem import gitchitty
from chittyactions.errors import AnswerLost, Refused
from chittyactions.http import Client, Deadline
from chittylocal import Fault, Local
from faults import PATIENCE, bounded


def refresh(url: str, service: str) -> int:
    return gitchitty.refresh(Client(gitchitty.SERVICE, Deadline(5), environ={}, sleep=lambda _: None), url, service)


def test_a_service_is_refreshed(local: Local) -> None:
    """By the template's address, without a credential, as often as one likes."""
    local.r2.put("chittyos-packages", "hello/metadata.json", b"{}")
    url = local.urls()["CHITTYGIT_URL"] + gitchitty.PATH
    assert [refresh(url, "hello") for _ in range(2)] == [200, 200]
    assert local.git.refreshes == ["hello", "hello"]
    assert {entry["auth"] for entry in local.requests("git")} == {None}


def test_a_name_stays_one_part_of_the_path(local: Local) -> None:
    """A service's name leads nowhere else; a template without a place for it is taken as it is."""
    url = local.urls()["CHITTYGIT_URL"] + gitchitty.PATH
    with pytest.raises(Refused):
        refresh(url, "../../hello?x#y")
    with pytest.raises(Refused):
        refresh(local.urls()["CHITTYGIT_URL"] + "/all", "hello")
    assert [entry["path"] for entry in local.requests("git")][1] == "/all"
    assert local.requests("git")[0]["path"].startswith("/api/refresh/")


def test_a_gitchitty_that_hangs_is_not_waited_for_long(local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    """All tries together have a limit of their own: the release is out."""
    monkeypatch.setattr(gitchitty, "SECONDS", PATIENCE)
    local.fault("git", "POST", "*", Fault("hang"))
    with bounded(PATIENCE), pytest.raises(AnswerLost):
        refresh(local.urls()["CHITTYGIT_URL"] + gitchitty.PATH, "hello")
    assert len(local.requests("git")) == 1


def test_an_unknown_service_is_told(local: Local) -> None:
    """With what it means for the release: nothing much."""
    with pytest.raises(Refused, match="refused to refresh hello \\(HTTP 404\\)") as caught:
        refresh(local.urls()["CHITTYGIT_URL"] + gitchitty.PATH, "hello")
    assert "finds the release by itself" in caught.value.fix
