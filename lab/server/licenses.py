# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""License files of products (gds, bloom), under a key of the lab.

The real format is not published; partners' code calls it a JWT. So the lab knows two forms, and the operations must
cope with both: `decodable` (header.payload.signature; anybody can read its claims) and `opaque` (only the server can).
The key is no secret: it licenses nothing but this emulator.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

LAB_KEY = b"credex.lab: licenses nothing but the emulator"
FORMS = ("decodable", "opaque")
_OPAQUE_PREFIX = "lab-opaque:"


class LicenseError(Exception):
    """Why a license does not count; the text is what the product answers."""

    def __init__(self, message: str, expires: datetime | None = None) -> None:
        super().__init__(message)
        self.expires = expires


@dataclass(frozen=True)
class License:
    product: str
    licensee: str
    issued: datetime
    expires: datetime


def issue(product: str, licensee: str, issued: datetime, expires: datetime, form: str = "decodable") -> str:
    """The text of a license file."""
    claims = {
        "product": product,
        "licensee": licensee,
        "iat": int(issued.timestamp()),
        "exp": int(expires.timestamp()),
    }
    payload = json.dumps(claims).encode()
    if form == "opaque":
        sealed = _crypted(payload)
        return _OPAQUE_PREFIX + _encoded(_signature(sealed) + sealed) + "\n"
    signed = _encoded(json.dumps({"alg": "HS256", "typ": "JWT"}).encode()) + "." + _encoded(payload)
    return f"{signed}.{_encoded(_signature(signed.encode()))}\n"


def read(text: str) -> License:
    """The license that a text is; LicenseError when it is none of this lab's."""
    text = text.strip()
    try:
        payload = _opened_opaque(text) if text.startswith(_OPAQUE_PREFIX) else _opened_decodable(text)
        claims = json.loads(payload)
        return License(claims["product"], claims["licensee"], _time(claims["iat"]), _time(claims["exp"]))
    except (ValueError, KeyError, TypeError, OverflowError, OSError, RecursionError) as error:
        raise LicenseError("Could not verify the license key.") from error


def check(file: Path, product: str, now: datetime) -> License:
    """The license in a file, if it is good for this product today."""
    try:
        text = file.read_text()
    except OSError as error:
        raise LicenseError(f"Could not read the license file '{file}': {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise LicenseError("Could not verify the license key.") from error
    found = read(text)
    if found.product != product:
        raise LicenseError(f"The license key is for '{found.product}', not for '{product}'.", found.expires)
    if found.expires <= now:
        raise LicenseError("The license key has expired.", found.expires)
    return found


def java_time(moment: datetime) -> str:
    """As Java's ZonedDateTime prints it: seconds are left out when they are zero."""
    utc = moment.astimezone(UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%SZ[UTC]" if utc.second else "%Y-%m-%dT%H:%MZ[UTC]")


def _opened_decodable(text: str) -> bytes:
    signed, _, signature = text.rpartition(".")
    if not hmac.compare_digest(_decoded(signature), _signature(signed.encode())):
        raise ValueError("signature")
    return _decoded(signed.partition(".")[2])


def _opened_opaque(text: str) -> bytes:
    blob = _decoded(text.removeprefix(_OPAQUE_PREFIX))
    signature, sealed = blob[:32], blob[32:]
    if not hmac.compare_digest(signature, _signature(sealed)):
        raise ValueError("signature")
    return _crypted(sealed)


def _signature(data: bytes) -> bytes:
    return hmac.new(LAB_KEY, data, hashlib.sha256).digest()


def _crypted(data: bytes) -> bytes:
    """Exclusive or with a stream from the key: its own inverse. It hides, it does not protect."""
    stream = b"".join(_signature(block.to_bytes(4, "big")) for block in range(len(data) // 32 + 1))
    return bytes(left ^ right for left, right in zip(data, stream, strict=False))


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
