# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of versions and editions, and the refusals that real servers gave."""

from __future__ import annotations

import pytest
from ansible_collections.credex.ops.plugins.module_utils._neo4j.versions import is_unsupported, supports, version_tuple


@pytest.mark.parametrize(
    ("version", "numbers"),
    [("5.26.12", (5, 26, 12)), ("2025.10.1-aura", (2025, 10, 1)), ("5.26-aura", (5, 26)), ("dev", ())],
)
def test_numbers_of_a_version(version, numbers):
    assert version_tuple(version) == numbers


@pytest.mark.parametrize(
    ("feature", "version", "edition", "aura", "has"),
    [
        ("servers", "5.26.12", "enterprise", False, True),
        ("servers", "2026.09.0", "enterprise", False, True),
        ("servers", "5.26.12", "community", False, False),
        ("servers", "2025.10.1", "enterprise", True, False),
        ("servers", "4.4.40", "enterprise", False, False),
        ("status_check", "5.24.0", "enterprise", False, True),
        ("status_check", "5.23.0", "enterprise", False, False),
        ("status_check", "2025.01.0", "enterprise", False, True),
        ("license_agreement", "5.26.12", "community", False, False),
        ("host", "5.26.12", "community", False, True),
        ("host", "5.26.12", "enterprise", True, False),
    ],
)
def test_what_a_server_has(feature, version, edition, aura, has):
    assert supports(feature, version, edition, aura) is has


@pytest.mark.parametrize(
    ("code", "gql_status", "unsupported"),
    [
        # Community 5.26.12: SHOW SERVERS, CREATE DATABASE, dbms.licenseAgreementDetails
        ("Neo.ClientError.Statement.NotSystemDatabaseError", "50N42", True),
        ("Neo.ClientError.Statement.UnsupportedAdministrationCommand", "50N42", True),
        ("Neo.ClientError.Procedure.ProcedureNotFound", "50N42", True),
        # Community 2026.09.0
        ("Neo.ClientError.Statement.UnsupportedAdministrationCommand", "51N27", True),
        ("Neo.SomethingNew", "51N27", True),
        ("Neo.ClientError.Statement.SyntaxError", "50N42", False),
        (None, None, False),
    ],
)
def test_refusals_of_edition_and_version(code, gql_status, unsupported):
    assert is_unsupported(code, gql_status) is unsupported
