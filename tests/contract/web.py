"""What a server answers over HTTP, reduced to what another one can be compared with."""

from __future__ import annotations

import base64
import http.client
from typing import NamedTuple

from lab.community.server import HTTP, USER


class Reply(NamedTuple):
    status: int
    kind: str
    asks_for: str | None
    body: str


def get(host: str, path: str, password: str | None) -> Reply:
    """Without a password, without credentials."""
    headers = {}
    if password is not None:
        headers["Authorization"] = "Basic " + base64.b64encode(f"{USER}:{password}".encode()).decode()
    connection = http.client.HTTPConnection(host, HTTP, timeout=30)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        kind = (answer.getheader("Content-Type") or "").partition(";")[0]
        return Reply(answer.status, kind, answer.getheader("WWW-Authenticate"), answer.read().decode())
    finally:
        connection.close()
