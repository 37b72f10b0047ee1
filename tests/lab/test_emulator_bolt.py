# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The protocol: handshakes, versions, routing, authentication, failures."""

from __future__ import annotations

import socket
import time

import neo4j
import pytest
from neo4j.exceptions import AuthError, ClientError, ServiceUnavailable

from lab.server import bolt
from lab.server.packstream import Structure, pack, unpack
from tests.contract.own_ca import Authority
from tests.lab.emulated import ALL, ONE, PROBE, THREE, TWO

HELLO_AGENT = {"user_agent": "a test", "bolt_agent": {"product": "a test"}}


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        False,
        1.5,
        "",
        "ä" * 20,
        "x" * 300,
        "y" * 70000,
        [],
        list(range(20)),
        [0] * 300,
        {"a": {"b": [None]}},
        {str(number): number for number in range(300)},
        *(sign * edge + step for edge in (16, 128, 2**15, 2**31) for sign in (1, -1) for step in (-1, 0, 1)),
        2**63 - 1,
        -(2**63),
        Structure(0x49, (1, 2, 3)),
    ],
)
def test_packstream_round_trip(value):
    assert unpack(pack(value)) == value


def test_packstream_refuses_what_has_no_form():
    with pytest.raises(TypeError, match="set"):
        pack({1, 2})
    with pytest.raises(OverflowError):
        pack(2**63)
    with pytest.raises(ValueError, match="DF"):
        unpack(b"\xdf")


@pytest.mark.parametrize(
    ("version", "best"),
    [("5.26.30", (5, 8)), ("2025.09.0", (5, 8)), ("2025.10.1", (6, 0)), ("2026.07.1", (6, 0)), ("2026.09.0", (6, 1))],
)
def test_offer_follows_the_emulated_version(version, best):
    assert bolt.offer(version)[0][:2] == best


def test_driver_negotiates_the_highest_version(servers):
    with servers.driver(ONE) as driver:
        assert driver.get_server_info().protocol_version == (5, 8)
        assert driver.get_server_info().agent == "Neo4j/5.26.30"


def test_calendar_version_speaks_bolt_6(servers):
    servers.run(THREE, "stop")
    servers.rebind(THREE, version="2025.10.1")
    conf = servers.home(THREE).neo4j_conf
    of_5 = "dbms.cluster.discovery.version="
    conf.write_text("".join(line for line in conf.read_text().splitlines(True) if not line.startswith(of_5)))
    servers.start_all()
    with servers.driver(THREE) as driver:
        assert driver.get_server_info().protocol_version == (6, 0)
    rows = servers.ask(THREE, "CALL dbms.components() YIELD name, versions").rows
    assert rows == [{"name": "Neo4j Kernel", "versions": ["2025.10.1"]}, {"name": "Cypher", "versions": ["5", "25"]}]
    assert servers.ask(THREE, "CYPHER 25 SHOW CURRENT USER YIELD user").rows == [{"user": "neo4j"}]


class Client:
    """A client of our own, for what the driver would not send."""

    def __init__(self, address: str, proposals: bytes) -> None:
        self.socket = socket.create_connection((address, 7687), timeout=3)
        self.socket.sendall(bolt.MAGIC + proposals)

    def read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                return data
            data += more
        return data

    def call(self, tag: int, *fields: object) -> Structure:
        self.socket.sendall(bolt.framed(Structure(tag, fields)))
        return self.answer()

    def answer(self) -> Structure:
        body = b""
        while size := int.from_bytes(self.read(2), "big"):
            body += self.read(size)
        return unpack(body)


def test_legacy_handshake(servers):
    client = Client(servers.address(ONE), bytes.fromhex("00000405 00000000 00000000 00000000"))
    assert client.read(4) == bytes.fromhex("00000405")
    assert client.call(0x01, HELLO_AGENT).tag == 0x70
    logon = {"scheme": "basic", "principal": "neo4j", "credentials": servers.password}
    assert client.call(0x6A, logon).tag == 0x70
    # Bolt 5.4 knows no GQL status: the failure has a code and a message
    failure = client.call(0x10, "MATCH (n) RETURN n", {}, {"db": "ledgerspace"})
    assert failure.tag == 0x7F
    assert set(failure.fields[0]) == {"code", "message"}
    assert client.call(0x3F, {"n": -1}).tag == 0x7E, "ignored until it is reset"
    assert client.call(0x0F).tag == 0x70
    assert client.call(0x10, "CALL db.ping()", {}, {"db": "system"}).fields[0]["fields"] == ["success"]


def test_a_version_that_5_26_never_spoke_is_refused(servers):
    client = Client(servers.address(ONE), bytes.fromhex("00000505 00000006 00000004 00000003"))
    assert client.read(4) == bytes(4)
    assert client.read(1) == b""


def test_what_is_not_bolt_is_cut_off(servers):
    client = Client(servers.address(ONE), b"")
    other = socket.create_connection((servers.address(ONE), 7687), timeout=3)
    other.sendall(b"GET / HTTP/1.1\r\n\r\n")
    assert other.recv(10) == b""
    client.socket.close()
    assert servers.ask(ONE, "CALL db.ping()").rows == [{"success": True}]


def test_statements_need_a_login(servers):
    client = Client(servers.address(ONE), bytes.fromhex("00000405 00000000 00000000 00000000"))
    client.read(4)
    client.call(0x01, HELLO_AGENT)
    assert client.call(0x10, "CALL db.ping()", {}, {}).fields[0]["code"] == "Neo.ClientError.Request.Invalid"


def test_routing_writes_to_the_writer_and_reads_elsewhere(servers):
    writer = servers.writers(ONE)["ledgerspace"]
    with servers.driver(ONE, scheme="neo4j") as driver:
        written = driver.execute_query(PROBE, name="routing", at="now", database_="ledgerspace")
        assert written.summary.server.address == (servers.address(writer), 7687)
        read = driver.execute_query("RETURN 1 AS x", database_="ledgerspace", routing_="r")
        assert read.summary.server.address != (servers.address(writer), 7687)
        with pytest.raises(ClientError) as missing:
            driver.execute_query("RETURN 1", database_="nowhere")
    assert missing.value.code == "Neo.ClientError.Database.DatabaseNotFound"


def test_rows_are_streamed_in_the_size_that_is_asked_for(servers):
    with servers.driver(ONE) as driver, driver.session(database="system", fetch_size=2) as session:
        assert len(list(session.run("SHOW DATABASES"))) == 10
    with servers.driver(ONE) as driver, driver.session(database="ledgerspace") as session:
        transaction = session.begin_transaction()
        first, second = transaction.run("RETURN 1 AS x"), transaction.run("RETURN 2 AS x")
        assert (second.single(strict=True)["x"], first.single(strict=True)["x"]) == (2, 1)
        transaction.commit()
        assert session.last_bookmarks().raw_values


def test_connection_is_usable_after_a_failure(servers):
    with servers.driver(ONE) as driver, driver.session(database="system") as session:
        with pytest.raises(ClientError):
            session.run("SHOW NOTHING").consume()
        assert session.run("CALL db.ping()").single(strict=True)["success"] is True


def test_wrong_passwords_lock_an_account_for_a_while(servers):
    servers.restart_with(TWO, "dbms.security.auth_lock_time=1s")
    unauthorized, limited = "Neo.ClientError.Security.Unauthorized", "Neo.ClientError.Security.AuthenticationRateLimit"
    assert [login(servers, TWO, "wrong") for _ in range(4)] == [unauthorized] * 3 + [limited]
    assert login(servers, TWO, servers.password) == limited, "the right password is refused too"
    assert login(servers, ONE, servers.password) is None, "another server is not affected"
    time.sleep(1.1)
    assert [login(servers, TWO, "wrong") for _ in range(2)] == [unauthorized, limited], "it is locked again at once"
    time.sleep(1.1)
    assert login(servers, TWO, servers.password) is None
    assert [login(servers, TWO, "wrong", user="nobody") for _ in range(5)] == [unauthorized] * 5


def login(servers, name, password, user="neo4j"):
    """The code of the refusal, or None."""
    try:
        with servers.driver(name, user=user, password=password) as driver:
            driver.verify_connectivity()
    except (AuthError, ClientError) as error:
        return error.code
    return None


def test_expired_credentials(servers):
    writer = servers.writers(ONE)["system"]
    servers.ask(writer, "CREATE USER joe SET PASSWORD $password CHANGE REQUIRED", password="abcd1234")
    with (
        servers.driver(writer, user="joe", password="abcd1234") as driver,
        driver.session(database="system") as session,
    ):
        driver.verify_connectivity()
        with pytest.raises(ClientError) as failure:
            session.run("CALL db.ping()").consume()
        assert failure.value.code == "Neo.ClientError.Security.CredentialsExpired"
        change = "ALTER CURRENT USER SET PASSWORD FROM $old TO $new"
        session.run(change, old="abcd1234", new="dcba4321").consume()
        assert session.run("SHOW CURRENT USER").single(strict=True)["user"] == "joe"
    servers.ask(writer, "DROP USER joe")


def test_tls(servers, tmp_path):
    authority = Authority.create("The tests")
    authority.issue(servers.address(THREE), servers.home(THREE).path / "certificates" / "bolt")
    servers.restart_with(THREE, "server.bolt.tls_level=REQUIRED", "dbms.ssl.policy.bolt.enabled=true")
    with servers.driver(THREE, scheme="bolt+ssc") as driver:
        driver.verify_connectivity()
    trusted = {"encrypted": True, "trusted_certificates": neo4j.TrustCustomCAs(str(authority.write(tmp_path / "ca")))}
    with servers.driver(THREE, **trusted) as driver:
        driver.verify_connectivity()
    for scheme in ("bolt+s", "bolt"):
        with servers.driver(THREE, scheme=scheme) as driver, pytest.raises(ServiceUnavailable):
            driver.verify_connectivity()


def test_all_servers_are_of_one_cluster(servers):
    seen = {name: servers.ask(name, "SHOW SERVERS YIELD serverId, name").rows for name in ALL}
    assert seen[ONE] == seen[TWO] == seen[THREE]
    assert [row["name"] for row in seen[ONE]] == list(ALL)
