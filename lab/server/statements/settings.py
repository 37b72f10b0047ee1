# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SHOW SETTINGS, and changing one: of the server that is asked, not of the cluster; shown is what the user may see."""

from __future__ import annotations

from lab.server.config import DYNAMIC
from lab.server.errors import procedure_failed
from lab.server.statements.registry import Call, statement
from lab.server.tables import Answer

_DEFAULT = ("name", "value", "isDynamic", "defaultValue", "description")
_COLUMNS = (*_DEFAULT, "startupValue", "isExplicitlySet", "validValues", "isDeprecated")


@statement("SHOW SETTING|SETTINGS [<names:values>] <tail:tail>", operators=("ShowSettings",))
def show_settings(call: Call) -> Answer:
    settings, at_start = call.instance.config, call.instance.started_with.shown()
    names = call.slots.get("names")
    rows = [
        {
            "name": name,
            "value": value,
            "isDynamic": name in DYNAMIC,
            "defaultValue": settings.defaults.get(name),
            # Not in the emulator: the manual's texts
            "description": "",
            "startupValue": at_start[name],
            "isExplicitlySet": name in settings.given,
            "validValues": "",
            "isDeprecated": False,
        }
        for name, value in settings.shown().items()
        if (names is None or name in names) and call.access.allows("SHOW SETTING", name=name)
    ]
    return call.table(_COLUMNS, _DEFAULT, rows)


@statement(
    "CALL dbms.setConfigValue ( <name:value> , <value:value> )",
    kind="s",
    writes=True,
    is_admin=True,
    is_enterprise=True,
    is_local=True,
)
def set_config_value(call: Call) -> Answer:
    """Until the server is stopped; what lies in neo4j.conf stays as it is."""
    name, value = str(call.slots["name"]), str(call.slots["value"] or "")
    try:
        changed = call.instance.config.changed(name, value)
    except ValueError as error:
        raise procedure_failed("dbms.setConfigValue", str(error)) from error

    def change() -> None:
        call.instance.config = changed

    return Answer((), effect=change)
