# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The readers of bytes, fuzzed by what their code does with them (atheris), where made-up values only guess:

    .venv-fuzz/bin/python tests/fuzz/guided.py READER [OPTION OF LIBFUZZER ...]

Ends with an error at the first case that breaks a rule; libFuzzer keeps that case in a file. `make fuzz` runs it. What
has a structure of lines or of JSON (neo4j.conf, reports) is left to the tests beside this file.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "collections")]
with atheris.instrument_imports(include=["lab", "ansible_collections"]):
    from ansible_collections.credex.ops.plugins.module_utils._neo4j import license as neo4j_license

    from lab.server import licenses, packstream

NOW = datetime.now(UTC)


def license_reader(content: bytes) -> None:
    """What it shows of itself can be written and read again, and a file that has expired is refused."""
    try:
        shown = neo4j_license.read(content)
    except neo4j_license.LicenseError:
        return
    expires = neo4j_license.parse_timestamp(shown.as_dict()["expires"])
    if expires is not None and expires <= NOW:
        assert neo4j_license.objections(shown, shown.product or "gds", None, NOW)


def bolt_decoder(content: bytes) -> None:
    """A value, which can be written and read again, or a ValueError."""
    try:
        value = packstream.unpack(content)
    except ValueError:
        return
    written = packstream.pack(value)
    assert packstream.pack(packstream.unpack(written)) == written


def _license(days: int) -> bytes:
    return licenses.issue("gds", "Great Sun", NOW, NOW + timedelta(days=days)).encode()


# Each with cases to begin with
READERS: dict[str, tuple[Callable[[bytes], None], list[bytes]]] = {
    "license": (license_reader, [_license(365), _license(-1), b"opaque"]),
    "bolt": (bolt_decoder, [packstream.pack({"a": [1, 2.5, None, "b" * 20]}), b"\xb1\x01\xa0"]),
}


def main() -> None:
    reader, beginnings = READERS[sys.argv[1]]
    with tempfile.TemporaryDirectory() as corpus:
        for number, content in enumerate(beginnings):
            (Path(corpus) / str(number)).write_bytes(content)
        atheris.Setup([sys.argv[0], *sys.argv[2:], corpus], reader)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
