"""A commit is fetched by the real git, over HTTP, whatever the user's own configuration says of other servers."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from chittyactions.ecosystem.git_fetch import fetch_commit
from chittyactions.errors import ServiceError
from chittylocal import Fault, Local

NAME = "acme/hello"


@pytest.fixture
def environ(local: Local, tmp_path: Path) -> dict[str, str]:
    """Of a person who has a home of their own, with a repository on the backend."""
    local.github.repository(NAME, {"README.md": "Hello\n"})
    (tmp_path / "home").mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") and "PROXY" not in name}
    return {**kept, "HOME": str(tmp_path / "home"), "GITHUB_SERVER_URL": local.urls()["GITHUB_API_URL"]}


def configure(environ: dict[str, str], text: str) -> None:
    """What the user has in `~/.gitconfig`."""
    Path(environ["HOME"], ".gitconfig").write_text(text, "utf-8")


def fetched(local: Local, environ: dict[str, str], tmp_path: Path, *, commit: str = "", token: str = "t") -> Path:
    wanted = commit or local.github.log(NAME)[0].sha
    fetch_commit(NAME, wanted, tmp_path / "bare", token=token, environ=environ, largest=1000)
    return tmp_path / "bare"


@pytest.mark.parametrize("address", ["", f"/{NAME}.git"], ids=["the server", "the very repository"])
def test_the_users_rewriting_does_not_count(
    local: Local, environ: dict[str, str], tmp_path: Path, address: str
) -> None:
    """Many go to GitHub by SSH; our token goes by HTTPS, and to nobody else."""
    server = environ["GITHUB_SERVER_URL"]
    configure(environ, f'[url "git@github.com:"]\n\tinsteadOf = {server}{address}\n')
    assert (fetched(local, environ, tmp_path) / "FETCH_HEAD").is_file()


def test_the_users_proxy_counts(local: Local, environ: dict[str, str], tmp_path: Path) -> None:
    """The backend's name is known to the proxy alone; a setting of one server is one of it."""
    path = environ["GITHUB_SERVER_URL"].removeprefix(local.url)
    environ["GITHUB_SERVER_URL"] = f"http://chittylocal.test{path}"
    configure(environ, f'[http "http://chittylocal.test"]\n\tproxy = {local.proxy_url}\n')
    fetched(local, environ, tmp_path)
    assert local.requests("proxy")


def test_the_users_certificates_count(local: Local, environ: dict[str, str], tmp_path: Path) -> None:
    """An authority that only they know; without it nothing is sent."""
    environ["GITHUB_SERVER_URL"] = local.tls_url + environ["GITHUB_SERVER_URL"].removeprefix(local.url)
    with pytest.raises(ServiceError) as failed:
        fetched(local, environ, tmp_path / "without")
    assert failed.value.why == "The server's certificate is not trusted."
    assert not local.requests("github")
    configure(environ, f"[http]\n\tsslCAInfo = {local.ca_file}\n")
    fetched(local, environ, tmp_path / "with")


def test_the_users_own_credentials_are_not_asked_for(local: Local, environ: dict[str, str], tmp_path: Path) -> None:
    """Neither a helper, nor a window that asks for a password, nor a header that the user has for the server."""
    for name in ("helper", "asks", "ssh-asks"):
        made = Path(environ["HOME"], name)
        made.write_text(f"#!/bin/sh\ntouch {made}.called\necho username=x\necho password=y\n", "utf-8")
        made.chmod(made.stat().st_mode | stat.S_IXUSR)
    home, server = environ["HOME"], environ["GITHUB_SERVER_URL"]
    configure(
        environ,
        f"[credential]\n\thelper = !{home}/helper\n[core]\n\taskPass = {home}/asks\n"
        f'[http "{server}/{NAME}"]\n\textraHeader = Authorization: Basic eDp5\n'
        f'[credential "{server}"]\n\thelper = !{home}/helper\n',
    )
    environ |= {"SSH_ASKPASS": f"{home}/ssh-asks", "DISPLAY": ":0"}
    local.fault("github", "*", "*.git/*", Fault("status", status=401, headers={"WWW-Authenticate": "Basic"}))
    with pytest.raises(ServiceError) as failed:
        fetched(local, environ, tmp_path, token="")
    assert not list(Path(home).glob("*.called"))
    assert "refused" in failed.value.why
    assert all(not one["auth"] for one in local.requests("github") if ".git/" in one["path"])


def test_our_header_is_the_only_one(local: Local, environ: dict[str, str], tmp_path: Path) -> None:
    """GitHub refuses a request with two of them; other headers of the user's stay."""
    server = environ["GITHUB_SERVER_URL"]
    configure(environ, f'[http "{server}/acme"]\n\textraHeader = AUTHORIZATION: basic eDp5\n')
    fetched(local, environ, tmp_path)
    assert all(one["auth"] for one in local.requests("github") if ".git/" in one["path"])


def test_nobody_is_followed_elsewhere(local: Local, environ: dict[str, str], tmp_path: Path) -> None:
    """Whatever the user allows: git would hand our header on."""
    configure(environ, f'[http "{environ["GITHUB_SERVER_URL"]}"]\n\tfollowRedirects = true\n')
    local.fault("github", "*", "*.git/*", Fault("redirect"))
    with pytest.raises(ServiceError):
        fetched(local, environ, tmp_path)
    assert not local.requests("elsewhere")


def test_a_configuration_that_can_not_be_read_is_none(local: Local, environ: dict[str, str], tmp_path: Path) -> None:
    """It may hold what git takes for a mistake."""
    configure(environ, "[http\n")
    fetched(local, environ, tmp_path)


def test_nothing_of_the_users_templates_comes_along(local: Local, environ: dict[str, str], tmp_path: Path) -> None:
    """No hook of theirs lies in what is fetched."""
    template = Path(environ["HOME"], "template", "hooks")
    template.mkdir(parents=True)
    (template / "reference-transaction").write_text("#!/bin/sh\nexit 1\n", "utf-8")
    configure(environ, f"[init]\n\ttemplateDir = {template.parent}\n")
    assert not (fetched(local, environ, tmp_path) / "hooks" / "reference-transaction").exists()


@pytest.mark.parametrize(
    "change, why",
    [
        ({"commit": "2" * 40}, "The server says that the commit is gone."),
        ({"server": "http://127.0.0.1:9"}, "The server could not be reached."),
        ({"fault": Fault("status", status=403)}, "The server refused it."),
        ({"fault": Fault("status", status=404)}, "The server refused it."),
        ({"fault": Fault("status", status=502)}, "git ended with 128."),
    ],
    ids=["gone", "no connection", "refused", "out of sight", "other"],
)  # fmt: skip
def test_why_a_commit_was_not_handed_over(
    local: Local, environ: dict[str, str], tmp_path: Path, change: dict[str, object], why: str
) -> None:
    """As far as git tells, in our own words."""
    if isinstance(fault := change.get("fault"), Fault):
        local.fault("github", "*", "*.git/*", fault)
    environ["GITHUB_SERVER_URL"] = str(change.get("server", environ["GITHUB_SERVER_URL"]))
    environ["LANG"] = environ["LC_ALL"] = "de_DE.UTF-8"
    with pytest.raises(ServiceError) as failed:
        fetched(local, environ, tmp_path, commit=str(change.get("commit", "")))
    assert failed.value.why == why
