#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_license_info
short_description: Read how Neo4j servers and their products are licensed
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Asks every server of O(uris), all at the same time, which agreement it was started under, whether Graph Data
    Science (GDS) and Bloom are installed and licensed and until when, where their license files are configured, and
    the memory and processors that a contract counts.
  - License means three things. The B(agreement) is the text that somebody accepted for the database itself; a
    commercial one has no end that a server knows, so the date on the contract must come from the inventory. A
    B(license file) belongs to a product and is read when the server starts. The B(contract) is on paper, and this
    module does not know it.
  - What is returned is what is in force now. What lies on disk is read by M(credex.ops.neo4j_license_file_info).
  - A product is asked on a user database that is online on the very server, since products do not answer on
    C(system), and another server has a license file of its own.
  - Privileges in Neo4j - C(EXECUTE PROCEDURE) for C(dbms.components), C(dbms.licenseAgreementDetails),
    C(dbms.queryJmx), C(gds.license.state) and C(bloom.checkLicenseCompliance), C(ACCESS) to a user database, and C(SHOW
    SETTING) for C(server.bolt.advertised_address), C(gds.enterprise.license_file), C(dbms.bloom.license_file),
    C(server.directories.licenses), C(server.memory.heap.max_size) and C(server.memory.pagecache.size). Where one is
    missing, the value is V(null) or V(unknown); without the first the server is not C(reachable).
  - On Aura the agreement, the paths, the memory and the processors do not apply, and are V(not_applicable) and
    V(null).
extends_documentation_fragment:
  - credex.ops.neo4j
  - credex.ops.neo4j.fleet
  - credex.ops.attributes
  - credex.ops.attributes.info_module
  - credex.ops.attributes.actiongroup_neo4j
options:
  verify_query:
    description:
      - A reading statement that asks a product other than GDS and Bloom for its license, on a user database of the very
        server. It must answer one row with C(licensed) (bool), and may answer C(expires) (a date and time, or its text
        in ISO 8601), C(days_left) (int) and C(message).
      - Its answer is RV(servers[].products) under the key C(other).
    type: str
seealso:
  - module: credex.ops.neo4j_license_file
  - module: credex.ops.neo4j_license_file_info
  - name: Installing a GDS license
    description: The license file, its setting, and the restart that it needs.
    link: https://neo4j.com/docs/graph-data-science/current/installation/installation-enterprise-edition/
"""

EXAMPLES = r"""
- name: Read how the servers are licensed
  credex.ops.neo4j_license_info:
    uris: "{{ groups['neo4j'] | map('extract', hostvars, 'ansible_host') }}"
    username: ops_reader
    password: "{{ neo4j_password }}"
  delegate_to: localhost
  run_once: true
  register: licenses

- name: Stop if a GDS license ends within 30 days
  ansible.builtin.assert:
    that: item.products.gds.days_left > 30
    fail_msg: "{{ item.uri }}: {{ item.products.gds.message }}"
  loop: "{{ licenses.servers | selectattr('reachable') | selectattr('products.gds.licensed') }}"
  loop_control:
    label: "{{ item.uri }}"
"""

RETURN = r"""
servers:
  description: One entry for each of O(uris), in their order.
  returned: always
  type: list
  elements: dict
  contains:
    uri:
      description: The address as it was given.
      type: str
      sample: bolt://10.0.1.11
    reachable:
      description: Whether the server answered. Proved by statements, since a login alone passes with expired
        credentials.
      type: bool
    cause:
      description: Why it did not answer, one of V(refused), V(timeout), V(tls), V(authentication), V(rate_limit),
        V(credentials_expired), V(forbidden), V(not_neo4j), V(unresolvable), V(unavailable), V(other). V(null) when it
        answered.
      type: str
    message:
      description: What it or the network said, and what to do next. V(null) when it answered.
      type: str
    latency_ms:
      description: Milliseconds from opening the connection to the first answer, login included. V(null) without an
        answer.
      type: float
      sample: 11.4
    version:
      description: The version of the Neo4j kernel.
      returned: when reachable
      type: str
      sample: 5.26.30
    edition:
      description: V(enterprise) or V(community).
      returned: when reachable
      type: str
    agreement:
      description: The agreement under which the server was started (C(dbms.licenseAgreementDetails), Enterprise
        only).
      returned: when reachable
      type: dict
      contains:
        status:
          description: V(commercial), V(evaluation), V(expired) (an evaluation that is over), V(not_accepted),
            V(unknown) (the server would not say) or V(not_applicable) (Community Edition, Aura).
          type: str
        days_left:
          description: Days that are left of an evaluation. V(null) otherwise.
          type: int
        total_days:
          description: Days that the evaluation has in all. V(null) otherwise.
          type: int
    products:
      description: What the products themselves say, under the keys C(gds), C(bloom), and with O(verify_query) C(other),
        each with the keys below.
      returned: when reachable
      type: dict
      contains:
        installed:
          description: Whether the server has the product's license procedure; V(true) for C(other).
          type: bool
        licensed:
          description: Whether the product accepts its license. V(null) when it is not installed or did not answer.
            GDS without a license works within the limits of its free edition; with a license file that it does not
            accept, it refuses all calls.
          type: bool
        expires:
          description: The end of the license in UTC. V(null) for Bloom, which tells days only.
          type: str
          sample: "2027-01-31T00:00:00Z"
        days_left:
          description: Whole days that are left, by the clock of the host that runs the module for GDS and by the
            server's for Bloom; negative when over.
          type: int
        message:
          description: The product's own words.
          type: str
          sample: License expires at 2027-01-31T00:00Z[UTC]
      sample:
        gds: {installed: true, licensed: true, expires: "2027-01-31T00:00:00Z", days_left: 69, message: "License
          expires at 2027-01-31T00:00Z[UTC]"}
        bloom: {installed: false, licensed: null, expires: null, days_left: null, message: null}
    license_paths:
      description: Where license files are configured. V(null) where the setting is absent or empty.
      returned: when reachable
      type: dict
      contains:
        gds:
          description: C(gds.enterprise.license_file).
          type: str
        bloom:
          description: C(dbms.bloom.license_file).
          type: str
        directory:
          description: C(server.directories.licenses).
          type: str
    memory:
      description: Memory in MiB. V(null) where it is not set or cannot be read.
      returned: when reachable
      type: dict
      contains:
        heap_max_mib:
          description: C(server.memory.heap.max_size).
          type: int
        page_cache_mib:
          description: C(server.memory.pagecache.size).
          type: int
        total_mib:
          description: What the server's JVM takes for the memory of its machine.
          type: int
    processors:
      description: How many processors the server's JVM sees, hyper-threads included (C(dbms.queryJmx),
        AvailableProcessors). V(null) where it cannot be read.
      returned: when reachable
      type: int
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._neo4j import connection
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import Neo4jOpsError
from ansible_collections.credex.ops.plugins.module_utils._neo4j.fleet import refuse_unreachable
from ansible_collections.credex.ops.plugins.module_utils._neo4j.reading import read_licenses


def main() -> None:
    spec = connection.connection_argument_spec(verify_query={"type": "str"})
    module = AnsibleModule(spec, supports_check_mode=True, **connection.LOGIN_RULES)
    try:
        servers = read_licenses(
            connection.targets(module.params), module.params["workers"], module.params["verify_query"]
        )
        if module.params["fail_on_unreachable"]:
            refuse_unreachable(servers)
    except Neo4jOpsError as error:
        module.fail_json(**error.as_result())
    module.exit_json(changed=False, servers=servers)


if __name__ == "__main__":
    main()
