# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module neo4j_certificates, on a folder of its own."""

from __future__ import annotations

import os
import stat

import pytest
from ansible_collections.credex.ops.plugins.modules import neo4j_certificates

KEY, CERTIFICATE, AUTHORITY, NEXT = ("-- key --\n", "-- certificate --\n", "-- authority --\n", "-- the next one --\n")


@pytest.fixture
def policy(tmp_path, run_module):
    class Policy:
        folder = tmp_path / "certificates" / "bolt"

        def run(self, check=False, **params):
            given = {"certificate": CERTIFICATE, "private_key": KEY, "trusted": [AUTHORITY], **params}
            return run_module(neo4j_certificates, check, folder=str(self.folder), **given)

        def go_back(self, fingerprints):
            return run_module(neo4j_certificates, folder=str(self.folder), fingerprints=fingerprints)

        def has(self):
            """Every file with its text."""
            return {str(path.relative_to(self.folder)): path.read_text() for path in self.folder.rglob("*.*")}

        def trusted(self):
            return sorted(path.read_text() for path in (self.folder / "trusted").iterdir())

    Policy.folder.parent.mkdir()
    return Policy()


def test_all_that_neo4j_reads_is_there_and_closed(policy):
    assert policy.run()["changed"]
    assert (policy.folder / "private.key").read_text() == KEY
    assert (policy.folder / "public.crt").read_text() == CERTIFICATE
    assert policy.trusted() == [AUTHORITY]
    modes = {
        name: stat.S_IMODE((policy.folder / name).stat().st_mode)
        for name in ("private.key", "public.crt", "revoked", "")
    }
    assert modes == {"private.key": 0o400, "public.crt": 0o440, "revoked": 0o750, "": 0o750}


def test_again_nothing_changes_and_no_file_is_touched(policy):
    policy.run()
    before = {path: os.stat(policy.folder / path).st_ctime_ns for path in policy.has()}
    assert not policy.run()["changed"]
    assert {path: os.stat(policy.folder / path).st_ctime_ns for path in policy.has()} == before


def test_what_is_replaced_is_kept_with_its_mode(policy):
    old = policy.run()["files"]["private.key"]
    assert policy.run(private_key="-- new --\n")["changed"]
    kept = policy.folder / "kept" / f"{old}.private.key"
    assert kept.read_text() == KEY and stat.S_IMODE(kept.stat().st_mode) == 0o400
    assert (policy.folder / "private.key").read_text() == "-- new --\n"


def test_an_authority_is_changed_in_three_steps(policy):
    policy.run()
    assert policy.run(trusted=[AUTHORITY, NEXT])["changed"]
    assert policy.trusted() == sorted([AUTHORITY, NEXT]), "both are trusted while servers have either's certificates"
    assert policy.run(trusted=[NEXT])["changed"] and policy.trusted() == [NEXT]
    assert AUTHORITY in [path.read_text() for path in (policy.folder / "kept").iterdir()]


def test_check_mode_predicts_and_changes_nothing(policy):
    predicted = policy.run(check=True, owner="nobody-here")
    assert predicted["changed"] and not policy.folder.exists()
    policy.run()
    predicted = policy.run(check=True, trusted=[NEXT])
    assert predicted["changed"] and policy.trusted() == [AUTHORITY]
    assert predicted["diff"] == policy.run(trusted=[NEXT])["diff"]


def test_no_key_is_shown(policy):
    policy.run()
    assert "-- " not in str(policy.run(private_key="-- new --\n"))


def test_another_mode_is_a_change(policy):
    policy.run()
    (policy.folder / "private.key").chmod(0o644)
    assert policy.run()["changed"] and not policy.run()["changed"]
    assert stat.S_IMODE((policy.folder / "private.key").stat().st_mode) == 0o400


@pytest.mark.parametrize(
    ("params", "words"), [({"owner": "nobody-here"}, "nobody-here"), ({"folder": "/nonexistent/bolt"}, "/nonexistent")]
)
def test_what_cannot_be_is_said(policy, run_module, params, words):
    given = {"folder": str(policy.folder), "certificate": CERTIFICATE, "private_key": KEY, **params}
    result = run_module(neo4j_certificates, **given)
    assert result["failed"] and words in result["msg"] and not (policy.folder / "private.key").exists()


def test_what_was_there_before_comes_back_and_what_was_not_trusted_goes(policy):
    policy.run()
    told = policy.run(certificate="-- other --\n", private_key="-- new --\n", trusted=[AUTHORITY, NEXT])["before"]
    for changed in (True, False):
        back = policy.go_back(told)
        assert back["changed"] is changed and back["files"] == told
    assert (policy.folder / "private.key").read_text() == KEY and policy.trusted() == [AUTHORITY]
    lost = policy.go_back({"private.key": "0123456789abcdef"})
    assert lost["failed"] and "kept/0123456789abcdef.private.key" in lost["msg"]
    assert (policy.folder / "private.key").read_text() == KEY
