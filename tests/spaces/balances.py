# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The balance modules on a pair of real servers, and a look at every amount there is."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from ansible_collections.credex.ops.plugins.filter.balance_checks import balance_checks
from ansible_collections.credex.ops.plugins.module_utils._balance.table import TABLE, Kind
from ansible_collections.credex.ops.plugins.modules import (
    neo4j_balance_flags,
    neo4j_balance_info,
    neo4j_balance_update,
)

from lab.community.pair import Pair
from lab.graph import Ledger, Spaces, load
from tests.contract.calls import Result, run_module

ROOT = Path(__file__).resolve().parents[2]
# Entity to its amounts, its multiplier and its date
State = dict[tuple[str, str], dict[str, Any]]


@dataclass(frozen=True)
class Balances:
    """What a person would do with the modules, and see."""

    pair: Pair
    spaces: Spaces
    login: Mapping[str, Any]

    @property
    def where(self) -> dict[str, Any]:
        """The options of a module that asks both spaces."""
        named = (("ledger", self.pair.ledger), ("search", self.pair.search))
        return {**self.login, **{name: {"uris": [server.uri], "database": "neo4j"} for name, server in named}}

    def load(self, credexes: int = 400, **options: Any) -> None:
        load(self.spaces, Ledger(credexes=credexes, **options))

    def run(self, module: ModuleType, **options: Any) -> Result:
        return run_module(module, **{**self.where, **options})

    def flag(self, **options: Any) -> Result:
        return self.run(neo4j_balance_flags, **options)

    def update(self, **options: Any) -> Result:
        return self.run(neo4j_balance_update, **options)

    def info(self, **options: Any) -> Result:
        result = self.run(neo4j_balance_info, **options)
        assert not result.get("failed"), result
        return result

    def verdict(self, last_report: Mapping[str, Any] | None = None, **options: Any) -> dict[str, dict[str, Any]]:
        """Check to how it ended, of one reading."""
        checks = balance_checks(self.info(**options), last_report)
        return {check["id"].removeprefix("balance."): check for check in checks}

    def start(self, module: str, **options: Any) -> subprocess.Popen[bytes]:
        """A module in a process of its own, that a test can kill."""
        code = (
            "import json, sys; from ansible.module_utils.testing import patch_module_args\n"
            f"from ansible_collections.credex.ops.plugins.modules import {module} as module\n"
            "with patch_module_args(json.load(sys.stdin)): module.main()"
        )
        paths = f"import sys; sys.path[:0] = [{str(ROOT / 'collections')!r}]\n"
        process = subprocess.Popen(
            [sys.executable, "-c", paths + code], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps({**self.where, **options}).encode())
        process.stdin.close()
        return process

    def state(self) -> State:
        """Every entity that has amounts."""
        return {
            (f"{kind.space} {kind.name}", str(row["key"])): row["entity"]
            for kind in TABLE
            for row in getattr(self.spaces, kind.space).run(_entities(kind))
        }

    def scaled(self, kind: Kind, date: str) -> int:
        """How many of a kind are scaled to that day."""
        statement = f"MATCH {_pattern(kind)} WHERE e.lastScaled = date($date) RETURN count(*) AS entities"
        (row,) = getattr(self.spaces, kind.space).run(statement, date=date)
        return int(row["entities"])


def _pattern(kind: Kind) -> str:
    return f"(e:{kind.name})" if kind.is_node else f"()-[e:{kind.name}]->()"


def _entities(kind: Kind) -> str:
    return f"MATCH {_pattern(kind)} RETURN e.{kind.key} AS key, properties(e) AS entity"


def expected(state: State, factors: Mapping[str, float], rates: Mapping[str, float]) -> State:
    """What a right update makes of it: `factors` of CXX by date, and rates of the active day."""
    return {key: _scaled(key[0], entity, factors, rates) for key, entity in state.items()}


def _scaled(kind: str, entity: dict[str, Any], factors: Mapping[str, float], rates: Mapping[str, float]) -> Any:
    (row,) = (row for row in TABLE if f"{row.space} {row.name}" == kind)
    denomination = entity["Denomination"]
    in_cxx = denomination == "CXX"
    factor = factors[str(entity["lastScaled"])] if in_cxx else rates[denomination] / entity["CXXmultiplier"]
    amounts = {name: entity[name] * factor for name in row.amounts}
    return {**entity, **amounts, "CXXmultiplier": rates[denomination]}


def differences(found: State, wanted: State) -> list[str]:
    """Entities whose amounts or multiplier are others, but for their last bits."""
    assert found.keys() == wanted.keys() and found
    return [
        f"{key}: {name} is {entity.get(name)}, should be {value}"
        for key, entity in found.items()
        for name, value in wanted[key].items()
        if isinstance(value, float) and not _same(entity.get(name), value)
    ]


def _same(one: Any, other: float) -> bool:
    return isinstance(one, (int, float)) and abs(one - other) <= 1e-12 * max(abs(one), abs(other))
