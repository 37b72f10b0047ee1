#!/usr/bin/env python3
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stands in for AWS's session-manager-plugin, which amazon.aws.aws_ssm starts for each session (see lab/ssm.yml).

It is called as the real one is, with the answer of StartSession as its first argument, says its first line, and then
connects its input and output with a shell's terminal. The real one does so through a web socket with the agent on the
instance; this one starts the shell here, because all of the lab's servers are processes of this machine. As on an
instance, the shell has nothing of the caller's environment: no key of AWS, no password.
"""

from __future__ import annotations

import json
import os
import pty
import signal
import sys

ENVIRONMENT = ("HOME", "LANG", "PATH", "TMPDIR")


def main() -> int:
    session = json.loads(sys.argv[1])
    print(f"\nStarting session with SessionId: {session['SessionId']}", flush=True)
    # Python ignores it, and what it starts would too: `echo | program` would then complain in the program's output
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    variables = [f"{name}={os.environ[name]}" for name in ENVIRONMENT if name in os.environ]
    return os.waitstatus_to_exitcode(pty.spawn(["env", "-i", "TERM=dumb", *variables, "sh"], stdin_read=_read))


def _read(descriptor: int) -> bytes:
    typed = os.read(descriptor, 1024)
    if not typed:
        # The caller hung up. With this process goes the terminal, and with the terminal the shell.
        sys.exit()
    return typed


if __name__ == "__main__":
    sys.exit(main())
