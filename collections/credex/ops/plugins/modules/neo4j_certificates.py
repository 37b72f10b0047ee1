#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_certificates
short_description: Have key, certificate and trusted certificates of one TLS policy of Neo4j in their folder
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Writes C(private.key), C(public.crt), and what is trusted into C(trusted), the names of Neo4j's own defaults, and
    makes C(revoked), which must exist. What is replaced, or not trusted any more, is kept in C(kept), which Neo4j does
    not read.
  - It does not judge what it is given, see P(credex.ops.server_tls#filter).
  - Neo4j reads these files when it starts (from 2025.03 also when it is told to). This module never restarts anything;
    M(credex.ops.neo4j_service_info) tells that a restart is due.
  - Runs on the host, with Python 3.9 or later and nothing else.
extends_documentation_fragment:
  - credex.ops.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details: It shows the first 16 hexadecimal digits of the SHA-256 of each file, never the content.
  idempotent:
    support: full
options:
  folder:
    description: The policy's C(base_directory). The folder above it must exist.
    type: path
    required: true
  certificate:
    description: The server's certificate in PEM, followed by those above it. Required with O(private_key).
    type: str
  private_key:
    description: Its key in PEM, PKCS#8, not encrypted. Give it from a secret store, see M(credex.ops.ops_secret_info).
    type: str
  trusted:
    description: Certificates in PEM, whose holders, and those whom they vouch for, may connect.
    type: list
    elements: str
    default: []
  fingerprints:
    description: In place of certificates and key, what RV(before) told once, to have those files back. Each is the one
      that is there, or a kept one.
    type: dict
  owner:
    description: The owning user. Not given, who runs the module.
    type: str
  group:
    description: The owning group.
    type: str
seealso:
  - module: credex.ops.neo4j_service_info
  - plugin: credex.ops.server_tls
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Certificate for Bolt
  credex.ops.neo4j_certificates:
    folder: /var/lib/neo4j/certificates/bolt
    certificate: "{{ read.secrets[0].value }}"
    private_key: "{{ read.secrets[1].value }}"
    owner: neo4j
    group: neo4j
  become: true
"""

RETURN = r"""
folder:
  description: The policy's C(base_directory).
  returned: success
  type: str
  sample: /var/lib/neo4j/certificates/bolt
files:
  description: The files of the policy, with the first 16 hexadecimal digits of their SHA-256.
  returned: success
  type: dict
  sample: {public.crt: 9f86d081884c7d65, private.key: 3f1c9a0b5d7e2a64, trusted/9f86d081884c7d65.crt: 9f86d081884c7d65}
differs:
  description: Whether a file, an owner, a group or a mode was another before.
  returned: success
  type: bool
before:
  description: As RV(files), of what was there before. Empty where there was nothing.
  returned: success
  type: dict
"""

import os
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._host import kept_file

OPTIONS = {
    "folder": {"type": "path", "required": True},
    "certificate": {"type": "str"},
    "private_key": {"type": "str", "no_log": True},
    "trusted": {"type": "list", "elements": "str", "default": []},
    "fingerprints": {"type": "dict"},
    "owner": {"type": "str"},
    "group": {"type": "str"},
}
KEY = "private.key"
CERTIFICATE = "public.crt"
TRUSTED = "trusted"
REVOKED = "revoked"
KEPT = "kept"
FOLDERS = ("", TRUSTED, REVOKED, KEPT)
FOLDER_MODE = "0750"
RULES = {
    "required_together": [("certificate", "private_key")],
    "required_one_of": [("certificate", "fingerprints")],
    "mutually_exclusive": [("certificate", "fingerprints")],
}


class Policy:
    """The folder of one policy, and who owns what is in it."""

    def __init__(self, params: dict[str, t.Any]) -> None:
        self.folder = params["folder"]
        self.owner, self.group = params["owner"], params["group"]

    def path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def owned(self, name: str) -> kept_file.Ownership:
        mode = FOLDER_MODE if name in FOLDERS else "0400" if name.endswith(KEY) else "0440"
        return kept_file.Ownership.named(self.owner, self.group, mode)

    def files(self) -> dict[str, bytes]:
        """What Neo4j would read now."""
        names = [KEY, CERTIFICATE, *(os.path.join(TRUSTED, name) for name in self.listed(TRUSTED))]
        found = {name: kept_file.read_bytes(self.path(name)) for name in names}
        return {name: content for name, content in found.items() if content is not None}

    def listed(self, name: str) -> list[str]:
        return sorted(os.listdir(self.path(name))) if os.path.isdir(self.path(name)) else []

    def missing(self) -> list[str]:
        return [name for name in FOLDERS if not os.path.isdir(self.path(name))]

    def owned_otherwise(self, names: t.Iterable[str]) -> list[str]:
        return [name for name in names if os.path.exists(self.path(name)) and self.owned(name).differs(self.path(name))]

    def make_folders(self, names: t.Iterable[str]) -> None:
        for name in names:
            os.mkdir(self.path(name), 0o700)
            self.owned(name).apply(self.path(name))

    def kept(self, name: str, fingerprint: str) -> str:
        return os.path.join(KEPT, f"{fingerprint}.{os.path.basename(name)}")

    def keep(self, name: str, content: bytes) -> None:
        copy = self.kept(name, kept_file.fingerprint(content))
        kept_file.replace(self.path(copy), content, self.owned(name))

    def earlier(self, name: str, fingerprint: str) -> bytes:
        """The file with this fingerprint, which is there or was kept."""
        for path in (self.path(name), self.path(self.kept(name, fingerprint))):
            content = kept_file.read_bytes(path)
            if content is not None and kept_file.fingerprint(content) == fingerprint:
                return content
        raise LookupError(f"there is no kept copy {self.path(self.kept(name, fingerprint))}")


def ensure(params: dict[str, t.Any], check_mode: bool) -> dict[str, t.Any]:
    policy = Policy(params)
    wanted, present, missing = wanted_files(policy, params), policy.files(), policy.missing()
    changes = {name: wanted.get(name) for name in [*wanted, *present] if wanted.get(name) != present.get(name)}
    # In check mode the user may be to come with the server
    otherwise = policy.owned_otherwise([*wanted, *FOLDERS]) if "" not in missing else []
    if not check_mode:
        apply(policy, changes, present, otherwise)
    differs = bool(changes or missing or otherwise)
    return {
        "changed": differs,
        "differs": differs,
        "folder": policy.folder,
        "files": fingerprints(wanted),
        "before": fingerprints(present),
        "diff": diff(policy.folder, present, wanted),
    }


def fingerprints(files: dict[str, bytes]) -> dict[str, str]:
    return {name: kept_file.fingerprint(content) for name, content in sorted(files.items())}


def wanted_files(policy: Policy, params: dict[str, t.Any]) -> dict[str, bytes]:
    if params["fingerprints"] is not None:
        return {name: policy.earlier(name, each) for name, each in params["fingerprints"].items()}
    texts = [text.encode() for text in params["trusted"]]
    trusted = {os.path.join(TRUSTED, f"{kept_file.fingerprint(text)}.crt"): text for text in texts}
    return {KEY: params["private_key"].encode(), CERTIFICATE: params["certificate"].encode(), **trusted}


def apply(
    policy: Policy, changes: dict[str, bytes | None], present: dict[str, bytes], otherwise: t.Sequence[str]
) -> None:
    policy.make_folders(policy.missing())
    for name, content in changes.items():
        if name in present:
            policy.keep(name, present[name])
        if content is None:
            os.unlink(policy.path(name))
        else:
            kept_file.replace(policy.path(name), content, policy.owned(name))
    for name in otherwise:
        policy.owned(name).apply(policy.path(name))


def diff(folder: str, before: dict[str, bytes], after: dict[str, bytes]) -> dict[str, str]:
    old, new = ("".join(f"{name} {each}\n" for name, each in fingerprints(files).items()) for files in (before, after))
    return {"before_header": folder, "after_header": folder, "before": old, "after": new}


def main() -> None:
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True, **RULES)
    try:
        result = ensure(module.params, module.check_mode)
    except (LookupError, OSError) as error:
        module.fail_json(msg=f"Failed to have certificates in {module.params['folder']}: {error}.")
    module.exit_json(**result)


if __name__ == "__main__":
    main()
