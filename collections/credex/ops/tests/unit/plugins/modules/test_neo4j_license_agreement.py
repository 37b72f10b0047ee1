# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.credex.ops.plugins.modules import neo4j_license_agreement


@pytest.fixture
def accept(tmp_path, capsys):
    """Run the module against a neo4j-admin that writes down how it was called, and ends as the test wants."""
    called = tmp_path / "called"
    program = tmp_path / "neo4j-admin"

    def run(agreement, present, check=False, code=0, said="", **params):
        program.write_text(f'#!/bin/sh\necho "$@" >> {called}\necho "{said}" >&2\nexit {code}\n')
        program.chmod(0o755)
        given = {"agreement": agreement, "present": present, "admin": str(program), **params}
        with patch_module_args({**given, "_ansible_check_mode": check}), pytest.raises(SystemExit):
            neo4j_license_agreement.main()
        result = json.loads(capsys.readouterr().out)
        result["called"] = called.read_text().split("\n")[:-1] if called.exists() else []
        return result

    return run


@pytest.mark.parametrize("present", ["evaluation", "expired", "not_accepted"])
def test_the_commercial_agreement_is_accepted_by_the_explicit_word(accept, present):
    result = accept("commercial", present)
    assert result["changed"] and result["called"] == ["server license --accept-commercial"]
    assert result["diff"] == {"before": f"agreement: {present}\n", "after": "agreement: commercial\n"}


@pytest.mark.parametrize("agreement", ["commercial", "evaluation"])
def test_what_is_accepted_already_is_left_alone(accept, agreement):
    result = accept(agreement, agreement)
    assert not result["changed"] and result["called"] == [] and result["executed_commands"] == []


def test_check_mode_says_what_it_would_run(accept):
    predicted = accept("evaluation", "not_accepted", check=True)
    assert predicted["changed"] and predicted["called"] == []
    assert predicted["executed_commands"] == accept("evaluation", "not_accepted")["executed_commands"]


@pytest.mark.parametrize(
    ("agreement", "present", "words"),
    [
        ("commercial", "unknown", "cannot be read"),
        ("commercial", "not_applicable", "Community Edition"),
        ("evaluation", "commercial", "not put back"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_run(accept, agreement, present, words):
    result = accept(agreement, present)
    assert result["failed"] and words in result["msg"] and result["called"] == []


def test_a_refusal_of_neo4j_admin_is_told_with_what_to_do(accept):
    result = accept("commercial", "not_accepted", code=2, said="Unmatched arguments from index 0: 'server'")
    assert result["failed"] and result["rc"] == 2
    assert "Unmatched arguments" in result["msg"] and "Community Edition" in result["msg"]


def test_a_missing_neo4j_admin_is_named(accept):
    result = accept("commercial", "not_accepted", admin="/nonexistent/neo4j-admin")
    assert result["rc"] == 127 and "/nonexistent/neo4j-admin" in result["msg"] and "option admin" in result["msg"]
