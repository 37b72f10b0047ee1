# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Causes that the operating system names, and what an error tells its reader."""

from __future__ import annotations

import json
import socket
import ssl

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import (
    ADVICE,
    Cause,
    Neo4jOpsError,
    NotSupportedError,
    UnreachableError,
    network_cause,
)


def wrapped(cause: BaseException) -> Exception:
    """As the driver does it: its own exception around another one around the cause."""
    try:
        try:
            raise cause
        except BaseException as error:
            raise ValueError("inner") from error
    except ValueError as error:
        try:
            raise RuntimeError("outer") from error
        except RuntimeError as outer:
            return outer


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (ConnectionRefusedError(111, "Connection refused"), Cause.REFUSED),
        (TimeoutError("timed out"), Cause.TIMEOUT),
        (socket.gaierror(-2, "Name or service not known"), Cause.UNRESOLVABLE),
        (ssl.SSLError(1, "WRONG_VERSION_NUMBER"), Cause.TLS),
        (ssl.SSLCertVerificationError(1, "CERTIFICATE_VERIFY_FAILED"), Cause.TLS),
        (ConnectionResetError(104, "Connection reset by peer"), Cause.UNAVAILABLE),
        (OSError(113, "No route to host"), Cause.UNAVAILABLE),
        (KeyError("x"), None),
    ],
)
def test_the_root_of_the_chain_names_the_cause(error, cause):
    assert network_cause(wrapped(error)) is cause


def test_of_a_group_the_first_member_counts():
    group = ExceptionGroup("routing", [wrapped(ConnectionRefusedError()), TimeoutError()])
    assert network_cause(wrapped(group)) is Cause.REFUSED


def test_a_chain_that_bites_its_tail_ends():
    error = ValueError("a")
    error.__cause__ = ValueError("b")
    error.__cause__.__cause__ = error
    assert network_cause(error) is None


def test_an_error_names_the_server_what_happened_and_what_to_do():
    error = UnreachableError("Connection refused.", "bolt://db1", Cause.REFUSED)
    assert str(error) == f"bolt://db1: Connection refused. {ADVICE[Cause.REFUSED]}"
    assert error.message == f"Connection refused. {ADVICE[Cause.REFUSED]}"


def test_advice_is_given_once():
    first = UnreachableError("no answer", "bolt://one:7687", Cause.TIMEOUT)
    second = UnreachableError(f"nobody answers: {first}", cause=Cause.TIMEOUT)
    assert str(second) == f"nobody answers: {first}"
    assert str(first).count("?") == 1


def test_a_refusal_of_edition_says_so():
    assert "edition or version" in str(NotSupportedError("Unsupported administration command: SHOW SERVERS"))


def test_as_a_result_it_is_json():
    result = Neo4jOpsError("no", "bolt://db1", Cause.TLS, "Neo.X", "50N42").as_result()
    assert json.loads(json.dumps(result)) == {
        "msg": f"bolt://db1: no. {ADVICE[Cause.TLS]}",
        "server": "bolt://db1",
        "cause": "tls",
        "code": "Neo.X",
        "gql_status": "50N42",
    }
