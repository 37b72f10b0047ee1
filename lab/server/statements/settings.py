# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SHOW SETTINGS: of the server that is asked, not of the cluster, and those that the user may see."""

from __future__ import annotations

from lab.server.config import DYNAMIC
from lab.server.statements.registry import Call, statement
from lab.server.tables import Answer

_DEFAULT = ("name", "value", "isDynamic", "defaultValue", "description")
_COLUMNS = (*_DEFAULT, "startupValue", "isExplicitlySet", "validValues", "isDeprecated")


@statement("SHOW SETTING|SETTINGS [<names:values>] <tail:tail>", operators=("ShowSettings",))
def show_settings(call: Call) -> Answer:
    settings = call.instance.config
    names = call.slots.get("names")
    rows = [
        {
            "name": name,
            "value": value,
            "isDynamic": name in DYNAMIC,
            "defaultValue": settings.defaults.get(name),
            # Not in the emulator: the manual's texts
            "description": "",
            "startupValue": value,
            "isExplicitlySet": name in settings.given,
            "validValues": "",
            "isDeprecated": False,
        }
        for name, value in settings.shown().items()
        if (names is None or name in names) and call.access.allows("SHOW SETTING", name=name)
    ]
    return call.table(_COLUMNS, _DEFAULT, rows)
