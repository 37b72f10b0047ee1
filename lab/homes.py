# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A new cluster: its SQLite file, and a home for each of its servers, laid out as the vendor's tarball."""

from __future__ import annotations

import shlex
import sys
import uuid
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lab.description import Cluster, Timing
from lab.server import agreement, cluster, config, licenses
from lab.server.home import Binding, Home
from lab.server.users import Users
from lab.state import BOLT_PORT, HTTP_PORT, REPOSITORY, State

LICENSEE = "Great Sun Financial Inc."
_FOLDERS = ("bin", "certificates", "conf", "data", "import", "licenses", "logs", "plugins", "run")
_JARS = {"gds": "neo4j-graph-data-science", "bloom": "bloom-plugin"}
_LICENSE_SETTINGS = {"gds": config.GDS_LICENSE_FILE, "bloom": config.BLOOM_LICENSE_FILE}


def build_cluster(state: State, described: Cluster, addresses: dict[str, str], password: str, timing: Timing) -> None:
    """Everything of a cluster that is there before its first start."""
    created = cluster.Cluster.create(state.folder, described.key)
    for name in described.servers:
        bolt, http = f"{addresses[name]}:{BOLT_PORT}", f"{addresses[name]}:{HTTP_PORT}"
        created.add_server(name, str(uuid.uuid4()), bolt, http, described.version)
        build_home(state, described, name, addresses, timing)
    for database in described.databases:
        created.add_database(
            database.name,
            cluster.new_database_id(),
            database.servers,
            writer=database.writer,
            is_default=database.is_default,
        )
    Users(created).create("neo4j", password, change_required=False, roles=["admin", "PUBLIC"])
    for name, flag in described.flags.items():
        created.set_flag(name, flag)
    created.close()


def open_to_nodes(state: State, described: Cluster) -> None:
    """Let servers on other machines, under users of their own, write what they share."""
    state.folder.chmod(0o777)
    shared = cluster.Cluster(state.folder, described.key)
    shared.file.chmod(0o666)
    shared.close()


def build_home(state: State, described: Cluster, name: str, addresses: dict[str, str], timing: Timing) -> None:
    """The home of one server. One that its cluster does not know joins it with its first start, and is free then."""
    home = Home(state.home(name))
    make_folders(home)
    (state.faults / name).mkdir()
    write_tools(home)
    home.neo4j_conf.write_text(_neo4j_conf(home, described, name, addresses))
    home.neo4j_conf.chmod(0o640)
    products = [(product, details.version) for product, details in described.products.items()]
    for brought in write_brought(home, described.version, products):
        write_jar(home.plugins / brought.name)
        (home.plugins / brought.name).chmod(0o640)
    for product, details in described.products.items():
        write_license(home, product, details.license_days)
    agreement.accept(home.agreement, described.agreement)
    home.bind(binding(state, described, name, timing))


def binding(state: State, described: Cluster, name: str, timing: Timing) -> Binding:
    return Binding(
        name=name,
        cluster=described.key,
        state=str(state.folder),
        version=described.version,
        edition=described.edition,
        processors=described.processors,
        memory=described.memory,
        start_seconds=timing.start,
        stop_seconds=timing.stop,
        online_seconds=timing.online,
    )


def make_folders(home: Home) -> None:
    for folder in _FOLDERS:
        (home.path / folder).mkdir(parents=True)


def write_tools(home: Home) -> None:
    for tool in ("neo4j", "neo4j-admin"):
        _write_tool(home.path / "bin" / tool, tool)


def write_brought(home: Home, version: str, products: Iterable[tuple[str, str]]) -> list[Path]:
    """The plugins that Neo4j brings, switched off."""
    jars = [home.path / "labs" / f"apoc-{version}-core.jar"]
    jars += [home.path / "products" / jar(product, of_product) for product, of_product in products]
    for folder in ("labs", "products"):
        (home.path / folder).mkdir()
    for file in jars:
        write_jar(file)
    return jars


def jar(product: str, version: str) -> str:
    return f"{_JARS[product]}-{version}.jar"


def write_jar(file: Path) -> None:
    """One with nothing in it: the emulated server only sees that it is there."""
    zipfile.ZipFile(file, "w").close()


def _write_tool(file: Path, tool: str) -> None:
    command = shlex.join([sys.executable, "-m", "lab.server", tool])
    file.write_text(
        "#!/bin/sh\n"
        "# The lab's emulated server; see lab/README.md\n"
        'home="$(cd "$(dirname "$0")/.." && pwd)"\n'
        f'PYTHONPATH={shlex.quote(str(REPOSITORY))} exec {command} "$home" "$@"\n'
    )
    file.chmod(0o755)


def _neo4j_conf(home: Home, described: Cluster, name: str, addresses: dict[str, str]) -> str:
    settings = {
        "server.default_listen_address": addresses[name],
        "server.default_advertised_address": addresses[name],
        "server.memory.heap.initial_size": described.heap,
        "server.memory.heap.max_size": described.heap,
        "server.memory.pagecache.size": described.page_cache,
    }
    if len(addresses) > 1:
        settings |= _discovery(addresses)
    for product in described.products:
        settings[_LICENSE_SETTINGS[product]] = str(license_file(home, product))
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def _discovery(addresses: dict[str, str]) -> dict[str, str]:
    members = ",".join(f"{address}:6000" for address in addresses.values())
    return {"dbms.cluster.discovery.version": "V2_ONLY", "dbms.cluster.discovery.v2.endpoints": members}


def license_file(home: Home, product: str) -> Path:
    return home.licenses / f"neo4j-{product}.license"


def write_license(home: Home, product: str, days: int) -> None:
    file = license_file(home, product)
    file.write_text(new_license(product, days))
    file.chmod(0o640)


def new_license(product: str, days: int, form: str = "decodable") -> str:
    """The text of a license that is valid for so many days from now; less than none is one that has expired."""
    now = datetime.now(UTC)
    expires = now + timedelta(days=days)
    return licenses.issue(product, LICENSEE, min(now, expires - timedelta(days=365)), expires, form)
