# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role neo4j_server refuses an archive, or a place for it, that is not what it should be. No server is needed."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import tarfile
from pathlib import Path
from typing import Any

from tests.lab.operations.lab_driver import PLAYBOOK, ROOT

WANTED = "neo4j-enterprise-5.26.30"


def test_what_is_wrong_is_told_and_nothing_is_changed(tmp_path: Path) -> None:
    archive = pack(tmp_path / "archive.tar.gz")
    (tmp_path / "password").write_text("a-good-password")
    for version in (11, 17):
        java(tmp_path / f"java-{version}", version)
    for place in ("other_archive/bin", f"unpacked_by_hand/versions/{WANTED}"):
        (tmp_path / place).mkdir(parents=True)
    hosts = refused(tmp_path, hashlib.sha256(archive.read_bytes()).hexdigest())
    before = everything(tmp_path)
    inventory = tmp_path / "inventory.json"
    right = {
        "folder": str(tmp_path),
        "neo4j_version": "5.26.30",
        "neo4j_server_archive": str(archive),
        "neo4j_server_java_home": str(tmp_path / "java-17"),
    }
    inventory.write_text(json.dumps({"all": {"hosts": hosts, "vars": right}}))
    run = subprocess.run(
        [str(PLAYBOOK), "tests/lab/server_archive.yml", "-i", str(inventory)],
        cwd=ROOT, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-5000:] + run.stderr
    assert run.stdout.count("rescued=1") == len(hosts)
    assert everything(tmp_path) - {inventory} == before


def refused(folder: Path, sha256: str) -> dict[str, dict[str, Any]]:
    """Host to what is wrong with it, and what it must be told, all of it at once."""
    rows = {
        "other_archive": (
            {"neo4j_server_archive_sha256": "0" * 64, "neo4j_server_java_home": f"{folder}/java-11"},
            [
                f"is {sha256}, not {'0' * 64}.",
                f"{folder}/other_archive/bin is there, and not of this role",
                f"wants Java 17 or 21, and there is Java 11 ({folder}/java-11).",
            ],
        ),
        "other_version": ({"neo4j_version": "5.26.31"}, [f"holds {WANTED} (packaging_info: version 5.26.30"]),
        "no_file": ({"neo4j_server_archive": f"{folder}/none.tar.gz"}, [f"There is no file {folder}/none.tar.gz on"]),
        "no_checksum": ({"neo4j_server_archive_sha256": ""}, ["in neo4j_server_archive_sha256."]),
        "unpacked_by_hand": ({}, [f"versions/{WANTED} was unpacked from another archive (SHA-256 unknown)."]),
    }
    return {
        host: {"neo4j_server_archive_sha256": sha256, **wrong, "words": words} for host, (wrong, words) in rows.items()
    }


def pack(path: Path) -> Path:
    content = b"Version: 5.26.30\nEdition: Enterprise\n"
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo(f"{WANTED}/packaging_info")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return path


def java(home: Path, version: int) -> None:
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}.0.1\" 2025-01-21' >&2\n")
    program.chmod(0o755)


def everything(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))
