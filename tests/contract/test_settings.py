"""The table of settings of the role neo4j_server, held against what real Community servers declare."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import setting_values, settings
from ansible_collections.credex.ops.plugins.modules import neo4j_query_info, neo4j_setting_info

from lab.community import parts
from lab.community.server import Community
from tests.contract.calls import run_module
from tests.contract.conftest import install, running
from tests.static.repository import COLLECTION, load

ROWS = settings.known(load(COLLECTION / "roles/neo4j_server/files/settings.yml"))


@pytest.fixture(params=["lts", "calendar"])
def server(request: pytest.FixtureRequest) -> Community:
    return request.getfixturevalue(request.param)


@pytest.fixture
def declared(server: Community, login: dict[str, Any]) -> set[str]:
    """What SHOW SETTINGS has; it leaves the internal ones out."""
    result = run_module(neo4j_query_info, uri=server.uri, database="neo4j", query="SHOW SETTINGS YIELD name", **login)
    return {row["name"] for row in result["rows"]}


def test_the_table_knows_every_setting_of_a_real_server(server: Community, declared: set[str]) -> None:
    assert len(declared) > 100
    version = server.release.version
    # One by one: 5.26 has some settings by two names, of which a file may hold one
    assert [why for name in sorted(declared) for why in settings.problems({name: ""}, ROWS, version, "community")] == []


def test_a_real_server_has_every_setting_of_the_table(server: Community, declared: set[str]) -> None:
    suiting = {row.name for row in ROWS if row.suits(server.release.version, "community") and "<" not in row.name}
    assert len(suiting) > 100
    assert sorted(suiting - declared) == []


# Written in ways in which no server shows them
WRITTEN = {
    "db.checkpoint.interval.time": "60m",
    "db.logs.query.enabled": "info",
    "db.logs.query.threshold": "90s",
    "db.memory.transaction.total.max": "1536m",
    "db.transaction.sampling.percentage": "05",
    "db.transaction.timeout": "60",
    "db.tx_log.rotation.size": "262144k",
    "dbms.security.procedures.unrestricted": "apoc.*, gds.*",
    "server.bolt.advertised_address": "db-1.example",
    "server.bolt.listen_address": ":7687",
    "server.directories.import": "import",
    "server.directories.logs": "./logs/",
    "server.http.enabled": "TRUE",
}


@pytest.mark.parametrize("release", [parts.LTS, parts.CALENDAR], ids=["lts", "calendar"])
def test_what_was_written_is_recognized_in_what_a_real_server_shows(
    release: parts.Release, login: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    server = install(release, tmp_path_factory)
    server.configure(WRITTEN)
    with running(server):
        asked = run_module(neo4j_setting_info, uris=[server.uri], names=list(WRITTEN), **login)
    [answer] = asked["servers"]
    shown = {name: row["value"] for name, row in answer["settings"].items()}
    assert {name: shown[name] for name in WRITTEN if shown[name] == WRITTEN[name]} == {}, "nothing to recognize"
    assert {name: shown[name] for name in WRITTEN if not setting_values.agree(WRITTEN[name], shown[name])} == {}
    assert [name for name in WRITTEN if not answer["settings"][name]["explicit"]] == []


def test_the_default_of_a_real_server_is_recognized_in_what_is_in_force(
    server: Community, declared: set[str], login: dict[str, Any]
) -> None:
    [answer] = run_module(neo4j_setting_info, uris=[server.uri], names=sorted(declared), **login)["servers"]
    rows = {name: row for name, row in answer["settings"].items() if not row["explicit"] and row["default_value"]}
    assert len(rows) > 100
    assert {
        name: row for name, row in rows.items() if not setting_values.agree(row["default_value"], row["value"])
    } == {}
