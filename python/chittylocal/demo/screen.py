"""What a person sees: colour and rules on a terminal, plain text elsewhere."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence

BOLD, DIM, RED, GREEN, YELLOW, CYAN = "1", "2", "31", "32", "33", "36"


class Screen:
    """Standard output."""

    def __init__(self) -> None:
        self.colour = sys.stdout.isatty()
        self.width = min(100, shutil.get_terminal_size((100, 24)).columns)

    def paint(self, text: str, *codes: str) -> str:
        """The text in colour where there is any."""
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if self.colour and codes else text

    def line(self, text: str = "") -> None:
        """One line, at once."""
        print(text, flush=True)

    def title(self, text: str) -> None:
        """A heading with a rule to the edge."""
        self.line()
        self.line(self.paint(f"── {text} {'─' * max(3, self.width - len(text) - 4)}", BOLD, CYAN))

    def table(self, rows: Sequence[tuple[str, str]]) -> None:
        """Names to the left, values to the right; a value of several lines is aligned, a repeated name left out."""
        wide = max((len(name) for name, _ in rows), default=0)
        for name, value in rows:
            for number, text in enumerate(value.split("\n")):
                head = name if number == 0 else ""
                self.line(f"  {self.paint(head.ljust(wide), BOLD)}  {text}")
