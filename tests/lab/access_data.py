# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The privileges of ops_reader and ops_operator, as the role ops_access ships them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.static.repository import ROLES, load

DATA = load(next(role for role in ROLES if role.name == "ops_access") / "vars/main.yml")
GRAPH = "ledgerspace"
BOTH = READER, OPERATOR = ("ops_reader", "ops_operator")


@dataclass(frozen=True)
class Granted:
    """One privilege of a role: a command of the list, why it is there, and Neo4j's page about it."""

    query: str
    purpose: str
    page: str

    @property
    def role(self) -> str:
        return re.findall(r" TO `(\w+)`$", self.query)[0]

    @property
    def privilege(self) -> str:
        """Without GRANT, and to whom."""
        return re.findall(r"^GRANT (.*) TO `\w+`$", self.query)[0]

    @property
    def revocation(self) -> str:
        return f"REVOKE GRANT {self.privilege} FROM `{self.role}`"


GRANTS = [Granted(**entry) for entries in DATA.values() for entry in entries]
