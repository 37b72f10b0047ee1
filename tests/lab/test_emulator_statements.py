# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the emulator understands, and that it refuses by name what it does not."""

from __future__ import annotations

import pytest
from neo4j.exceptions import ClientError, CypherSyntaxError

from lab.server import errors, grammar, lexer
from lab.server.statements.registry import STATEMENTS
from lab.server.tables import select
from tests.lab.emulated import ALL, ONE, PROBE, THREE
from tests.lab.examples import shortest

DCO = "MATCH (d:Daynode {Active: true}) RETURN d.DCOrunningNow AS busy"
MTQ = "MATCH (d:Daynode {Active: true}) RETURN d.MTQrunningNow AS busy"


def words(text):
    return [token.value for token in lexer.tokens(text)]


def test_tokens():
    text = """
        /* a comment 'with quotes' */ SHOW DATABASES // another; one
        YIELD `a ``b` , x WHERE x <> 'it\\'s \\u0041 // no comment' AND y >= -1.5 AND z = $`the name`;
    """
    assert words(text) == [
        *("SHOW", "DATABASES", "YIELD", "a `b", ",", "x", "WHERE", "x", "<>", "it's A // no comment", "AND"),
        *("y", ">=", "-", "1.5", "AND", "z", "=", "the name"),
    ]
    kinds = {token.value: token.kind for token in lexer.tokens(text)}
    assert (kinds["a `b"], kinds["the name"], kinds["1.5"]) == ("quoted", "parameter", "number")


def test_an_open_quote_is_a_syntax_error():
    with pytest.raises(errors.Neo4jError, match="a quote is not closed"):
        lexer.tokens("RETURN 'open")


def test_spelling_hides_strings_only():
    text = "CREATE USER `a b` SET PASSWORD 'it\\'s' CHANGE NOT REQUIRED /* x */"
    assert lexer.spelled(lexer.tokens(text)) == "CREATE USER `a b` SET PASSWORD 'it\\'s' CHANGE NOT REQUIRED"
    assert "it" not in lexer.spelled(lexer.tokens(text), obfuscated=True).split("PASSWORD")[1].split("CHANGE")[0]


@pytest.mark.parametrize(
    ("text", "slots", "given"),
    [
        ("drop database foo", {"name": "foo"}, set()),
        ("DROP DATABASE `foo bar` IF EXISTS", {"name": "foo bar"}, {"IF EXISTS"}),
        ("DROP DATABASE $db DESTROY DATA", {"name": "from parameter"}, {"DUMP|DESTROY DATA"}),
        ("DROP DATABASE foo IF", None, None),
        ("DROP DATABASE foo IF EXISTS please", None, None),
        ("DROP DATABASE", None, None),
        ("DROP DATABASE 'foo'", None, None),
    ],
)
def test_patterns(text, slots, given):
    pattern = grammar.pattern("DROP DATABASE <name:name> [IF EXISTS] [DUMP|DESTROY DATA]")
    match = pattern.match(lexer.tokens(text), {"db": "from parameter"})
    assert (match and match.slots, match and match.given) == (slots, given)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-1", -1),
        ("1.5", 1.5),
        ("'a'", "a"),
        ("true", True),
        ("NULL", None),
        ("[]", []),
        ("['a', [1, $p]]", ["a", [1, "given"]]),
        ("{a: 1, `b c`: {d: null}}", {"a": 1, "b c": {"d": None}}),
    ],
)
def test_values(text, value):
    found = lexer.tokens(text)
    assert grammar.value(found, 0, {"p": "given"}) == (value, len(found))


@pytest.mark.parametrize("text", ["", "a", "[1", "[1 2]", "{a 1}", "{1: 2}"])
def test_what_is_no_value(text):
    with pytest.raises(grammar.NoMatchError):
        grammar.value(lexer.tokens(text), 0, {})


ROWS = [{"name": "a", "size": 1, "none": None}, {"name": "b", "size": 2, "none": None}]


@pytest.mark.parametrize(
    ("tail", "columns", "rows"),
    [
        ("", ["name", "size"], [["a", 1], ["b", 2]]),
        ("YIELD *", ["name", "size", "none"], [["a", 1, None], ["b", 2, None]]),
        ("YIELD size, name", ["size", "name"], [[1, "a"], [2, "b"]]),
        ("WHERE size > 1", ["name", "size"], [["b", 2]]),
        ("YIELD name AS n, size WHERE n <> 'a' AND size = $two RETURN n AS m", ["m"], [["b"]]),
        ("YIELD name WHERE name IN ['a', 'c']", ["name"], [["a"]]),
        ("YIELD name WHERE name STARTS WITH 'b' RETURN *", ["name"], [["b"]]),
        ("YIELD name, none WHERE none = null", ["name", "none"], []),
        ("YIELD name, none WHERE none <> 1", ["name", "none"], []),
    ],
)
def test_tails(tail, columns, rows):
    answer = select(ROWS, ["name", "size", "none"], ["name", "size"], lexer.tokens(tail), {"two": 2})
    assert (answer.columns, answer.rows) == (columns, rows)


@pytest.mark.parametrize(
    ("tail", "message"),
    [
        ("YIELD nothing", "Variable `nothing` not defined"),
        ("YIELD name WHERE size = 1", "Variable `size` not defined"),
        ("YIELD name RETURN size", "Variable `size` not defined"),
        ("WHERE none = 1", "Variable `none` not defined"),
        ("YIELD name ORDER BY name", "emulator does not know: ... ORDER BY name"),
        ("YIELD name RETURN count(name)", "Variable `count` not defined"),
        ("YIELD name WHERE name = 'a' OR name = 'b'", "emulator does not know: ... OR"),
    ],
)
def test_tails_that_are_refused(tail, message):
    with pytest.raises(errors.Neo4jError) as refused:
        select(ROWS, ["name", "size", "none"], ["name", "size"], lexer.tokens(tail), {})
    assert refused.value.message.startswith(message)


def test_no_statement_hides_another():
    """Each pattern's own text, without its optional parts, is recognized as that pattern and by nothing before it."""
    assert len(STATEMENTS) > 20
    for statement in STATEMENTS:
        text = shortest(statement)
        first = next(known for known in STATEMENTS if known.match(lexer.tokens(text), {}))
        assert first is statement, text


@pytest.mark.parametrize(
    ("text", "database"),
    [
        ("MATCH (n) RETURN n", "ledgerspace"),
        ("CREATE (n)", "ledgerspace"),
        ("CALL dbms.cluster.deallocateNumberOfDatabases('x', 1)", "system"),
        ("CALL gds.graph.list()", "ledgerspace"),
        ("SHOW SERVERS YIELD name ORDER BY name", "system"),
        ("ALTER DATABASE x SET ACCESS READ ONLY", "system"),
        ("RENAME SERVER 'x' TO 'y'", "system"),
        ("CREATE USER x SET ENCRYPTED PASSWORD 'y'", "system"),
        ("PROFILE SHOW USERS", "system"),
        # Not the probe and not the gate, however near
        (PROBE.replace("name: $name", "name: $x"), "ledgerspace"),
        (DCO.replace("AS busy", "AS Busy"), "ledgerspace"),
        (DCO.replace("true", "TRUE"), "ledgerspace"),
        (DCO + " LIMIT 1", "ledgerspace"),
    ],
)
def test_unknown_statements_are_refused_by_name_and_noted(servers, text, database):
    with pytest.raises((CypherSyntaxError, ClientError), match="emulator does not know"):
        servers.ask(ONE, text, database, name="x", at="y", x="z")
    assert servers.unknown_statements(ONE)[-1] == lexer.spelled(lexer.tokens(text), obfuscated=True)


@pytest.mark.parametrize(
    ("flag", "rows"),
    [("quiet", [False]), ("busy", [True]), ("stuck", [True]), ("null", [None])],
)
def test_gate_queries_are_answered_from_a_flag(servers, flag, rows):
    with servers.cluster() as cluster:
        cluster.set_flag("ledgerspace", flag)
        for text in (DCO, MTQ, f"  {DCO} ; // as it stands in an inventory"):
            assert [row["busy"] for row in servers.ask(THREE, text, "ledgerspace").rows] == rows
        cluster.set_flag("ledgerspace", "quiet")
    assert servers.ask(THREE, DCO, "searchspace").rows == [], "there is no such node"


def test_a_flag_may_end_by_itself(servers):
    with servers.cluster() as cluster:
        cluster.set_flag("ledgerspace", "busy", until=1.0)
        assert cluster.flag("ledgerspace") == "quiet"
        cluster.set_flag("ledgerspace", "quiet")


def test_the_probe_is_read_on_every_member_as_it_was_written_last(servers):
    writer, text = servers.writers(ONE)["ledgerspace"], "MATCH (p:CredexOpsProbe {name: $name}) RETURN p.at AS at"
    for at in ("first", "second"):
        servers.ask(writer, PROBE, "ledgerspace", name="read", at=at)
        for server in (ONE, THREE):
            assert servers.ask(server, text, "ledgerspace", name="read").rows == [{"at": at}]
    assert servers.ask(ONE, text, "ledgerspace", name="another").rows == []
    assert servers.ask(ONE, text, "searchspace", name="read").rows == []


def test_the_routing_table_is_what_a_driver_is_told(servers):
    text = "CALL dbms.routing.getRoutingTable($context, $database)"
    [row] = servers.ask(ONE, text, context={}, database="LedgerSpace").rows
    table = {entry["role"]: sorted(entry["addresses"]) for entry in row["servers"]}
    addresses = {name: f"{servers.address(name)}:7687" for name in ALL}
    writer = servers.writers(ONE)["ledgerspace"]
    assert row["ttl"] > 0 and table == {
        "WRITE": [addresses[writer]],
        "READ": sorted(address for name, address in addresses.items() if name != writer),
        "ROUTE": sorted(addresses.values()),
    }
    with pytest.raises(ClientError, match="database 'nothing' because this database does not exist"):
        servers.ask(ONE, text, context={}, database="nothing")


def test_explain_runs_nothing(servers):
    writer = servers.writers(ONE)["ledgerspace"]
    explained = servers.ask(writer, f"EXPLAIN {PROBE}", "ledgerspace")
    assert (explained.kind, explained.columns, explained.rows) == ("rw", ["name"], [])
    assert not explained.counters.contains_updates
    assert servers.ask(ONE, "EXPLAIN SHOW SETTINGS $names YIELD name", "ledgerspace").columns == ["name"]


SET = "CALL dbms.setConfigValue($name, $value)"


def test_a_dynamic_setting_is_changed_on_the_server_that_is_asked_until_it_stops(servers):
    name = "db.logs.query.enabled"

    def shown(server):
        text = "SHOW SETTINGS $names YIELD value, startupValue, isExplicitlySet"
        return tuple(servers.ask(server, text, names=[name]).rows[0].values())

    assert shown(THREE) == ("VERBOSE", "VERBOSE", False)
    servers.ask(THREE, f"EXPLAIN {SET}", name=name, value="INFO")
    assert shown(THREE) == ("VERBOSE", "VERBOSE", False)
    servers.ask(THREE, SET, name=name, value="INFO")
    assert shown(THREE) == ("INFO", "VERBOSE", True) and shown(ONE) == ("VERBOSE", "VERBOSE", False)
    servers.ask(THREE, SET, name=name, value="")
    assert shown(THREE) == ("VERBOSE", "VERBOSE", False)
    servers.ask(THREE, SET, name=name, value="INFO")
    servers.run(THREE, "stop")
    servers.run(THREE, "start")
    servers.wait_until_online(THREE)
    assert shown(THREE) == ("VERBOSE", "VERBOSE", False)


@pytest.mark.parametrize(
    ("name", "words"),
    [("server.bolt.enabled", "is not dynamic and can not be changed at runtime"), ("server.bolt.enable", "not found")],
)
def test_what_cannot_be_changed_in_a_running_server(servers, name, words):
    with pytest.raises(ClientError, match=words) as refused:
        servers.ask(ONE, SET, name=name, value="false")
    assert refused.value.code == "Neo.ClientError.Procedure.ProcedureCallFailed"


def test_settings_of_the_server_that_is_asked(servers):
    names = ["server.bolt.advertised_address", "gds.enterprise.license_file", "server.memory.heap.max_size"]
    for text in ("SHOW SETTINGS $names YIELD name, value", "SHOW SETTINGS YIELD name, value WHERE name IN $names"):
        rows = servers.ask(THREE, text, names=names).rows
        assert {row["name"]: row["value"] for row in rows} == {
            "server.bolt.advertised_address": f"{servers.address(THREE)}:7687",
            "gds.enterprise.license_file": str(servers.license_file(THREE)),
            "server.memory.heap.max_size": "24.00GiB",
        }


def test_processors_are_those_of_the_described_machine(servers):
    rows = servers.ask(ONE, "CALL dbms.queryJmx($q) YIELD attributes", q="java.lang:type=OperatingSystem").rows
    assert rows[0]["attributes"]["AvailableProcessors"]["value"] == 8
