"""What the credential exchange costs as a whole process, beside the least that the same calls can cost.

    python -m benchmarks.exchange [--rounds N] [--peer dist/index.js] [--peer-input NAME=VALUE]…

Ours and the floor (`floor.py`, a bare http.client script with the same three calls) run in turn against a server that
answers at once from memory, so that nothing but the processes is measured: by http, which is judged, and by https,
which is shown beside it (a TLS context with the system's authorities takes 2.4 MiB of any Python). `--peer` adds
another action's bundle, started by Node with `INPUT_*` set; the defaults suit hashicorp/vault-action. Exit code 1 when
ours costs more than 1.15 times the floor or 20 MiB by http.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import shutil
import socket
import socketserver
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parents[1] / "python" / "chittyactions"
RATIO, PEAK = 1.15, 20.0

TOKEN = ".".join(
    base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (b'{"alg":"RS256"}', b"{}", b"s" * 256)
)
ANSWER = json.dumps(
    {
        "value": TOKEN,
        "success": True,
        "credential": {
            "value": "benchmark-token-0123456789abcdef",
            "token_id": "0123456789abcdef0123456789abcdef",
            "account_id": "0123456789abcdef0123456789abcdef",
            "expires_at": "2030-01-01T00:00:00Z",
        },
        "credentials": {"NEON_DATABASE_URL": "postgres://user:benchmark-password@db.example/app"},
        "auth": {"client_token": "benchmark-token", "accessor": "benchmark"},
        "data": {"data": {"token": "benchmark-token-0123456789abcdef"}},
    }
).encode()
VAULT_ACTION = {"METHOD": "jwt", "ROLE": "benchmark", "SECRETS": "secret/data/ci token | TOKEN", "EXPORTENV": "false"}


class Instant(socketserver.StreamRequestHandler):
    """Answers every request with the same JSON."""

    def handle(self) -> None:
        """One request, one answer, the end."""
        length = 0
        while (line := self.rfile.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        self.rfile.read(length)
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(ANSWER)}\r\n\r\n"
        self.wfile.write(head.encode() + ANSWER)


class Server(socketserver.ThreadingTCPServer):
    """On a free port of 127.0.0.1."""

    allow_reuse_address = True
    daemon_threads = True


class SecureServer(Server):
    """The same by TLS, with a certificate of its own authority."""

    def __init__(self, ca_file: Path) -> None:
        import trustme

        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(ca_file))
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(self._context)
        super().__init__(("127.0.0.1", 0), Instant)

    def get_request(self) -> tuple[socket.socket, object]:
        """A connection whose handshake is done by its own thread."""
        plain, address = super().get_request()
        return self._context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False), address


class Figures(NamedTuple):
    """The runs of one command."""

    name: str
    seconds: list[float]
    peak: float
    failed: int


def environment(url: str, folder: Path, peer_inputs: Sequence[str]) -> dict[str, str]:
    """The environment that all commands share."""
    files = {
        name: str(folder / name) for name in ("GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY", "GITHUB_ENV")
    }
    key = "benchmark-key-0123456789"
    inputs = {"api_key": key, "credentials": "CLOUDFLARE_API_TOKEN,CLOUDFLARE_ACCOUNT_ID,NEON_DATABASE_URL"}
    given = {"URL": url, **VAULT_ACTION, **dict(item.split("=", 1) for item in peer_inputs)}
    for path in files.values():
        Path(path).touch()
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "GITHUB_REPOSITORY": "acme/hello",
        "GITHUB_RUN_ID": "1",
        "CHITTYCONNECT_URL": url,
        "CHITTY_INPUTS": json.dumps(inputs),
        "BENCHMARK_KEY": key,
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{url}/token?api-version=2.0",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "benchmark-request-token",
        **files,
        **{f"INPUT_{name.upper()}": value for name, value in given.items()},
    }


def measure(commands: dict[str, list[str]], rounds: int, env: dict[str, str]) -> list[Figures]:
    """Run all commands in turn, `rounds` times."""
    words = [word for command in commands.values() for word in [*command, "--"]][:-1]
    script = [sys.executable, "-I", "-S", str(HERE / "measure.py"), str(rounds), *words]
    done = subprocess.run(script, env=env, capture_output=True, text=True, check=True)
    rows = [line.split() for line in done.stdout.splitlines()]
    return [
        Figures(
            name,
            [float(seconds) for index, seconds, _, _ in rows if int(index) == number],
            max(int(peak) for index, _, peak, _ in rows if int(index) == number) / 1024,
            sum(code != "0" for index, _, _, code in rows if int(index) == number),
        )
        for number, name in enumerate(commands)
    ]


def table(figures: Sequence[Figures], floor: Figures) -> str:
    """The figures as text; the ratio is the median of each run to the floor's of the same round."""
    lines = [f"{'':44}{'min ms':>8}{'median':>8}{'x min':>7}{'x median':>9}{'peak MiB':>10}"]
    for row in figures:
        least, middle = min(row.seconds), statistics.median(row.seconds)
        by_min, by_round = ratios(row, floor)
        lines.append(
            f"{row.name:44}{least * 1000:8.1f}{middle * 1000:8.1f}{by_min:7.2f}{by_round:9.2f}{row.peak:10.1f}"
            + (f"  {row.failed} of {len(row.seconds)} runs failed" if row.failed else "")
        )
    return "\n".join(lines)


def ratios(row: Figures, floor: Figures) -> tuple[float, float]:
    """Ratio of the fastest runs, and the median of the ratios round by round."""
    pairs = [ours / least for ours, least in zip(row.seconds, floor.seconds, strict=True)]
    return min(row.seconds) / min(floor.seconds), statistics.median(pairs)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exchange", description="Cost of the exchange")
    parser.add_argument("--rounds", type=int, default=30, help="counted runs of each command (default 30)")
    parser.add_argument("--peer", type=Path, help="another action's dist/index.js, started by Node")
    parser.add_argument("--peer-input", action="append", default=[], metavar="NAME=VALUE", help="an input of the peer")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary, Server(("127.0.0.1", 0), Instant) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        fresh = Path(temporary) / "fresh" / "chittyactions"
        shutil.copytree(PACKAGE, fresh, ignore=shutil.ignore_patterns("__pycache__"))
        python = [sys.executable, "-I", "-S"]
        commands = {
            "floor (bare http.client)": [*python, str(HERE / "floor.py")],
            "getchitty-creds": [*python, str(PACKAGE / "run.py"), "getchitty-creds"],
            "getchitty-creds, no bytecode (first in a job)": [*python, "-B", str(fresh / "run.py"), "getchitty-creds"],
        }
        if chosen.peer:
            commands[f"peer {chosen.peer.parent.parent.name}"] = ["node", str(chosen.peer.resolve())]
        env = environment(f"http://127.0.0.1:{server.server_address[1]}", Path(temporary), chosen.peer_input)
        figures = measure(commands, chosen.rounds, env)
        server.shutdown()
        ca_file = Path(temporary) / "ca.pem"
        with SecureServer(ca_file) as secure:
            threading.Thread(target=secure.serve_forever, daemon=True).start()
            url = f"https://127.0.0.1:{secure.server_address[1]}"
            env = environment(url, Path(temporary), chosen.peer_input) | {"NODE_EXTRA_CA_CERTS": str(ca_file)}
            by_tls = measure(dict(list(commands.items())[:2]), chosen.rounds, env)
            secure.shutdown()
    floor, ours = figures[:2]
    print(f"Whole processes, {chosen.rounds} rounds in turn, Python {sys.version.split()[0]}:\n")
    print(table(figures, floor))
    print("\nBy https:\n\n" + table(by_tls, by_tls[0]))
    _, ratio = ratios(ours, floor)
    good = ratio <= RATIO and ours.peak <= PEAK and not ours.failed
    verdict = "within" if good else "NOT within"
    print(f"\nOurs is {ratio:.2f} times the floor and {ours.peak:.1f} MiB: {verdict} {RATIO} and {PEAK:g} MiB.")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
