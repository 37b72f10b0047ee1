# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A product that no module knows: its file is placed, and the inventory's own query proves it, or nobody does."""

from __future__ import annotations

import pytest

from tests.lab.operations.lab_driver import TWO

pytestmark = pytest.mark.sampled(1, of="other products")

ONE_SERVER = ("--limit", f"localhost,{TWO}*")
KNOWN = "RETURN true AS licensed"


@pytest.fixture
def product(lab, tmp_path):
    source = tmp_path / "other.license"
    source.write_text("a license in a form of its own, that nobody can decode\n")
    placed = lab.license_file(TWO).with_name("other.license")
    yield {"product": "other", "source": {"type": "file", "path": str(source)}, "path": placed.name}
    placed.unlink(missing_ok=True)


def test_it_is_proven_by_the_inventorys_own_query(lab, product):
    before = lab.pid(TWO)
    run = lab.renew(*ONE_SERVER, neo4j_license_files=[{**product, "verify_query": KNOWN}])
    assert run.rc == 0, run.output[-3000:]
    assert lab.license_file(TWO).with_name("other.license").exists() and lab.pid(TWO) != before
    [proof] = [check for check in run.report["checks"] if check["id"] == "license.other"][-1:]
    assert proof["status"] == "passed" and proof["evidence"]["answer"]["licensed"] is True


def test_without_a_query_nobody_can_prove_it_and_the_run_is_not_green(lab, product):
    run = lab.renew(*ONE_SERVER, neo4j_license_files=[product])
    assert run.rc == 2 and "nothing asks the product other" in run.report["failure"], run.output[-3000:]
    assert not lab.license_file(TWO).with_name("other.license").exists(), "it is undone"


def test_one_that_reads_its_file_by_itself_is_not_restarted(lab, product):
    before = lab.pid(TWO)
    run = lab.renew(*ONE_SERVER, neo4j_license_files=[{**product, "verify_query": KNOWN, "restart": False}])
    assert run.rc == 0, run.output[-3000:]
    assert lab.license_file(TWO).with_name("other.license").exists() and lab.pid(TWO) == before
