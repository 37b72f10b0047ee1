# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses and options; and what the driver meets on loopback, each told apart by its cause."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j import connection
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import (
    Cause,
    InvalidOptionError,
    NotSupportedError,
    StatementRefusedError,
    UnreachableError,
)
from ansible_collections.credex.ops.plugins.module_utils._neo4j.reading import read_cluster

COLLECTION = Path(__file__).parents[4]


def params(*uris, **given):
    login = {"username": "neo4j", "password": "made-up-secret", "ca_certificate": None, "timeout": 5.0}
    return {"uris": list(uris), "workers": 8, **login, **given}


@pytest.mark.parametrize(
    ("uri", "driver_uri"),
    [
        ("db1", "bolt://db1:7687"),
        ("db1:17687", "bolt://db1:17687"),
        ("10.0.0.1", "bolt://10.0.0.1:7687"),
        ("bolt://db1", "bolt://db1:7687"),
        ("bolt://db1:17687/", "bolt://db1:17687"),
        ("bolt+s://db1", "bolt+s://db1:7687"),
        ("bolt+ssc://db1", "bolt+ssc://db1:7687"),
        ("bolt://[::1]:17687", "bolt://[::1]:17687"),
        ("neo4j://db1", "neo4j://db1:7687"),
        ("neo4j+s://x.databases.neo4j.io", "neo4j+s://x.databases.neo4j.io:7687"),
    ],
)
def test_addresses(uri, driver_uri):
    found = connection.query_target({**params(), "uri": uri})
    assert (found.uri, found.driver_uri) == (uri, driver_uri)


def test_a_fleet_is_asked_directly_even_through_routing_addresses():
    found = connection.targets(params("neo4j://db1", "neo4j+s://db2", "neo4j+ssc://db3"))
    assert [target.driver_uri for target in found] == ["bolt://db1:7687", "bolt+s://db2:7687", "bolt+ssc://db3:7687"]
    assert [target.uri for target in found] == ["neo4j://db1", "neo4j+s://db2", "neo4j+ssc://db3"]


@pytest.mark.parametrize(
    "uri", ["", "http://db1", "bolt://", "db1:port", "bolt://db1?policy=x", "db1 db2", "a,b", "db1:0", "db1:65536"]
)
def test_what_is_no_address_is_shown(uri):
    with pytest.raises(InvalidOptionError) as caught:
        connection.targets(params(uri))
    assert repr(uri) in str(caught.value)


def test_credentials_in_an_address_are_refused_and_not_shown():
    with pytest.raises(InvalidOptionError) as caught:
        connection.targets(params("bolt://neo4j:made-up-secret@db1"))
    assert "made-up-secret" not in str(caught.value)
    assert "username and password" in str(caught.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"uris": []}, "names no server"),
        ({"workers": 0}, "workers is 0"),
        ({"timeout": 0}, "timeout is 0"),
        ({"timeout": -1.0}, "timeout is -1"),
        ({"ca_certificate": "/no/such/ca.pem"}, "/no/such/ca.pem is not a file"),
    ],
)
def test_options_that_cannot_be_used(given, said):
    with pytest.raises(InvalidOptionError, match=said):
        connection.targets({**params("bolt+s://db1"), **given})


@pytest.mark.parametrize("uri", ["db1", "bolt://db1", "neo4j://db1", "bolt+ssc://db1"])
def test_a_ca_that_would_have_no_effect_is_refused(uri):
    with pytest.raises(InvalidOptionError, match=r"write bolt\+s://"):
        connection.targets(params(uri, ca_certificate=__file__))


def test_a_ca_goes_beside_the_address_and_not_into_its_scheme():
    (found,) = connection.targets(params("bolt+s://db1", ca_certificate=__file__))
    assert found.driver_uri == "bolt://db1:7687"
    options = connection.driver_options(connection.load_driver(), found)
    assert (options["encrypted"], options["trusted_certificates"].certs) == (True, (__file__,))


def test_one_login_and_no_retry():
    (found,) = connection.targets(params("db1"))
    options = connection.driver_options(connection.load_driver(), found)
    assert options["max_transaction_retry_time"] == 0
    assert options["max_connection_pool_size"] == 1
    assert options["auth"] == ("neo4j", "made-up-secret")


def test_without_a_user_nothing_is_sent():
    (found,) = connection.targets(params("db1", username=None, password=None))
    assert connection.driver_options(connection.load_driver(), found)["auth"] is None


def test_a_target_does_not_show_its_password():
    (found,) = connection.targets(params("db1"))
    assert "made-up-secret" not in repr(found)


def test_the_collection_names_its_version_to_the_server():
    galaxy = (COLLECTION / "galaxy.yml").read_text()
    assert f"\nversion: {connection.COLLECTION_VERSION}\n" in galaxy


@pytest.mark.parametrize(
    ("code", "kind", "cause"),
    [
        ("Neo.ClientError.Security.Unauthorized", UnreachableError, Cause.AUTHENTICATION),
        ("Neo.ClientError.Security.AuthenticationRateLimit", UnreachableError, Cause.RATE_LIMIT),
        ("Neo.ClientError.Security.CredentialsExpired", UnreachableError, Cause.CREDENTIALS_EXPIRED),
        ("Neo.ClientError.Security.Forbidden", StatementRefusedError, Cause.FORBIDDEN),
        ("Neo.TransientError.General.DatabaseUnavailable", UnreachableError, Cause.UNAVAILABLE),
        ("Neo.ClientError.Statement.SyntaxError", StatementRefusedError, Cause.OTHER),
        ("Neo.ClientError.Procedure.ProcedureNotFound", NotSupportedError, Cause.OTHER),
    ],
)
def test_codes_of_the_server(code, kind, cause):
    neo4j = connection.load_driver()
    (asked,) = connection.targets(params("db1"))
    with pytest.raises(kind) as caught, connection.typed_errors(neo4j, asked):
        raise neo4j.exceptions.Neo4jError._hydrate_neo4j(code=code, message="What it said.")
    assert isinstance(caught.value, NotSupportedError) is (kind is NotSupportedError)
    assert (caught.value.cause, caught.value.code, caught.value.server) == (cause, code, "db1")
    assert str(caught.value).startswith(f"db1: What it said ({code}).")


# On loopback: everything that an address may lead to


@contextmanager
def listener(greeting=b"", context=None):
    """Accepts, reads and says `greeting`, then closes; with None it stays silent. With a context, over TLS."""
    kept = []

    def serve():
        while True:
            try:
                accepted, _peer = listening.accept()
                kept.append(accepted)
                if context:
                    accepted = context.wrap_socket(accepted, server_side=True)
                    kept.append(accepted)
                if greeting is not None:
                    accepted.recv(1024)
                    accepted.sendall(greeting)
                    accepted.shutdown(socket.SHUT_RDWR)
            except ssl.SSLError:
                kept[-1].close()
            except OSError:
                if listening.fileno() == -1 or closing.is_set():
                    return

    closing = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        closing.set()
        listening.shutdown(socket.SHUT_RDWR)
    for accepted in kept:
        accepted.close()


@pytest.fixture
def tls(tmp_path):
    """A server's TLS context with a certificate that signed itself."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
    pem.write_bytes(private + certificate.public_bytes(encoding))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def read_one(uri, **given):
    (entry,) = read_cluster(connection.targets(params(uri, **given)))
    assert not entry["reachable"]
    assert "made-up-secret" not in entry["message"]
    return entry


def test_nothing_listens():
    with listener() as address:
        pass
    entry = read_one(address)
    assert entry["cause"] == "refused"
    assert "is Neo4j started" in entry["message"]


@pytest.mark.parametrize("greeting", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-OpenSSH_9.2p1\r\n", b""])
def test_something_else_listens(greeting):
    with listener(greeting) as address:
        assert read_one(address)["cause"] == "not_neo4j"


def test_a_port_that_speaks_tls_only_is_proved_to(tls):
    with listener(context=tls) as address:
        entry = read_one(address)
    assert entry["cause"] == "tls"
    assert "speaks TLS only" in entry["message"]


def test_a_certificate_that_nobody_vouches_for(tls):
    with listener(context=tls) as address:
        entry = read_one(f"bolt+s://{address}")
    assert entry["cause"] == "tls"
    assert "CERTIFICATE_VERIFY_FAILED" in entry["message"]


def test_tls_against_a_port_without_it():
    with listener(b"HTTP/1.1 400 Bad Request\r\n\r\n") as address:
        assert read_one(f"bolt+ssc://{address}")["cause"] == "tls"


def test_a_name_that_does_not_resolve():
    assert read_one("no-such-host.invalid")["cause"] == "unresolvable"


def test_a_routing_address_hides_causes_and_they_are_dug_out():
    with listener() as address:
        pass
    with pytest.raises(UnreachableError) as caught:
        connection.query_rows(connection.query_target({**params(), "uri": f"neo4j://{address}"}), None, "RETURN 1")
    assert caught.value.cause is Cause.REFUSED


def test_a_silent_listener_costs_its_own_deadline():
    with listener(greeting=None) as silent, listener() as closed:
        began = time.monotonic()
        entries = read_cluster(connection.targets(params(silent, closed, timeout=1.5)))
        assert time.monotonic() - began >= 1.5
    assert [entry["cause"] for entry in entries] == ["timeout", "not_neo4j"]
    assert "waited for the login" in entries[0]["message"]


def test_the_process_ends_at_the_deadline_although_the_driver_still_hangs():
    script = (
        "import sys; from ansible_collections.credex.ops.plugins.module_utils._neo4j import connection, reading\n"
        "params = dict(uris=sys.argv[1:], workers=8, timeout=0.5, username='u', password='p', ca_certificate=None)\n"
        "print([entry['cause'] for entry in reading.read_cluster(connection.targets(params))])\n"
    )
    with listener(greeting=None) as silent:
        command = [sys.executable, "-c", script, silent, silent, silent]
        done = subprocess.run(
            command, env={"PYTHONPATH": ":".join(sys.path)}, capture_output=True, text=True, timeout=60, check=True
        )
    assert done.stdout == "['timeout', 'timeout', 'timeout']\n"
    assert done.stderr == ""
