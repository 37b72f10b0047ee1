# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The emulated server as a tarball in the vendor's layout, and bare machines to unpack it on."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import tarfile
import tempfile
from pathlib import Path

from lab import homes
from lab.description import Cluster, Description, Timing
from lab.server import cluster
from lab.server.home import MACHINES, PACKAGE, Home
from lab.state import State

_CONF = """\
# Neo4j configuration file of the lab's emulated server. What is not set here has Neo4j's default.
server.directories.import=import
server.bolt.enabled=true
server.http.enabled=true
server.https.enabled=false
db.tx_log.rotation.retention_policy=2 days 2G
server.jvm.additional=-XX:+UseG1GC
"""


# `java -version` tells it on stderr
_JAVA = """\
#!/bin/sh
# The lab's stand-in for Java; see lab/README.md
[ "$*" = "-version" ] || { echo "The lab's stand-in for Java does not know: $*" >&2; exit 1; }
echo 'openjdk version "@VERSION@"' >&2
"""
# For 5.26, and for calendar versions
_JAVAS = {"java": "17.0.0", "java-21": "21.0.0"}


@dataclasses.dataclass(frozen=True)
class Release:
    """What a tarball holds: a version of Neo4j, and the version of each product that it brings."""

    edition: str
    version: str
    products: tuple[tuple[str, str], ...]


def write_archives(state: State, described: Description) -> list[Path]:
    """A tarball for each version that the lab describes, with its checksum beside it as `sha256sum` writes it."""
    state.downloads.mkdir(exist_ok=True)
    clusters = [cluster for entry in described.environments for cluster in entry.clusters]
    releases = [_release(cluster) for cluster in clusters]
    releases += [Release("enterprise", version, tuple(brought.items())) for version, brought in described.newer.items()]
    return [_write(state.downloads, release) for release in dict.fromkeys(releases)]


def _release(cluster: Cluster) -> Release:
    products = ((name, product.version) for name, product in cluster.products.items())
    return Release(cluster.edition, cluster.version, tuple(products))


def _write(folder: Path, release: Release) -> Path:
    name = f"neo4j-{release.edition}-{release.version}"
    archive = folder / f"{name}-unix.tar.gz"
    with tempfile.TemporaryDirectory() as made:
        _lay_out(Home(Path(made, name)), release)
        with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
            tar.add(Path(made, name), name, filter=_of_root)
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    archive.with_name(f"{archive.name}.sha256").write_text(f"{digest}  {archive.name}\n")
    return archive


def _lay_out(home: Home, release: Release) -> None:
    homes.make_folders(home)
    homes.write_tools(home)
    home.neo4j_conf.write_text(_CONF)
    (home.path / PACKAGE).write_text(
        f"Package Type: tar\nEdition: {release.edition.capitalize()}\nVersion: {release.version}\n"
    )
    homes.write_brought(home, release.version, release.products)


def _of_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return member


def write_java(state: State) -> None:
    """Stand-ins for the Javas of the lab's machines, which tell a version and run nothing."""
    for name, version in _JAVAS.items():
        java = state.folder / name / "bin" / "java"
        java.parent.mkdir(parents=True)
        java.write_text(_JAVA.replace("@VERSION@", version))
        java.chmod(0o755)


def build_cluster(state: State, described: Cluster, timing: Timing) -> None:
    """Machines on which nothing is installed, and the file of a cluster that nobody has formed yet."""
    cluster.Cluster.create(state.folder, described.key).close()
    for name in described.servers:
        build_machine(state, described, name, timing)


def build_machine(state: State, described: Cluster, name: str, timing: Timing) -> None:
    """A machine on which nothing is installed."""
    (state.faults / name).mkdir()
    state.home(name).mkdir()
    binding = dataclasses.asdict(homes.binding(state, described, name, timing))
    machine = {key: value for key, value in binding.items() if key not in ("version", "edition")}
    file = state.folder / MACHINES / f"{name}.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(machine, indent=2) + "\n")
