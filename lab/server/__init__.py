# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An emulated Neo4j Enterprise server: one process, the standard library alone (Python 3.11 or later).

bin/neo4j, bin/neo4j-admin    command.py      the vendor's command lines, with their exit codes
the process                   console.py      start, stop; what is read at start: instance.py
neo4j.conf                    config.py       strict
sockets                       listeners.py    bolt.py (wire), session.py (messages), http.py, cluster_status.py
Cypher                        statements/     on lexer.py, grammar.py (patterns), tables.py (YIELD, WHERE)
refusals                      errors.py       codes and GQL status; texts.py, as in the vendor's jars
state                         cluster.py      one SQLite file for all servers of a cluster; alive.py
                              snapshot.py     what one read of it finds; allocator.py: who hosts what, then
who may what                  access.py       asked by every statement; on users.py, roles.py, privileges.py (the table)
licenses                      licenses.py (products), agreement.py (the server's own)
faults                        faults.py
"""
