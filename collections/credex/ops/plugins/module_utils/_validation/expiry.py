# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Case 5, what is always asked: how long contract, agreements and license files are still in force. Pure."""

from __future__ import annotations

import datetime
import typing as t

from .._neo4j.contract import Contract
from .case import Item, check


def checks(
    members: t.Sequence[Item],
    answers: t.Sequence[Item],
    contract: Contract,
    today: datetime.date,
    left: t.Container[str] = (),
) -> list[Item]:
    """C(left): hosts that run with a file of a killed trial; the trial puts theirs back, and proves it."""
    checks = [_contract_end(contract, today)]
    for member, answer in zip(members, answers):
        if answer["reachable"]:
            checks.append(_agreement_end(member, answer, contract))
            checks += [
                _license_end(member, product, told, contract) | ({"required": False} if member["host"] in left else {})
                for product, told in sorted(answer["products"].items())
                if told["installed"]
            ]
    return checks


def _contract_end(contract: Contract, today: datetime.date) -> Item:
    left = contract.days_left(today)
    return _end(
        "contract",
        "The contract is in force",
        "",
        left,
        contract,
        f"until {contract.expires}",
        "Renew the contract with the licensor.",
    )


def _agreement_end(member: Item, answer: Item, contract: Contract) -> Item:
    agreement, title = answer["agreement"], "The accepted agreement is in force"
    status, left = agreement["status"], agreement["days_left"]
    follow_up = "Accept the commercial agreement: renew_license.yml does it (neo4j_license_agreement)."
    if status == "commercial":
        return check(
            5, "agreement", title, "passed", "commercial, which no server knows an end of", server=member["host"]
        )
    if status == "evaluation" and left is not None:
        return _end("agreement", title, member["host"], left, contract, "evaluation", follow_up)
    known = {"expired": "failed", "not_accepted": "failed", "not_applicable": "failed", "evaluation": "unknown"}
    words = {
        "not_applicable": "this edition has no agreement",
        "unknown": "the server does not say what it has accepted",
    }
    return check(
        5,
        "agreement",
        title,
        known.get(status, "unknown"),
        words.get(status, status),
        server=member["host"],
        follow_up=follow_up,
    )


def _license_end(member: Item, product: str, told: Item, contract: Contract) -> Item:
    title, host = f"The license of {product} is in force", member["host"]
    follow_up = "Renew it: ansible-playbook renew_license.yml."
    if told["licensed"] is None:
        return check(5, product, title, "unknown", told["message"] or "no answer", server=host, follow_up=follow_up)
    if not told["licensed"]:
        return check(5, product, title, "failed", told["message"] or "not licensed", server=host, follow_up=follow_up)
    if told["days_left"] is None:
        return check(5, product, title, "unknown", "licensed, but it tells no end", server=host, follow_up=follow_up)
    return _end(product, title, host, told["days_left"], contract, told["expires"] or "licensed", follow_up)


def _end(name: str, title: str, host: str, left: int, contract: Contract, what: str, follow_up: str) -> Item:
    """Over is a failure; near is a warning, which is told and leaves the run green."""
    near = left < contract.warn_days
    return check(
        5,
        name,
        title,
        "failed" if near else "passed",
        f"{what}, {left} days left" + (f", fewer than {contract.warn_days}" if left >= 0 and near else ""),
        server=host,
        required=not near or left < 0,
        evidence={"days_left": left, "warn_days": contract.warn_days},
        follow_up=follow_up,
    )
