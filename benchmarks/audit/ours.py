"""One audit as `chittyops audit` does it, in this process; what the process took is written to a file as JSON.

    python -m benchmarks.audit.ours RESULT.json free|asked AUDIT-OPTION…

`free`: the states of workflows cost no request, so that what is left are the base facts.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path


def main() -> int:
    """Run the audit; its exit code."""
    result, states, *words = sys.argv[1:]
    begun = time.perf_counter()
    from chittyactions import cli
    from chittyactions.compliance.audit import asking
    from chittyactions.compliance.facts import Fact
    from chittyactions.ecosystem.github_guard import Switches

    if states == "free":
        now = int(time.time())
        told = Fact.present(Switches((), asked=now)), now
        asking.Looking.switches = lambda *_: told  # type: ignore[method-assign]
    loaded = time.process_time()
    code = cli.main(["audit", *words])
    usage = resource.getrusage(resource.RUSAGE_SELF)
    took = {
        "start": loaded,
        "seconds": time.perf_counter() - begun,
        "processor": usage.ru_utime + usage.ru_stime,
        "peak": peak() or usage.ru_maxrss,
    }
    Path(result).write_text(json.dumps(took), "utf-8")
    return code


def peak() -> int:
    """The most memory that this process had, in KiB; `getrusage` begins with that of the one that started it."""
    try:
        status = Path("/proc/self/status").read_text("ascii")
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")), 0)


if __name__ == "__main__":
    sys.exit(main())
