# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with certificates is seen before they are in place."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta

import pytest
from ansible_collections.credex.ops.plugins.filter import server_tls, server_tls_sources
from ansible_collections.credex.ops.plugins.module_utils._neo4j import tls
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ADDRESS = "10.0.1.11"
SERVER_ONLY = [ExtendedKeyUsageOID.SERVER_AUTH]
BOTH = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]


class Holder:
    """A key and its certificate, signed by another holder or by itself."""

    def __init__(self, name, issuer=None, names=(), usage=None, days=365, begins=-1):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        above = issuer or self
        builder = x509.CertificateBuilder(above.name, self.name, self.key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(NOW + timedelta(days=begins)).not_valid_after(NOW + timedelta(days=days))
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName([alternative(each) for each in names]), False)
        if usage:
            builder = builder.add_extension(x509.ExtendedKeyUsage(usage), False)
        self.certificate = builder.sign(above.key, hashes.SHA256())

    @property
    def pem(self):
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def key_pem(self, form=serialization.PrivateFormat.PKCS8, encryption=None):
        encryption = encryption or serialization.NoEncryption()
        return self.key.private_bytes(serialization.Encoding.PEM, form, encryption).decode()


def alternative(name):
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


ROOT = Holder("root")
MIDDLE = Holder("middle", ROOT)
STRANGER = Holder("stranger")


def server(**given):
    return Holder("server", given.pop("issuer", ROOT), **{"names": [ADDRESS], "usage": BOTH, **given})


SERVER = server()


DAMAGED = "".join(line for line in SERVER.key_pem().splitlines(keepends=True) if line.startswith("-"))


def problems(scope="bolt", holder=SERVER, address=ADDRESS, **given):
    fields = {"certificate": holder.pem, "private_key": holder.key_pem(), **given}
    return tls.problems(scope, tls.Material(**fields), address, NOW)


def test_what_is_right():
    assert problems() == []
    assert problems("cluster", trusted=[ROOT.pem], client_auth="require") == []
    below = server(issuer=MIDDLE)
    assert problems("cluster", below, certificate=below.pem + MIDDLE.pem, trusted=[ROOT.pem]) == []
    assert problems("cluster", below, certificate=below.pem + MIDDLE.pem, trusted=[MIDDLE.pem]) == []


@pytest.mark.parametrize(
    ("name", "address", "covers"),
    [
        ("db1.example.com", "DB1.example.com", True),
        ("*.example.com", "db1.example.com", True),
        ("*.example.com", "a.db1.example.com", False),
        ("*.example.com", "example.com", False),
        (ADDRESS, "10.0.1.12", False),
        ("fd00::1", "fd00:0:0:0:0:0:0:1", True),
    ],
)
def test_names(name, address, covers):
    found = problems(holder=server(names=[name]), address=address)
    words = f"TLS of bolt: CN=server is for {name}, not for {address}, where clients look for the server."
    assert found == ([] if covers else [words])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"certificate": "nothing"}, "certificate holds no certificate in PEM"),
        ({"trusted": [""]}, "trusted holds no certificate in PEM"),
        ({"private_key": STRANGER.key_pem()}, "private_key is not that of the certificate"),
        (
            {"private_key": DAMAGED},
            "private_key cannot be read",
        ),
        ({"private_key": SERVER.key_pem(serialization.PrivateFormat.TraditionalOpenSSL)}, "is not in PKCS#8 form"),
        (
            {"private_key": SERVER.key_pem(encryption=serialization.BestAvailableEncryption(b"secret"))},
            "private_key is encrypted",
        ),
        ({"certificate": SERVER.pem + STRANGER.pem}, "CN=server was not issued by CN=stranger, which follows it"),
        ({"client_auth": "require"}, "client_auth is require, and nobody is trusted"),
        ({"holder": server(days=-0.5)}, "CN=server ended 2026-11-25"),
        ({"holder": server(begins=1)}, "CN=server begins 2026-11-26 12:00 UTC"),
        ({"holder": server(names=[])}, "CN=server is for no name"),
        ({"holder": server(usage=[ExtendedKeyUsageOID.CLIENT_AUTH])}, "of CN=server lacks serverAuth"),
        ({"scope": "cluster", "trusted": [STRANGER.pem]}, "was issued by nobody in trusted"),
        ({"scope": "cluster"}, "was issued by nobody in trusted"),
        ({"scope": "backup", "holder": server(usage=SERVER_ONLY), "trusted": [ROOT.pem]}, "lacks clientAuth"),
    ],
)
def test_what_is_wrong_is_said(given, words):
    (problem,) = problems(**given)
    assert words in problem and problem.startswith("TLS of ")


def test_everything_wrong_is_said_at_once():
    assert len(problems("cluster", server(days=-0.5, usage=SERVER_ONLY), "10.9.9.9", trusted=[STRANGER.pem])) == 4


def test_a_key_of_rsa_is_a_key():
    holder = server()
    holder.key = rsa.generate_private_key(65537, 2048)
    assert "not that of the certificate" in problems(holder=holder)[0]


# --- the filters, as the role uses them ---

POLICIES = {
    "bolt": {"certificate": {"type": "file", "path": "c"}, "private_key": {"type": "file", "path": "k"}},
    "cluster": {
        "certificate": {"type": "env", "variable": "C"},
        "private_key": {"type": "env", "variable": "K"},
        "trusted": [{"type": "file", "path": "ca"}],
    },
}
TEXTS = [SERVER.pem, SERVER.key_pem(), SERVER.pem, SERVER.key_pem(), ROOT.pem]


def policies(wanted=None, texts=(), edition="enterprise", uri="bolt+s://10.0.1.11:7687"):
    secrets = [{"value": text} for text in texts or TEXTS]
    return server_tls.server_tls(wanted or POLICIES, secrets, "/home", edition, ADDRESS, uri, NOW.isoformat())


def test_what_is_read_comes_back_in_its_place():
    assert [each.get("path", each.get("variable")) for each in server_tls_sources.server_tls_sources(POLICIES)] == [
        "c", "k", "C", "K", "ca",
    ]  # fmt: skip
    found = policies()
    assert found["problems"] == []
    assert {scope: (each["folder"], each["trusted"]) for scope, each in found["policies"].items()} == {
        "bolt": ("/home/certificates/bolt", []),
        "cluster": ("/home/certificates/cluster", [ROOT.pem]),
    }
    assert found["policies"]["cluster"]["private_key"] == SERVER.key_pem()


def test_settings_of_the_policies():
    assert tls.settings(POLICIES, "/home") == {
        "dbms.ssl.policy.bolt.enabled": True,
        "dbms.ssl.policy.bolt.base_directory": "/home/certificates/bolt",
        "dbms.ssl.policy.bolt.client_auth": "NONE",
        "dbms.ssl.policy.cluster.enabled": True,
        "dbms.ssl.policy.cluster.base_directory": "/home/certificates/cluster",
        "dbms.ssl.policy.cluster.client_auth": "REQUIRE",
        "server.bolt.tls_level": "REQUIRED",
    }


def test_community_has_none_between_members():
    (problem,) = policies(edition="community")["problems"]
    assert problem == "Neo4j community has no TLS of cluster. There is bolt, https."


def test_an_address_without_tls_would_find_nobody():
    found = policies(uri="bolt://10.0.1.11:7687")
    assert found["problems"] == [
        "With TLS of bolt the server takes no bolt://10.0.1.11:7687: write bolt+s:// in neo4j_bolt_uri."
    ]
    assert found["policies"] == {}, "nothing is placed that is not right"


def test_no_policy_is_no_problem():
    found = server_tls.server_tls({}, [], "/home", "community", ADDRESS, "bolt://x", NOW.isoformat())
    assert found == {"policies": {}, "problems": []} and tls.settings({}, "/home") == {}


def test_what_could_not_be_read_is_not_judged():
    assert policies(texts=[None, *TEXTS[1:]]) == {"policies": {}, "problems": []}
