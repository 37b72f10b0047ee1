# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Every Cypher statement that the fleet modules send, so that Neo4j's own parser can be run over this file.

Values are always bound as parameters. All of these run on the database `system`, except the two that ask a product's
plugin, which Neo4j allows on user databases only.
"""

from __future__ import annotations

COMPONENTS = "CALL dbms.components() YIELD name, versions, edition"

SETTINGS = "SHOW SETTINGS $names YIELD name, value"

SERVERS = "SHOW SERVERS YIELD *"

DATABASES = "SHOW DATABASES YIELD *"

STATUS_CHECK = "CALL dbms.cluster.statusCheck([])"

LICENSE_AGREEMENT = "CALL dbms.licenseAgreementDetails() YIELD status, daysLeftOnTrial, totalTrialDays"

PROCEDURES = "SHOW PROCEDURES YIELD name WHERE name IN $names"

JMX = "CALL dbms.queryJmx($query) YIELD name, attributes"

GDS_LICENSE = "CALL gds.license.state() YIELD isLicensed, details"

BLOOM_LICENSE = "CALL bloom.checkLicenseCompliance() YIELD success, status, message, daysLeft"
