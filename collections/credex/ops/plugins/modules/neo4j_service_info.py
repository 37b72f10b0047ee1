#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: neo4j_service_info
short_description: Tell whether Neo4j runs on this host, since when, and whether it must be restarted
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Reads the state of the Neo4j service, when its server process began, and which of the given files changed since.
  - Neo4j reads C(neo4j.conf), license files, certificates and plugins when it starts and not again. So a running
    server needs a restart when one of them changed at or after the start of its process, and only then. The answer
    comes from what the host says now; nothing is remembered between runs, so an interrupted operation asks again and
    is right.
  - Runs on the host, with Linux, Python 3.9 or later and nothing else. It opens no connection and never changes
    anything.
  - It needs read access to the folders of the files. Where the user may not read C(/proc/<pid>/environ) or sees no
    foreign processes at all (mount option C(hidepid)) it says so and asks for C(become).
extends_documentation_fragment:
  - credex.ops.attributes
  - credex.ops.attributes.info_module
options:
  manager:
    description:
      - Who runs the service.
      - With V(systemd) the state comes from C(systemctl show) and the process from the unit.
      - With V(home) the process is the one that C(run/neo4j.pid) in O(home) names, as the tarball's own C(bin/neo4j)
        leaves it. The file outlives a killed server and its number may belong to another process by now, so it is
        believed only when that process names the home, in an argument, in C(NEO4J_HOME) or as its working folder.
    type: str
    choices: [systemd, home]
    default: systemd
  unit:
    description: The systemd unit, for O(manager=systemd).
    type: str
    default: neo4j
  home:
    description: C(NEO4J_HOME), the folder with C(bin/neo4j) and C(run/neo4j.pid). Required for O(manager=home).
    type: path
  files:
    description:
      - Absolute paths or glob patterns of what the server reads at its start.
      - A folder stands for itself and all that lies in it, at any depth, so an added, replaced or removed plugin is
        seen. Where something else keeps files in the same folder, kept copies of licenses for example, name the files
        instead.
      - A link counts as changed when it or its target changed.
    type: list
    elements: path
    default: []
  started_before:
    description:
      - A moment in ISO 8601 with its zone, such as V(2026-11-25T08:00:00Z). A server whose process began earlier needs
        a restart, whatever its files say; after its restart it needs none.
      - A moment that is not over yet is refused, since a server would be too old for it right after its restart.
    type: str
    default: ""
notes:
  - A change is dated by C(ctime), the time of the last change of the inode. Renaming, copying, writing, C(chmod) and
    C(chown) all set it to now, and no program can set it back, while C(mtime) travels with a renamed or unpacked file
    (see inode(7)). So a file that was touched but holds the same bytes also asks for a restart. Modules that write
    only on a difference avoid that.
  - The main process of a systemd unit is Neo4j's boot loader, a JVM itself; the server is the JVM that it starts. So
    the youngest process named C(java) among the unit's main process and its descendants is taken; in a unit without
    any C(java) the main process. The boot loader reads the JVM's options out of C(neo4j.conf) about a second before
    the server begins. A change within that second is not seen.
  - Linux notes the start of a process in clock ticks of 10 ms, rounded down (C(/proc/<pid>/stat), field 22, see
    proc(5)). RV(started_at) is the end of that tick, so what was written before the start is never taken for a later
    change. What is written within 20 ms after the start may be taken for an earlier one, rightly so, since a JVM
    needs longer before it opens its first file.
  - Linux keeps the start as time since boot and a C(ctime) as time of day. When the wall clock is stepped while the
    server runs, the two no longer fit. After a step forward by N seconds, changes that were made before the step and
    within N seconds after the start are missed. After a step back by N seconds, files that were written within N
    seconds before the start ask for a restart that is not needed. Slewing, as C(chrony) does it after boot, moves
    both alike and does no harm.
  - C(ctime) is that of the host's own clock only on local file systems. Do not name files on a network file system.
seealso:
  - module: credex.ops.neo4j_license_file
  - module: ansible.builtin.service_facts
"""

EXAMPLES = r"""
- name: Read whether the server must be restarted
  credex.ops.neo4j_service_info:
    files:
      - /etc/neo4j/neo4j.conf
      - /var/lib/neo4j/licenses/*.license
      - /var/lib/neo4j/certificates
      - /var/lib/neo4j/plugins
  become: true
  register: neo4j_service

- name: Say why
  ansible.builtin.debug:
    msg: "{{ item.path }} changed at {{ item.changed_at }}, the server runs since {{ neo4j_service.started_at }}"
  loop: "{{ neo4j_service.changed_since }}"

- name: Read whether it runs since before this month
  credex.ops.neo4j_service_info:
    started_before: "2026-11-01T00:00:00Z"
  become: true

- name: Read the same of a server that the tarball's own bin/neo4j runs
  credex.ops.neo4j_service_info:
    manager: home
    home: /srv/neo4j
    files:
      - /srv/neo4j/conf/neo4j.conf
"""

RETURN = r"""
state:
  description:
    - V(running), V(stopped), V(failed), V(starting), V(stopping), or V(absent) when systemd knows no such unit. With
      O(manager=home) only V(running) and V(stopped).
    - V(running) says that the process is there, not that it answers; see M(credex.ops.neo4j_component_info).
  returned: always
  type: str
  sample: running
message:
  description: What the manager says, for people. Names a pid file that was not believed.
  returned: always
  type: str
  sample: active (running), result success
pid:
  description: The server process, the JVM itself. V(null) when there is none.
  returned: always
  type: int
  sample: 4711
started_at:
  description: When that process began, UTC, at most 10 ms late. V(null) when there is none.
  returned: always
  type: str
  sample: "2026-11-23T04:56:35.370000Z"
started_at_epoch:
  description: The same in seconds since the epoch. V(null) when there is none.
  returned: always
  type: float
  sample: 1795409795.37
changed_since:
  description: What changed at or after RV(started_at), sorted by path. Empty when no server runs.
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: The file or folder.
      type: str
      sample: /var/lib/neo4j/licenses/neo4j-gds.license
    changed_at:
      description: Its C(ctime), UTC.
      type: str
      sample: "2026-11-23T05:01:12.250931Z"
missing:
  description: Those of O(files) that name nothing, dangling links included.
  returned: always
  type: list
  elements: str
restart_needed:
  description: >-
    Whether a server runs, and RV(changed_since) is not empty or RV(started_at) is earlier than O(started_before).
  returned: always
  type: bool
"""

import os
import time
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.credex.ops.plugins.module_utils._host import files, procfs, systemd
from ansible_collections.credex.ops.plugins.module_utils._host.process import Process, nanoseconds, server_process, utc


class Service(t.NamedTuple):
    state: str
    message: str
    process: Process | None


def ask_systemd(module: AnsibleModule) -> Service:
    command = [module.get_bin_path("systemctl", required=True), "show", f"--property={','.join(systemd.PROPERTIES)}"]
    rc, out, err = module.run_command([*command, "--", module.params["unit"]])
    if rc != 0:
        raise procfs.HostReadError(
            f"systemctl show {module.params['unit']} failed with rc {rc}: {(err or out).strip()}"
        )
    unit = systemd.parse_show(out)
    if not unit.main_pid:
        return Service(unit.state, unit.detail, None)
    return Service(unit.state, unit.detail, server_process(unit.main_pid, procfs.read_processes()))


def ask_home(home: str) -> Service:
    pid_file = os.path.join(home, "run", "neo4j.pid")
    pid = read_pid(pid_file)
    if pid is None:
        return Service("stopped", f"no {pid_file}", None)
    process = procfs.read_process(pid)
    if process is None or not process.alive:
        return Service("stopped", f"{pid_file} names process {pid}, which is gone", None)
    if not procfs.works_for(process, home):
        return Service("stopped", f"{pid_file} names process {pid}, which is {process.name} and not of {home}", None)
    return Service("running", f"{pid_file} names process {pid}", process)


def read_pid(path: str) -> int | None:
    """None when there is no pid file, or an empty one, as a start has it for a moment."""
    try:
        with open(path, encoding="ascii") as file:
            text = file.read().strip()
    except FileNotFoundError:
        return None
    try:
        return int(text) if text else None
    except ValueError:
        raise procfs.HostReadError(f"{path} holds {text[:40]!r} and not a process number") from None


def read_moment(module: AnsibleModule) -> int:
    """The beginning of time where none is given: no process is older."""
    given, now = module.params["started_before"], time.time_ns()
    try:
        moment = nanoseconds(given) if given else 0
    except ValueError:
        module.fail_json(msg=f"started_before is {given!r}: give a moment with its zone, such as 2026-11-25T08:00:00Z")
    if moment > now:
        module.fail_json(msg=f"started_before is {given}, and here it is {utc(now)}: give a moment that is over")
    return moment


def describe(service: Service, patterns: list[str], started_before: int) -> dict[str, t.Any]:
    times, missing = files.look_at(patterns)
    started = procfs.started_at_ns(service.process) if service.process else None
    changed = {path: when for path, when in times.items() if started is not None and when >= started}
    return {
        "state": service.state,
        "message": service.message,
        "pid": service.process.pid if service.process else None,
        "started_at": utc(started) if started is not None else None,
        "started_at_epoch": started // 1000 / 1e6 if started is not None else None,
        "changed_since": [{"path": path, "changed_at": utc(when)} for path, when in sorted(changed.items())],
        "missing": missing,
        "restart_needed": bool(changed) or (started is not None and started < started_before),
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "manager": {"type": "str", "choices": ["systemd", "home"], "default": "systemd"},
            "unit": {"type": "str", "default": "neo4j"},
            "home": {"type": "path"},
            "files": {"type": "list", "elements": "path", "default": []},
            "started_before": {"type": "str", "default": ""},
        },
        required_if=[("manager", "home", ["home"])],
        supports_check_mode=True,
    )
    relative = [path for path in module.params["files"] if not os.path.isabs(path)]
    if relative:
        module.fail_json(msg=f"files must be absolute paths: {', '.join(relative)}")
    started_before = read_moment(module)
    try:
        service = ask_home(module.params["home"]) if module.params["manager"] == "home" else ask_systemd(module)
        result = describe(service, module.params["files"], started_before)
    except procfs.HostReadError as error:
        module.fail_json(msg=f"Failed to read the Neo4j service of this host: {error}")
    except OSError as error:
        module.fail_json(msg=f"Failed to read the Neo4j service of this host: {error}. Is become: true set?")
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
