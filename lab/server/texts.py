# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts of refusals that only Enterprise makes, as they stand in jars that both editions share.

`tests/contract/test_texts.py` looks each one up in the real jars; `%s` is where Neo4j puts a value.
"""

from __future__ import annotations

# Who it is: "user 'reader' with roles [PUBLIC, reader]"
USER_WITH = "user '%s' with %s"
ROLES = "roles %s"
NO_ROLES = "no roles"
AUTH_DISABLED = "AUTH_DISABLED with %s"

# Administration
NOT_GRANTED = "Permission has not been granted for %s. %s"
DENIED = "Permission denied for %s. %s"
ADVICE = (
    "Try executing SHOW USER PRIVILEGES to determine the missing or denied privileges. In case of missing privileges, "
    "they need to be granted (See GRANT). In case of denied privileges, they need to be revoked (See REVOKE) and "
    "granted."
)

# Procedures
PROCEDURE = "Executing procedure is not allowed for %s."
ADMIN_PROCEDURE = "Executing admin procedure '%s' %s for %s."
ADMIN_PROCEDURE_NOT_GRANTED = "permission has not been granted"
ADMIN_PROCEDURE_DENIED = "is not allowed"

# Data
CREATE_NODE = "Create node with labels '%s' on database '%s' is not allowed for %s."
SET_PROPERTY = "Set property for property '%s' on database '%s' is not allowed for %s."
CREATE_LABEL = (
    "Creating new node label on database '%s' is %s for %s. See GRANT CREATE NEW NODE LABEL ON DATABASE `%s`..."
)
CREATE_PROPERTY_NAME = (
    "Creating new property name on database '%s' is %s for %s. See GRANT CREATE NEW PROPERTY NAME ON DATABASE `%s`..."
)

# Users and roles
DOES_NOT_EXIST = "Failed to %s: %s does not exist."
EXISTS_ALREADY = "Failed to %s: %s already exists."
RESERVED_ROLE = "Failed to %s: '%s' is a reserved role."
ROLE_NAME = "Role name '%s' contains illegal characters.\nUse simple ascii characters, numbers and underscores."
OWN_STATUS = "Changing your own activation status is not allowed"
NO_AUTH_LEFT = "User has no auth provider. Add at least one auth provider for the user or consider suspending them."
AUTH_IS_TAKEN = "The combination of provider and id is already in use."
COPY_OF = "Failed to create a role as copy of '%s'"

# The cluster
TOO_FEW_SERVERS = (
    "Desired number of allocations is '%s', but only '%s' possible servers found - some servers may be constrained."
)
ALLOWED_AND_DENIED = "Can't specify both allowed and denied databases"
DEALLOCATE_SERVERS = "Could not deallocate server(s) %s."
DROP_SERVER = "Could not drop server '%s'."
CORDON_SERVER = "Could not cordon server '%s'."
ALTER_SERVER = "Could not alter server '%s'."
ENABLE_SERVER = "Could not enable server '%s'."
ALTER_DATABASE = "Could not alter database '%s'."
CREATE_DATABASE = "Could not create database '%s'."
REALLOCATE = "Could not calculate reallocation for databases."
