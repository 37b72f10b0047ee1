# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""What is read for a fingerprint: every node and relationship once, and the schema."""

from __future__ import annotations

NODES = "MATCH (n) RETURN [elementId(n), labels(n), properties(n)] AS row"

RELATIONSHIPS = "MATCH (a)-[r]->(b) RETURN [elementId(a), elementId(b), type(r), properties(r)] AS row"

INDEXES = "SHOW INDEXES YIELD name, type, entityType, labelsOrTypes, properties"

CONSTRAINTS = "SHOW CONSTRAINTS YIELD name, type, entityType, labelsOrTypes, properties"
