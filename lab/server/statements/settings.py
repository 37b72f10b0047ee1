# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SHOW SETTINGS: of the server that is asked, not of the cluster."""

from __future__ import annotations

from lab.server.config import NO_VALUE, SETTINGS
from lab.server.statements.registry import Call, statement
from lab.server.tables import Answer

# isDynamic, description and validValues are left out: the emulator does not know them
_COLUMNS = ("name", "value", "defaultValue", "startupValue", "isExplicitlySet")


@statement("SHOW SETTING|SETTINGS [<names:names>] <tail:tail>")
def show_settings(call: Call) -> Answer:
    settings = call.instance.config
    names = call.slots.get("names")
    rows = [
        {
            "name": name,
            "value": value,
            "defaultValue": SETTINGS.get(name) or NO_VALUE,
            "startupValue": value,
            "isExplicitlySet": name in settings.given,
        }
        for name, value in settings.shown().items()
        if names is None or name in names
    ]
    return call.table(_COLUMNS, ("name", "value", "defaultValue"), rows)
