"""Which language a repository is written in, by its files' names and sizes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from chittylocal.services.github_git import Entry

LANGUAGES = {
    "c": "C", "cc": "C++", "cpp": "C++", "cs": "C#", "css": "CSS", "cjs": "JavaScript", "go": "Go", "html": "HTML",
    "java": "Java", "js": "JavaScript", "jsx": "JavaScript", "kt": "Kotlin", "mjs": "JavaScript", "php": "PHP",
    "ps1": "PowerShell", "py": "Python", "rb": "Ruby", "rs": "Rust", "sh": "Shell", "swift": "Swift", "tf": "HCL",
    "ts": "TypeScript", "tsx": "TypeScript", "vue": "Vue",
}  # fmt: skip
"""Extension → language, of those that GitHub counts; documents and data are none."""
NOT_OURS = re.compile(r"(^|/)(node_modules|vendor|dist|third_party|docs?)/|\.min\.\w+$", re.IGNORECASE)
"""What GitHub passes over as somebody else's, generated, or documentation."""


def language_of(files: Mapping[str, Entry], told: str | None = None) -> str | None:
    """The language that most bytes are in; None where there is none. `told` is taken as it is."""
    bytes_in: Counter[str] = Counter()
    for path, entry in files.items():
        language = LANGUAGES.get(path.rpartition(".")[2].lower()) if "." in path else None
        if language and entry.kind == "blob" and not NOT_OURS.search(path):
            bytes_in[language] += entry.size
    return told or next((language for language, size in bytes_in.most_common(1) if size), None)
