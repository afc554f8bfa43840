"""What the uploading processes are given, and what each tells of its cost."""

from __future__ import annotations

import json
import resource
import sys
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Given:
    """One upload; it comes by stdin, since it holds a secret."""

    endpoint: str
    key_id: str
    secret: str
    bucket: str
    key: str
    file: str
    sha256: str

    @property
    def path(self) -> Path:
        """The file to upload."""
        return Path(self.file)

    def text(self) -> str:
        """As it is handed over."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls) -> Given:
        """From stdin."""
        return cls(**json.load(sys.stdin))


def tell(seconds: float) -> None:
    """Seconds of the upload, processor seconds of the whole process, and its peak memory in KiB (VmHWM)."""
    status = Path("/proc/self/status").read_text("ascii")
    peak = int(status.partition("VmHWM:")[2].split(maxsplit=1)[0])
    used = resource.getrusage(resource.RUSAGE_SELF)
    sys.stdout.write(json.dumps({"seconds": seconds, "cpu": used.ru_utime + used.ru_stime, "peak": peak}))
