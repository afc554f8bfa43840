"""The embedded local backend: everything that a delivery talks to, on one loopback port, with no account.

GitHub's id-token endpoint and REST API, ChittyConnect, ChittyRegistry, ChittyBeacon, ChittyRouter and
Cloudflare's API in front of real workerd. It is the other side of every test, so it shares no code with
`chittyactions` and never imports it.

>>> from chittylocal import Fault, Local
>>> with Local() as local:
...     local.fault("connect", "POST", "/api/credentials/provision", Fault("status", status=503, times=1))
...     environment = local.env("both")
"""

from __future__ import annotations

from chittylocal.faults import Fault
from chittylocal.local import Local

__all__ = ["Fault", "Local"]
