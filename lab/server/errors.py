# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the server answers when it refuses: Neo4j's status codes.

Codes, messages and GQL statuses were measured on real Community servers (5.26.30, 2026.09.0) where those have the same
refusal, and tests/contract compares them. Roles, privileges and topology are Enterprise's, but the texts of their
refusals (texts.py) are in jars that both editions share, where tests/contract looks them up. The rest is from Neo4j's
documentation.
"""

from __future__ import annotations

from lab.server import texts

# How every refusal of the emulator itself begins; no real server says so
UNKNOWN = "emulator does not know: "
# GQL statuses: 5.26 has this one, "general processing exception - unexpected error", for nearly every error
GENERAL = "50N42"
# "syntax error or access rule violation - invalid syntax"
INVALID_SYNTAX = "42001"


class Neo4jError(Exception):
    """One FAILURE message. Calendar versions name most errors by a GQL status of its own, 5.26 only few."""

    def __init__(self, code: str, message: str, gql_status: str = INVALID_SYNTAX, gql_status_5: str = GENERAL) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.gql_status = gql_status
        self.gql_status_5 = gql_status_5


def syntax_error(message: str) -> Neo4jError:
    return Neo4jError("Neo.ClientError.Statement.SyntaxError", message)


def unknown_statement(text: str) -> Neo4jError:
    """A test that meets this learns what to add to the lab."""
    return syntax_error(UNKNOWN + text)


def unknown_language(language: str, valid: str) -> Neo4jError:
    return Neo4jError(
        "Neo.ClientError.Statement.ArgumentError",
        f"{language} is not a valid option for cypher version. Valid options are: {valid}",
        "22000",
        "22000",
    )


def parameter_missing(name: str) -> Neo4jError:
    return Neo4jError("Neo.ClientError.Statement.ParameterMissing", f"Expected parameter(s): {name}")


def argument_error(message: str, gql_status: str = INVALID_SYNTAX, gql_status_5: str = GENERAL) -> Neo4jError:
    return Neo4jError("Neo.ClientError.Statement.ArgumentError", message, gql_status, gql_status_5)


def no_such(what: str, action: str, gql_status_5: str = GENERAL) -> Neo4jError:
    """`what` is User or Role."""
    return argument_error(texts.DOES_NOT_EXIST % (action, what), gql_status_5=gql_status_5)


def exists_already(what: str, action: str) -> Neo4jError:
    return argument_error(texts.EXISTS_ALREADY % (action, what))


def reserved_role(action: str, role: str) -> Neo4jError:
    return argument_error(texts.RESERVED_ROLE % (action, role))


def bad_password(message: str) -> Neo4jError:
    return argument_error(message, "22N05", "22N05")


def only_on_user_database(text: str) -> Neo4jError:
    return _semantic_error(
        "Not a recognised system command or procedure. This Cypher command can only be executed in a user database: "
        + text
    )


def unsupported_clauses(clauses: str) -> Neo4jError:
    return _semantic_error(
        f"The following unsupported clauses were used: {clauses}. \n"
        "The system database supports a restricted set of Cypher clauses. The supported clause structure for procedure "
        "calls is: CALL, YIELD, RETURN. YIELD and RETURN clauses are optional. The order of the clauses is fixed and "
        "each can only occur once."
    )


def _semantic_error(message: str) -> Neo4jError:
    return Neo4jError("Neo.ClientError.Statement.SemanticError", message, INVALID_SYNTAX, INVALID_SYNTAX)


def procedure_not_found(name: str) -> Neo4jError:
    return Neo4jError(
        "Neo.ClientError.Procedure.ProcedureNotFound",
        f"There is no procedure with the name `{name}` registered for this database instance. Please ensure you've "
        "spelled the procedure name correctly and that the procedure is properly deployed.",
        INVALID_SYNTAX,
        INVALID_SYNTAX,
    )


def unknown_function(name: str) -> Neo4jError:
    return syntax_error(f"Unknown function '{name}'")


def database_not_found(name: str) -> Neo4jError:
    return Neo4jError("Neo.ClientError.Database.DatabaseNotFound", f"Graph not found: {name}")


def no_routing_table(name: str) -> Neo4jError:
    text = f"Unable to get a routing table for database '{name}' because this database does not exist"
    return Neo4jError("Neo.ClientError.Database.DatabaseNotFound", text, "52N02")


def database_unavailable(name: str) -> Neo4jError:
    return Neo4jError(
        "Neo.TransientError.General.DatabaseUnavailable",
        f"Database '{name}' is unavailable. The database is not currently available to serve your request, refer to "
        "the database logs for more details. Retrying your request at a later time may succeed.",
        GENERAL,
    )


def not_a_leader(database: str, writer: str | None) -> Neo4jError:
    leader = f"The writer is {writer}." if writer else "There is no writer."
    return Neo4jError(
        "Neo.ClientError.Cluster.NotALeader",
        f"No write operations are allowed directly on this database. Writes must pass through the leader. "
        f"This server is not the leader of database '{database}'. {leader}",
        GENERAL,
    )


def read_access_mode(database: str) -> Neo4jError:
    return Neo4jError(
        "Neo.ClientError.Statement.AccessMode",
        f"Writing in read access mode not allowed. Attempted write to {database}",
        "08N03",
    )


def unauthorized(message: str = "The client is unauthorized due to authentication failure.") -> Neo4jError:
    return Neo4jError("Neo.ClientError.Security.Unauthorized", message, "42NFF")


def rate_limited() -> Neo4jError:
    return Neo4jError(
        "Neo.ClientError.Security.AuthenticationRateLimit",
        "The client has provided incorrect authentication details too many times in a row.",
        "42NFF",
    )


def credentials_expired() -> Neo4jError:
    return Neo4jError(
        "Neo.ClientError.Security.CredentialsExpired",
        "Permission denied.\n\nThe credentials you provided were valid, but must be changed before you can use this "
        "instance. If this is the first time you are using Neo4j, this is to ensure you are not using the default "
        "credentials in production. If you are not using default credentials, you are getting this message because an "
        "administrator requires a password change.",
        "42NFF",
        "42NFF",
    )


def forbidden(message: str) -> Neo4jError:
    return Neo4jError("Neo.ClientError.Security.Forbidden", message, "42NFF", "42NFF")


def procedure_failed(name: str, cause: str) -> Neo4jError:
    text = f"Failed to invoke procedure `{name}`: Caused by: java.lang.IllegalArgumentException: {cause}"
    return Neo4jError("Neo.ClientError.Procedure.ProcedureCallFailed", text, "52N37")


def topology(operation: str, reason: str) -> Neo4jError:
    """What the cluster cannot do. The operation is worded as Neo4j does it, most reasons are the emulator's words."""
    return argument_error(f"{operation} {reason}", "51N41")


def not_in_community(statement: str, on_5: str = "UnsupportedAdministrationCommand") -> Neo4jError:
    return Neo4jError(
        f"Neo.ClientError.Statement.{on_5}", f"Unsupported administration command: {statement}", "51N27", GENERAL
    )


def clause_not_in_community(action: str, clause: str) -> Neo4jError:
    """The clause comes with its quotes: Neo4j has two kinds of them here."""
    return Neo4jError(
        "Neo.DatabaseError.Statement.ExecutionFailed",
        f"Failed to {action}: {clause} is not available in community edition.",
        "51N27",
    )


def invalid_request(message: str) -> Neo4jError:
    return Neo4jError("Neo.ClientError.Request.Invalid", message, "08N06")
