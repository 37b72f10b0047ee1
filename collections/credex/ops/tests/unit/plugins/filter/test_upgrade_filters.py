# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.credex.ops.plugins.filter import upgrade_configuration, upgrade_plan, upgrade_verdicts

SILENT = {"reachable": False, "uri": "bolt://n1", "cause": "refused", "message": "nobody listens"}


def filters(module):
    return module.FilterModule().filters()


def test_the_configuration_filter_renames():
    table = {"5.26": {"enterprise": ["server.groups"]}, "any": {"enterprise": ["initial.server.tags"]}}
    rename = filters(upgrade_configuration)["upgrade_configuration"]
    assert rename("server.groups=a\n", table, "2026.09.0", "enterprise") == "initial.server.tags=a\n"
    assert rename("server.groups=a\n", table, "5.26.30", "enterprise") == "server.groups=a\n"


def test_as_many_answers_as_servers():
    with pytest.raises(AnsibleFilterError, match="1 servers were observed, and 0 asked"):
        filters(upgrade_plan)["upgrade_plan"]([{}], [], "5.26.30", "enterprise", {})
    with pytest.raises(AnsibleFilterError, match="1 servers were asked, and 2 are named"):
        filters(upgrade_verdicts)["upgrade_verdicts"]([SILENT], ["n1", "n2"], "5.26.30")


def test_each_server_gets_its_verdict():
    [check] = filters(upgrade_verdicts)["upgrade_verdicts"]([SILENT], ["n1"], "5.26.30")
    assert (check["server"], check["status"]) == ("n1", "failed")
