# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP: the discovery document, which needs no password, and the endpoints of a cluster, which do."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from typing import Any, NamedTuple

from lab.server import cluster_status, errors
from lab.server.instance import Instance
from lab.server.versions import before

_STATUS = {200: "OK", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests"}


class Answer(NamedTuple):
    status: int
    body: str
    kind: str = "application/json"


async def answer(instance: Instance, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one request and close."""
    request = (await reader.readline()).decode("latin-1").split()
    headers = {}
    while line := (await reader.readline()).decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    method, path = request[:2] if len(request) == 3 else ("", "")
    found = _answer(instance, path, headers.get("authorization")) if method in ("GET", "HEAD") else _not_found()
    body = found.body.encode()
    head = [f"HTTP/1.1 {found.status} {_STATUS[found.status]}", f"Content-Type: {found.kind}"]
    head += [f"Content-Length: {len(body)}", "Connection: close"]
    if found.status == 401:
        head.append('WWW-Authenticate: Basic realm="Neo4j", Bearer realm="Neo4j"')
    writer.write("\r\n".join([*head, "", ""]).encode() + (b"" if method == "HEAD" else body))


def _answer(instance: Instance, path: str, authorization: str | None) -> Answer:
    if path == "/":
        return Answer(200, _json(discovery(instance)))
    is_enterprise = instance.edition == "enterprise"
    # Community guards its databases' paths as well, although there is nothing behind these
    if not path.startswith("/db/") and not (is_enterprise and path == "/dbms/cluster/status"):
        return _not_found()
    try:
        _log_in(instance, path, authorization)
    except errors.Neo4jError as error:
        return _refused(429 if error.code.endswith("RateLimit") else 401, error.code, error.message)
    found = cluster_status.answer(instance, path) if is_enterprise else None
    if found is None:
        return _not_found()
    if isinstance(found, bool):
        return Answer(200 if found else 404, _json(found), "text/plain")
    return Answer(200, _json(found))


def _log_in(instance: Instance, path: str, authorization: str | None) -> None:
    """With basic authentication, unless this server wants none here."""
    config = instance.config
    is_status = "/cluster/" in path and not config.is_on("dbms.security.cluster_status_auth_enabled")
    if is_status or not config.is_on("dbms.security.auth_enabled"):
        return
    if authorization is None:
        raise errors.unauthorized("No authentication header supplied.")
    scheme, _, encoded = authorization.partition(" ")
    try:
        name, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        scheme = ""
    if scheme.lower() != "basic":
        raise errors.unauthorized("Invalid authentication header.")
    try:
        instance.guard.login(name, password)
    except errors.Neo4jError as error:
        raise errors.unauthorized("Invalid credential.") if error.code.endswith("Unauthorized") else error from None


def _not_found() -> Answer:
    return _refused(404, "Neo.ClientError.Request.Invalid", "Not Found")


def _refused(status: int, code: str, message: str) -> Answer:
    return Answer(status, _json({"errors": [{"code": code, "message": message}]}))


def _json(found: Any) -> str:
    """Without blanks, as the real one."""
    return json.dumps(found, separators=(",", ":"))


def discovery(instance: Instance) -> dict[str, Any]:
    bolt = "{}:{}".format(*instance.config.address("server.bolt.advertised_address"))
    web = "http://{}:{}".format(*instance.config.address("server.http.advertised_address"))
    query_api = {
        "query_api": f"{web}/db/{{databaseName}}/query/v{{queryApiMajorVersion}}",
        "query_api_versions": ["2.0"],
    }
    return {
        # Measured on 2026.09; 5.26 has none
        **({} if before(instance.version, 2026) else query_api),
        "bolt_routing": f"neo4j://{bolt}",
        "query": f"{web}/db/{{databaseName}}/query/v2",
        "transaction": f"{web}/db/{{databaseName}}/tx",
        "bolt_direct": f"bolt://{bolt}",
        "neo4j_version": instance.version,
        "neo4j_edition": instance.edition,
    }
