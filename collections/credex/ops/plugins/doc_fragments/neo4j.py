# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """How a module logs in to Neo4j: the documentation of module_utils/_neo4j/connection.py."""

    # The options of every Bolt module
    DOCUMENTATION = r"""
options:
  username:
    description:
      - The user to log in as. Needs O(password) as well.
      - Without it no credentials are sent, which suits servers that run with C(dbms.security.auth_enabled=false).
      - Falls back to the environment variable E(NEO4J_USERNAME), as C(cypher-shell) does.
    type: str
  password:
    description:
      - The password of O(username). It is sent once for each server and never a second time, because the third wrong
        one locks the user out for C(dbms.security.auth_lock_time) (5 seconds by default).
      - Falls back to the environment variable E(NEO4J_PASSWORD).
    type: str
  ca_certificate:
    description:
      - Path, on the host that runs the module, of the CA certificates (PEM) that signed the servers' certificates.
        Without it C(bolt+s://) and C(neo4j+s://) are verified with the system's own.
      - Only for addresses that ask for verified TLS. Given together with C(bolt://), C(neo4j://), a bare host or
        C(+ssc) it is refused, because it would have no effect.
    type: path
  timeout:
    description:
      - The deadline of one server in seconds, everything included - resolving, connecting, TLS, login and all
        statements.
      - A server that accepts the connection and stays silent costs this long, and no other server waits for it.
    type: float
    default: 10.0
requirements:
  - The Python package neo4j, 5.28 or later (6.x as well), where the module runs.
notes:
  - Runs where Neo4j's Bolt port can be reached, usually on the controller (C(delegate_to), C(run_once)). Credentials
    for all modules at once belong into C(module_defaults) under C(group/credex.ops.neo4j).
  - Works with Neo4j 5.26 LTS and with calendar versions (2025.01 and later), Enterprise and Community.
  - Nothing is retried. A module that failed has logged in once at most, unless its description says otherwise.
"""

    # Modules that ask many servers with one task
    FLEET = r"""
options:
  uris:
    description:
      - The addresses of the servers. All of them are asked at the same time, each within its own O(timeout).
      - C(bolt://), C(bolt+s://) (TLS, verified) or C(bolt+ssc://) (TLS, any certificate), then host and port. A host
        or C(host:port) alone means C(bolt://); the port is 7687 unless given.
      - A C(neo4j://) address is asked over its C(bolt://) form, because a routing address lets any member of the
        cluster answer, and hides why a server did not.
    type: list
    elements: str
    required: true
  fail_on_unreachable:
    description:
      - Whether the module fails when a server gives no answer, naming every such server.
      - By default a silent server is a result, with C(reachable=false), C(cause) and C(message).
    type: bool
    default: false
  workers:
    description: How many servers are asked at the same time.
    type: int
    default: 64
"""

    # Modules that ask both spaces
    SPACES = r"""
options:
  ledger:
    description: Where LedgerSpace can be asked, as P(credex.ops.space_addresses#filter) returns it.
    type: dict
    required: true
    suboptions:
      uris: &uris
        description: The members of the cluster in which it lies. They are asked which of them writes the database, and
          the rest is sent to that one.
        type: list
        elements: str
        required: true
      database: &database
        description: The database.
        type: str
        required: true
  search:
    description: Where SearchSpace can be asked.
    type: dict
    required: true
    suboptions:
      uris: *uris
      database: *database
  timeout:
    description:
      - The deadline of each statement in seconds. The members must say within 10 seconds who writes.
      - A statement that is not answered in time is ended by the server. What it has committed stays.
    type: float
    default: 3600.0
"""

    # Modules that ask one address
    ADDRESS = r"""
options:
  uri:
    description:
      - The address. C(bolt://), C(bolt+s://) or C(bolt+ssc://) asks this very server; C(neo4j://), C(neo4j+s://) or
        C(neo4j+ssc://) asks the cluster that it belongs to, which sends writes to the writer. A host or C(host:port)
        alone means C(bolt://); the port is 7687 unless given.
      - Falls back to the environment variables E(NEO4J_URI) and E(NEO4J_ADDRESS).
    type: str
    required: true
"""

    # Modules that do as an application does
    CONNECTIONS = r"""
options:
  connections:
    description: What the application is given.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: What it is called in the result, such as the space.
        type: str
        required: true
      uri:
        description: The address, as the application has it. C(neo4j://), C(neo4j+s://) and C(neo4j+ssc://) let the
          driver find the servers; C(bolt://) and the like stay with one.
        type: str
        required: true
      username:
        description: The user. Without it, the module's own O(username) and O(password).
        type: str
      password:
        description: The password of that user.
        type: str
      database:
        description: The database. Without it, the user's home database.
        type: str
  ca_certificate:
    description: Path, on the host that runs the module, of the CA certificates (PEM) for those addresses that ask for
      verified TLS. Without it they are verified with the system's own.
    type: path
"""

    # Modules that send one statement there
    QUERY = r"""
options:
  database:
    description:
      - The database. Without it, the user's home database.
      - Statements of administration (C(SHOW SERVERS), C(CREATE USER) and the like) run on C(system).
    type: str
  query:
    description:
      - One Cypher statement, without a closing semicolon.
      - Values go into O(parameters), never into the text.
    type: str
    required: true
  parameters:
    description:
      - The values of the statement's C($parameters). Bound by the server, so that no value can change the statement.
    type: dict
    default: {}
"""
