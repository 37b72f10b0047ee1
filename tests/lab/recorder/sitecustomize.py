# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every Python process with this folder on its PYTHONPATH notes with what it was started, and what it starts in turn.

So none is missed, however short it lives. What it draws at random is noted too: a password that a module makes up can
be known in no other way. Sends to syslog are noted, where Ansible logs what a module was called with.
"""

from __future__ import annotations

import base64
import json
import os
import sys

_FILE = os.environ["CREDEX_RECORDER_FILE"]
_draw = os.urandom


def _note(kind: str, text: str) -> None:
    """One write for the line, so that processes do not cut into each other's."""
    line = json.dumps([kind, text]) + "\n"
    file = os.open(_FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, line.encode())
    finally:
        os.close(file)


def _started(name: str) -> str:
    with open(f"/proc/self/{name}", "rb") as file:  # pathlib would slow down every start
        return file.read().decode(errors="surrogateescape")


def _text(value: object) -> str:
    """Arguments or an environment, whichever way a caller gives them."""
    if isinstance(value, dict):
        return "\0".join(f"{_text(name)}={_text(content)}" for name, content in value.items())
    if isinstance(value, (list, tuple)):
        return "\0".join(map(_text, value))
    return os.fsdecode(value) if isinstance(value, (str, bytes, os.PathLike)) else ""


def _hook(event: str, given: tuple[object, ...]) -> None:
    """docs.python.org, "Audit events table": which arguments each event has."""
    if event == "subprocess.Popen":  # executable, args, cwd, env
        _note("argv", _text(given[1]))
        _note("environment", _text(given[3] or dict(os.environ)))
    elif event in ("os.exec", "os.posix_spawn"):  # path, args, env
        _note("argv", _text(given[1]))
        _note("environment", _text(given[2] or dict(os.environ)))
    elif event == "os.system":
        _note("argv", _text(given[0]))
    elif event == "syslog.syslog":  # priority, message
        _note("syslog", _text(given[1]))


def _urandom(size: int) -> bytes:
    drawn = _draw(size)
    _note(f"drawn {size}", base64.urlsafe_b64encode(drawn).decode())
    return drawn


_note("argv", _started("cmdline"))
_note("environment", _started("environ"))
os.urandom = _urandom
sys.addaudithook(_hook)
