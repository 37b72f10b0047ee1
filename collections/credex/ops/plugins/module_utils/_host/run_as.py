# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Run Neo4j's own commands on this host as the user whom the server belongs to, never as root."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import tempfile
import typing as t
from collections.abc import Iterator

from ansible.module_utils.basic import AnsibleModule


def owner(name: str) -> pwd.struct_passwd:
    """The user, without a name the one that asks; LookupError with a sentence when this host has none of that name."""
    try:
        return pwd.getpwnam(name) if name else pwd.getpwuid(os.geteuid())
    except KeyError:
        raise LookupError(f"this host has no user {name}: is Neo4j installed here?") from None


def words(user: pwd.struct_passwd, command: t.Sequence[str]) -> list[str]:
    """The command as this user, who may be the one that asks."""
    return list(command) if os.geteuid() == user.pw_uid else ["runuser", "-u", user.pw_name, "--", *command]


class Ended(t.NamedTuple):
    """How a command ended, and all that it said."""

    words: list[str]
    code: int
    said: str


def run(
    module: AnsibleModule, user: pwd.struct_passwd, command: t.Sequence[str], folder: str, **environment: str
) -> Ended:
    """Run it there as this user, with the Java of option java_home. Nobody else can read what it writes."""
    java = {"JAVA_HOME": module.params["java_home"]} if module.params["java_home"] else {}
    line = words(user, command)
    code, output, errors = module.run_command(
        line, environ_update={**environment, **java}, cwd=folder, umask=0o077, handle_exceptions=False
    )
    return Ended(line, code, output + errors)


@contextlib.contextmanager
def private_folder(user: pwd.struct_passwd) -> Iterator[str]:
    """A folder that this user and root alone can enter, for as long as it is needed."""
    folder = tempfile.mkdtemp(prefix=".credex-ops-")
    try:
        os.chown(folder, user.pw_uid, user.pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder)


def write(user: pwd.struct_passwd, path: str, content: bytes) -> None:
    """A file that nobody else can read, not even for an instant."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        os.fchown(descriptor, user.pw_uid, user.pw_gid)
        stream.write(content)
