# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The agreement of the server, and the licenses of the products on top of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from lab.server import errors
from lab.server.instance import Product
from lab.server.licenses import java_time
from lab.server.statements.registry import Call, statement
from lab.server.tables import Answer

_AGREEMENT_COLUMNS = ("status", "daysLeftOnTrial", "totalTrialDays")


@statement("CALL dbms.licenseAgreementDetails [( )] <tail:tail>", kind="s", is_enterprise=True)
def license_agreement_details(call: Call) -> Answer:
    agreement = call.instance.agreement
    values = (agreement.status, agreement.days_left, agreement.total_days)
    row = dict(zip(_AGREEMENT_COLUMNS, values, strict=True))
    return call.table(_AGREEMENT_COLUMNS, _AGREEMENT_COLUMNS, [row])


@statement("CALL gds.license.state [( )] <tail:tail>", on_system=False)
def gds_license_state(call: Call) -> Answer:
    gds = _product(call, "gds", errors.procedure_not_found("gds.license.state"))
    columns = ("isLicensed", "details")
    return call.table(columns, columns, [{"isLicensed": gds.is_licensed, "details": _gds_details(gds)}])


@statement("RETURN gds.isLicensed ( ) [AS <alias:name>]", on_system=False, operators=("Projection",))
def gds_is_licensed(call: Call) -> Answer:
    gds = _product(call, "gds", errors.unknown_function("gds.isLicensed"))
    return Answer((call.slots.get("alias", "gds.isLicensed()"),), [[gds.is_licensed]])


@statement("RETURN gds.version ( ) [AS <alias:name>]", on_system=False, operators=("Projection",))
def gds_version(call: Call) -> Answer:
    gds = _product(call, "gds", errors.unknown_function("gds.version"))
    return Answer((call.slots.get("alias", "gds.version()"),), [[gds.version]])


_BLOOM_COLUMNS = ("success", "status", "message", "daysLeft")


@statement("CALL bloom.checkLicenseCompliance [( )] <tail:tail>", on_system=False)
def bloom_check_license_compliance(call: Call) -> Answer:
    bloom = _product(call, "bloom", errors.procedure_not_found("bloom.checkLicenseCompliance"))
    return call.table(_BLOOM_COLUMNS, _BLOOM_COLUMNS, [_bloom_compliance(bloom)])


def _product(call: Call, name: str, refusal: errors.Neo4jError) -> Product:
    product = call.instance.products.get(name)
    if product is None:
        raise refusal
    return product


def _gds_details(gds: Product) -> str:
    """The product's own texts (graph-data-science, LicenseDetails)."""
    if gds.license:
        return f"License expires at {java_time(gds.license.expires)}"
    if gds.error is None:
        return "No valid GDS license specified."
    if gds.error.expires is None:
        return f"License error: {gds.error}"
    return f"License error: {gds.error} Expiration date at License expires at {java_time(gds.error.expires)}"


def _bloom_compliance(bloom: Product) -> dict[str, Any]:
    if bloom.license:
        days = (bloom.license.expires - datetime.now(UTC)).days
        return {"success": True, "status": "valid", "message": "License is valid", "daysLeft": days}
    if bloom.error is None:
        return {"success": False, "status": "missing", "message": "No license file is configured", "daysLeft": 0}
    status = "expired" if "expired" in str(bloom.error) else "invalid"
    return {"success": False, "status": status, "message": str(bloom.error), "daysLeft": 0}
