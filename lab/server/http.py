# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one HTTP answer that needs no password: the discovery document."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from lab.server.instance import Instance
from lab.server.versions import before


async def answer(instance: Instance, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one request and close."""
    request = (await reader.readline()).split()
    while (await reader.readline()).strip():
        pass
    known = len(request) == 3 and request[0] in (b"GET", b"HEAD") and request[1] == b"/"
    body = json.dumps(discovery(instance)).encode() if known else b""
    status = "200 OK" if known else "404 Not Found"
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    writer.write(head.encode() + (b"" if request[:1] == [b"HEAD"] else body))


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
