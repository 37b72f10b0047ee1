# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: upgrade_configuration
short_description: Give the settings of a neo4j.conf the names that a newer Neo4j has for them
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - What was renamed gets its new name, what is gone without a successor goes, and the rest stays to the byte. Where the
    wanted version still knows a setting, it is left alone.
options:
  _input:
    description: The file, in characters of ISO 8859-1.
    type: str
    required: true
  table:
    description: The known settings, C(files/settings.yml) of the role P(credex.ops.neo4j_server#role).
    type: dict
    required: true
  version:
    description: The version that is to read it.
    type: str
    required: true
  edition:
    description: Its edition.
    type: str
    choices: [enterprise, community]
    required: true
"""

EXAMPLES = r"""
- name: See what the file would be
  ansible.builtin.debug:
    msg: "{{ present | credex.ops.upgrade_configuration(known, '2026.09.0', 'enterprise') }}"
  vars:
    present: "{{ lookup('ansible.builtin.file', 'neo4j.conf') }}"
    known: "{{ lookup('ansible.builtin.file', 'settings.yml') | from_yaml }}"
"""

RETURN = r"""
_value:
  description: The file.
  type: str
"""

import typing as t

from ansible_collections.credex.ops.plugins.module_utils._neo4j import upgrade


def upgrade_configuration(content: str, table: t.Mapping[str, t.Any], version: str, edition: str) -> str:
    return upgrade.configuration(content, table, version, edition)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"upgrade_configuration": upgrade_configuration}
