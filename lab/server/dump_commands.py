# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`neo4j-admin database dump` and `load`, as the real ones answer."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from pathlib import Path

from lab.server import command, dumps
from lab.server.cluster import Cluster
from lab.server.command import FAILED, USAGE, CommandError
from lab.server.home import Home


def run(home: Home, words: Sequence[str]) -> None:
    """`dump NAME --to-path=FOLDER`, or `load NAME --from-path=FOLDER [--overwrite-destination=true]`."""
    verb, database, path, *options = words
    if verb == "dump":
        dump(home, database, _option(path, "--to-path"))
    else:
        load(home, database, _option(path, "--from-path"), options)


def dump(home: Home, database: str, folder: Path) -> None:
    """Only of a database that nobody has open."""
    file = folder / f"{database}.dump"
    with _cluster(home) as cluster:
        _refuse_in_use(home, cluster, database)
        if not cluster.snapshot(elect=False).database(database):
            raise CommandError(FAILED, f"Database does not exist: {database}")
        if file.exists():
            raise CommandError(FAILED, f"Archive already exists: {file}")
        file.write_text(json.dumps(dumps.content(cluster, database)))


def load(home: Home, database: str, folder: Path, options: Sequence[str]) -> None:
    """Into a server that runs as well, as long as it does not have the database."""
    archive, target = folder / f"{database}.dump", dumps.loaded(home.path, database)
    if not archive.is_file():
        raise CommandError(FAILED, f"No matching archives found for database {database}")
    with _cluster(home) as cluster:
        _refuse_in_use(home, cluster, database)
    if target.parent.exists() and list(options) != ["--overwrite-destination=true"]:
        raise CommandError(FAILED, f"Database already exists: {database}")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(archive.read_bytes())


def _cluster(home: Home) -> contextlib.closing[Cluster]:
    binding = home.binding()
    return contextlib.closing(Cluster(Path(binding.state), binding.cluster))


def _refuse_in_use(home: Home, cluster: Cluster, database: str) -> None:
    found = cluster.snapshot(elect=False).database(database)
    if command.running(home) and found and found.on(home.binding().name):
        raise CommandError(FAILED, f"The database is in use. Stop database '{database}' and try again.")


def _option(word: str, name: str) -> Path:
    found, _, value = word.partition("=")
    if found != name:
        raise CommandError(USAGE, f"Unknown option: '{word}'")
    return Path(value)
