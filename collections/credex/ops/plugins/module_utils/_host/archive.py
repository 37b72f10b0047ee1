# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Neo4j's archive: what is in it, what speaks against it, and how it becomes a folder. Standard library alone."""

from __future__ import annotations

import os
import re
import shutil
import tarfile
import tempfile
import typing as t

# Options of the modules that look at one, as in the documentation fragment
ARGUMENTS = {
    "path": {"type": "path", "required": True},
    "sha256": {"type": "str", "required": True},
    "version": {"type": "str", "required": True},
    "edition": {"type": "str", "choices": ["enterprise", "community"], "required": True},
}
# In the folder that an archive became: the SHA-256 of the archive
MARK = "archive.sha256"
_PACKAGING = "packaging_info"


class ArchiveError(Exception):
    """The archive cannot be read or taken, and why."""


class Contents(t.NamedTuple):
    """The one folder that the archive holds, and what C(packaging_info) in it says; empty where it says nothing."""

    folder: str
    version: str
    edition: str


def folder_name(version: str, edition: str) -> str:
    """How Neo4j names the folder in the archive of a version."""
    return f"neo4j-{edition}-{version}"


def contents(path: str) -> Contents:
    """Of the archive, read up to its C(packaging_info). Raises ArchiveError."""
    folder, said = "", {"Version": "", "Edition": ""}
    with _opened(path) as archive:
        for member in archive:
            folder = folder or member.name.split("/")[0]
            if member.name == f"{folder}/{_PACKAGING}" and member.isfile():
                said.update(_said(archive.extractfile(member)))
                break
    if not folder:
        raise ArchiveError("it is empty")
    return Contents(folder, said["Version"], said["Edition"].lower())


def _opened(path: str) -> tarfile.TarFile:
    try:
        return tarfile.open(path, "r:gz")
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ArchiveError(f"it is no tar.gz: {error}") from error


def _said(stream: t.IO[bytes] | None) -> dict[str, str]:
    text = stream.read(4096).decode("utf-8", "replace") if stream else ""
    return dict(re.findall(r"^(Version|Edition): *(\S+) *$", text, re.MULTILINE))


def problems(path: str, checksum: str, wanted_checksum: str, version: str, edition: str) -> list[str]:
    """What speaks against unpacking it. One that is not the expected one is not opened."""
    if checksum != wanted_checksum.strip().lower():
        return [f"The SHA-256 of {path} is {checksum}, not {wanted_checksum}. Find out why before you trust it."]
    try:
        found = contents(path)
    except (ArchiveError, tarfile.TarError, EOFError, OSError) as error:
        return [f"{path} cannot be read: {error}."]
    wanted, says = folder_name(version, edition), ""
    if found.folder == wanted and found.version in ("", version) and found.edition in ("", edition):
        return []
    if found.version or found.edition:
        says = f" (packaging_info: version {found.version or '?'}, edition {found.edition or '?'})"
    return [f"{path} holds {found.folder}{says}, not {wanted}."]


def unpacked_from(folder: str) -> str | None:
    """The SHA-256 of the archive that this folder was; None where it is not there. Raises ArchiveError."""
    if not os.path.lexists(folder):
        return None
    try:
        with open(os.path.join(folder, MARK), encoding="ascii") as stream:
            return stream.read().strip()
    except FileNotFoundError:
        raise ArchiveError(f"{folder} is there, and was not unpacked by this module") from None


def unpack(path: str, folder: str, checksum: str, gid: int) -> None:
    """Let the archive become C(folder), whole or not at all; its group may read it, others not, nobody write."""
    parent = os.path.dirname(folder)
    work = tempfile.mkdtemp(prefix=".unpacking-", dir=parent)
    try:
        with _opened(path) as archive:
            # Python's own filter, where it has one, after ours
            archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, _path: member)
            archive.extractall(work, members=_members(archive, os.path.basename(folder)))  # noqa: S202 - all are looked at
        made = os.path.join(work, os.path.basename(folder))
        with open(os.path.join(made, MARK), "w", encoding="ascii") as stream:
            stream.write(checksum + "\n")
        _close_to_others(made, gid)
        os.rename(made, folder)
    finally:
        shutil.rmtree(work)


def _members(archive: tarfile.TarFile, top: str) -> t.Iterator[tarfile.TarInfo]:
    """All of them, if they are files, folders and links that stay in the one folder."""
    for member in archive:
        inside = os.path.normpath(member.name)
        if inside != top and not inside.startswith(top + "/"):
            raise ArchiveError(f"it holds {member.name}, which is not in {top}")
        target = os.path.normpath(os.path.join(os.path.dirname(inside), member.linkname)) if member.issym() else inside
        if not (member.isfile() or member.isdir() or member.issym()) or not (target + "/").startswith(top + "/"):
            raise ArchiveError(f"it holds {member.name}, which is no file, folder or link in {top}")
        member.uid, member.gid, member.uname, member.gname = os.geteuid(), os.getegid(), "", ""
        yield member


def _close_to_others(top: str, gid: int) -> None:
    for folder, _folders, names in os.walk(top):
        paths = [os.path.join(folder, name) for name in names]
        for path in (folder, *(path for path in paths if not os.path.islink(path))):
            is_run = os.path.isdir(path) or bool(os.stat(path).st_mode & 0o100)
            os.chown(path, -1, gid)
            os.chmod(path, 0o750 if is_run else 0o640)
