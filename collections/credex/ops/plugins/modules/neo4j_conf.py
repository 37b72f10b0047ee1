#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_conf
short_description: Put neo4j.conf in its place, once Neo4j itself has found it valid
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Lets C(neo4j-admin server validate-config) judge the new file, beside copies of the other files of the same folder,
    and only then moves it into place, atomically. The replaced content stays beside it as C(NAME.FINGERPRINT.kept).
  - Neo4j reads the file when it starts. This module never restarts anything; M(credex.ops.neo4j_service_info) tells
    that a restart is due.
  - A file that Neo4j finds valid is no proof that it starts. It names one unknown setting a run, and does not see a
    misspelt suffix of a TLS policy, or one whose certificate is missing; P(credex.ops.server_configuration#filter) sees
    the first two.
  - Runs on the host as root, with Python 3.9 or later and C(runuser), and runs neo4j-admin as O(owner).
extends_documentation_fragment:
  - credex.ops.attributes
attributes:
  check_mode:
    support: full
    details: Lets Neo4j judge the file too, unless O(admin) is not there yet.
  diff_mode:
    support: full
    details: Without comments, and without the values of settings whose names tell of secrets.
  idempotent:
    support: full
options:
  content:
    description: The whole file, see P(credex.ops.server_configuration#filter), in characters of ISO 8859-1, as Neo4j
      reads it.
    type: str
  fingerprint:
    description: Place the content that was kept under this fingerprint, as a new file. This is how a placement is
      undone, so Neo4j is not asked again.
    type: str
  path:
    description: Where it goes. Its folder must exist.
    type: path
    default: /etc/neo4j/neo4j.conf
  admin:
    description: Path of C(neo4j-admin).
    type: path
    default: /usr/bin/neo4j-admin
  java_home:
    description: The Java that runs it. Without it, the one that C(neo4j-admin) finds.
    type: path
  owner:
    description: The user whom server and file belong to. Empty means the one that runs this module.
    type: str
    default: neo4j
  group:
    description: The file's group. Empty means that of O(owner).
    type: str
    default: neo4j
  mode:
    description: The file's mode, in octal notation.
    type: str
    default: "0640"
seealso:
  - module: credex.ops.neo4j_service_info
  - plugin: credex.ops.server_configuration
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Configure Neo4j
  credex.ops.neo4j_conf:
    content: "{{ configuration.content }}"
  become: true
  register: placed

- name: Put back what was there before
  credex.ops.neo4j_conf:
    fingerprint: "{{ placed.fingerprint }}"
  become: true
"""

RETURN = r"""
path:
  description: The file.
  returned: always
  type: str
  sample: /etc/neo4j/neo4j.conf
kept:
  description: Where the replaced content is, V(null) if nothing was replaced.
  returned: success
  type: str
  sample: /etc/neo4j/neo4j.conf.9f86d081884c7d65.kept
differs:
  description: Whether content, owner, group or mode were others before.
  returned: success
  type: bool
fingerprint:
  description: The first 16 hex digits of the SHA-256 of what was there before, V(null) if there was no file.
  returned: success
  type: str
  sample: 9f86d081884c7d65
kept_copies:
  description: What earlier runs replaced, the latest first.
  returned: success
  type: list
  elements: dict
  contains:
    fingerprint:
      description: That of its content.
      type: str
    kept_at:
      description: When it was replaced, in UTC.
      type: str
      sample: "2026-11-25T08:00:00Z"
rc:
  description: How C(neo4j-admin) ended, 78 for a configuration that it refuses; V(null) when it did not come to that.
  returned: when the file was refused
  type: int
"""

import grp
import os
import pwd
import shutil
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._host import kept_file, run_as
from ansible_collections.credex.ops.plugins.module_utils._host.process import utc
from ansible_collections.credex.ops.plugins.module_utils._neo4j import admin, conf_file

_ENCODING = "latin-1"


class RefusedError(Exception):
    """The file was not replaced, and why."""

    def __init__(self, why: str, code: int | None = None) -> None:
        super().__init__(why)
        self.code = code


def ownership(params: dict[str, t.Any]) -> kept_file.Ownership:
    try:
        user, group = run_as.owner(params["owner"]), params["group"]
        return kept_file.Ownership(
            int(params["mode"], 8), user.pw_uid, grp.getgrnam(group).gr_gid if group else user.pw_gid
        )
    except (LookupError, ValueError) as error:
        raise RefusedError(f"owner, group or mode cannot be used: {error}") from error


def validate(module: AnsibleModule, content: bytes) -> None:
    """Let Neo4j judge the file in a folder of its own, with the files that lie beside the present one."""
    user = run_as.owner(module.params["owner"])
    with run_as.private_folder(user) as folder:
        copy_others(user, module.params["path"], folder)
        run_as.write(user, os.path.join(folder, os.path.basename(module.params["path"])), content)
        command = admin.command(module.params["admin"], "validate_config")
        ended = run_as.run(module, user, command, folder, NEO4J_CONF=folder)
    if ended.code != 0:
        said = ended.said.replace(folder, os.path.dirname(module.params["path"]))
        raise RefusedError(admin.failure(ended.words, ended.code, said), ended.code)
    if folder not in ended.said:
        raise RefusedError(f"{' '.join(ended.words)} does not say that it read {folder}, but: {ended.said}")


def copy_others(user: pwd.struct_passwd, path: str, folder: str) -> None:
    """The logging configuration is judged with neo4j.conf; kept copies of either are of no use."""
    for entry in os.scandir(os.path.dirname(path)):
        if entry.is_file() and entry.name.endswith((".xml", ".conf")) and entry.path != path:
            target = shutil.copyfile(entry.path, os.path.join(folder, entry.name))
            os.chown(target, user.pw_uid, user.pw_gid)


def wanted_content(params: dict[str, t.Any], present: bytes | None) -> bytes:
    if params["content"] is not None:
        return params["content"].encode(_ENCODING)
    content = kept_file.content_of(params["path"], params["fingerprint"], present)
    if content is None:
        raise RefusedError(f"there is no kept copy {kept_file.kept_path(params['path'], params['fingerprint'])}")
    return content


def ensure(module: AnsibleModule) -> dict[str, t.Any]:
    path = module.params["path"]
    present = kept_file.read_bytes(path)
    content = wanted_content(module.params, present)
    found = {"path": path, "diff": diff(path, present, content), **kept_before(path, present)}
    if module.check_mode and not os.path.exists(module.params["admin"]):
        return {"changed": True, "differs": True, "kept": None, **found}
    owned = ownership(module.params)
    if content != present and not module.params["fingerprint"]:  # what was there before may always come back
        validate(module, content)
    changed = content != present or owned.differs(path)
    if changed and not module.check_mode:
        kept_file.place(path, content, present, owned)
    kept = kept_file.kept_path(path, found["fingerprint"]) if present is not None and content != present else None
    return {"changed": changed, "differs": changed, "kept": kept, **found}


def kept_before(path: str, present: bytes | None) -> dict[str, t.Any]:
    copies = kept_file.kept_copies(path)
    return {
        "fingerprint": None if present is None else kept_file.fingerprint(present),
        "kept_copies": [{"fingerprint": c.fingerprint, "kept_at": utc(int(c.kept_at * 1e9))} for c in copies],
    }


def diff(path: str, before: bytes | None, after: bytes) -> dict[str, str]:
    old, new = (conf_file.without_secrets((text or b"").decode(_ENCODING)) for text in (before, after))
    return {"before_header": path, "after_header": path, "before": old, "after": new}


def failure(path: str, error: Exception) -> str:
    return f"Failed to replace {path}: {error}. It was left as it was."


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "content": {"type": "str", "no_log": True},
            "fingerprint": {"type": "str"},
            "path": {"type": "path", "default": "/etc/neo4j/neo4j.conf"},
            "admin": {"type": "path", "default": "/usr/bin/neo4j-admin"},
            "java_home": {"type": "path"},
            "owner": {"type": "str", "default": "neo4j"},
            "group": {"type": "str", "default": "neo4j"},
            "mode": {"type": "str", "default": "0640"},
        },
        mutually_exclusive=[("content", "fingerprint")],
        required_one_of=[("content", "fingerprint")],
        supports_check_mode=True,
    )
    try:
        result = ensure(module)
    except RefusedError as error:
        module.fail_json(msg=failure(module.params["path"], error), rc=error.code)
    except (OSError, LookupError, UnicodeEncodeError) as error:
        module.fail_json(msg=failure(module.params["path"], error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
