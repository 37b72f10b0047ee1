# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Version and edition over Bolt, and over HTTP where nobody gives credentials."""

from __future__ import annotations

import subprocess
import sys

from ansible_collections.credex.ops.plugins.modules import neo4j_component_info


def test_over_bolt(enterprise, run_module, login):
    with enterprise.running():
        result = run_module(neo4j_component_info, uris=enterprise.uris, **login)
    assert result["changed"] is False
    for entry, server in zip(result["servers"], enterprise.servers, strict=True):
        assert entry.pop("latency_ms") > 0
        assert entry == {
            "uri": server.uri,
            "reachable": True,
            "cause": None,
            "message": None,
            "version": "5.26.30",
            "edition": "enterprise",
            "components": [{"name": "Neo4j Kernel", "versions": ["5.26.30"], "edition": "enterprise"}],
            "source": "bolt",
        }


def test_without_credentials_over_http(enterprise, run_module):
    server = enterprise.servers[0]
    with enterprise.running():
        (entry,) = run_module(neo4j_component_info, uris=[server.uri], http_port=server.http)["servers"]
    assert (entry["version"], entry["edition"], entry["source"]) == ("5.26.30", "enterprise", "http")
    assert entry["components"] == []


def test_credentials_may_come_from_the_environment(enterprise, run_module, login, monkeypatch):
    with enterprise.running():
        monkeypatch.setenv("NEO4J_USERNAME", login["username"])
        monkeypatch.setenv("NEO4J_PASSWORD", login["password"])
        servers = run_module(neo4j_component_info, uris=enterprise.uris)["servers"]
    assert [entry["source"] for entry in servers] == ["bolt"] * 3


def test_over_http_the_driver_is_not_even_imported():
    """It costs a quarter of a second, and a machine without it can ask this way."""
    script = (
        "import sys; sys.modules['neo4j'] = None\n"
        "from ansible_collections.credex.ops.plugins.module_utils._neo4j import connection, reading\n"
        "params = dict(uris=['127.0.0.1'], workers=1, timeout=1, username=None, password=None, ca_certificate=None)\n"
        "print(reading.read_components(connection.targets(params), http_port=1)[0]['cause'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("refused\n", "")


def test_without_the_driver_bolt_says_what_to_install(run_module, login, monkeypatch):
    monkeypatch.setitem(sys.modules, "neo4j", None)
    result = run_module(neo4j_component_info, uris=["db1"], **login)
    assert result["failed"]
    assert "neo4j>=5.28" in result["msg"]
