# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""The contract on paper, as the inventory copies it (C(neo4j_license_contract)): what it allows. Pure."""

from __future__ import annotations

import dataclasses
import datetime
import re
import typing as t

CPU_WORDS = ("cores", "vcpus")
_SIZE = re.compile(r"(\d+)\s*(GB|GiB|TB|TiB)")
_BYTES = {"GB": 10**9, "GiB": 2**30, "TB": 10**12, "TiB": 2**40}


class ContractError(ValueError):
    """The contract cannot be read as it is written; the message says which value, and what is expected."""


@dataclasses.dataclass(frozen=True)
class Contract:
    """C(machines) is the limit of one environment; C(max_cpu) and C(max_memory) are limits of each machine."""

    holder: str
    expires: datetime.date
    warn_days: int
    count_cpu_as: str
    machines: int
    max_cpu: int
    max_memory: str

    @property
    def max_bytes(self) -> int:
        """The limit in bytes, by the contract's own unit: GB is decimal."""
        return size_in_bytes(self.max_memory)

    @property
    def max_bytes_if_binary(self) -> int:
        """The same figure read as GiB or TiB, as machines are sold."""
        return size_in_bytes(re.sub("([GT])B$", r"\1iB", self.max_memory))

    def days_left(self, today: datetime.date) -> int:
        """Whole days, of which the last one counts; negative when it is over."""
        return (self.expires - today).days


def read(written: t.Mapping[str, t.Any], environment: str) -> Contract:
    """The contract as it applies to one environment; ContractError for what is missing or malformed."""
    limits = _required(written, "machines")
    if not isinstance(limits, t.Mapping) or environment not in limits:
        raise ContractError(
            f"neo4j_license_contract.machines has no limit for {environment}, only: {limits}. "
            "Write what the contract allows there, 0 if nothing."
        )
    return Contract(
        holder=str(_required(written, "holder")),
        expires=_date(_required(written, "expires")),
        warn_days=_number(written.get("warn_days", 30), "warn_days"),
        count_cpu_as=_cpu_word(_required(written, "count_cpu_as")),
        machines=_number(limits[environment], f"machines.{environment}"),
        max_cpu=_number(_required(written, "max_cpu"), "max_cpu"),
        max_memory=_size(str(_required(written, "max_memory"))),
    )


def _required(written: t.Mapping[str, t.Any], name: str) -> t.Any:
    if written.get(name) in (None, ""):
        raise ContractError(f"neo4j_license_contract has no {name}. Copy it from the contract.")
    return written[name]


def _date(value: t.Any) -> datetime.date:
    try:
        return datetime.date.fromisoformat(str(value)[:10])
    except ValueError:
        raise ContractError(
            f"neo4j_license_contract.expires is {value!r}, expected a date such as 2027-05-31."
        ) from None


def _number(value: t.Any, name: str) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = -1
    if number < 0 or isinstance(value, bool):
        raise ContractError(f"neo4j_license_contract.{name} is {value!r}, expected a number.")
    return number


def _cpu_word(value: t.Any) -> str:
    if value not in CPU_WORDS:
        raise ContractError(f"neo4j_license_contract.count_cpu_as is {value!r}, expected {' or '.join(CPU_WORDS)}.")
    return str(value)


def _size(value: str) -> str:
    size_in_bytes(value)
    return value


def size_in_bytes(size: str) -> int:
    """Bytes of C(256 GB) or C(256 GiB); ContractError for anything else."""
    found = _SIZE.fullmatch(size)
    if found is None:
        raise ContractError(
            f"neo4j_license_contract.max_memory is {size!r}, expected a size such as 256 GB or 256 GiB."
        )
    return int(found[1]) * _BYTES[found[2]]
