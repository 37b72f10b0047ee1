# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`neo4j-admin database dump` and `load`: what little data an emulated database has, as a file of JSON.

A running server has its data in the cluster's file; what was loaded lies in the home until CREATE DATABASE takes it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lab.server.cluster import Cluster

_FILE = "emulated.json"


def loaded(home: Path, database: str) -> Path:
    """Where `load` puts a database."""
    return home / "data" / "databases" / database / _FILE


def content(cluster: Cluster, database: str) -> dict[str, Any]:
    return {"probes": cluster.probes(database), "flag": cluster.flag(database)}


def put(cluster: Cluster, database: str, file: Path) -> None:
    """What a dump held, into a database that was just made."""
    found = json.loads(file.read_text())
    for name, at in found["probes"].items():
        cluster.add_probe(database, name, at)
    if found["flag"] is not None:
        cluster.set_flag(database, found["flag"])
