"""Where a connection goes and by whom it is vouched for: addresses, proxies, certificates, names.

Proxies come from HTTPS_PROXY, HTTP_PROXY and NO_PROXY; certificates from the system's store, SSL_CERT_FILE and
NODE_EXTRA_CA_CERTS, which self-hosted runners already set.
"""

from __future__ import annotations

import _thread
import os
import socket
import time
from urllib.parse import unquote, urlsplit

from chittyactions.errors import BadAnswer, Unreachable

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from typing import Any
    from urllib.parse import SplitResult

_contexts: dict[str, ssl.SSLContext] = {}


def origin(parts: SplitResult) -> str:
    """Scheme, host and port, without user and password."""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def split(url: str, service: str) -> SplitResult:
    """The parts of an absolute http(s) URL, or BadAnswer that names the service whose address it is."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable or not url.isprintable() or " " in url:
        raise BadAnswer(
            f"The address of {service} is not an http(s) URL.",
            service=service,
            why=f"It reads {url[:80]!r}." if "@" not in url else "",
            fix="Give an absolute URL such as https://connect.chitty.cc.",
        )
    return parts


def proxy_for(target: SplitResult, environ: Mapping[str, str]) -> SplitResult | None:
    """The proxy to go through, or None. NO_PROXY holds host names, suffixes (`.corp`, `corp`), `host:port`, or `*`."""
    name = f"{target.scheme}_proxy"
    # HTTP_PROXY in capitals is a request header where a CGI server sets the environment (CVE-2016-5385).
    spoofed = name == "http_proxy" and bool(environ.get("REQUEST_METHOD"))
    address = environ.get(name) or ("" if spoofed else environ.get(name.upper()))
    if not address:
        return None
    host = (target.hostname or "").lower()
    port = target.port or (443 if target.scheme == "https" else 80)
    for rule in (environ.get("no_proxy") or environ.get("NO_PROXY") or "").lower().replace(",", " ").split():
        bare = rule.lstrip("*").lstrip(".")
        if rule == "*" or (bare and (host == bare or host.endswith("." + bare) or f"{host}:{port}" == bare)):
            return None
    proxy = split(address if "://" in address else "http://" + address, "the proxy")
    if proxy.scheme != "http":
        raise BadAnswer(
            "The proxy cannot be used: it is reached by TLS.",
            service="the proxy",
            why=f"{name.upper()} begins with {proxy.scheme}://. What passes through a proxy to an https address is "
            "encrypted in any case.",
            fix=f"Give {name.upper()} as http://host:port.",
        )
    return proxy


def tls_context(extra: str, service: str) -> ssl.SSLContext:
    """The one context of this process (it takes 25 ms to build) with the system's authorities and those of `extra`."""
    if extra not in _contexts:
        import ssl

        context = ssl.create_default_context()
        # A bundle of the system takes 1.3 MiB and 10 ms: where NODE_EXTRA_CA_CERTS names the same one, once is enough.
        known = ssl.get_default_verify_paths().cafile or ""
        if extra and os.path.isfile(extra) and os.path.realpath(extra) != os.path.realpath(known):  # noqa: PTH113
            try:
                context.load_verify_locations(extra)
            except (ssl.SSLError, OSError) as error:
                failure = Unreachable(
                    f"{service} could not be reached: the file of NODE_EXTRA_CA_CERTS cannot be used.",
                    service=service,
                    why=f"{extra}: {error.strerror or 'it holds no certificate in PEM form'}.",
                    fix="Point NODE_EXTRA_CA_CERTS at a readable PEM file, or unset it.",
                )
                failure.permanent = True
                raise failure from None
        _contexts[extra] = context
    return _contexts[extra]


def dial(address: tuple[str, int], timeout: float, *_: Any) -> socket.socket:
    """A TCP connection within `timeout` seconds in all: the name's lookup and every address of it share them."""
    end = time.monotonic() + timeout
    found = _lookup(address, timeout)
    failure: OSError = socket.gaierror(socket.EAI_NONAME, "the name has no address")
    for number, (family, kind, protocol, _name, place) in enumerate(found):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(max(0.001, (end - time.monotonic()) / (len(found) - number)))
            sock.connect(place)
            sock.settimeout(max(0.001, end - time.monotonic()))
        except OSError as error:
            sock.close()
            failure = error
        else:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return sock
    raise failure


def _lookup(address: tuple[str, int], timeout: float) -> list[Any]:
    """The name's addresses. A resolver that hangs can't be interrupted, so it is left behind in a thread."""
    name, port = address
    host = name.encode() if name.isascii() else name  # text would import the codec for international names
    try:
        return list(socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST))
    except (OSError, UnicodeError):
        pass  # a name, then
    found: list[Any] = []
    done = _thread.allocate_lock()
    done.acquire()

    def look() -> None:
        try:
            found.append(socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            found.append(error)
        done.release()

    _thread.start_new_thread(look, ())
    if not done.acquire(timeout=timeout):
        raise TimeoutError
    if isinstance(found[0], UnicodeError):
        raise socket.gaierror(socket.EAI_NONAME, "not a name")
    if isinstance(found[0], OSError):
        raise found[0]
    addresses: list[Any] = found[0]
    return addresses


def proxy_authorization(proxy: SplitResult) -> dict[str, str]:
    """The header for a proxy whose address holds a user."""
    if not proxy.username:
        return {}
    import base64

    user = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": "Basic " + base64.b64encode(user.encode()).decode()}
