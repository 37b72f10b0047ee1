# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Every Cypher statement that the fleet modules send, so that Neo4j's own parser can be run over this file.

Values are always bound as parameters. All of these run on the database `system`, except those that ask a product's
plugin, which Neo4j allows on user databases only, and those that say so.
"""

from __future__ import annotations

COMPONENTS = "CALL dbms.components() YIELD name, versions, edition"

# With the time by the server's own clock, which the database system tells in no simpler way
COMPONENTS_NOW = (
    "CALL dbms.components() YIELD name, versions, edition"
    " RETURN name, versions, edition, datetime.realtime().epochMillis AS now"
)

SETTINGS = "SHOW SETTINGS $names YIELD name, value"

SETTINGS_IN_FORCE = "SHOW SETTINGS $names YIELD name, value, defaultValue, isDynamic, isExplicitlySet"

SERVERS = "SHOW SERVERS YIELD *"

DATABASES = "SHOW DATABASES YIELD *"

STATUS_CHECK = "CALL dbms.cluster.statusCheck([])"

LICENSE_AGREEMENT = "CALL dbms.licenseAgreementDetails() YIELD status, daysLeftOnTrial, totalTrialDays"

PROCEDURES = "SHOW PROCEDURES YIELD name WHERE name IN $names"

JMX = "CALL dbms.queryJmx($query) YIELD name, attributes"

GDS_LICENSE = "CALL gds.license.state() YIELD isLicensed, details"

BLOOM_LICENSE = "CALL bloom.checkLicenseCompliance() YIELD success, status, message, daysLeft"

# Using what only Enterprise has, once

CREATE_DATABASE = "CREATE DATABASE $database WAIT 60 SECONDS"

DROP_DATABASE = "DROP DATABASE $database IF EXISTS DESTROY DATA WAIT 60 SECONDS"

CREATE_ROLE = "CREATE ROLE $role"

DROP_ROLE = "DROP ROLE $role IF EXISTS"

CREATE_USER = "CREATE USER $user SET PASSWORD $password CHANGE NOT REQUIRED"

DROP_USER = "DROP USER $user IF EXISTS"

GRANT_ROLE = "GRANT ROLE $role TO $user"

GRANT_ACCESS = "GRANT ACCESS ON DATABASE $database TO $role"

ROLES = "SHOW ROLES YIELD role"

USERS = "SHOW USERS YIELD user"

# On the database that was created: a write, and the least that reads
PROBE = "MERGE (p:CredexOpsProbe {name: $name}) SET p.at = $at RETURN p.name AS name"

ANYTHING = "RETURN 1 AS one"

# What an application meets: how its driver finds the servers, and whether a write is seen by who reads after it
ROUTING_TABLE = "CALL dbms.routing.getRoutingTable($context, $database) YIELD servers"

READ_PROBE = "MATCH (p:CredexOpsProbe {name: $name}) RETURN p.at AS at"

# Users and roles

# A row for each way to log in
ALL_USERS = "SHOW USERS WITH AUTH YIELD user, roles, passwordChangeRequired, suspended, home, provider, auth"

CURRENT_USER = "SHOW CURRENT USER YIELD user, roles"

CREATE_USER_TO_CHANGE = "CREATE USER $user SET PASSWORD $password CHANGE REQUIRED"

SET_PASSWORD = "ALTER USER $user SET PASSWORD $password"

SET_OWN_PASSWORD = "ALTER CURRENT USER SET PASSWORD FROM $old TO $new"

REQUIRE_CHANGE = "ALTER USER $user SET PASSWORD CHANGE REQUIRED"

REQUIRE_NO_CHANGE = "ALTER USER $user SET PASSWORD CHANGE NOT REQUIRED"

SUSPEND_USER = "ALTER USER $user SET STATUS SUSPENDED"

ACTIVATE_USER = "ALTER USER $user SET STATUS ACTIVE"

SET_HOME = "ALTER USER $user SET HOME DATABASE $database"

REMOVE_HOME = "ALTER USER $user REMOVE HOME DATABASE"

# Neo4j takes no parameter for the provider here: users.py puts it in place of this one
CREATE_USER_OF_PROVIDER = "CREATE USER $user SET AUTH 'provider' {SET ID $id}"

SET_AUTH = "ALTER USER $user SET AUTH 'provider' {SET ID $id}"

REMOVE_AUTH = "ALTER USER $user REMOVE AUTH $provider"

REVOKE_ROLE = "REVOKE ROLE $role FROM $user"

CREATE_COPY_OF_ROLE = "CREATE ROLE $role AS COPY OF $original"

ROLE_MEMBERS = "SHOW ROLES WITH USERS YIELD role, member"

ROLE_PRIVILEGES = "SHOW ROLE $role PRIVILEGES AS COMMANDS YIELD command, immutable"

# Databases

NEW_DATABASE = "CREATE DATABASE $database"

NEW_DATABASE_WITH_TOPOLOGY = "CREATE DATABASE $database TOPOLOGY $primaries PRIMARIES $secondaries SECONDARIES"

# From files that lie in the data directory of one server
NEW_DATABASE_FROM_SEED = (
    "CREATE DATABASE $database TOPOLOGY $primaries PRIMARIES $secondaries SECONDARIES OPTIONS $options"
)

SET_TOPOLOGY = "ALTER DATABASE $database SET TOPOLOGY $primaries PRIMARIES $secondaries SECONDARIES"

START_DATABASE = "START DATABASE $database"

STOP_DATABASE = "STOP DATABASE $database"

DROP_DATABASE_WITH_DUMP = "DROP DATABASE $database DUMP DATA"

DROP_DATABASE_WITH_DATA = "DROP DATABASE $database DESTROY DATA"

# Default numbers of primaries and secondaries

# Columns from Neo4j's manual; from 2025.12 on Cypher 25 adds propertyShardReplicas to both
ALLOCATION_DEFAULTS = "CALL dbms.showTopologyGraphConfig() YIELD defaultPrimariesCount, defaultSecondariesCount"

SET_ALLOCATION_DEFAULTS = "CALL dbms.setDefaultAllocationNumbers($primaries, $secondaries)"

# Servers of a cluster, by name or id

ENABLE_SERVER = "ENABLE SERVER $server"

ENABLE_SERVER_WITH = "ENABLE SERVER $server OPTIONS $options"

# The map replaces the one that is there
ALTER_SERVER = "ALTER SERVER $server SET OPTIONS $options"

CORDON_SERVER = "CALL dbms.cluster.cordonServer($server)"

DEALLOCATION = "DRYRUN DEALLOCATE DATABASES FROM SERVER $server"

DEALLOCATE_SERVER = "DEALLOCATE DATABASES FROM SERVER $server"

DROP_SERVER = "DROP SERVER $server"

# A database that has lost its majority. The name of 2025.04 and later, and the one before

RECREATE_DATABASE = "CALL dbms.recreateDatabase($database, $options)"

RECREATE_DATABASE_IN_CLUSTER = "CALL dbms.cluster.recreateDatabase($database, $options)"
