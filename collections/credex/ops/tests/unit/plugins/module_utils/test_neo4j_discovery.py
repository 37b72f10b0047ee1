# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The discovery document, from servers of the test's own."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j.connection import Target
from ansible_collections.credex.ops.plugins.module_utils._neo4j.discovery import discover
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import Cause, UnreachableError

# Neo4j Community 5.26.12
DOCUMENT = {
    "bolt_routing": "neo4j://h:7687",
    "query": "http://h:7474/db/{databaseName}/query/v2",
    "transaction": "http://h:7474/db/{databaseName}/tx",
    "bolt_direct": "bolt://h:7687",
    "neo4j_version": "5.26.12",
    "neo4j_edition": "community",
}


@pytest.fixture
def serve():
    """Answer GET / with a body; returns the port."""
    running = []

    def start(body):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        running.append((server, thread))
        return server.server_port

    yield start
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


def target(**given):
    return Target("db1", "127.0.0.1", timeout=2.0, **given)


def test_version_and_edition(serve):
    found = discover(target(), serve(json.dumps(DOCUMENT).encode()))
    assert found.pop("latency_ms") > 0
    assert found == {"version": "5.26.12", "edition": "community"}


@pytest.mark.parametrize("body", [b"<html>It works!</html>", b"[]", b"{}", b'{"neo4j_version": "5.26.12"}', b""])
def test_anything_may_answer_http(serve, body):
    with pytest.raises(UnreachableError, match="not with Neo4j's discovery document") as caught:
        discover(target(), serve(body))
    assert caught.value.cause is Cause.NOT_NEO4J


def test_tls_against_a_port_without_it(serve):
    with pytest.raises(UnreachableError, match="https://127") as caught:
        discover(target(tls="ssc"), serve(b"{}"))
    assert caught.value.cause is Cause.TLS


def test_nothing_listens(serve):
    with pytest.raises(UnreachableError) as caught:
        discover(target(), 1)
    assert caught.value.cause is Cause.REFUSED
