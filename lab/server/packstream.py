# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PackStream version 1, the encoding of Bolt's messages.

Written here, and not borrowed from the driver, so that a mistake in one of the two cannot hide behind the other.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Structure:
    """A tagged list of fields: a message, or a value that has no PackStream type of its own (a date, a node)."""

    tag: int
    fields: tuple[Any, ...]


def pack(value: Any) -> bytes:
    """One value as bytes."""
    out = bytearray()
    _pack(value, out)
    return bytes(out)


def unpack(data: bytes) -> Any:
    """The one value that the bytes hold; ValueError where they hold none, less or more."""
    try:
        value, end = _unpack(data, 0)
    except (IndexError, struct.error) as error:
        raise ValueError("a PackStream value is cut off") from error
    except RecursionError as error:
        raise ValueError("PackStream values are too deep in one another") from error
    if end != len(data):
        raise ValueError(f"a PackStream value has {end} bytes, and came in {len(data)}")
    return value


def _pack(value: Any, out: bytearray) -> None:
    if value is None:
        out.append(0xC0)
    elif isinstance(value, bool):
        out.append(0xC3 if value else 0xC2)
    elif isinstance(value, int):
        out += _packed_integer(value)
    elif isinstance(value, float):
        out += struct.pack(">Bd", 0xC1, value)
    elif isinstance(value, str):
        encoded = value.encode()
        out += _head(len(encoded), 0x80, 0xD0) + encoded
    elif isinstance(value, bytes):
        out += _long_head(len(value), 0xCC) + value
    else:
        _pack_container(value, out)


def _pack_container(value: Any, out: bytearray) -> None:
    if isinstance(value, Structure):
        out += bytes((0xB0 | len(value.fields), value.tag))
        for field in value.fields:
            _pack(field, out)
    elif isinstance(value, (list, tuple)):
        out += _head(len(value), 0x90, 0xD4)
        for item in value:
            _pack(item, out)
    elif isinstance(value, dict):
        out += _head(len(value), 0xA0, 0xD8)
        for key, item in value.items():
            _pack(key, out)
            _pack(item, out)
    else:
        raise TypeError(f"PackStream has no form for {type(value).__name__}")


def _packed_integer(value: int) -> bytes:
    if -16 <= value < 128:
        return struct.pack(">b", value)
    for marker, form, bits in ((0xC8, ">Bb", 7), (0xC9, ">Bh", 15), (0xCA, ">Bi", 31), (0xCB, ">Bq", 63)):
        if -(1 << bits) <= value < 1 << bits:
            return struct.pack(form, marker, value)
    raise OverflowError(f"{value} does not fit into 64 bits")


def _head(size: int, tiny: int, marker: int) -> bytes:
    return bytes((tiny | size,)) if size < 16 else _long_head(size, marker)


def _long_head(size: int, marker: int) -> bytes:
    if size < 1 << 8:
        return struct.pack(">BB", marker, size)
    if size < 1 << 16:
        return struct.pack(">BH", marker + 1, size)
    return struct.pack(">BI", marker + 2, size)


_CONSTANTS = {0xC0: None, 0xC2: False, 0xC3: True}
# First of three markers, for sizes of 1, 2 and 4 bytes
_SIZED = {0xCC: "bytes", 0xD0: "string", 0xD4: "list", 0xD8: "map"}
_TINY = {0x80: "string", 0x90: "list", 0xA0: "map"}


def _unpack(data: bytes, at: int) -> tuple[Any, int]:
    marker, at = data[at], at + 1
    if marker < 0x80:
        return marker, at
    if marker >= 0xF0:
        return marker - 0x100, at
    if marker in _CONSTANTS:
        return _CONSTANTS[marker], at
    if marker == 0xC1:
        return struct.unpack_from(">d", data, at)[0], at + 8
    if 0xC8 <= marker <= 0xCB:
        end = at + (1 << (marker - 0xC8))
        return int.from_bytes(data[at:end], "big", signed=True), end
    if marker & 0xF0 == 0xB0:
        fields, end = _unpack_list(data, at + 1, marker & 0x0F)
        return Structure(data[at], tuple(fields)), end
    return _unpack_sized(marker, data, at)


def _unpack_sized(marker: int, data: bytes, at: int) -> tuple[Any, int]:
    if marker & 0xF0 in _TINY:
        kind, size = _TINY[marker & 0xF0], marker & 0x0F
    else:
        first = next((first for first in _SIZED if first <= marker <= first + 2), None)
        if first is None:
            raise ValueError(f"PackStream marker {marker:02X} is not known")
        width = 1 << (marker - first)
        kind, size = _SIZED[first], int.from_bytes(data[at : at + width], "big")
        at += width
    if kind == "list":
        return _unpack_list(data, at, size)
    if kind == "map":
        return _unpack_map(data, at, size)
    raw = bytes(data[at : at + size])
    return (raw if kind == "bytes" else raw.decode()), at + size


def _unpack_list(data: bytes, at: int, size: int) -> tuple[list[Any], int]:
    items = []
    for _ in range(size):
        item, at = _unpack(data, at)
        items.append(item)
    return items, at


def _unpack_map(data: bytes, at: int, size: int) -> tuple[dict[str, Any], int]:
    entries = {}
    for _ in range(size):
        key, at = _unpack(data, at)
        if not isinstance(key, str):
            raise ValueError("a key of a PackStream map is a string")
        entries[key], at = _unpack(data, at)
    return entries, at
