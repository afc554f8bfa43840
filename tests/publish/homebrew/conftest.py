"""A street for each test of the channel: one backend and one shop for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chittylocal import Local
from publish.homebrew.street import Shop, Street, open_shop


@pytest.fixture(scope="module")
def backend() -> Iterator[tuple[Local, Shop]]:
    """The local backend and a shop, for a module."""
    with Local() as local, open_shop() as shop:
        yield local, shop


@pytest.fixture
def street(backend: tuple[Local, Shop], request: pytest.FixtureRequest, tmp_path: Path) -> Street:
    """A tap of the test's own, with a README and nothing else; a shop with nothing in it."""
    local, shop = backend
    local.clear_faults()
    shop.files.clear()
    name = "".join(sign if sign.isalnum() else "-" for sign in request.node.name)[:60]
    repository = f"chittyos/homebrew-{name}"
    local.github.repository(repository, {"README.md": "# Tap\n"})
    local.forget_requests()
    shop.asked.clear()
    return Street(local, repository, shop, tmp_path)
