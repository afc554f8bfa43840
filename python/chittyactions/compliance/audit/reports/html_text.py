"""Foreign text in HTML: it stays text, shows all that is in it, and no runner that prints the page obeys it."""

from __future__ import annotations

import re
from html import escape

from chittyactions.compliance.reports.wording import block, line


def words(text: str, longest: int = 0) -> str:
    """Text on one line, in an element or in an attribute between quotes."""
    return _quiet(escape(line(text, longest)))


def pasted(text: str) -> str:
    """Text of several lines, in a `pre`."""
    return _quiet(escape("\n".join(block(text))))


def linked(shown: str, address: str) -> str:
    """A link around HTML; the HTML alone where there is no address. Addresses that we did not make are no links."""
    return f'<a href="{escape(address)}">{shown}</a>' if address.startswith("https://") else shown


def _quiet(text: str) -> str:
    return re.sub(r"(?m)^(\s*)::", r"\1&#58;&#58;", text.replace("##[", "#&#35;["))
