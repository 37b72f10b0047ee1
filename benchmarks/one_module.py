"""One run of a reading module: python -m benchmarks.one_module NAME < arguments. What it cost, as JSON.

The process does what Ansible's would, without Ansible's start and its unpacking of the module.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import re
import sys
import time
from pathlib import Path

from ansible.module_utils.testing import patch_module_args
from ansible_collections.credex.ops.plugins.module_utils._neo4j import connection


def main() -> None:
    module = importlib.import_module(f"ansible_collections.credex.ops.plugins.modules.{sys.argv[1]}")
    connection.load_driver()
    printed = io.StringIO()
    with patch_module_args(json.load(sys.stdin)), contextlib.redirect_stdout(printed):
        begun = time.monotonic()
        with contextlib.suppress(SystemExit):
            module.main()
        took = time.monotonic() - begun
    peak = peak_mib()
    servers = json.loads(printed.getvalue())["servers"]
    answered = [server["latency_ms"] for server in servers if server["reachable"]]
    told = {"seconds": took, "peak_mib": peak, "answers": len(answered), "silent": len(servers) - len(answered)}
    print(json.dumps({**told, "slowest_answer_ms": max(answered)}))


def peak_mib() -> float:
    """The most memory that this process ever held; unlike ru_maxrss, without what its parent held when it forked."""
    [kib] = re.findall(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(kib) / 1024


if __name__ == "__main__":
    main()
