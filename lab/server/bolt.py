# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bolt on the wire: handshakes and chunks.

Neo4j 5.26 speaks up to Bolt 5.8 (5.5 never), from 2025.10 on also 6.0, and 2026.09 (measured) 6.1. A client offers
versions itself, or asks for the server's list (handshake manifest 1, which the drivers since 5.28 use).
"""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from lab.server.packstream import Structure, pack, unpack
from lab.server.versions import before

MAGIC = b"\x60\x60\xb0\x17"
MANIFEST_1 = b"\x00\x00\x01\xff"
NO_VERSION = bytes(4)
_MAX_CHUNK = 0xFFFF


class Versions(NamedTuple):
    """`major`.`minor` and as many minors below as `below` says."""

    major: int
    minor: int
    below: int

    def has(self, major: int, minor: int) -> bool:
        return major == self.major and self.minor - self.below <= minor <= self.minor


class NotBoltError(Exception):
    """The client speaks something else, or no version that the server speaks."""


def offer(neo4j_version: str) -> list[Versions]:
    """What a server of this version speaks, best first."""
    bolt_5 = [Versions(5, 8, 2), Versions(5, 4, 4)]
    if before(neo4j_version, 2025, 10):
        return bolt_5
    minor = 0 if before(neo4j_version, 2026, 9) else 1
    return [Versions(6, minor, minor), *bolt_5]


async def handshake(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, offered: list[Versions]
) -> tuple[int, int]:
    """Agree on a version."""
    if await reader.readexactly(4) != MAGIC:
        raise NotBoltError("no Bolt magic")
    proposals = [await reader.readexactly(4) for _ in range(4)]
    if MANIFEST_1 in proposals:
        return await _manifest(reader, writer, offered)
    chosen = _best(proposals, offered)
    writer.write(bytes((0, 0, chosen[1], chosen[0])) if chosen else NO_VERSION)
    if chosen is None:
        raise NotBoltError("no common version")
    return chosen


async def _manifest(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, offered: list[Versions]
) -> tuple[int, int]:
    listed = b"".join(bytes((0, versions.below, versions.minor, versions.major)) for versions in offered)
    no_capabilities = b"\x00"
    writer.write(MANIFEST_1 + bytes((len(offered),)) + listed + no_capabilities)
    answer = await reader.readexactly(5)
    major, minor = answer[3], answer[2]
    if not any(versions.has(major, minor) for versions in offered):
        raise NotBoltError(f"client chose {major}.{minor}")
    return major, minor


def _best(proposals: list[bytes], offered: list[Versions]) -> tuple[int, int] | None:
    """The client's first proposal that has a common version, and of it the highest."""
    for _, below, minor, major in proposals:
        for candidate in range(minor, minor - below - 1, -1):
            if any(versions.has(major, candidate) for versions in offered):
                return major, candidate
    return None


async def read_message(reader: asyncio.StreamReader) -> Structure:
    """The next message, from its chunks; empty chunks between messages keep a connection alive."""
    body = b""
    while True:
        size = int.from_bytes(await reader.readexactly(2), "big")
        if size:
            body += await reader.readexactly(size)
        elif body:
            break
    message = unpack(body)
    if not isinstance(message, Structure):
        raise NotBoltError("a message is a structure")
    return message


def framed(message: Structure) -> bytes:
    """A message as chunks."""
    body = pack(message)
    chunks = [body[at : at + _MAX_CHUNK] for at in range(0, len(body), _MAX_CHUNK)]
    return b"".join(len(chunk).to_bytes(2, "big") + chunk for chunk in chunks) + b"\x00\x00"
