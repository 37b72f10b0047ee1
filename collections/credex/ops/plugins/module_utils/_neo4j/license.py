# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""The license model: what a license file shows of itself, and what may replace it. Pure; standard library alone.

Three things are called license, and are kept apart everywhere: the *agreement* that a server accepted, the *license
files* of products (this file), and the *contract* on paper. There is no license file for the Neo4j server itself.

The vendor does not publish the format of its files. Its own partner tooling calls them JWTs, so claims are decoded
where
they can be and used to refuse an evident mistake; they prove nothing. Proof is the product's own answer after a
restart.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime
import json
import math
import re
import typing as t

from ansible_collections.credex.ops.plugins.module_utils._host.kept_file import fingerprint

MAX_BYTES = 1024 * 1024
UTC = datetime.timezone.utc
# Earlier years have fewer than four digits, which not every Python writes and reads alike
_LONG_AGO = datetime.datetime(1000, 1, 1, tzinfo=UTC)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}")


class LicenseError(Exception):
    """The content cannot be a license file; the message says what is wrong with it and never repeats it."""


@dataclasses.dataclass(frozen=True)
class LicenseFile:
    """What a file shows. C(expires) and C(product) are None where it is opaque or does not say."""

    fingerprint: str
    opaque: bool
    product: str | None = None
    expires: datetime.datetime | None = None

    def as_dict(self) -> dict[str, t.Any]:
        return {
            "fingerprint": self.fingerprint,
            "opaque": self.opaque,
            "product": self.product,
            "expires": timestamp(self.expires),
        }


def read(content: bytes) -> LicenseFile:
    """Read what is to be placed; raises LicenseError for what cannot be a license."""
    _refuse_damaged(content)
    claims = _claims(content)
    if claims is None:
        return LicenseFile(fingerprint(content), opaque=True)
    return LicenseFile(fingerprint(content), False, _product(claims), _expiry(claims))


def read_present(content: bytes) -> LicenseFile:
    """Read what lies on a server. Whatever it is, it can be replaced: damage makes it opaque, not an error."""
    try:
        return read(content)
    except LicenseError:
        return LicenseFile(fingerprint(content), opaque=True)


def objections(
    new: LicenseFile,
    product: str,
    present: LicenseFile | None,
    now: datetime.datetime,
    accept: t.Container[str] = (),
) -> list[str]:
    """Why C(new) should not replace C(present); C(accept) names the objections that somebody overruled."""
    found = []
    if new.product and new.product != product and "other_product" not in accept:
        found.append(f"it is for product {new.product}, not {product} (other_product)")
    if new.expires and new.expires <= now and "expired" not in accept:
        found.append(f"it expired at {timestamp(new.expires)} (expired)")
    if new.expires and present and present.expires and new.expires < present.expires and "earlier" not in accept:
        ends = f"{timestamp(new.expires)}, earlier than the present one at {timestamp(present.expires)}"
        found.append(f"it expires at {ends} (earlier)")
    return found


def agreement_objection(wanted: str, present: str) -> str | None:
    """Why the agreement of a server cannot be made the wanted one, or None."""
    if present == "not_applicable":
        return "this server has no license agreement: it is Community Edition, or Aura"
    if wanted == "evaluation" and present == "commercial":
        return "it has accepted the commercial agreement, and is not put back to an evaluation"
    return None


def timestamp(moment: datetime.datetime | None) -> str | None:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def parse_timestamp(text: str | None) -> datetime.datetime | None:
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) if text else None


def days_left(expires: datetime.datetime | None, now: datetime.datetime) -> int | None:
    """Whole days from now on, negative once it has expired."""
    return (expires - now).days if expires else None


def _refuse_damaged(content: bytes) -> None:
    if not content.strip():
        raise LicenseError("it is empty")
    if len(content) > MAX_BYTES:
        raise LicenseError(f"it has {len(content)} bytes; no license is larger than {MAX_BYTES}")
    if content.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise LicenseError("it begins with a byte order mark: save it as plain text without one")
    if b"\r" in content:
        raise LicenseError("it has Windows line ends (CR): a mail program or an editor changed it, take the original")
    if any(byte < 32 and byte not in (9, 10) for byte in content) or not _is_text(content):
        raise LicenseError("it is binary, a license is text: is it still compressed?")


def _is_text(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _claims(content: bytes) -> dict[str, t.Any] | None:
    """The claims of a JWT; None for what is no JWT; LicenseError for the remains of one."""
    text = content.decode("utf-8").strip()
    parts = text.split(".")
    header = _json_object(parts[0])
    if len(parts) != 3 or not parts[2]:
        if text.startswith("eyJ"):  # base64 of '{"', with which nearly every JWT begins
            raise LicenseError("it looks like a JWT that was cut off: take the original again")
        return None
    if header is None and not text.startswith("eyJ"):
        return None
    claims = _json_object(parts[1])
    if header is None or claims is None:
        raise LicenseError("it looks like a JWT whose claims cannot be read: take the original again")
    if not _is_whole(parts[2], header.get("alg")):
        raise LicenseError("it looks like a JWT whose signature was cut off: take the original again")
    return claims


def _json_object(encoded: str) -> dict[str, t.Any] | None:
    """A part of a JWT as the object that it must be, or None."""
    try:
        value = json.loads(_base64url(encoded))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


# RFC 7518 (JWA), 3.2 to 3.5, and RFC 8037: how many bytes a signature has; with RSA as many as its key, 256 at least
_SIGNATURES = {"HS256": 32, "HS384": 48, "HS512": 64, "ES256": 64, "ES384": 96, "ES512": 132}
_RSA = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")


def _is_whole(encoded: str, algorithm: t.Any) -> bool:
    """Whether a signature has the length that its algorithm gives every signature; nobody here has the key."""
    try:
        size = len(_base64url(encoded))
    except ValueError:
        return False
    if algorithm in _RSA:
        return size >= 256 and size % 8 == 0
    return size == _SIGNATURES.get(algorithm, size) if isinstance(algorithm, str) else True


def _base64url(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _product(claims: dict[str, t.Any]) -> str | None:
    """Its name in small letters; of what is no name, nothing is repeated in messages."""
    product = claims.get("product")
    return product.lower() if isinstance(product, str) and _NAME.fullmatch(product) else None


def _expiry(claims: dict[str, t.Any]) -> datetime.datetime | None:
    """C(exp) as RFC 7519 has it: seconds since the epoch. None for what is no time, or beyond the year 9999."""
    exp = claims.get("exp")
    if isinstance(exp, bool) or not isinstance(exp, (int, float)) or (isinstance(exp, float) and math.isnan(exp)):
        return None
    try:
        return max(datetime.datetime.fromtimestamp(exp, UTC), _LONG_AGO)
    except (OverflowError, ValueError, OSError):
        return _LONG_AGO if exp < 0 else None
