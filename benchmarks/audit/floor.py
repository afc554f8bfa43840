"""The same requests by a bare loop: sent, read, parsed. Prints its seconds.

    python -I -S floor.py URL BODIES.ndjson WORKERS PATHS.txt REST-WORKERS

BODIES has a query a line, which is posted to URL/graphql; PATHS what is asked of URL besides, a line each, meanwhile.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

Job = tuple[str, str, "bytes | None"]
"""Method, path, body."""

HEADERS = {"Content-Type": "application/json", "Authorization": "Bearer t"}


failed: list[int] = []
"""HTTP statuses that are no answer."""


def loop(origin: str, jobs: list[Job]) -> None:
    """Take jobs while there are any, over one connection."""
    connection = http.client.HTTPConnection(origin, timeout=120)
    while True:
        try:
            method, path, body = jobs.pop()
        except IndexError:
            break
        connection.request(method, path, body, HEADERS)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200 or not json.loads(text):
            failed.append(answer.status)
            return
    connection.close()


def started(count: int, work: Callable[[], None]) -> list[threading.Thread]:
    """So many threads at work."""
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads


def main() -> None:
    """Both at once, as an audit does."""
    url, bodies, workers, paths, rest_workers = sys.argv[1:]
    origin, prefix = urlsplit(url).netloc, urlsplit(url).path
    queries: list[Job] = [("POST", f"{prefix}/graphql", line) for line in Path(bodies).read_bytes().splitlines()]
    others: list[Job] = [("GET", prefix + line, None) for line in Path(paths).read_text("utf-8").splitlines()]
    begun = time.perf_counter()
    threads = started(int(workers), lambda: loop(origin, queries))
    threads += started(int(rest_workers), lambda: loop(origin, others))
    for thread in threads:
        thread.join()
    if failed:
        raise SystemExit(f"HTTP {failed[0]}")
    sys.stdout.write(f"{time.perf_counter() - begun:.4f}\n")


main()
