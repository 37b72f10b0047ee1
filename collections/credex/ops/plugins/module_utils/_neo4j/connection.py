# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Connections to Neo4j: options, addresses, the driver, and its errors as ours. The only file that imports neo4j.

One login per server and no retry of anything: the third wrong password locks a user out, and a retried statement hides
that the first one failed. Fleet modules ask every server directly (`bolt://`), because `neo4j://` asks whichever server
the routing table names and hides why it could not.
"""

from __future__ import annotations

import logging
import os
import re
import socket
import ssl
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Callable, NamedTuple, TypeVar

from ansible.module_utils.basic import missing_required_lib
from ansible.module_utils.common.parameters import env_fallback
from ansible_collections.credex.ops.plugins.module_utils._neo4j.errors import (
    Cause,
    DriverMissingError,
    InvalidOptionError,
    Neo4jOpsError,
    NotSupportedError,
    StatementRefusedError,
    UnreachableError,
    chain,
    network_cause,
)
from ansible_collections.credex.ops.plugins.module_utils._neo4j.fleet import WORKERS, Say, ask_one
from ansible_collections.credex.ops.plugins.module_utils._neo4j.values import plain
from ansible_collections.credex.ops.plugins.module_utils._neo4j.versions import is_unsupported

COLLECTION_VERSION = "0.1.0"
BOLT_PORT = 7687
SYSTEM = "system"

T = TypeVar("T")

_ADDRESS = re.compile(
    r"(?:(?P<routed>bolt|neo4j)(?:\+(?P<tls>s|ssc))?://)?(?P<host>\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::(?P<port>\d{1,5}))?/?"
)
_CAUSE_BY_CODE = {
    "Neo.ClientError.Security.Unauthorized": Cause.AUTHENTICATION,
    "Neo.ClientError.Security.AuthenticationRateLimit": Cause.RATE_LIMIT,
    "Neo.ClientError.Security.CredentialsExpired": Cause.CREDENTIALS_EXPIRED,
    "Neo.ClientError.Security.Forbidden": Cause.FORBIDDEN,
    "Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration": Cause.TIMEOUT,
}
# What only the driver's text tells; its exceptions carry no code for these
_CAUSE_BY_TEXT = (
    ("looks like HTTP", Cause.NOT_NEO4J),
    ("does not support communication with this driver", Cause.NOT_NEO4J),
    ("check for incorrect port number", Cause.NOT_NEO4J),
    ("UnsupportedServerProduct", Cause.NOT_NEO4J),
    ("resolve address", Cause.UNRESOLVABLE),
    ("imed out", Cause.TIMEOUT),
    ("deadline", Cause.TIMEOUT),
    ("incomplete handshake response", Cause.NOT_NEO4J),
    ("routing information", Cause.UNAVAILABLE),  # driver 5.28 does not say why
)


def connection_argument_spec(**own: Any) -> dict[str, Any]:
    """Options of a module that asks many servers, with the module's own ones added."""
    return {
        "uris": {"type": "list", "elements": "str", "required": True},
        "fail_on_unreachable": {"type": "bool", "default": False},
        "workers": {"type": "int", "default": WORKERS},
        **_LOGIN_OPTIONS,
        **own,
    }


def address_argument_spec(**own: Any) -> dict[str, Any]:
    """Options of a module that asks one address, with the module's own ones added."""
    return {
        "uri": {"type": "str", "required": True, "fallback": (env_fallback, ["NEO4J_URI", "NEO4J_ADDRESS"])},
        **_LOGIN_OPTIONS,
        **own,
    }


def query_argument_spec(**own: Any) -> dict[str, Any]:
    """Options of a module that sends one statement to one address, with the module's own ones added."""
    return address_argument_spec(
        database={"type": "str"},
        query={"type": "str", "required": True},
        parameters={"type": "dict", "default": {}},
        **own,
    )


_LOGIN_OPTIONS = {
    "username": {"type": "str", "fallback": (env_fallback, ["NEO4J_USERNAME"])},
    "password": {"type": "str", "no_log": True, "fallback": (env_fallback, ["NEO4J_PASSWORD"])},
    "ca_certificate": {"type": "path"},
    "timeout": {"type": "float", "default": 10.0},
}
LOGIN_RULES = {"required_together": [("username", "password")]}


@dataclass(frozen=True)
class Target:
    """One address, and all that is needed to log in there."""

    uri: str
    host: str
    port: int = BOLT_PORT
    routed: bool = False
    tls: str | None = None  # None, "s" (verified) or "ssc" (any certificate)
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_certificate: str | None = None
    timeout: float = 10.0
    address_timeout: float | None = None  # seconds for each address of a host that has several

    @property
    def address(self) -> str:
        """host:port"""
        return f"{self.host}:{self.port}"

    @property
    def aura(self) -> bool:
        """Neo4j's own cloud: its hosts cannot be asked about."""
        return self.host.endswith(".databases.neo4j.io")

    @property
    def driver_uri(self) -> str:
        """The address in the form that the driver is given. A CA of one's own goes beside it, not into the scheme."""
        scheme = "neo4j" if self.routed else "bolt"
        suffix = f"+{self.tls}" if self.tls and not self.ca_certificate else ""
        return f"{scheme}{suffix}://{self.address}"


def parse_address(uri: str) -> Target:
    """`bolt://h:7687`, `neo4j+s://h`, `h:7687` or `h`. A bare host means `bolt://` and port 7687."""
    found = _ADDRESS.fullmatch(uri.strip())
    if not found:
        shown = "an address with credentials in it" if "@" in uri else repr(uri)
        raise InvalidOptionError(
            f"{shown} is not an address of a Neo4j server: write bolt://, bolt+s://, bolt+ssc://, neo4j:// "
            "or neo4j+s:// before host and port, or host:port alone. Credentials go into username and password"
        )
    port = int(found["port"] or BOLT_PORT)
    if not 0 < port < 65536:
        raise InvalidOptionError(f"{uri!r} has the port {port}, and ports go from 1 to 65535")
    return Target(
        uri=uri,
        host=found["host"],
        port=port,
        routed=found["routed"] == "neo4j",
        tls=found["tls"],
    )


def targets(params: dict[str, Any]) -> list[Target]:
    """What a fleet module's parameters name: each server asked by itself, whatever the scheme says about routing."""
    if not params["uris"]:
        raise InvalidOptionError("uris names no server: an empty list would read as a healthy fleet")
    if params["workers"] < 1:
        raise InvalidOptionError(f"workers is {params['workers']}: at least one server must be asked at a time")
    return [replace(with_login(parse_address(uri), params), routed=False) for uri in params["uris"]]


def query_target(params: dict[str, Any]) -> Target:
    """What the parameters of a module that asks one address name."""
    return with_login(parse_address(params["uri"]), params)


def with_login(found: Target, params: dict[str, Any]) -> Target:
    """The address with the login of these parameters."""
    authority = params["ca_certificate"] or None
    if params["timeout"] <= 0:
        raise InvalidOptionError(f"timeout is {params['timeout']:g}: give a number of seconds above 0")
    if authority and not os.path.isfile(authority):
        raise InvalidOptionError(f"ca_certificate {authority} is not a file on the host that runs this module")
    if authority and found.tls != "s":
        raise InvalidOptionError(
            f"{found.uri} does not use ca_certificate, because its scheme asks for no verified TLS: write bolt+s://, "
            "or give no ca_certificate"
        )
    return replace(
        found,
        username=params["username"],
        password=params["password"],
        ca_certificate=authority,
        timeout=params["timeout"],
    )


def load_driver() -> Any:
    """The driver, imported when first needed: it takes 0.1 to 0.4 s, and HTTP discovery does without."""
    try:
        import neo4j
    except ImportError as error:
        raise DriverMissingError(missing_required_lib("neo4j>=5.28")) from error
    # Notifications are returned; the driver would write them to stderr as well
    logging.getLogger("neo4j").addHandler(logging.NullHandler())
    # Driver 5.28 calls the GQL status of an error a preview, 6.x calls notifications deprecated; both still have both
    for origin in ("neo4j", re.escape(__name__)):
        warnings.filterwarnings("ignore", module=origin)
    return neo4j


class Result(NamedTuple):
    """The answer to one statement, ready for JSON. `query_type` is Neo4j's own: r, w, rw or s (schema)."""

    columns: list[str]
    rows: list[dict[str, Any]]
    query_type: str
    counters: dict[str, int]
    notifications: list[dict[str, Any]]
    plan: dict[str, Any] | None


class Server:
    """One open login. Every statement is an auto-commit transaction of its own: one round trip, no retry."""

    def __init__(self, driver: Any, neo4j: Any, asked: Target, say: Say) -> None:
        self._driver = driver
        self._neo4j = neo4j
        self._say = say
        self._opened = time.monotonic()
        self.target = asked
        self.latency_ms: float | None = None

    def rows(self, statement: str, **parameters: Any) -> list[dict[str, Any]]:
        """The rows of a statement of administration, which runs on the database system."""
        return self.run(statement, parameters, SYSTEM).rows

    def run(
        self, statement: str, parameters: dict[str, Any], database: str | None = None, write: bool = False
    ) -> Result:
        """Send one statement. Without `write` the server itself refuses to change data."""
        self._say(statement if self.latency_ms else f"the login, then {statement}")
        query = self._neo4j.Query(statement, timeout=self._remaining())
        mode = self._neo4j.WRITE_ACCESS if write else self._neo4j.READ_ACCESS
        session = self._driver.session(database=database, default_access_mode=mode)
        with typed_errors(self._neo4j, self.target), session:
            result = session.run(query, parameters)
            columns = list(result.keys())
            values = result.values()
            summary = result.consume()
        if self.latency_ms is None:
            self.latency_ms = round((time.monotonic() - self._opened) * 1000, 1)
        return _result(columns, values, summary)

    def stream(
        self, statement: str, parameters: dict[str, Any], database: str | None, batch: int
    ) -> Iterator[list[Any]]:
        """The first column of each row, so many at a time as they arrive: memory does not grow with the answer.

        There is no deadline, since reading may take hours; who consumes it watches for silence.
        """
        mode = self._neo4j.READ_ACCESS
        session = self._driver.session(database=database, default_access_mode=mode, fetch_size=batch)
        with typed_errors(self._neo4j, self.target), session:
            result = session.run(statement, parameters)
            while rows := result.fetch(batch):
                yield [row[0] for row in rows]

    def _remaining(self) -> float:
        """Seconds left: the server ends by itself what nobody waits for any more."""
        return max(0.001, self.target.timeout - (time.monotonic() - self._opened))


@contextmanager
def connect(asked: Target, say: Say) -> Iterator[Server]:
    """A server, logged in by the first statement: verify_connectivity would pass with expired credentials."""
    neo4j = load_driver()
    with typed_errors(neo4j, asked):
        driver = neo4j.GraphDatabase.driver(asked.driver_uri, **driver_options(neo4j, asked))
    try:
        yield Server(driver, neo4j, asked, say)
    finally:
        driver.close()


def ask_server(asked: Target, question: Callable[[Server], T]) -> T:
    """The answer of one server over a connection of its own, within its deadline, whatever the driver does."""
    load_driver()  # before the clock starts

    def connected(asked: Target, say: Say) -> T:
        with connect(asked, say) as server:
            return question(server)

    return ask_one(asked, connected)


def query_rows(
    asked: Target, database: str | None, query: str, parameters: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """The rows of one statement, in read access mode."""
    return ask_server(asked, lambda server: server.run(query, parameters or {}, database).rows)


def driver_options(neo4j: Any, asked: Target) -> dict[str, Any]:
    """How the driver is called for this target."""
    options: dict[str, Any] = {
        "auth": (asked.username, asked.password) if asked.username else None,
        "user_agent": f"credex.ops/{COLLECTION_VERSION}",
        # The deadline that counts is the fleet's, which says what was waited for; these only end its thread, later
        "connection_timeout": asked.address_timeout or asked.timeout + 1,
        "connection_acquisition_timeout": asked.timeout + 1,
        "max_transaction_retry_time": 0,
        "max_connection_pool_size": 1 if not asked.routed else 5,
        "telemetry_disabled": True,
    }
    if asked.ca_certificate:
        options["encrypted"] = True
        options["trusted_certificates"] = neo4j.TrustCustomCAs(asked.ca_certificate)
    return options


def _result(columns: list[str], values: list[list[Any]], summary: Any) -> Result:
    return Result(
        columns=columns,
        rows=[dict(zip(columns, plain(row))) for row in values],
        query_type=summary.query_type,
        counters={name: count for name, count in vars(summary.counters).items() if count and name[0] != "_"},
        notifications=plain(summary.notifications or []),
        plan=plain(summary.plan),
    )


@contextmanager
def typed_errors(neo4j: Any, asked: Target) -> Iterator[None]:
    """What the driver raises, as an error of ours."""
    try:
        yield
    except neo4j.exceptions.Neo4jError as error:
        raise _from_server(error, asked) from error
    except (neo4j.exceptions.DriverError, OSError, ValueError) as error:
        # Over the server's word that another one takes the writes the driver puts an error of its own
        root = chain(error)[-1]
        if isinstance(root, neo4j.exceptions.NotALeader):
            raise _from_server(root, asked) from error
        raise _from_driver(error, asked) from error


def _from_server(error: Any, asked: Target) -> Neo4jOpsError:
    """The server answered with a code."""
    code, status, said = error.code, getattr(error, "gql_status", None), error.message or str(error)
    cause = _CAUSE_BY_CODE.get(code)
    if is_unsupported(code, status):
        kind: type[Neo4jOpsError] = NotSupportedError
    elif cause in (None, Cause.FORBIDDEN) and not code.startswith("Neo.TransientError."):
        kind = StatementRefusedError
    else:
        kind, cause = UnreachableError, cause or Cause.UNAVAILABLE
    return kind(f"{said.rstrip('.')} ({code})", asked.uri, cause or Cause.OTHER, code, status)


def _from_driver(error: BaseException, asked: Target) -> UnreachableError:
    """No answer of Neo4j: the driver gave up. Its own message is of no use, its text and its chain are."""
    links = chain(error)
    said = str(links[-1]) or type(links[-1]).__name__
    texts = " ".join(f"{type(link).__name__}: {link}" for link in links)
    cause = network_cause(error) or _text_cause(texts) or Cause.OTHER
    if cause in (Cause.NOT_NEO4J, Cause.UNAVAILABLE) and not asked.tls and _speaks_tls(asked):
        return UnreachableError("the port speaks TLS only, and the scheme asks for no TLS", asked.uri, Cause.TLS)
    return UnreachableError(said, asked.uri, cause)


def _text_cause(text: str) -> Cause | None:
    return next((cause for words, cause in _CAUSE_BY_TEXT if words in text), None)


def _speaks_tls(asked: Target) -> bool:
    """Asked only after a plain handshake was cut off: a TLS handshake that succeeds proves the reason."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    host = asked.host.strip("[]")
    try:
        with socket.create_connection((host, asked.port), timeout=asked.timeout) as bare:
            context.wrap_socket(bare, server_hostname=host).close()
    except OSError:
        return False
    return True
