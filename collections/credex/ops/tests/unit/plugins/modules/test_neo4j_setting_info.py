# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.credex.ops.plugins.modules import neo4j_setting_info

HEAP, LOGS, JVM = "server.memory.heap.max_size", "db.logs.query.enabled", "server.jvm.additional"


def test_each_server_tells_what_is_in_force_there(enterprise, run_module, login):
    first, second, _third = enterprise.servers
    second.set(db__logs__query__enabled="INFO")
    first.set(server__jvm__additional="-Dkey.password=hunter2")
    with enterprise.running():
        names = [HEAP, LOGS, JVM, "no.such.setting"]
        result = run_module(neo4j_setting_info, uris=enterprise.uris[:2], names=names, **login)
    one, two = result["servers"]
    assert not result["changed"] and (one["edition"], one["version"]) == ("enterprise", "5.26.30")
    heap = {"value": "8.00GiB", "default_value": None, "dynamic": False, "explicit": True}
    assert one["settings"][HEAP] == two["settings"][HEAP] == heap
    default = {"value": "VERBOSE", "default_value": "VERBOSE", "dynamic": True, "explicit": False}
    assert one["settings"][LOGS] == default
    assert two["settings"][LOGS] == {**default, "value": "INFO", "explicit": True}
    assert (one["settings"][JVM]["value"], two["settings"][JVM]["value"]) == ("(hidden)", None)
    assert "no.such.setting" not in one["settings"] and "hunter2" not in str(result)


def test_a_server_that_does_not_answer_is_a_result_or_a_failure(enterprise, run_module, login):
    asked = {"uris": enterprise.uris[:1], "names": [HEAP], **login}
    [silent] = run_module(neo4j_setting_info, **asked)["servers"]
    assert not silent["reachable"] and silent["cause"] == "refused" and "settings" not in silent
    assert run_module(neo4j_setting_info, fail_on_unreachable=True, **asked)["failed"]
