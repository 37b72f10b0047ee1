#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_plugins
short_description: Have plugins of Neo4j in its plugins folder, each in one version
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Copies jars that are on the host, such as those that Neo4j brings in C(labs) and C(products), into the plugins
    folder, each by a rename. What they replace, another version of the same plugin or another content under the same
    name, is moved out of the folder, and kept. Other jars are left alone.
  - Two jars are the same plugin when their names are equal but for the version. APOC must be of the server's own line
    (5.26 for 5.26.30); what suits other plugins is not known to this module.
  - Neo4j loads plugins when it starts. This module never restarts anything; M(credex.ops.neo4j_service_info) tells
    that a restart is due.
  - Runs on the host, with Python 3.9 or later and nothing else.
extends_documentation_fragment:
  - credex.ops.attributes
attributes:
  check_mode:
    support: full
    details: A jar that is not there yet is taken for a good one.
  diff_mode:
    support: full
    details: It shows the names of the jars before and after, and the SHA-256 of those that differ.
  idempotent:
    support: full
options:
  plugins:
    description: The jars that are wanted.
    type: list
    elements: dict
    required: true
    suboptions:
      path:
        description:
          - The jar on the host. A pattern such as V(/var/lib/neo4j/labs/apoc-*-core.jar) must mean exactly one file.
          - Its name is that in the folder.
        type: path
        required: true
      sha256:
        description: What the jar's SHA-256 must be. Without it the jar is taken as it is.
        type: str
  absent:
    description: Names of jars that shall not be in the folder. They are moved out, and kept.
    type: list
    elements: str
    default: []
  folder:
    description: The plugins folder. It must exist.
    type: path
    default: /var/lib/neo4j/plugins
  kept:
    description: Where what is replaced is moved to. Made when it is needed. Neo4j must not load it.
    type: path
    default: /var/lib/neo4j/plugins.kept
  neo4j_version:
    description: The server's version, which APOC is held against. Empty means any.
    type: str
    default: ""
  owner:
    description: The owning user of what is copied. Not given, who runs the module.
    type: str
  group:
    description: The owning group.
    type: str
  mode:
    description: The mode of the jars, in octal notation.
    type: str
    default: "0640"
seealso:
  - module: credex.ops.neo4j_service_info
"""

EXAMPLES = r"""
- name: APOC Core and Graph Data Science as Neo4j Enterprise brings them
  credex.ops.neo4j_plugins:
    neo4j_version: "5.26.30"
    owner: neo4j
    group: neo4j
    plugins:
      - path: /var/lib/neo4j/labs/apoc-*-core.jar
      - path: /var/lib/neo4j/products/neo4j-graph-data-science-*.jar
  become: true
"""

RETURN = r"""
plugins:
  description: The wanted jars, as they lie in the folder.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: The jar in the folder.
      type: str
      sample: /var/lib/neo4j/plugins/apoc-5.26.30-core.jar
    sha256:
      description: Its SHA-256. Null in check mode when the jar is not on the host yet.
      type: str
    before:
      description: The SHA-256 of what was there under its name. Null when nothing was.
      type: str
    changed:
      description: Whether it was put there now.
      type: bool
differs:
  description: Whether a jar, an owner, a group or a mode was another before.
  returned: success
  type: bool
kept:
  description: What was moved out of the folder, where it was moved to.
  returned: success
  type: list
  elements: str
  sample: [/var/lib/neo4j/plugins.kept/apoc-5.26.29-core.jar]
"""

import dataclasses
import glob
import os
import shutil
import tempfile
import typing as t
import zipfile

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._host import files, kept_file
from ansible_collections.credex.ops.plugins.module_utils._neo4j import plugins

OPTIONS = {
    "plugins": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {"path": {"type": "path", "required": True}, "sha256": {"type": "str"}},
    },
    "absent": {"type": "list", "elements": "str", "default": []},
    "folder": {"type": "path", "default": "/var/lib/neo4j/plugins"},
    "kept": {"type": "path", "default": "/var/lib/neo4j/plugins.kept"},
    "neo4j_version": {"type": "str", "default": ""},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "mode": {"type": "str", "default": "0640"},
}


class RefusedError(Exception):
    """Nothing was changed, and why."""


@dataclasses.dataclass(frozen=True)
class Jar:
    """A wanted jar: where it comes from, where it goes, and what both hold."""

    source: str
    target: str
    wanted: str | None  # of the source; None where there is none yet, in check mode
    present: str | None

    @property
    def changed(self) -> bool:
        return self.wanted is None or self.wanted != self.present


def ensure(params: dict[str, t.Any], check_mode: bool) -> dict[str, t.Any]:
    folder = params["folder"]
    is_to_come = check_mode and not os.path.isdir(folder)
    jars = [jar_of(each, folder, check_mode) for each in params["plugins"]]
    names = [os.path.basename(jar.target) for jar in jars]
    found = plugins.problems(names, params["neo4j_version"])
    if found:
        raise RefusedError(" ".join(found))
    present = [] if is_to_come else sorted(name for name in os.listdir(folder) if name.endswith(".jar"))
    unwanted = [name for name in params["absent"] if name in present]
    overwritten = [os.path.basename(jar.target) for jar in jars if jar.changed and jar.present]
    others = [*plugins.replaced(names, present), *unwanted, *overwritten]
    changed = is_to_come or put(jars, others, params, check_mode)
    return {
        "changed": changed,
        "differs": changed,
        "plugins": [
            {"path": jar.target, "sha256": jar.wanted, "before": jar.present, "changed": jar.changed} for jar in jars
        ],
        "kept": [os.path.join(params["kept"], name) for name in others],
        "diff": diff(folder, present, others, jars),
    }


def put(jars: t.Sequence[Jar], others: t.Sequence[str], params: dict[str, t.Any], check_mode: bool) -> bool:
    """Have the jars there and the others elsewhere; whether that is a change."""
    owned = ownership(params)
    if not (others or any(jar.changed or owned.differs(jar.target) for jar in jars)):
        return False
    if not check_mode:
        copies = {jar.target: copied(jar, owned) for jar in jars if jar.changed}
        # A server that is started between the moves lacks a plugin, or has it twice: so all is copied before
        move(others, params["folder"], params["kept"])
        for target, copy in copies.items():
            os.rename(copy, target)
        for jar in jars:
            owned.apply(jar.target)
    return True


def jar_of(given: dict[str, t.Any], folder: str, check_mode: bool) -> Jar:
    source = one_file(given["path"], check_mode)
    wanted = None if source is None else good_jar(source, given["sha256"])
    target = os.path.join(folder, os.path.basename(source or given["path"]))
    present = files.sha256(target) if os.path.isfile(target) else None
    return Jar(source or given["path"], target, wanted, present)


def one_file(pattern: str, check_mode: bool) -> str | None:
    """The file that a pattern means; none is no mistake in check mode, where an installation may be to come."""
    found = [pattern] if os.path.isfile(pattern) else sorted(glob.glob(pattern))
    if len(found) == 1:
        return found[0]
    if not found and check_mode:
        return None
    raise RefusedError(f"{pattern} means {', '.join(found) or 'no file'}, and must mean one")


def good_jar(path: str, expected: str | None) -> str:
    """The SHA-256 of a jar that is whole, and the expected one."""
    found = files.sha256(path)
    if expected and found != expected.lower():
        raise RefusedError(f"{path} has SHA-256 {found}, not {expected}. Find out why before you trust it")
    if not zipfile.is_zipfile(path):
        raise RefusedError(f"{path} is no jar, or was cut off")
    return found


def copied(jar: Jar, owned: kept_file.Ownership) -> str:
    """A copy of the jar in the folder where it goes, under a name that Neo4j does not load."""
    descriptor, copy = tempfile.mkstemp(prefix=".credex-ops-", dir=os.path.dirname(jar.target))
    try:
        with os.fdopen(descriptor, "wb") as new, open(jar.source, "rb") as source:
            shutil.copyfileobj(source, new, 1 << 20)
            new.flush()
            os.fsync(new.fileno())
        owned.apply(copy)
    except BaseException:
        os.unlink(copy)
        raise
    return copy


def move(names: t.Sequence[str], folder: str, kept: str) -> None:
    if names:
        os.makedirs(kept, mode=0o750, exist_ok=True)
    for name in names:
        shutil.move(os.path.join(folder, name), os.path.join(kept, name))


def diff(folder: str, present: t.Sequence[str], others: t.Sequence[str], jars: t.Sequence[Jar]) -> dict[str, str]:
    changed = {os.path.basename(jar.target): jar for jar in jars if jar.changed}
    before = [f"{name} {changed[name].present}" if name in changed else name for name in present]
    left = [name for name in present if name not in others and name not in changed]
    after = sorted([*left, *(f"{name} {jar.wanted or ''}".strip() for name, jar in changed.items())])
    texts = ("".join(f"{line}\n" for line in lines) for lines in (before, after))
    return dict(zip(("before", "after"), texts), before_header=folder, after_header=folder)


def ownership(params: dict[str, t.Any]) -> kept_file.Ownership:
    try:
        return kept_file.Ownership.named(params["owner"], params["group"], params["mode"])
    except (LookupError, ValueError) as error:
        raise RefusedError(f"owner, group or mode cannot be used: {error}") from error


def main() -> None:
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    try:
        result = ensure(module.params, module.check_mode)
    except (RefusedError, OSError) as error:
        module.fail_json(msg=f"Failed to have plugins in {module.params['folder']}: {error}.")
    module.exit_json(**result)


if __name__ == "__main__":
    main()
