# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: server_configuration
short_description: Make a server's neo4j.conf from settings, or say what is wrong with them
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Merges settings over defaults, and renders C(neo4j.conf), always in the same order.
  - Everything that is wrong is named at once, before any host is touched. A name that this version and edition does not
    know comes with the one that was probably meant. One setting under two names or spellings, a value that cannot stand
    in the file, and memory that the machine does not have or the contract does not allow are refused.
  - What a value means is judged by C(neo4j-admin server validate-config) on the host, see M(credex.ops.neo4j_conf).
  - With O(present), the file of a server that this collection did not configure is left as it is, but for the settings
    that are given. A file that the role wrote is made anew as a whole.
options:
  _input:
    description:
      - Setting to value. A list becomes one line an item for C(server.jvm.additional), and a text with commas for
        others. V(null) leaves a setting to Neo4j, in place of a default of O(defaults).
    type: dict
    required: true
  version:
    description: The version of Neo4j.
    type: str
    required: true
  edition:
    description: Its edition.
    type: str
    choices: [enterprise, community]
    required: true
  table:
    description: The known settings, C(files/settings.yml) of the role P(credex.ops.neo4j_server#role).
    type: dict
    required: true
  defaults:
    description: Settings that hold unless others are written. Those that this version and edition does not know are
      left out.
    type: dict
    default: {}
  unlisted:
    description: Settings that the table does not know, and that you vouch for, such as those of a plugin.
    type: list
    elements: str
    default: []
  present:
    description: The file that is there, in characters of ISO 8859-1. Without one the file is made anew.
    type: str
  machine_mib:
    description: Memory of the machine, in MiB.
    type: int
    required: true
  max_memory:
    description: Memory of a machine that the license contract allows, such as V(256 GB). Empty means any.
    type: str
    default: ""
  heap_share:
    description: The heap's share of the memory that may be used.
    type: float
    default: 0.3
  page_cache_share:
    description: The page cache's share of it.
    type: float
    default: 0.45
"""

EXAMPLES = r"""
- name: See what would be written
  ansible.builtin.debug:
    msg: "{{ settings | credex.ops.server_configuration('5.26.30', 'enterprise', known, machine_mib=16000) }}"
  vars:
    known: "{{ lookup('ansible.builtin.file', 'settings.yml') | from_yaml }}"
    settings:
      server.memory.heap.max_size: 5g
      db.logs.query.enabled: INFO
"""

RETURN = r"""
_value:
  description: >-
    C(content), the file, V(null) if there are problems; C(problems), a list of sentences; and C(settings) and
    C(before), what the file and the present one say of each setting that is managed, V(null) of one that is left to
    Neo4j.
  type: dict
  sample:
    content: "# ...\ndb.logs.query.enabled=INFO\n"
    problems: []
    settings:
      db.logs.query.enabled: INFO
    before:
      db.logs.query.enabled: null
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.credex.ops.plugins.module_utils._neo4j import conf_file, contract, memory, settings

_AUTHOR = "Written by the role neo4j_server of credex.ops"
_HEAD = f"{_AUTHOR} from neo4j_server_settings; a change by hand is overwritten."


def server_configuration(
    written: t.Mapping[str, t.Any],
    version: str,
    edition: str,
    table: t.Mapping[str, t.Any],
    defaults: t.Mapping[str, t.Any] | None = None,
    unlisted: t.Sequence[str] = (),
    machine_mib: int = 0,
    max_memory: str = "",
    heap_share: float = 0.3,
    page_cache_share: float = 0.45,
    present: str | None = None,
) -> dict[str, t.Any]:
    if not isinstance(written, t.Mapping):
        raise AnsibleFilterError(f"Settings are a dictionary of setting to value, not a {type(written).__name__}.")
    rows = settings.known(table)
    try:
        allowed = contract.size_in_bytes(max_memory) if max_memory else None
    except contract.ContractError as error:
        return {"content": None, "problems": [str(error)], "settings": {}, "before": {}}
    usable = memory.usable(int(machine_mib), allowed)
    why = "the machine has" if usable == machine_mib else f"the contract allows ({max_memory})"
    if present and not present.startswith(f"# {_AUTHOR}"):
        made = brought_in(written, present, usable, why)
    else:
        shares = memory.defaults(usable, float(heap_share), float(page_cache_share), written)
        mine = settings.of_this_server({**(defaults or {}), **shares}, rows, version, edition)
        made = made_anew(mine, written, present or "", usable, why)
    # What no version knows any more may be taken out of a file in which it stands
    gone = [name for name, text in made["before"].items() if text is not None and made["settings"][name] is None]
    found = settings.problems(written, rows, version, edition, [*unlisted, *gone]) + made["problems"]
    found = list(dict.fromkeys(found))
    return {**made, "content": None if found else made["content"], "problems": found}


def made_anew(
    defaults: t.Mapping[str, t.Any], written: t.Mapping[str, t.Any], present: str, usable: int, why: str
) -> dict[str, t.Any]:
    """The whole file; what the present one has beyond that goes."""
    merged = settings.merged(defaults, written)
    return {
        "content": settings.conf(merged, _HEAD),
        "problems": memory.problems(merged, usable, why),
        **compared({**dict.fromkeys(conf_file.values(present), ()), **merged}, present),
    }


def brought_in(written: t.Mapping[str, t.Any], present: str, usable: int, why: str) -> dict[str, t.Any]:
    """The present file with what is written. What it has beyond that is left, and is not judged."""
    merged = settings.merged({}, written)
    named = {str(name): merged.get(name, []) for name in written}
    content = conf_file.brought_in(present, named)
    stands = conf_file.values(content)
    problems = settings.renamed_twice({name: texts for name, texts in stands.items() if texts}, named)
    return {
        "content": content,
        "problems": problems + (memory.problems(stands, usable, why) if set(named) & set(memory.SETTINGS) else []),
        **compared(named, present),
    }


def compared(managed: t.Mapping[str, t.Sequence[str]], present: str) -> dict[str, t.Any]:
    stands = conf_file.values(present)
    texts = {name: "\n".join(values) if values else None for name, values in managed.items()}
    return {"settings": texts, "before": {name: "\n".join(stands[name]) if name in stands else None for name in texts}}


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"server_configuration": server_configuration}
