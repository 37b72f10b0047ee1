# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the server answers when it refuses: Neo4j's status codes.

Codes and messages were measured on a real Community server where it has the same refusal; the others are from
Neo4j's documentation of status codes.
"""

from __future__ import annotations

# How every refusal of the emulator itself begins; no real server says so
UNKNOWN = "emulator does not know: "
# GQL status of 5.26 for nearly every error: "general processing exception - unexpected error"
GENERAL = "50N42"


class Neo4jError(Exception):
    """One FAILURE message."""

    def __init__(self, code: str, message: str, gql_status: str = GENERAL) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.gql_status = gql_status


def syntax_error(message: str) -> Neo4jError:
    return Neo4jError("Neo.ClientError.Statement.SyntaxError", message, "42001")


def unknown_statement(text: str) -> Neo4jError:
    """A test that meets this learns what to add to the lab."""
    return syntax_error(UNKNOWN + text)


def parameter_missing(name: str) -> Neo4jError:
    return Neo4jError("Neo.ClientError.Statement.ParameterMissing", f"Expected parameter(s): {name}", "42N51")


def argument_error(message: str) -> Neo4jError:
    return Neo4jError("Neo.ClientError.Statement.ArgumentError", message)


def only_on_user_database(text: str) -> Neo4jError:
    return Neo4jError(
        "Neo.ClientError.Statement.UnsupportedAdministrationCommand",
        "Not a recognised system command or procedure. This Cypher command can only be executed in a user database: "
        + text,
    )


def procedure_not_found(name: str) -> Neo4jError:
    return Neo4jError(
        "Neo.ClientError.Procedure.ProcedureNotFound",
        f"There is no procedure with the name `{name}` registered for this database instance. Please ensure you've "
        "spelled the procedure name correctly and that the procedure is properly deployed.",
    )


def unknown_function(name: str) -> Neo4jError:
    return syntax_error(f"Unknown function '{name}'")


def database_not_found(name: str) -> Neo4jError:
    return Neo4jError("Neo.ClientError.Database.DatabaseNotFound", f"Graph not found: {name}", "22N51")


def database_unavailable(name: str) -> Neo4jError:
    return Neo4jError(
        "Neo.TransientError.General.DatabaseUnavailable",
        f"Database '{name}' is unavailable. The database is not currently available to serve your request, refer to "
        "the database logs for more details. Retrying your request at a later time may succeed.",
    )


def not_a_leader(database: str, writer: str | None) -> Neo4jError:
    leader = f"The writer is {writer}." if writer else "There is no writer."
    return Neo4jError(
        "Neo.ClientError.Cluster.NotALeader",
        f"No write operations are allowed directly on this database. Writes must pass through the leader. "
        f"This server is not the leader of database '{database}'. {leader}",
    )


def read_access_mode() -> Neo4jError:
    return Neo4jError(
        "Neo.ClientError.Statement.AccessMode", "Writing in read access mode not allowed. Attempted write to database"
    )


def unauthorized() -> Neo4jError:
    return Neo4jError(
        "Neo.ClientError.Security.Unauthorized", "The client is unauthorized due to authentication failure.", "42NFF"
    )


def rate_limited() -> Neo4jError:
    return Neo4jError(
        "Neo.ClientError.Security.AuthenticationRateLimit",
        "The client has provided incorrect authentication details too many times in a row.",
    )


def credentials_expired() -> Neo4jError:
    return Neo4jError(
        "Neo.ClientError.Security.CredentialsExpired",
        "Permission denied.\n\nThe credentials you provided were valid, but must be changed before you can use this "
        "instance. If this is the first time you are using Neo4j, this is to ensure you are not using the default "
        "credentials in production. If you are not using default credentials, you are getting this message because an "
        "administrator requires a password change.",
        "42NFF",
    )


def invalid_request(message: str) -> Neo4jError:
    return Neo4jError("Neo.ClientError.Request.Invalid", message, "08N06")
