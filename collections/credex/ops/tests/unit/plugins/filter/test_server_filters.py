# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters of the role neo4j_server, with its own table of settings."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.credex.ops.plugins.filter.cluster_settings import cluster_settings
from ansible_collections.credex.ops.plugins.filter.openpgp_fingerprints import openpgp_fingerprints
from ansible_collections.credex.ops.plugins.filter.server_configuration import server_configuration

ROLE = Path(__file__).parents[4] / "roles/neo4j_server"
TABLE = yaml.safe_load((ROLE / "files/settings.yml").read_text())
DEFAULTS = yaml.safe_load((ROLE / "vars/main.yml").read_text())["_neo4j_server_own_defaults"]


def configured(written, version="5.26.30", edition="enterprise", **more):
    return server_configuration(written, version, edition, TABLE, **{"machine_mib": 16000, **more})


def test_nothing_written_makes_a_file_with_memory():
    found = configured({})
    assert found["problems"] == []
    assert "\nserver.memory.heap.max_size=4800m\nserver.memory.pagecache.size=7200m\n" in found["content"]


@pytest.mark.parametrize("edition", ["community", "enterprise"])
@pytest.mark.parametrize("version", ["5.26.30", "2025.01.0", "2026.09.0"])
def test_the_defaults_of_the_role_suit_every_server(version, edition):
    found = configured({}, version, edition, defaults=DEFAULTS)
    assert found["problems"] == [] and "dbms.usage_report.enabled=false" in found["content"]
    assert ("server.fleet_discovery.enabled=false" in found["content"]) == (version == "2026.09.0")
    assert ("server.directories.metrics" in found["content"]) == (edition == "enterprise")


def test_no_default_of_the_role_is_misspelt():
    latest = configured({}, "2026.09.0", "enterprise", defaults=DEFAULTS)["content"]
    assert [name for name in DEFAULTS if f"\n{name}=" not in latest] == []


def test_everything_is_refused_at_once_and_there_is_no_file():
    found = configured({"server.memory.heap.max_size": "20g", "dbms.usage_reports.enabled": False})
    assert found["content"] is None and len(found["problems"]) == 2


SOMEBODYS = "# mine\nserver.memory.heap.max_size=4g\ndb.logs.query.enabled=OFF\nmy.own=1\n"


def test_a_file_that_somebody_wrote_is_left_but_for_what_is_named():
    found = configured(
        {"db.logs.query.enabled": "INFO", "server.http.enabled": None}, present=SOMEBODYS, defaults=DEFAULTS
    )
    assert found["problems"] == [] and found["content"] == SOMEBODYS.replace("OFF", "INFO")
    assert found["settings"] == {"db.logs.query.enabled": "INFO", "server.http.enabled": None}
    assert found["before"] == {"db.logs.query.enabled": "OFF", "server.http.enabled": None}


def test_a_file_that_the_role_wrote_is_made_anew_and_loses_what_is_no_longer_said():
    first = configured({"db.logs.query.enabled": "INFO"}, defaults=DEFAULTS)["content"]
    found = configured({}, present=first, defaults=DEFAULTS)
    assert found["content"] == configured({}, defaults=DEFAULTS)["content"]
    assert (found["settings"]["db.logs.query.enabled"], found["before"]["db.logs.query.enabled"]) == (None, "INFO")
    assert {name for name in found["settings"] if found["settings"][name] != found["before"][name]} == {
        "db.logs.query.enabled"
    }


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"server.memory.pagecache.size": "14g"}, "more than the machine has"),
        ({"server.memory.heap.initial_size": "5g"}, "more than server.memory.heap.max_size, 4g"),
        ({"db.logs.query.enable": "INFO"}, "Did you mean db.logs.query.enabled?"),
    ],
)
def test_what_is_brought_in_is_judged_with_what_stands_there(written, words):
    found = configured(written, present=SOMEBODYS)
    assert found["content"] is None and words in found["problems"][0] and len(found["problems"]) == 1


def test_one_setting_by_its_old_name_in_the_file_is_told():
    present = "dbms.cluster.discovery.v2.endpoints=a:6000\n"
    wanted = {"dbms.cluster.endpoints": "b:6000"}
    [problem] = configured(wanted, "2026.09.0", present=present)["problems"]
    assert "are one setting" in problem
    assert configured({**wanted, "dbms.cluster.discovery.v2.endpoints": None}, "2026.09.0", present=present)["content"]


def test_the_contract_limits_the_memory():
    found = configured({"server.memory.heap.max_size": "4g"}, max_memory="8 GiB")
    assert found["problems"] == [] and "server.memory.pagecache.size=3686m" in found["content"]
    [problem] = configured({"server.memory.heap.max_size": "6g"}, max_memory="8 GiB")["problems"]
    assert "more than the contract allows (8 GiB), 8192 MiB" in problem


def test_a_contract_that_cannot_be_read_is_a_problem_too():
    assert "expected a size such as 256 GB" in configured({}, max_memory="much")["problems"][0]


def test_what_is_no_settings_is_an_error():
    with pytest.raises(AnsibleFilterError, match="not a list"):
        configured(["a=b"])


@pytest.mark.parametrize("name", ["server.config.strict_validation.enabled", "dbms.security.auth_enabled"])
def test_the_table_knows_what_everybody_sets(name):
    assert configured({name: True}, edition="community")["problems"] == []


# --- keys ---

KEY = """\
-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawai4xYJKwYBBAHaRw8BAQdA4JOnqJIj1seWlY0RvP2/ik8bD+bJ5NxIRaqz
pzj88AO0H2NyZWRleC5vcHMgdGVzdHMgPG5vbmVAaW52YWxpZD6IkAQTFggAOBYh
BDk2+bwgb/LuRhtAPLoVyI59WOrTBQJrBqLjAhsDBQsJCAcCBhUKCQgLAgQWAgMB
Ah4BAheAAAoJELoVyI59WOrT56sA/j3fbwXcTiyzTgsNKcYv/M5brDwo6+WoiN33
RbXipfHZAQCWFkoxch3fMzG5lPPgsyIsVDlE/79ujCcmSaJz0v5bDA==
=URvh
-----END PGP PUBLIC KEY BLOCK-----
"""
FINGERPRINT = "3936F9BC206FF2EE461B403CBA15C88E7D58EAD3"


def test_a_key_is_known_by_its_fingerprint():
    assert openpgp_fingerprints(KEY) == [FINGERPRINT]
    assert openpgp_fingerprints(KEY.replace("\n", "\r\n")) == [FINGERPRINT]
    assert openpgp_fingerprints(KEY.replace("\n\n", "\nComment: a key\n\n", 1)) == [FINGERPRINT]


def test_every_key_of_the_text_is_told():
    assert openpgp_fingerprints(KEY + KEY) == [FINGERPRINT, FINGERPRINT]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>not found</html>",
        KEY.replace("PUBLIC", "PRIVATE"),
        KEY.replace(KEY.splitlines()[2], "????"),
        KEY.replace(KEY.splitlines()[2], KEY.splitlines()[2][:40]),
        KEY.replace(KEY.splitlines()[3], ""),
    ],
)
def test_what_is_no_key_is_refused(text):
    with pytest.raises(AnsibleFilterError, match=r"^This is no key of a repository: "):
        openpgp_fingerprints(text)


@pytest.mark.parametrize(
    ("version", "line"),
    [
        ("5.26.30", "dbms.cluster.discovery.v2.endpoints=a:6000,b:6000"),
        ("2025.01.0", "dbms.cluster.endpoints=a:6000,b:6000"),
        ("2026.09.0", "dbms.cluster.endpoints=a:6000,b:6000"),
    ],
)
def test_the_settings_of_a_cluster_suit_every_server(version, line):
    """All of them are in the table; Community leaves them out."""
    found = cluster_settings(
        ["a", "b"], {host: {"neo4j_cluster_name": "c"} for host in "ab"}, "a", {"c": {"primaries": 2}}, version
    )
    written = configured(found, version)
    assert written["problems"] == [] and f"\n{line}\n" in written["content"]
    assert ("V2_ONLY" in written["content"]) == (version == "5.26.30")
    assert "cluster" not in configured({}, version, "community", defaults=found)["content"]
