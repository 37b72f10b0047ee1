# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The journal of one run: a file of JSON lines on the controller, written as things become known.

The first line is the header, ``{"run": {...}}``; then one line for each check; the end of the run is
``{"finished": {"at", "failure", "nothing_to_do"}}``; and once its report has been published,
``{"published": {"at", "url"}}``. A journal without the last line is unfinished business: the next run publishes it, as
interrupted if the run never ended.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from typing import Any

# A name that is safe as a file name and as an S3 key
RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
SUFFIX = ".jsonl"
# Names whose values never reach a report, wherever they stand in a check's evidence
SECRET_NAME = re.compile(
    r"(^|_)(password|passwd|secret|secret_key|private_key|access_key|token|credentials)$", re.IGNORECASE
)
HIDDEN = "(not shown)"
# What the entries hold that are no checks; whatever else they hold is kept and never looked at
_TEXT = (str, type(None))
SHAPES: dict[str, dict[str, Any]] = {
    "run": dict(
        dict.fromkeys(("id", "operation", "title", "environment", "holder", "started"), _TEXT),
        check_mode=bool,
        servers=list,
        process=(dict, type(None)),
    ),
    "finished": {"at": _TEXT, "failure": _TEXT, "nothing_to_do": bool},
    "published": {"at": _TEXT, "url": _TEXT},
}


class JournalError(Exception):
    """The journal could not be written or read; the text says which file, why, and what to do."""


class Journal:
    """What a journal's lines say, in order. Damaged lines are counted and passed over: a killed run may leave one."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.run: dict[str, Any] = {}
        self.checks: list[dict[str, Any]] = []
        self.finished: dict[str, Any] | None = None
        self.published: dict[str, Any] | None = None
        self.damaged_lines = 0

    def take(self, line: str) -> None:
        entry = _parsed(line)
        kinds = [kind for kind in SHAPES if _has_shape(entry.get(kind), SHAPES[kind])]
        if "status" in entry:
            self.checks.append(entry)
        elif kinds:
            setattr(self, kinds[0], entry[kinds[0]])
        else:
            self.damaged_lines += 1


def path_of(directory: str, run_id: str) -> str:
    """Where the journal of this run lies. Raises JournalError for a run id that is no safe name."""
    if not RUN_ID.fullmatch(run_id):
        raise JournalError(
            f"Run id {run_id!r} is not usable: letters, digits, dots, dashes and underscores, 128 at most."
        )
    return os.path.join(directory, run_id + SUFFIX)


def create(path: str, run: dict[str, Any]) -> None:
    """Begin the journal with its header. Raises JournalError where it exists already or cannot be written."""
    directory = os.path.dirname(path)
    if os.path.exists(path):
        raise JournalError(f"Journal {path} exists already: every run needs a run id of its own.")
    try:
        os.makedirs(directory, mode=0o700, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "wb") as journal:
            _write(journal.fileno(), [{"run": run}])
        _sync_directory(directory)
    except OSError as error:
        raise JournalError(
            f"Cannot write the journal {path}: {error.strerror}. "
            "Make the folder writable for this user, or name another one (ops_report_journal_dir)."
        ) from error


def append(path: str, entries: list[dict[str, Any]]) -> None:
    """Add lines in one write, on the disk when this returns. Raises JournalError."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            _write(descriptor, entries)
        finally:
            os.close(descriptor)
    except FileNotFoundError as error:
        raise JournalError(f"Journal {path} is not there: open it first (state opened).") from error
    except OSError as error:
        raise JournalError(f"Cannot write the journal {path}: {error.strerror}.") from error


def read(path: str) -> Journal:
    """Everything the journal says. Raises JournalError when the file cannot be read."""
    journal = Journal(path)
    try:
        with open(path, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if line.strip():
                    journal.take(line)
    except OSError as error:
        raise JournalError(f"Cannot read the journal {path}: {error.strerror}.") from error
    journal.run = {"id": os.path.basename(path)[: -len(SUFFIX)], **journal.run}
    return journal


def unpublished(directory: str, but: str) -> list[Journal]:
    """The journals of other runs whose report was never published, oldest name first."""
    try:
        names = sorted(name for name in os.listdir(directory) if name.endswith(SUFFIX))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise JournalError(f"Cannot list the journals in {directory}: {error.strerror}.") from error
    journals = (read(os.path.join(directory, name)) for name in names if os.path.join(directory, name) != but)
    return [journal for journal in journals if journal.published is None]


def redacted(value: Any) -> Any:
    """The same value without what secret-sounding names hold. A second fence: secrets should not come this far."""
    if isinstance(value, dict):
        return {str(key): HIDDEN if SECRET_NAME.search(str(key)) else redacted(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [redacted(item) for item in value]
    return value


def _parsed(line: str) -> dict[str, Any]:
    """The entry of a line, of text that can be written again; an empty one where it cannot be read."""
    try:
        entry = json.loads(line)
        if "\\ud" in line.lower():  # half a character, as JSON can hold it and no file
            entry = json.loads(json.dumps(entry, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return {}
    return entry if isinstance(entry, dict) else {}


def _has_shape(value: Any, shape: dict[str, Any]) -> bool:
    if not isinstance(value, dict) or not all(isinstance(value[name], shape[name]) for name in value if name in shape):
        return False
    return "servers" not in shape or all(isinstance(server, str) for server in value.get("servers", []))


def _write(descriptor: int, entries: list[dict[str, Any]]) -> None:
    text = "".join(json.dumps(entry, ensure_ascii=False, sort_keys=False) + "\n" for entry in entries)
    if _ends_in_mid_line(descriptor):
        text = "\n" + text
    data = text.encode("utf-8", "replace")  # a command's output may hold bytes that are no text
    if os.write(descriptor, data) != len(data):
        raise OSError(28, "only a part could be written, the disk is full")
    os.fsync(descriptor)


def _ends_in_mid_line(descriptor: int) -> bool:
    """Whether an earlier writer was killed while writing its last line."""
    size = os.fstat(descriptor).st_size
    return size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"


def _sync_directory(directory: str) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
