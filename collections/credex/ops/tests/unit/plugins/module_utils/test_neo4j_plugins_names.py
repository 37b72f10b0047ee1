# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which jars are one plugin in two versions, and which suit a server."""

from __future__ import annotations

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import plugins

APOC, GDS = "apoc-5.26.30-core.jar", "neo4j-graph-data-science-2.13.9.jar"


@pytest.mark.parametrize(
    ("name", "family"),
    [
        (APOC, "apoc-*-core.jar"),
        ("apoc-2025.04.0-core.jar", "apoc-*-core.jar"),
        ("apoc-5.26.30-extended.jar", "apoc-*-extended.jar"),
        (GDS, "neo4j-graph-data-science-*.jar"),
        ("bloom-plugin-5.x-2.18.0.jar", "bloom-plugin-*-*.jar"),
        ("own-rules.jar", "own-rules.jar"),
        ("log4j2-bridge-2.jar", "log4j2-bridge-2.jar"),
    ],
)
def test_a_plugin_is_known_by_its_name_without_versions(name, family):
    assert plugins.family(name) == family


def test_other_versions_are_replaced_and_other_plugins_left_alone():
    present = [APOC, "apoc-5.26.29-core.jar", "apoc-5.26.29-extended.jar", GDS, "own-rules.jar"]
    assert plugins.replaced([APOC, "neo4j-graph-data-science-2.13.10.jar"], present) == ["apoc-5.26.29-core.jar", GDS]


def test_nothing_is_replaced_where_nothing_is_wanted():
    assert plugins.replaced([], [APOC]) == []


def test_one_plugin_twice_is_refused():
    found = plugins.problems([APOC, GDS, "apoc-5.26.29-core.jar"], "5.26.30")
    assert found == ["apoc-5.26.30-core.jar and apoc-5.26.29-core.jar are one plugin."]


@pytest.mark.parametrize("version", ["5.26.30", "5.26.0", ""])
def test_apoc_suits_its_line(version):
    assert plugins.problems([APOC, GDS], version) == []


@pytest.mark.parametrize("version", ["5.25.1", "2025.04.0"])
def test_apoc_of_another_line_is_refused(version):
    (found,) = plugins.problems([APOC, GDS], version)
    line = ".".join(version.split(".")[:2])
    assert found == f"{APOC} is for Neo4j 5.26, not {version}: take APOC {line}."


def wanted(*given, edition="enterprise"):
    return plugins.wanted(given, "/home", edition)


def test_what_neo4j_brings_needs_only_its_name():
    found = wanted({"name": "apoc"}, {"name": "gds"})
    assert [jar["path"] for jar in found["jars"]] == [
        "/home/labs/apoc-*-core.jar",
        "/home/products/neo4j-graph-data-science-*.jar",
    ]
    assert (found["fetched"], found["problems"]) == ([], [])
    assert (found["unrestricted"], found["declares"]) == (["gds.*"], ["gds.enterprise.license_file"])


def test_another_one_is_fetched_and_held_against_its_checksum():
    source = "https://example.com/rules-1.2.jar"
    found = wanted({"name": "rules", "source": source, "sha256": "abc"})
    (jar,) = found["jars"]
    assert jar == {"path": "/home/plugins.fetched/rules-1.2.jar", "sha256": "abc"}
    assert found["fetched"] == [{**jar, "source": source}] and not found["problems"]


def test_another_version_than_the_brought_one_is_the_same_plugin():
    found = wanted({"name": "gds", "source": "neo4j-graph-data-science-2.13.10.jar", "sha256": "abc"})
    assert found["unrestricted"] == ["gds.*"] and not found["problems"]


@pytest.mark.parametrize(
    ("plugin", "edition", "words"),
    [
        ({"name": "gds"}, "community", "Neo4j community brings apoc, not gds: say its source and sha256."),
        ({"name": "rules"}, "enterprise", "brings apoc, bloom, gds, not rules"),
        ({"name": "gds", "source": "a.jar"}, "enterprise", "Say the sha256 of plugin gds, which comes from a.jar."),
        ({"name": "gds", "source": "a.zip", "sha256": "abc"}, "enterprise", "comes from a.zip, which is no jar."),
    ],
)
def test_what_cannot_be_is_said(plugin, edition, words):
    (problem,) = wanted(plugin, edition=edition)["problems"]
    assert words in problem
