# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Case 4: what M(credex.ops.neo4j_enterprise_check) found in each cluster, as checks. Pure."""

from __future__ import annotations

import typing as t

from .case import Item, check, skipped

FOLLOW_UP = "Is it Enterprise Edition, and may the user of this run administer databases and roles?"


def checks(results: t.Sequence[Item], check_mode: bool) -> list[Item]:
    """C(results): one a cluster, each with C(item) (the cluster's members) and C(steps)."""
    if check_mode:
        return [skipped(4, "used", "Enterprise's features are used once", "check mode", False)]
    return [c for result in results for c in _of_a_cluster(result["item"][0]["cluster"], result)]


def _of_a_cluster(cluster: str, result: Item) -> list[Item]:
    found = [_step(cluster, step) for step in result["steps"]]
    return found + ([_leftovers(cluster, result["leftovers"])] if result["leftovers"] else [])


def _step(cluster: str, step: Item) -> Item:
    return check(4, step["name"], f"{cluster}: {step['title']}", step["status"], step["detail"], follow_up=FOLLOW_UP)


def _leftovers(cluster: str, names: t.Sequence[str]) -> Item:
    detail = f"an earlier run was killed here; removed: {', '.join(names)}"
    return check(4, "leftovers", f"{cluster}: nothing of an earlier run is left", "passed", detail)
