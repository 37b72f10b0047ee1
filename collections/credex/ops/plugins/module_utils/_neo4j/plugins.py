# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Plugins as data: which jars are wanted, which are the same plugin in another version, which suit a server.

Pure. Neo4j loads every jar of its plugins folder; of two versions of one plugin neither is sure to win, or the server
does not start.
"""

from __future__ import annotations

import os
import re
import typing as t
from collections.abc import Iterable, Mapping


class Brought(t.NamedTuple):
    """A plugin that Neo4j brings, switched off: where it lies, and what it needs in neo4j.conf."""

    file: str
    editions: tuple[str, ...]
    unrestricted: tuple[str, ...] = ()  # procedures that work on what only Neo4j itself may reach
    declares: tuple[str, ...] = ()  # settings


BROUGHT = {
    # What APOC needs unrestricted depends on what is used of it
    "apoc": Brought("labs/apoc-*-core.jar", ("community", "enterprise")),
    "gds": Brought(
        "products/neo4j-graph-data-science-*.jar", ("enterprise",), ("gds.*",), ("gds.enterprise.license_file",)
    ),
    "bloom": Brought("products/bloom-plugin-*.jar", ("enterprise",), ("bloom.*",), ("dbms.bloom.license_file",)),
}

# "5.26.30" and "2.13.9" in a name; "5.x" too, which Bloom writes
_VERSION = re.compile(r"\d+(?:\.(?:\d+|x))+")
# APOC's manual: the first two numbers are those of Neo4j (https://neo4j.com/docs/apoc/current/installation/)
_FOLLOWS_NEO4J = ("apoc-*-core.jar", "apoc-*-extended.jar")


def family(name: str) -> str:
    """The name with a star for each version: C(apoc-*-core.jar) of C(apoc-5.26.30-core.jar)."""
    return _VERSION.sub("*", name)


def replaced(wanted: Iterable[str], present: Iterable[str]) -> list[str]:
    """Of the jars that are there, those that are other versions of the wanted ones."""
    wanted = list(wanted)
    families = {family(name) for name in wanted}
    return sorted(name for name in present if family(name) in families and name not in wanted)


def problems(names: Iterable[str], neo4j_version: str) -> list[str]:
    """What speaks against these jars together, in a server of this version; empty when nothing does."""
    names = list(names)
    return [*_twice(names), *(problem for name in names if (problem := _other_version(name, neo4j_version)))]


def _twice(names: list[str]) -> list[str]:
    families = [family(name) for name in names]
    return [
        f"{' and '.join(name for name in names if family(name) == each)} are one plugin."
        for each in sorted(set(families))
        if families.count(each) > 1
    ]


def _other_version(name: str, neo4j_version: str) -> str | None:
    version = _VERSION.search(name)  # none in a pattern, whose file is to come
    if not (version and neo4j_version) or family(name) not in _FOLLOWS_NEO4J:
        return None
    found, wanted = _line(version[0]), _line(neo4j_version)
    return None if found == wanted else f"{name} is for Neo4j {found}, not {neo4j_version}: take APOC {wanted}."


def _line(version: str) -> str:
    """C(5.26) of 5.26.30, C(2025.04) of 2025.04.0."""
    return ".".join(version.split(".")[:2])


def wanted(plugins: Iterable[Mapping[str, t.Any]], home: str, edition: str) -> dict[str, t.Any]:
    """The jars of plugins in a server's home, what must be fetched for them, and what they need in neo4j.conf."""
    plugins = list(plugins)
    jars = [_jar(plugin, home) for plugin in plugins]
    known = [BROUGHT[plugin["name"]] for plugin in plugins if plugin["name"] in BROUGHT]
    return {
        "jars": jars,
        "fetched": [{**jar, "source": plugin["source"]} for jar, plugin in zip(jars, plugins) if plugin.get("source")],
        "unrestricted": sorted(pattern for each in known for pattern in each.unrestricted),
        "declares": sorted(name for each in known for name in each.declares),
        "problems": [problem for plugin in plugins if (problem := _problem(plugin, edition))],
    }


def _jar(plugin: Mapping[str, t.Any], home: str) -> dict[str, t.Any]:
    source = plugin.get("source")
    if source:
        file = f"plugins.fetched/{os.path.basename(source)}"
    else:
        file = BROUGHT[plugin["name"]].file if plugin["name"] in BROUGHT else ""
    return {"path": f"{home}/{file}", "sha256": plugin.get("sha256")}


def _problem(plugin: Mapping[str, t.Any], edition: str) -> str | None:
    name, source = plugin["name"], plugin.get("source")
    if source and not plugin.get("sha256"):
        return f"Say the sha256 of plugin {name}, which comes from {source}."
    if source and not source.endswith(".jar"):
        return f"Plugin {name} comes from {source}, which is no jar."
    brings = sorted(known for known, each in BROUGHT.items() if edition in each.editions)
    if source or name in brings:
        return None
    return f"Neo4j {edition} brings {', '.join(brings)}, not {name}: say its source and sha256."
