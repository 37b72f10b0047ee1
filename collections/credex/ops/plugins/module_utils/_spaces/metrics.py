# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""The figures of a comparison for Prometheus. Pure, but for prometheus_client."""

from __future__ import annotations

import time
import typing as t

from .checks import kinds

try:
    from prometheus_client import CollectorRegistry, Gauge, generate_latest

    HAS_PROMETHEUS_CLIENT = True
except ImportError:
    HAS_PROMETHEUS_CLIENT = False


def textfile(result: t.Mapping[str, t.Any], environment: str, now: float | None = None) -> str:
    """For the textfile collector of node_exporter. Every kind is there, so that an alert sees it return to zero."""
    registry = CollectorRegistry()

    def gauge(name: str, text: str, *labels: str) -> t.Any:
        return Gauge(f"credex_space_{name}", text, ["environment", *labels], registry=registry)

    differences = gauge("differences", "Differences between LedgerSpace and SearchSpace", "kind", "severity")
    counts = {entry["kind"]: entry["count"] for entry in result["differences"]}
    for kind, severity in kinds().items():
        differences.labels(environment, kind, severity).set(counts.get(kind, 0))
    gauge("in_flight", "Things that wait for the minute queue").labels(environment).set(result["in_flight"])
    rows = gauge("rows", "Accounts and credexes of each space", "space", "what")
    for what in ("accounts", "credexes"):
        for space in ("ledger", "search"):
            rows.labels(environment, space, what).set(result["compared"][what][space])
    gauge("compared_seconds", "How long the comparison took").labels(environment).set(result["compared"]["seconds"])
    moment = gauge("compared_timestamp_seconds", "When it ended")
    moment.labels(environment).set(time.time() if now is None else now)
    return generate_latest(registry).decode()
