#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_license_agreement
short_description: Accept the license agreement of a Neo4j Enterprise server
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Records on the server that the commercial or the evaluation agreement is accepted, by C(neo4j-admin server
    license). There is no license file for the Neo4j server itself, and a commercial agreement has no end that the
    server knows.
  - It never accepts by default. Somebody must write O(agreement).
  - Where the acceptance is stored is not documented, so this module does not probe files. Whether there is anything
    to do is decided by O(present), which M(credex.ops.neo4j_license_info) reads from the running server. A stopped
    server cannot be asked.
  - A server that runs takes notice of a new acceptance when it is restarted.
  - Runs on the host, as the user C(neo4j), never as root, because neo4j-admin writes files that the server must own.
extends_documentation_fragment:
  - credex.ops.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
    details: As far as O(present) is what the server says now.
options:
  agreement:
    description: The agreement that you accept.
    type: str
    choices: [commercial, evaluation]
    required: true
  present:
    description:
      - The status that the server has now, RV(credex.ops.neo4j_license_info#module:servers[].agreement.status).
      - V(unknown) is refused, since nobody could tell whether anything changed. For a server that never started give
        V(not_accepted).
    type: str
    choices: [commercial, evaluation, expired, not_accepted, not_applicable, unknown]
    required: true
  admin:
    description: Path of C(neo4j-admin).
    type: path
    default: /usr/bin/neo4j-admin
seealso:
  - module: credex.ops.neo4j_license_info
  - module: credex.ops.neo4j_license_file
"""

EXAMPLES = r"""
- name: Accept the commercial agreement
  credex.ops.neo4j_license_agreement:
    agreement: commercial
    present: "{{ answers.servers[0].agreement.status }}"
  become: true
  become_user: neo4j
"""

RETURN = r"""
agreement:
  description: The agreement that the server has, once it is restarted if C(changed) is true.
  returned: always
  type: str
  sample: commercial
executed_commands:
  description: What was run, or would be in check mode.
  returned: always
  type: list
  elements: str
  sample: ["/usr/bin/neo4j-admin server license --accept-commercial"]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._neo4j import admin
from ansible_collections.credex.ops.plugins.module_utils._neo4j import license as neo4j_license


class RefusedError(Exception):
    """Nothing was accepted, and why."""


def plan(agreement: str, present: str) -> str | None:
    """The command to run, or None. Raises RefusedError."""
    if present == agreement:
        return None
    if present == "unknown":
        raise RefusedError(
            "what is accepted now cannot be read. Start the server and ask neo4j_license_info, or give "
            "present: not_accepted for a server that was never started"
        )
    objection = neo4j_license.agreement_objection(agreement, present)
    if objection:
        raise RefusedError(objection)
    return f"accept_{agreement}"


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "agreement": {"type": "str", "choices": ["commercial", "evaluation"], "required": True},
            "present": {
                "type": "str",
                "choices": ["commercial", "evaluation", "expired", "not_accepted", "not_applicable", "unknown"],
                "required": True,
            },
            "admin": {"type": "path", "default": "/usr/bin/neo4j-admin"},
        },
        supports_check_mode=True,
    )
    agreement, present = module.params["agreement"], module.params["present"]
    try:
        name = plan(agreement, present)
    except RefusedError as error:
        module.fail_json(msg=f"Failed to accept the {agreement} agreement: {error}.")
    words = admin.command(module.params["admin"], name) if name else []
    if words and not module.check_mode:
        accept(module, words)
    diff = {"before": f"agreement: {present}\n", "after": f"agreement: {agreement}\n"}
    module.exit_json(
        changed=bool(words), agreement=agreement, executed_commands=[" ".join(words)] if words else [], diff=diff
    )


def accept(module: AnsibleModule, words: list[str]) -> None:
    try:
        code, output, errors = module.run_command(words, handle_exceptions=False)
    except OSError as error:
        code, output, errors = 127, "", str(error)
    if code != 0:
        module.fail_json(msg=f"Failed to accept the agreement: {admin.failure(words, code, output + errors)}", rc=code)


if __name__ == "__main__":
    main()
