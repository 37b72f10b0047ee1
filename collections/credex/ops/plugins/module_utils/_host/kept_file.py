# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Replace a small file so that a reader never sees half of it, nobody unwanted ever reads it, and nothing is lost.

The replaced content stays beside the file as C(NAME.FINGERPRINT.kept). Standard library alone: it runs on the host.
"""

from __future__ import annotations

import contextlib
import dataclasses
import grp
import hashlib
import os
import pwd
import tempfile

SUFFIX = ".kept"


@dataclasses.dataclass(frozen=True)
class Kept:
    """A copy of an earlier content. C(kept_at) is when it was replaced, in seconds since the epoch."""

    path: str
    fingerprint: str
    kept_at: float


@dataclasses.dataclass(frozen=True)
class Ownership:
    """The wanted mode and, where given, numeric owner and group."""

    mode: int
    uid: int = -1
    gid: int = -1

    @classmethod
    def named(cls, owner: str | None, group: str | None, mode: str) -> Ownership:
        """From a module's options; raises LookupError or ValueError when the host does not know them."""
        uid = pwd.getpwnam(owner).pw_uid if owner else -1
        gid = grp.getgrnam(group).gr_gid if group else -1
        return cls(int(mode, 8), uid, gid)

    def differs(self, path: str) -> bool:
        found = os.stat(path)
        return (
            found.st_mode & 0o7777 != self.mode
            or self.uid not in (-1, found.st_uid)
            or self.gid not in (-1, found.st_gid)
        )

    def apply(self, path: str) -> None:
        os.chown(path, self.uid, self.gid)
        os.chmod(path, self.mode)


def read_bytes(path: str) -> bytes | None:
    """The content, or None where there is no such file."""
    with contextlib.suppress(FileNotFoundError), open(path, "rb") as stream:
        return stream.read()
    return None


def kept_copies(path: str) -> list[Kept]:
    """The kept copies beside C(path), the one replaced last first."""
    folder, prefix = os.path.dirname(path), os.path.basename(path) + "."
    names = os.listdir(folder) if os.path.isdir(folder) else []
    ours = [n for n in names if n.startswith(prefix) and n.endswith(SUFFIX)]
    found = [
        Kept(os.path.join(folder, n), n[len(prefix) : -len(SUFFIX)], os.stat(os.path.join(folder, n)).st_mtime)
        for n in ours
    ]
    return sorted(found, key=lambda kept: kept.kept_at, reverse=True)


def kept_path(path: str, fingerprint: str) -> str:
    return f"{path}.{fingerprint}{SUFFIX}"


def content_of(path: str, wanted: str, present: bytes | None) -> bytes | None:
    """The content of this fingerprint: the C(present) one, which was never replaced, or a kept copy. None: neither."""
    if present is not None and wanted == fingerprint(present):
        return present
    return read_bytes(kept_path(path, wanted))


def fingerprint(content: bytes) -> str:
    """The first 16 hex digits of the SHA-256: enough to tell files apart, useless to anybody who finds it in a log."""
    return hashlib.sha256(content).hexdigest()[:16]


def place(path: str, content: bytes, present: bytes | None, ownership: Ownership) -> None:
    """Have this content at C(path), where C(present) is now; that is kept when it is replaced."""
    if content == present:
        ownership.apply(path)
        return
    if present is not None:
        keep(path, present, fingerprint(present), ownership)
    replace(path, content, ownership)


def keep(path: str, content: bytes, fingerprint: str, ownership: Ownership) -> str:
    """Write the content that is about to be replaced beside the file; once more if it was kept before, for its time."""
    target = kept_path(path, fingerprint)
    replace(target, content, ownership)
    return target


def replace(path: str, content: bytes, ownership: Ownership) -> None:
    """Put C(content) at C(path) by rename; the new file is private until its owner and mode are set."""
    descriptor, temporary = tempfile.mkstemp(prefix="." + os.path.basename(path) + ".", dir=os.path.dirname(path))
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        ownership.apply(temporary)
        os.rename(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    _sync_folder(os.path.dirname(path))


def _sync_folder(folder: str) -> None:
    """A rename survives a power cut only once the folder itself is on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
