# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import memory, settings

TABLE = {
    "any": {
        "community": [
            "db.logs.query.annotation_data_format",
            "dbms.ssl.policy.<scope>.private_key",
            "dbms.usage_report.enabled",
            "server.jvm.additional",
            "server.memory.pagecache.size",
        ],
        "enterprise": ["dbms.security.oidc.<provider>.issuer", "initial.server.tags", "server.metrics.enabled"],
    },
    "5.26": {"enterprise": ["server.groups"]},
    "2026.03": {"community": ["server.http.x_forward.enabled"]},
}
ROWS = settings.known(TABLE)


def problems(written, version="5.26.30", edition="enterprise", unlisted=()):
    return settings.problems(written, ROWS, version, edition, unlisted)


@pytest.mark.parametrize(
    ("name", "version", "edition"),
    [
        ("server.memory.pagecache.size", "5.26.0", "community"),
        ("server.memory.pagecache.size", "2026.09.0", "enterprise"),
        ("server.metrics.enabled", "5.26.30", "enterprise"),
        ("server.groups", "5.26.30", "enterprise"),
        ("server.http.x_forward.enabled", "2026.03.1", "community"),
        ("dbms.ssl.policy.bolt.private_key", "5.26.30", "community"),
        ("dbms.security.oidc.okta.issuer", "5.26.30", "enterprise"),
    ],
)
def test_what_a_server_knows_is_taken(name, version, edition):
    assert problems({name: "x"}, version, edition) == []


@pytest.mark.parametrize(
    ("name", "version", "edition", "advice"),
    [
        ("server.memory.pagecach.size", "5.26.30", "enterprise", "Did you mean server.memory.pagecache.size?"),
        ("dbms.memory.pagecache.size", "5.26.30", "enterprise", "Did you mean server.memory.pagecache.size?"),
        (" Server.JVM.additional ", "5.26.30", "enterprise", "Did you mean server.jvm.additional?"),
        ("dbms.ssl.policy.bolt.privat_key", "5.26.30", "enterprise", "Did you mean dbms.ssl.policy.bolt.private_key?"),
        ("dbms.ssl.policy.bold.private_key", "5.26.30", "enterprise", "Did you mean "),
        ("server.metrics.enabled", "5.26.30", "community", "It exists in enterprise edition only."),
        ("server.http.x_forward.enabled", "5.26.30", "enterprise", "It exists since 2026.03 only."),
        ("server.http.x_forward.enabled", "2026.02.3", "enterprise", "It exists since 2026.03 only."),
        ("server.groups", "2025.01.0", "enterprise", "It is called initial.server.tags now."),
        ("dbms.bloom.license_file", "5.26.30", "enterprise", "neo4j_server_unlisted_settings"),
    ],
)
def test_what_it_does_not_know_is_refused_with_what_was_meant(name, version, edition, advice):
    [found] = problems({name: "x"}, version, edition)
    assert found.startswith(f"Neo4j {version} ({edition}) has no setting {name!r}. ") and advice in found


def test_every_unknown_name_is_told_at_once():
    assert len(problems({"a.b": 1, "c.d": 2, "server.memory.pagecache.size": "1g"})) == 2


def test_a_setting_that_somebody_vouches_for_is_taken():
    assert problems({"gds.enterprise.license_file": "/x"}, unlisted=["gds.enterprise.license_file"]) == []


@pytest.mark.parametrize("name", ["a=b", "a b", "a\nb", "#a", ""])
def test_nobody_can_vouch_for_what_is_no_name(name):
    assert len(problems({name: "x"}, unlisted=[name])) == 1


def test_one_setting_by_two_names_is_refused():
    assert problems({"server.groups": "a", "initial.server.tags": "a"}) == [
        "server.groups and initial.server.tags are one setting, by its old and its new name."
    ]


def test_one_setting_in_two_spellings_is_refused():
    found = problems({"server.jvm.additional": "a", "Server.jvm.additional": "b"})
    assert "'server.jvm.additional' and 'Server.jvm.additional' are one setting." in found


@pytest.mark.parametrize("value", [{"size": "1g"}, [["1g"]], "1g\n2g", "1g\0"])
def test_a_value_that_cannot_stand_in_the_file_is_refused(value):
    assert len(problems({"server.memory.pagecache.size": value})) == 1


def test_what_is_written_wins_and_null_takes_a_default_away():
    defaults = {
        "dbms.usage_report.enabled": False,
        "server.memory.pagecache.size": "1g",
        "server.metrics.enabled": True,
    }
    written = {"server.memory.pagecache.size": "2g", "server.metrics.enabled": None, "x": 5}
    assert settings.merged(defaults, written) == {
        "dbms.usage_report.enabled": ["false"],
        "server.memory.pagecache.size": ["2g"],
        "x": ["5"],
    }


def test_a_list_is_a_line_each_for_the_jvm_and_commas_elsewhere():
    assert settings.merged({}, {"server.jvm.additional": ["-a", "-b"], "x": ["p", "q"], "y": []}) == {
        "server.jvm.additional": ["-a", "-b"],
        "x": ["p,q"],
    }


def test_defaults_that_a_server_does_not_know_are_left_out():
    defaults = {"server.http.x_forward.enabled": False, "dbms.usage_report.enabled": False}
    assert list(settings.of_this_server(defaults, ROWS, "5.26.30", "community")) == ["dbms.usage_report.enabled"]
    assert len(settings.of_this_server(defaults, ROWS, "2026.09.0", "community")) == 2


def test_the_file_is_in_one_order_and_escaped_as_java_reads_it():
    wanted = {"z.last": ["C:\\ö\U0001f600"], "a.first": ["1", "2"]}
    expected = "# head\na.first=1\na.first=2\nz.last=C:\\\\\\u00f6\\ud83d\\ude00\n"
    assert settings.conf(wanted, "head") == settings.conf(dict(reversed(wanted.items())), "head") == expected


# --- memory ---

GIB = 2**30


def test_memory_is_that_of_the_machine_or_of_the_contract():
    assert memory.usable(16000, None) == memory.usable(16000, 256 * GIB) == 16000
    assert memory.usable(16000, 8 * GIB) == 8192


def test_shares_of_it_are_whole_and_the_heap_has_an_end():
    assert memory.defaults(16000, 0.3, 0.45, {}) == {
        "server.memory.heap.initial_size": "4800m",
        "server.memory.heap.max_size": "4800m",
        "server.memory.pagecache.size": "7200m",
    }
    assert memory.defaults(1024**2, 0.3, 0.45, {})["server.memory.heap.max_size"] == f"{31 * 1024}m"


@pytest.mark.parametrize("written", ["server.memory.heap.initial_size", "server.memory.heap.max_size"])
def test_both_sizes_of_the_heap_are_one(written):
    found = memory.defaults(16000, 0.3, 0.45, {written: "2g"})
    assert [found[name] for name in (memory.INITIAL_HEAP, memory.HEAP)] == ["2g", "2g"]


def test_more_than_there_is_is_refused():
    wanted = {memory.HEAP: ["6g"], memory.PAGE_CACHE: ["10 GiB"]}
    assert memory.problems(wanted, 16384, "the machine has") == []
    assert memory.problems(wanted, 16383, "the machine has") == [
        "Heap and page cache (16384 MiB together) are more than the machine has, 16383 MiB."
    ]


@pytest.mark.parametrize("text", ["much", "-1g", "1e3", "0x10"])
def test_a_size_that_is_none_is_refused(text):
    assert memory.problems({memory.HEAP: [text]}, 16000, "") == [
        f"server.memory.heap.max_size is {text!r}, expected a size such as 12g."
    ]
