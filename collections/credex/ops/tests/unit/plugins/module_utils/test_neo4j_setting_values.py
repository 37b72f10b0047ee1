# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a real Neo4j 5.26 Community made of these values; tests/contract/test_settings.py asks it again."""

from __future__ import annotations

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j.setting_values import agree, is_masked

SAME = [
    ("info", "INFO"),
    ("TRUE", "true"),
    ("1024m", "1.00GiB"),
    ("65536k", "64.00MiB"),
    ("0", "0B"),
    ("90s", "1m30s"),
    ("60", "1m"),
    ("24h", "1d"),
    ("05", "5"),
    ("0.50", "0.5"),
    (":7687", "localhost:7687"),
    ("db-1.example", "db-1.example:7687"),
    ("import", "/var/lib/neo4j/import"),
    ("./logs/", "/srv/neo4j/logs"),
    ("/data/", "/data"),
    ("apoc.*, gds.*", "apoc.*,gds.*"),
    ("2 days 2G", "2 days 2G"),
    ("", "No Value"),
    ("-Da\n-Db", "-Da\n-Db"),
]
OTHERS = [
    ("INFO", "VERBOSE"),
    ("true", "false"),
    ("1g", "1.01GiB"),
    ("90s", "1m"),
    ("5", "50"),
    (":7687", "localhost:7688"),
    ("db-1", "db-2:7687"),
    ("import", "/var/lib/neo4j/reimport"),
    ("/data", "/srv/data"),
    ("a,b", "b,a"),
    ("a", "a,b"),
    ("", "x"),
    ("x", "No Value"),
    ("Data", "/srv/data"),
]


@pytest.mark.parametrize(("written", "shown"), SAME)
def test_the_same_in_neo4j_s_own_way(written, shown):
    assert agree(written, shown)


@pytest.mark.parametrize(("written", "shown"), OTHERS)
def test_another_value(written, shown):
    assert not agree(written, shown)


def test_a_secret_is_not_shown():
    assert is_masked("********") and is_masked("(hidden)") and not is_masked("hidden.example") and not is_masked("*")
