# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.credex.ops.plugins.module_utils._neo4j import breaking, settings, upgrade

TABLE = yaml.safe_load((Path(__file__).parents[4] / "roles/neo4j_server/files/settings.yml").read_text())
OLD, PATCH, SERIES = "5.26.0", "5.26.30", "2026.09.0"
STARTED = "2026-11-20T10:00:00.370000Z"
MARK = {"from": OLD, "to": PATCH, "configuration": "aa", "plugins": ["apoc-5.26.0-core.jar"], "since": None}


def observed(version=OLD, to=PATCH, state="running", before="", content=None, mark=None, **more):
    return {
        "host": "n1",
        "home": "/var/lib/neo4j",
        "service": {"state": state, "started_at": STARTED if state == "running" else None},
        "installed": [f"neo4j-enterprise 1:{version}"] if version else [],
        "name": f"neo4j-enterprise 1:{to}",
        "mark": mark or {},
        "before": before,
        "content": before if content is None else content,
        "fingerprint": "bb",
        "plugins": [f"apoc-{version}-core.jar"],
        "problems": [],
        **more,
    }


def answer(version=OLD, edition="enterprise", **more):
    return {"reachable": True, "uri": "bolt://n1", "version": version, "edition": edition, "address": "n1:7687", **more}


SILENT = {"reachable": False, "uri": "bolt://n1", "cause": "refused", "message": "nobody listens"}


def plan(said=None, to=PATCH, edition="enterprise", backup="", **what):
    wanted = {"version": to, "edition": edition}
    return upgrade.plan_server(observed(to=to, **what), said or answer(), wanted, TABLE, backup)


@pytest.mark.parametrize(
    ("present", "wanted", "kind"),
    [
        (OLD, OLD, "none"),
        (OLD, PATCH, "patch"),
        ("2026.09.0", "2026.09.1", "patch"),
        ("2025.10.1", SERIES, "minor"),
        (OLD, SERIES, "series"),
    ],
)
def test_kinds_of_paths(present, wanted, kind):
    assert upgrade.kind(present, wanted) == kind
    assert upgrade.refusal(present, wanted) == ""


@pytest.mark.parametrize(
    ("present", "wanted", "words"),
    [
        (PATCH, OLD, "is older: it does not start on what a newer one has written"),
        (SERIES, PATCH, "is older"),
        ("5.20.0", SERIES, "bring it to 5.26"),
        ("4.4.41", PATCH, "bring it to 5.26"),
        (OLD, "5.26", "write all of its numbers"),
        (OLD, "latest", "write all of its numbers"),
    ],
)
def test_no_way_from_one_to_the_other(present, wanted, words):
    assert words in upgrade.refusal(present, wanted)
    refused = plan(answer(present), to=wanted, version=present)
    assert words in refused["refused"][0] and refused["check"]["status"] == "failed"


@pytest.mark.parametrize(
    ("what", "said", "due"),
    [
        ({"version": PATCH}, answer(PATCH), False),
        ({}, answer(), True),
        ({"version": PATCH}, answer(OLD), True),  # another one is installed than runs
        ({"version": PATCH, "state": "stopped"}, SILENT, True),
        ({"version": PATCH}, SILENT, True),  # who does not answer is not proven
    ],
)
def test_who_has_work(what, said, due):
    found = plan(said, **what)
    assert found["due"] == due and found["refused"] == []
    assert found["check"]["detail"].startswith("nothing to do") != due


def test_what_is_gone_back_to_is_what_ran():
    assert plan()["origin"] == {**MARK, "configuration": "bb", "since": STARTED}


def test_a_server_that_a_killed_run_left_goes_back_to_what_that_run_began_with():
    found = plan(SILENT, version=PATCH, state="stopped", mark=MARK)
    assert found["origin"] == MARK and found["kind"] == "patch"
    assert plan(SILENT, version=PATCH, state="stopped", mark={**MARK, "to": "5.26.9"})["origin"]["to"] == PATCH


def test_the_mark_of_an_upgrade_that_is_over_counts_no_more():
    assert plan(mark={**MARK, "from": "5.26.0", "to": PATCH})["origin"]["since"] == STARTED


def test_a_killed_upgrade_may_not_become_a_downgrade():
    found = plan(SILENT, to="5.26.9", version="5.26.0", state="stopped", mark={**MARK, "from": "5.26.12"})
    assert "is older" in found["refused"][0]


def test_another_edition_and_what_the_host_objects_to_are_refused_together():
    found = plan(answer(edition="community"), problems=["The repository does not offer it."])
    assert found["refused"] == [
        "The repository does not offer it.",
        "It is community edition, and an upgrade does not make it enterprise.",
    ]
    assert "site.yml" in plan(SILENT, version="")["refused"][0]


def test_the_plan_shows_what_changes_without_secrets():
    before, after = "server.groups=a\ndb.x.password=old\n", "initial.server.tags=a\ndb.x.password=new\n"
    shown = plan(before=before, content=after)["check"]["evidence"]["changes"]
    assert shown == [
        {"what": "Neo4j", "before": OLD, "after": PATCH},
        {"what": "db.x.password", "before": settings.HIDDEN, "after": settings.HIDDEN},
        {"what": "initial.server.tags", "before": "Neo4j's own", "after": "a"},
        {"what": "server.groups", "before": "a", "after": "Neo4j's own"},
    ]


def test_the_way_back_names_the_backup():
    assert "restore s3://b/2026" in plan(backup="s3://b/2026")["way_back"]
    assert "restore a backup" in plan()["way_back"]


@pytest.mark.parametrize(
    ("content", "folders"),
    [
        ("", ["/home/data"]),
        ("server.directories.data=/data\n", ["/data"]),
        ("server.directories.data=d\nserver.directories.transaction.logs.root=/tx\n", ["/home/d", "/tx"]),
    ],
)
def test_where_the_data_is(content, folders):
    assert upgrade.data_folders(content, "/home") == folders


def migrated(content, wanted=SERIES, edition="enterprise"):
    return upgrade.configuration(content, TABLE, wanted, edition)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("server.groups=a,b\n", "initial.server.tags=a,b\n"),
        ("dbms.cluster.discovery.v2.endpoints=a:6000\n", "dbms.cluster.endpoints=a:6000\n"),
        ("db.logs.query.annotation_data_as_json_enabled=true\n", "db.logs.query.annotation_data_format=FLAT_JSON\n"),
        ("db.logs.query.annotation_data_as_json_enabled=false\n", "db.logs.query.annotation_data_format=CYPHER\n"),
        (
            "# mine\ndbms.cluster.discovery.version=V2_ONLY\ndb.logs.query.enabled=INFO\n",
            "# mine\ndb.logs.query.enabled=INFO\n",
        ),
        ("gds.enterprise.license_file=/x\n", "gds.enterprise.license_file=/x\n"),
        ("server.groups=a\ninitial.server.tags=b\n", "initial.server.tags=b\n"),
    ],
)
def test_a_file_gets_the_names_of_the_newer_version(before, after):
    assert migrated(before) == after
    assert migrated(after) == after, "once is enough"
    assert migrated(before, wanted=PATCH) == before, "a patch renames nothing"


def test_every_name_that_is_renamed_or_dropped_is_one_of_5_26():
    rows = settings.known(TABLE)
    for name in breaking.DROPPED:
        assert any(row.means(name) and row.suits(PATCH, "enterprise") for row in rows), name
        assert not any(row.means(name) and row.suits(SERIES, "enterprise") for row in rows), name


def test_what_is_gone_without_a_successor_is_refused_and_named():
    found = plan(to=SERIES, before="initial.dbms.database_allocator=X\nmy.plugin.setting=1\n")
    assert [name in found["refused"][0] for name in ("initial.dbms.database_allocator", "null in")] == [True, True]
    assert len(found["refused"]) == 1, "what no version knows may be a plugin's"


V1 = "dbms.cluster.discovery.endpoints=a:5000\n"
V2 = "dbms.cluster.discovery.v2.endpoints=a:6000\n"
TLS = "dbms.ssl.policy.bolt.enabled=true\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (V1, "dbms.cluster.discovery.version=V1_ONLY"),
        (V1 + V2 + "dbms.cluster.discovery.version=V1_OVER_V2\n", "V1_OVER_V2"),
        ("dbms.cluster.discovery.resolver_type=DNS\n", "V1_ONLY"),
    ],
)
def test_the_first_discovery_service_must_be_left_before(content, words):
    refused = breaking.found(values(content), PATCH, SERIES)[0]
    assert len(refused) == 1 and words in refused[0] and "V2_ONLY first" in refused[0]
    assert breaking.found(values(content), OLD, PATCH) == ([], [])


@pytest.mark.parametrize("content", ["", V2 + "dbms.cluster.discovery.version=V2_ONLY\n"])
def test_without_it_nothing_must_be_done(content):
    assert breaking.found(values(content), PATCH, SERIES)[0] == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (TLS, "dbms.ssl.policy.bolt.verify_hostname: is true unless it is set"),
        ("dbms.ssl.policy.https.ciphers=TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA\n", "(since 2025.10)"),
        ("dbms.databases.seed_from_uri_providers=S3SeedProvider\n", "CloudSeedProvider"),
    ],
)
def test_what_is_otherwise_is_told_to_whom_it_concerns(content, words):
    def told(text, present):
        return " ".join(breaking.found(values(text), present, SERIES)[1])

    assert words in told(content, PATCH)
    assert words not in told(TLS + "dbms.ssl.policy.bolt.verify_hostname=false\n", PATCH)
    assert words not in told(content, SERIES), "it has been so before"


def values(content):
    return upgrade.conf_file.values(content)


def row(version, address="n1:7687"):
    return {"address": address, "version": version}


@pytest.mark.parametrize(
    ("said", "peers", "status", "words"),
    [
        (answer(PATCH, servers=[row(PATCH)]), [], "passed", "1 of its cluster list it so"),
        (answer(PATCH, servers=[]), [], "passed", f"it says that it is Neo4j {PATCH}"),
        (answer(OLD, servers=[]), [], "failed", f"it says that it is Neo4j {OLD}"),
        (answer(PATCH, servers=[]), [answer(PATCH, servers=[row(OLD), row(OLD, "n2:7687")])], "failed", "SHOW SERVERS"),
        (answer(PATCH, servers=[row(PATCH)]), [SILENT], "passed", ""),
        (SILENT, [], "failed", "does not answer: refused"),
    ],
)
def test_the_proof(said, peers, status, words):
    check = upgrade.verdict("n1", said, [said, *peers], PATCH)
    assert check["status"] == status and words in check["detail"]
