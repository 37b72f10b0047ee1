# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""What can go wrong between this collection and a Neo4j server, as typed errors with a named cause."""

from __future__ import annotations

import socket
import ssl
from enum import Enum
from typing import Any


class Cause(str, Enum):
    """Why a server did not answer what it was asked."""

    REFUSED = "refused"
    TIMEOUT = "timeout"
    TLS = "tls"
    AUTHENTICATION = "authentication"
    RATE_LIMIT = "rate_limit"
    CREDENTIALS_EXPIRED = "credentials_expired"
    FORBIDDEN = "forbidden"
    NOT_NEO4J = "not_neo4j"
    UNRESOLVABLE = "unresolvable"
    UNAVAILABLE = "unavailable"
    OTHER = "other"


# Trying again would lock the user out, on every server, and whoever shares it
SHUT_OUT = (Cause.AUTHENTICATION, Cause.RATE_LIMIT, Cause.CREDENTIALS_EXPIRED)

ADVICE = {
    Cause.REFUSED: "Nothing listens there: is Neo4j started, and on this address and port?",
    Cause.TIMEOUT: "Is the host up, does a security group drop the port, or is the timeout too short?",
    Cause.TLS: "Compare the scheme (bolt://, bolt+s://, bolt+ssc://) and ca_certificate with the server's settings.",
    Cause.AUTHENTICATION: "Check username and password before the next try: the third wrong one locks the user out.",
    Cause.RATE_LIMIT: "Wait for dbms.security.auth_lock_time (default 5 s), then log in with the right password.",
    Cause.CREDENTIALS_EXPIRED: "The password must be changed first: ALTER CURRENT USER SET PASSWORD FROM .. TO ..",
    Cause.FORBIDDEN: "Grant the user the privileges that the module's documentation lists.",
    Cause.NOT_NEO4J: "Something else than Neo4j listens there: check host and port (Bolt is 7687, HTTP 7474).",
    Cause.UNRESOLVABLE: "Check the host name, and the resolver of the host that runs this module.",
    Cause.UNAVAILABLE: "The server is starting, stopping or overloaded, or the way to it is broken: see its neo4j.log.",
    Cause.OTHER: "",
}


def _advised(message: str, advice: str) -> str:
    """Both as sentences; an error made of another one's message has the advice already."""
    sentence = message if message.endswith("?") else f"{message.rstrip('.')}."
    return sentence if advice in message else f"{sentence} {advice}"


class Neo4jOpsError(Exception):
    """Base of all: what happened and what to do next, as `message`; with the server's address before it as text.

    `code` and `gql_status` are the server's own, if it answered.
    """

    advice = ""

    def __init__(
        self,
        message: str,
        server: str | None = None,
        cause: Cause = Cause.OTHER,
        code: str | None = None,
        gql_status: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = _advised(message, ADVICE[cause] or self.advice)
        self.server = server
        self.cause = cause
        self.code = code
        self.gql_status = gql_status

    def __str__(self) -> str:
        return f"{self.server}: {self.message}" if self.server else self.message

    def as_result(self) -> dict[str, Any]:
        """The arguments of fail_json."""
        return {
            "msg": str(self),
            "server": self.server,
            "cause": self.cause.value,
            "code": self.code,
            "gql_status": self.gql_status,
        }


class InvalidOptionError(Neo4jOpsError):
    """An option cannot be used as it was written; nothing was sent."""


class DriverMissingError(Neo4jOpsError):
    """The Python package neo4j is not installed where the module runs."""


class UnreachableError(Neo4jOpsError):
    """The server gave no usable answer, `cause` says why."""


class StatementRefusedError(Neo4jOpsError):
    """The server answered, and refused this statement."""


class NotSupportedError(StatementRefusedError):
    """The server's edition or version does not have this statement, or the plugin it belongs to is not installed."""

    advice = "This edition or version of Neo4j does not have it, or the plugin that it belongs to is not installed."


# The driver's and http.client's own exceptions carry these somewhere in their chain. The order matters: SSLError,
# gaierror and the rest are OSErrors too; before Python 3.10 socket.timeout is not a TimeoutError.
_CAUSE_BY_TYPE: tuple[tuple[type[BaseException], Cause], ...] = (
    (ssl.SSLError, Cause.TLS),
    (ssl.CertificateError, Cause.TLS),
    (socket.gaierror, Cause.UNRESOLVABLE),
    (ConnectionRefusedError, Cause.REFUSED),
    (TimeoutError, Cause.TIMEOUT),
    (socket.timeout, Cause.TIMEOUT),
    (OSError, Cause.UNAVAILABLE),
)


def chain(error: BaseException) -> list[BaseException]:
    """The error and what it was raised from, outermost first; of a group, its first member."""
    found: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in found:
        found.append(current)
        members = getattr(current, "exceptions", ())  # ExceptionGroup, Python 3.11
        current = members[0] if members else current.__cause__ or current.__context__
    return found


def network_cause(error: BaseException) -> Cause | None:
    """The cause that the operating system or OpenSSL named, if either is at the root of the error."""
    for link in reversed(chain(error)):
        for kind, cause in _CAUSE_BY_TYPE:
            if isinstance(link, kind):
                return cause
    return None
