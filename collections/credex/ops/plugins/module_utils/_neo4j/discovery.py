# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Version and edition without credentials: Neo4j's HTTP discovery document, `GET /`. Standard library alone.

http.client, because the openers of urllib and Ansible are installed for the whole process, and a fleet is asked from
many threads; and because, like Bolt, it goes to the server itself and through no proxy.
"""

from __future__ import annotations

import http.client
import json
import ssl
import time
from typing import Any

from ansible_collections.credex.ops.plugins.module_utils._neo4j.connection import Target
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import Cause, UnreachableError, network_cause

HTTP_PORT = 7474
HTTPS_PORT = 7473
# The document has some 300 bytes
_MOST_BYTES = 65536


def discover(target: Target, port: int | None = None) -> dict[str, Any]:
    """Version and edition that the server publishes, over HTTPS where the target's scheme asks for TLS."""
    port = port or (HTTPS_PORT if target.tls else HTTP_PORT)
    shown = f"{'https' if target.tls else 'http'}://{target.host}:{port}/"
    began = time.monotonic()
    document = _parse(_get(target, port, shown))
    if document is None:
        said = f"{shown} answers, but not with Neo4j's discovery document"
        raise UnreachableError(said, target.uri, Cause.NOT_NEO4J)
    return {
        "latency_ms": round((time.monotonic() - began) * 1000, 1),
        "version": document["neo4j_version"],
        "edition": document["neo4j_edition"],
    }


def _get(target: Target, port: int, shown: str) -> bytes:
    connection = _connection(target, port)
    try:
        connection.request("GET", "/", headers={"Accept": "application/json"})
        return connection.getresponse().read(_MOST_BYTES)
    except http.client.HTTPException as error:
        raise UnreachableError(f"{shown} answers no HTTP: {error!r}", target.uri, Cause.NOT_NEO4J) from error
    except OSError as error:
        raise UnreachableError(f"{shown}: {error}", target.uri, network_cause(error) or Cause.OTHER) from error
    finally:
        connection.close()


def _connection(target: Target, port: int) -> http.client.HTTPConnection:
    host = target.host.strip("[]")
    if not target.tls:
        return http.client.HTTPConnection(host, port, timeout=target.timeout)
    context = ssl.create_default_context(cafile=target.ca_certificate)
    if target.tls == "ssc":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(host, port, timeout=target.timeout, context=context)


def _parse(body: bytes) -> dict[str, Any] | None:
    """The discovery document. Anything may answer HTTP, and JSON too; only Neo4j names its version and edition."""
    try:
        document = json.loads(body)
    except ValueError:
        return None
    published = isinstance(document, dict) and {"neo4j_version", "neo4j_edition"} <= document.keys()
    return document if published else None
