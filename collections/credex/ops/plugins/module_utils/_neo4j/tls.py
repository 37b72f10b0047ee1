# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""What is wrong with the certificates of a server, before any of them is in place. Pure, over PEM texts.

Neo4j's C(validate-config) takes a TLS policy whose files are missing or do not belong together; the server then does
not start, or clients and members refuse it.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import typing as t
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

try:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.x509.oid import ExtendedKeyUsageOID

    HAS_CRYPTOGRAPHY = True
except ImportError:  # on managed hosts, which have no use for it
    HAS_CRYPTOGRAPHY = False

# https://neo4j.com/docs/operations-manual/5/security/ssl-framework/
SCOPES = {"bolt": ("community", "enterprise"), "https": ("community", "enterprise"),
          "cluster": ("enterprise",), "backup": ("enterprise",)}  # fmt: skip
# In these a server is its peers' client too
MUTUAL = ("cluster", "backup")


class UnreadableError(ValueError):
    """A PEM text that Neo4j could not read either, and why."""


@dataclasses.dataclass(frozen=True)
class Material:
    """What a policy needs, as texts in PEM: the certificate with those above it, its key, and who is trusted."""

    certificate: str
    private_key: str
    trusted: Sequence[str] = ()
    client_auth: str = "none"


def problems(scope: str, material: Material, address: str, now: datetime) -> list[str]:
    """What is wrong, all of it; C(address) is where clients and members look for the server."""
    try:
        chain = _certificates(material.certificate, "certificate")
        trusted = [each for text in material.trusted for each in _certificates(text, "trusted")]
        key = _key(material.private_key)
    except UnreadableError as error:
        return [f"TLS of {scope}: {error}."]
    found = [
        *_of_key(chain[0], key),
        *_of_dates(chain, trusted, now),
        *_of_chain(chain),
        *_of_trust(scope, material.client_auth, chain, trusted),
        *_of_names(chain[0], address),
        *_of_use(scope, chain[0]),
    ]
    return [f"TLS of {scope}: {each}." for each in found]


def _certificates(text: str, what: str) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(text.encode())
    except ValueError as error:
        raise UnreadableError(f"{what} holds no certificate in PEM") from error


def _key(text: str) -> t.Any:
    if "BEGIN ENCRYPTED PRIVATE KEY" in text:
        raise UnreadableError("private_key is encrypted. Give it as it is, from a secret store")
    if "BEGIN PRIVATE KEY" not in text:
        raise UnreadableError("private_key is not in PKCS#8 form: openssl pkcs8 -topk8 -nocrypt makes it so")
    try:
        return serialization.load_pem_private_key(text.encode(), password=None)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnreadableError("private_key cannot be read") from error


def _of_key(own: x509.Certificate, key: t.Any) -> Iterator[str]:
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    if key.public_key().public_bytes(*form) != own.public_key().public_bytes(*form):
        yield "private_key is not that of the certificate"


def _of_dates(chain: Sequence[x509.Certificate], trusted: Sequence[x509.Certificate], now: datetime) -> Iterator[str]:
    for each in [*chain, *trusted]:
        if each.not_valid_after_utc <= now:
            yield f"{_name(each)} ended {each.not_valid_after_utc:%Y-%m-%d}"
        elif each.not_valid_before_utc > now:
            yield f"{_name(each)} begins {each.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"


def _of_chain(chain: Sequence[x509.Certificate]) -> Iterator[str]:
    for lower, upper in zip(chain, chain[1:]):
        if not _is_issued_by(lower, upper):
            yield f"{_name(lower)} was not issued by {_name(upper)}, which follows it. The server's own comes first"


def _of_trust(
    scope: str, client_auth: str, chain: Sequence[x509.Certificate], trusted: Sequence[x509.Certificate]
) -> Iterator[str]:
    if client_auth != "none" and not trusted:
        yield f"client_auth is {client_auth}, and nobody is trusted"
    elif scope in MUTUAL and not any(each in chain or _is_issued_by(chain[-1], each) for each in trusted):
        yield f"{_name(chain[-1])} was issued by nobody in trusted, so that its peers would refuse this server"


def _of_names(own: x509.Certificate, address: str) -> Iterator[str]:
    names = _alternative_names(own)
    if not any(_covers(name, address) for name in names):
        known = ", ".join(names) or "no name"
        yield f"{_name(own)} is for {known}, not for {address}, where clients look for the server"


def _of_use(scope: str, own: x509.Certificate) -> Iterator[str]:
    try:
        allowed = set(own.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    except x509.ExtensionNotFound:
        return
    wanted = {ExtendedKeyUsageOID.SERVER_AUTH}
    if scope in MUTUAL:
        wanted.add(ExtendedKeyUsageOID.CLIENT_AUTH)
    if ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE not in allowed and wanted - allowed:
        words = " and ".join(sorted(each._name for each in wanted - allowed))
        yield f"the extended key usage of {_name(own)} lacks {words}"


def _is_issued_by(lower: x509.Certificate, upper: x509.Certificate) -> bool:
    try:
        lower.verify_directly_issued_by(upper)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _alternative_names(own: x509.Certificate) -> list[str]:
    try:
        names = own.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))]


def _covers(name: str, address: str) -> bool:
    """A star stands for the first part of a host's name, and for no address."""
    try:
        return ipaddress.ip_address(name) == ipaddress.ip_address(address)
    except ValueError:
        pass
    name, address = name.lower(), address.lower()
    return name == address or (name.startswith("*.") and "." in address and name[2:] == address.split(".", 1)[1])


def _name(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string() or "a certificate without a name"


def of_host(policies: Mapping[str, Material], edition: str, address: str, uri: str, now: datetime) -> list[str]:
    """What is wrong with all policies of a server."""
    found = []
    for scope, material in policies.items():
        if edition not in SCOPES.get(scope, ()):
            known = ", ".join(each for each, editions in SCOPES.items() if edition in editions)
            found.append(f"Neo4j {edition} has no TLS of {scope}. There is {known}.")
        else:
            found += problems(scope, material, address, now)
    if "bolt" in policies and "+s" not in uri.split("://")[0]:
        found.append(f"With TLS of bolt the server takes no {uri}: write bolt+s:// in neo4j_bolt_uri.")
    return found


def settings(policies: Mapping[str, Mapping[str, t.Any]], home: str) -> dict[str, t.Any]:
    """The lines of neo4j.conf for the policies as they are written; they hold nothing that must be read."""
    found: dict[str, t.Any] = {}
    for scope, policy in policies.items():
        prefix = f"dbms.ssl.policy.{scope}"
        found[f"{prefix}.enabled"] = True
        found[f"{prefix}.base_directory"] = folder(home, scope)
        found[f"{prefix}.client_auth"] = client_auth(scope, policy).upper()
    if "bolt" in policies:
        found["server.bolt.tls_level"] = "REQUIRED"
    if "https" in policies:
        found["server.https.enabled"] = True
    return found


def client_auth(scope: str, policy: Mapping[str, t.Any]) -> str:
    return policy.get("client_auth") or ("require" if scope in MUTUAL else "none")


def folder(home: str, scope: str) -> str:
    return f"{home}/certificates/{scope}"
