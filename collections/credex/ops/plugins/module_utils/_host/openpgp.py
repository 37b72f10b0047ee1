# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Which keys an OpenPGP file holds, by their fingerprints (RFC 9580). Pure; controllers need no gpg."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator

_ARMOR = re.compile(
    r"-----BEGIN PGP PUBLIC KEY BLOCK-----\s*?\n(?:[^\n]*:[^\n]*\n)*\s*\n(.+?)(?:\n=\S{4})?\s*-----END", re.DOTALL
)
_PUBLIC_KEY = 6  # packet type of a primary key; 14 is a subkey's


class KeyFileError(ValueError):
    """This is not the text of public keys."""


def fingerprints(text: str) -> list[str]:
    """Of every primary key, in capital hex digits. KeyFileError when there is none, or anything cannot be read."""
    blocks = _ARMOR.findall(text.replace("\r\n", "\n"))
    if not blocks:
        raise KeyFileError("it holds no PGP PUBLIC KEY BLOCK")
    try:
        bodies = [body for block in blocks for kind, body in _packets(_decoded(block)) if kind == _PUBLIC_KEY]
    except (IndexError, binascii.Error) as error:
        raise KeyFileError(f"its PGP PUBLIC KEY BLOCK is damaged: {error}") from error
    if not bodies:
        raise KeyFileError("its PGP PUBLIC KEY BLOCK holds no key")
    return [_fingerprint(body) for body in bodies]


def _decoded(block: str) -> bytes:
    return base64.b64decode("".join(block.split()), validate=True)


def _packets(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and body of each packet; IndexError where the data end within one."""
    at = 0
    while at < len(data):
        kind, start, length = _new_header(data, at) if data[at] & 0x40 else _old_header(data, at)
        at = start + length
        if at > len(data):
            raise IndexError("it ends within a packet")
        yield kind, data[start:at]


def _new_header(data: bytes, at: int) -> tuple[int, int, int]:
    first = data[at + 1]
    if first < 192:
        return data[at] & 0x3F, at + 2, first
    if first < 224:
        return data[at] & 0x3F, at + 3, ((first - 192) << 8) + data[at + 2] + 192
    if first == 255:
        return data[at] & 0x3F, at + 6, int.from_bytes(data[at + 2 : at + 6], "big")
    raise IndexError("a key has no length")


def _old_header(data: bytes, at: int) -> tuple[int, int, int]:
    if not data[at] & 0x80 or data[at] & 3 == 3:
        raise IndexError(f"no packet begins at byte {at}")
    size = 1 << (data[at] & 3)
    return (data[at] >> 2) & 0x0F, at + 1 + size, int.from_bytes(data[at + 1 : at + 1 + size], "big")


def _fingerprint(body: bytes) -> str:
    if body[:1] == b"\x04":
        # The fingerprint of a version 4 key is defined by SHA-1
        return hashlib.sha1(b"\x99" + len(body).to_bytes(2, "big") + body).hexdigest().upper()  # noqa: S324
    if body[:1] == b"\x06":
        return hashlib.sha256(b"\x9b" + len(body).to_bytes(4, "big") + body).hexdigest().upper()
    raise KeyFileError(f"it holds a key of version {body[0] if body else 'none'}, and only 4 and 6 are known here")
