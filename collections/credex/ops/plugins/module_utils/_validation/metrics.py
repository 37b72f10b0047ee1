# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""The figures of a validation for Prometheus, from its checks. Pure, but for prometheus_client."""

from __future__ import annotations

import typing as t

from .case import Item

try:
    from prometheus_client import CollectorRegistry, Gauge, generate_latest

    HAS_PROMETHEUS_CLIENT = True
except ImportError:
    HAS_PROMETHEUS_CLIENT = False

DAYS_LEFT = "credex_license_days_left"


def textfile(checks: t.Sequence[Item], environment: str) -> str:
    """For the textfile collector of node_exporter; days are whole days, negative when over."""
    registry = CollectorRegistry()
    days = Gauge(DAYS_LEFT, "Days until it ends", ["environment", "server", "what"], registry=registry)
    warn = Gauge(
        "credex_license_warn_days", "Days before an end that call for action", ["environment"], registry=registry
    )
    machines = Gauge("credex_license_machines", "Machines that count", ["environment"], registry=registry)
    allowed = Gauge("credex_license_machines_allowed", "Machines of the contract", ["environment"], registry=registry)
    passed = Gauge(
        "credex_license_check_passed", "1 if the check passed", ["environment", "server", "check"], registry=registry
    )
    for check in checks:
        evidence, server, name = check.get("evidence") or {}, check.get("server", ""), check["id"].partition(".")[2]
        passed.labels(environment, server, name).set(check["status"] == "passed")
        if "days_left" in evidence:
            days.labels(environment, server, name.partition(".")[2]).set(evidence["days_left"])
            warn.labels(environment).set(evidence["warn_days"])
        if "allowed" in evidence:
            machines.labels(environment).set(len(evidence["instances"]))
            allowed.labels(environment).set(evidence["allowed"])
    return generate_latest(registry).decode()
