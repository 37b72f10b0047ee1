# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one user may do at this moment, and how Neo4j says that it may not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from lab.server import texts
from lab.server.errors import forbidden
from lab.server.privileges import EVERY, HOME, Privilege
from lab.server.snapshot import SYSTEM

# Names that a refusal says otherwise than SHOW PRIVILEGES
_IN_REFUSALS = {"START": "START DATABASE", "STOP": "STOP DATABASE", "SET PASSWORD": "SET PASSWORDS"}
# With these one sees every database, also without access to it
_SEE_ALL_DATABASES = ("CREATE DATABASE", "DROP DATABASE", "ALTER DATABASE", "SET DATABASE ACCESS")


class State(Enum):
    GRANTED = "granted"
    DENIED = "denied"
    NOT_GRANTED = "not granted"


@dataclass(frozen=True)
class Access:
    """Judged from the privileges of all roles of a user: one that is denied outweighs all that are granted."""

    user: str
    roles: tuple[str, ...]
    # Which database HOME means
    home: str
    granted: tuple[Privilege, ...] = ()
    denied: tuple[Privilege, ...] = ()
    # Community, authentication switched off, and EXPLAIN, which carries out nothing
    is_unlimited: bool = False

    @property
    def who(self) -> str:
        """As refusals name the user."""
        if not self.user:
            return texts.AUTH_DISABLED % "FULL"
        roles = texts.ROLES % f"[{', '.join(sorted(self.roles))}]" if self.roles else texts.NO_ROLES
        return texts.USER_WITH % (self.user, roles)

    def state(self, kind: str, database: str = "", name: str = "") -> State:
        """Whether a privilege is there, on a database if it is about one, for a procedure or setting if it is."""
        if self.is_unlimited:
            return State.GRANTED
        if self._any(self.denied, kind, database, name):
            return State.DENIED
        return State.GRANTED if self._any(self.granted, kind, database, name) else State.NOT_GRANTED

    def _any(self, privileges: Iterable[Privilege], kind: str, database: str, name: str) -> bool:
        return any(each.includes(kind) and self._is_on(each, database) and each.covers(name) for each in privileges)

    def _is_on(self, privilege: Privilege, database: str) -> bool:
        # Nothing of the emulator's data has relationships
        if privilege.detail == "RELATIONSHIP":
            return False
        return privilege.target in ("", EVERY, database) or (privilege.target == HOME and database == self.home)

    def allows(self, kind: str, database: str = "", name: str = "") -> bool:
        return self.state(kind, database, name) == State.GRANTED

    def require(self, *kinds: str, database: str = "") -> None:
        """All of these privileges, or the refusal that names those that are missing."""
        states = {kind: self.state(kind, database) for kind in kinds}
        for state, text in ((State.DENIED, texts.DENIED), (State.NOT_GRANTED, texts.NOT_GRANTED)):
            refused = sorted(_IN_REFUSALS.get(kind, kind) for kind in kinds if states[kind] == state)
            if refused:
                raise forbidden(text % (" and/or ".join(refused), texts.ADVICE))

    def enter(self, database: str) -> None:
        """The database itself; everybody may use system."""
        if database != SYSTEM and not self.allows("ACCESS", database):
            raise forbidden(f"Database access is not allowed for {self.who}.")

    def sees(self, database: str) -> bool:
        """Whether SHOW DATABASES shows it."""
        if database == SYSTEM or self.allows("ACCESS", database):
            return True
        return any(self.allows(kind) for kind in _SEE_ALL_DATABASES)

    def reads(self, database: str) -> bool:
        """Whether nodes and their properties are visible."""
        return self.allows("TRAVERSE", database) and self.allows("READ {*}", database)

    def call(self, procedure: str, is_admin: bool) -> None:
        """A procedure; one for administrators needs more than its own name."""
        if not self.allows("EXECUTE PROCEDURE", name=procedure):
            raise forbidden(texts.PROCEDURE % self.who)
        if is_admin:
            self._call_admin(procedure)

    def _call_admin(self, procedure: str) -> None:
        states = [self.state("EXECUTE ADMIN PROCEDURES"), self.state("EXECUTE BOOSTED PROCEDURE", name=procedure)]
        if State.DENIED in states:
            word = texts.ADMIN_PROCEDURE_DENIED
        elif State.GRANTED not in states:
            word = texts.ADMIN_PROCEDURE_NOT_GRANTED
        else:
            return
        raise forbidden(texts.ADMIN_PROCEDURE % (procedure, word, self.who))


UNLIMITED = Access("", (), "", is_unlimited=True)
