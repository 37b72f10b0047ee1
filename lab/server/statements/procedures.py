# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Small questions: RETURN 1, components, JMX, which procedures there are."""

from __future__ import annotations

import re
import time
from typing import Any

from lab.server import config
from lab.server.errors import unknown_statement
from lab.server.statements.registry import STATEMENTS, Call, Statement, statement
from lab.server.tables import Answer
from lab.server.versions import before


@statement("RETURN <value:value> [AS <alias:name>]", on_system=False, operators=("Projection",))
def return_value(call: Call) -> Answer:
    """A column without a name is named by what was written."""
    written = re.sub(r".*?\breturn\s+", "", call.text, count=1, flags=re.IGNORECASE | re.DOTALL).rstrip("; \n")
    return Answer((call.slots.get("alias", written),), [[call.slots["value"]]])


@statement("CALL db.ping [( )] <tail:tail>")
def ping(call: Call) -> Answer:
    return call.table(("success",), ("success",), [{"success": True}])


@statement(
    "CALL dbms.components ( ) YIELD name, versions, edition"
    " RETURN name, versions, edition, datetime.realtime().epochMillis AS now",
    kind="s",
    verbatim=True,
)
def components_now(call: Call) -> Answer:
    """With its clock, which may go wrong."""
    skew = (call.instance.faults.get("clock-skew") or {"seconds": 0.0})["seconds"]
    columns = ("name", "versions", "edition")
    rows = [[*(row[name] for name in columns), int((time.time() + skew) * 1000)] for row in _components(call)]
    return Answer((*columns, "now"), rows)


@statement("CALL dbms.components [( )] <tail:tail>", kind="s")
def components(call: Call) -> Answer:
    columns = ("name", "versions", "edition")
    return call.table(columns, columns, _components(call))


def _components(call: Call) -> list[dict[str, Any]]:
    version = call.instance.version
    rows: list[dict[str, Any]] = [{"name": "Neo4j Kernel", "versions": [version], "edition": call.instance.edition}]
    if not before(version, 2025, 5):
        # From 2025.05 on; 25 itself from 2025.06 on
        rows.append({"name": "Cypher", "versions": ["5"] if before(version, 2025, 6) else ["5", "25"], "edition": ""})
    return rows


# Domains in which a real server has beans; a query of others finds nothing
_REAL_BEANS = ("java.", "com.sun.", "jdk.", "org.neo4j", "neo4j.", "JMImplementation", "*")


@statement("CALL dbms.queryJmx ( <query:value> ) <tail:tail>", kind="s")
def query_jmx(call: Call) -> Answer:
    bean, columns, query = "java.lang:type=OperatingSystem", ("name", "description", "attributes"), call.slots["query"]
    if query != bean:
        if str(query).startswith(_REAL_BEANS):
            raise unknown_statement(f"JMX bean {query}")
        return call.table(columns, columns, [])
    values = {
        "AvailableProcessors": call.instance.processors,
        "TotalPhysicalMemorySize": config.size(call.instance.memory),
        "Name": "Linux",
    }
    attributes = {name: {"description": name, "value": value} for name, value in values.items()}
    row = {
        "name": bean,
        "description": "Information on the management interface of the MBean",
        "attributes": attributes,
    }
    return call.table(columns, columns, [row])


_DEFAULT = ("name", "description", "mode", "worksOnSystem")
_COLUMNS = (
    *_DEFAULT,
    "signature",
    "argumentDescription",
    "returnDescription",
    "admin",
    "rolesExecution",
    "rolesBoostedExecution",
    "isDeprecated",
    "deprecatedBy",
    "option",
)
# What the manual says of each procedure is not in the emulator
_UNTOLD: dict[str, Any] = {
    "description": "",
    "signature": "",
    "argumentDescription": [],
    "returnDescription": [],
    "rolesExecution": None,
    "rolesBoostedExecution": None,
    "isDeprecated": False,
    "deprecatedBy": None,
    "option": {"deprecated": False},
}


@statement("SHOW PROCEDURE|PROCEDURES <tail:tail>", operators=("ShowProcedures",))
def show_procedures(call: Call) -> Answer:
    """Those that the emulator has, a plugin's only where the plugin is."""
    called = {known.procedure: known for known in STATEMENTS if known.procedure}
    rows = [
        {**_UNTOLD, "name": name, "mode": _mode(known), "worksOnSystem": known.on_system, "admin": known.is_admin}
        for name, known in sorted(called.items())
        if name is not None and _is_installed(call, known)
    ]
    return call.table(_COLUMNS, _DEFAULT, rows)


def _mode(known: Statement) -> str:
    if known.writes and not known.is_local:
        return "WRITE"
    return {"dbms": "DBMS", "gds": "DEFAULT"}.get((known.procedure or "").partition(".")[0], "READ")


def _is_installed(call: Call, known: Statement) -> bool:
    product = (known.procedure or "").partition(".")[0]
    if known.is_enterprise and call.instance.edition != "enterprise":
        return False
    return product not in ("gds", "bloom") or product in call.instance.products
