# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plugins and certificates of a server that runs: what becomes of them, and how it is undone."""

from __future__ import annotations

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import start_files

OLD, NEW, GDS = "apoc-5.26.29-core.jar", "apoc-5.26.30-core.jar", "neo4j-graph-data-science-2.13.9.jar"
FOLDER = "/var/lib/neo4j/certificates/bolt"


def jar(name, changed=True):
    return {"path": f"/var/lib/neo4j/plugins/{name}", "sha256": "1" * 64, "before": None, "changed": changed}


def seen(*jars, kept=(), policies=()):
    told = {"differs": any(each["changed"] for each in jars), "plugins": list(jars)}
    told["kept"] = [f"/var/lib/neo4j/plugins.kept/{name}" for name in kept]
    return {"plugins": told if jars else {}, "policies": list(policies), "folders": [FOLDER]}


def policy(before, after, differs=None):
    differs = before != after if differs is None else differs
    return {
        "scope": "bolt",
        "folder": FOLDER,
        "differs": differs,
        "before": {"public.crt": before} if before else {},
        "files": {"public.crt": after},
    }


def service(*unread):
    return {"changed_since": [{"path": path, "changed_at": "2026-11-25T09:00:00Z"} for path in unread]}


@pytest.mark.parametrize(
    ("found", "unread", "due"),
    [
        (seen(), (), False),
        (seen(jar(NEW, changed=False), policies=[policy("old", "old")]), (), False),
        (seen(jar(NEW)), (), True),
        (seen(policies=[policy("old", "new")]), (), True),
        (seen(policies=[policy("old", "old", differs=True)]), (), True),
        (seen(), (FOLDER,), True),
        (seen(), ("/etc/neo4j/neo4j.conf",), False),
    ],
    ids=["nothing", "as wanted", "a plugin", "a certificate", "its owner", "a run that was killed", "another file"],
)
def test_what_has_to_be_read_anew(found, unread, due):
    assert start_files.is_due(found, service(*unread)) is due


def test_what_becomes_of_each_is_told():
    found = seen(jar(NEW), jar(GDS), kept=[OLD], policies=[policy("old", "new")])
    assert start_files.words(found) == ["place plugins", "place certificates of bolt"]
    assert [tuple(change.values()) for change in start_files.changes(found)] == [
        ("Plugin apoc-*-core.jar", OLD, NEW),
        ("Plugin neo4j-graph-data-science-*.jar", "none", GDS),
        ("Certificate of bolt", "old", "new"),
    ]
    [change] = start_files.changes(seen(policies=[policy("old", "old", differs=True)]))
    assert change["after"] == "old, other files differ"


def test_the_way_back_is_what_was_there():
    old = policy("old", "new")
    back = start_files.undo(seen(jar(NEW), jar(GDS), jar("own-1.0.jar", changed=False), kept=[OLD], policies=[old]))
    assert back["plugins"] == [{"path": f"/var/lib/neo4j/plugins.kept/{OLD}"}]
    assert back["absent"] == [GDS] and back["policies"] == [old]
    assert start_files.undo(seen(policies=[policy(None, "new")]))["policies"] == [], "nothing reads it"


def test_a_plugin_that_neo4j_does_not_bring_is_refused():
    [problem] = start_files.problems(seen(jar("bloom-plugin-*.jar"), jar(NEW)))
    assert "bloom-plugin-*.jar" in problem
