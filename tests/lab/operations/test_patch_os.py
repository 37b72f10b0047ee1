# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""patch_os.yml where it must not work: the lab's servers are processes of one machine, that of the tests. What it does
on machines of their own is shown by molecule/cluster."""

from __future__ import annotations

from tests.lab.operations.lab_driver import SERVERS, THREE, only


def patch(lab, *arguments, **more):
    return lab.renew(*arguments, playbook="patch_os.yml", **more)


def test_servers_of_one_machine_are_refused_before_anything_is_asked_of_its_packages(lab):
    before = {name: lab.starts(name) for name in SERVERS}
    run = patch(lab)
    assert run.rc == 2, run.output[-3000:]
    failure = run.report["failure"]
    assert failure.startswith(tuple(SERVERS)) and "is one machine with the controller of this run" in failure
    assert all(name in failure for name in SERVERS) and "Nothing was changed" in failure
    assert "credex.ops.os_update_info" not in run.output and "See what would be upgraded" not in run.output
    assert {name: lab.starts(name) for name in SERVERS} == before and run.seen.outages == [] and lab.lock() is None


def test_a_reboot_that_is_neither_wanted_nor_not(lab):
    run = patch(lab, *only(THREE), patch_os_reboot="sometimes")
    assert run.rc == 2 and "if_needed, never, always" in run.output and THREE in run.report["failure"]
    assert run.seen.outages == [] and lab.lock() is None
