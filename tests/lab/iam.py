# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The policies in docs/iam, filled in for an environment, and given to a user of moto's."""

from __future__ import annotations

import json
from typing import Any

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from tests.static.repository import ROOT

FOLDER = ROOT / "docs/iam"
READER, OPERATOR, OVER_SSM = ("ops_reader", "ops_operator", "ops_operator_over_ssm")
APPLICATION = "ops_application_reader"

Document = dict[str, Any]


def policy(name: str, **variables: object) -> Document:
    """A document with what production's inventory says, or these variables instead."""
    loader, known = DataLoader(), dict[str, Any]()
    for file in sorted((ROOT / "inventories/prod/group_vars/all").glob("*.yml")):
        known |= loader.load_from_file(str(file), trusted_as_template=True)
    text = trust_as_template((FOLDER / f"{name}.json").read_text())
    filled = Templar(loader, variables={**known, **variables}).template(text)
    return filled if isinstance(filled, dict) else dict(json.loads(filled))


def actions(document: Document) -> set[str]:
    return {action for statement in document["Statement"] for action in _listed(statement["Action"])}


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def for_moto(document: Document, instances: list[str]) -> Document:
    """Without what moto does not know: the condition on a tag becomes the instances that have it, and the user's id in
    the name of a session what sessions of the lab begin with."""
    return {**document, "Statement": [_for_moto(statement, instances) for statement in document["Statement"]]}


def _for_moto(statement: Document, instances: list[str]) -> Document:
    known = {key: value for key, value in statement.items() if key != "Condition"}
    resources = [resource.replace("${aws:userid}", "lab") for resource in _listed(statement["Resource"])]
    if "Condition" in statement:
        resources = [resource.replace("instance/*", f"instance/{each}") for resource in resources for each in instances]
    return {**known, "Resource": resources}


def user(client: Any, name: str, documents: list[Document]) -> dict[str, str]:
    """A user who has these policies and nothing else: the exports that make a client one of it."""
    client.create_user(UserName=name)
    for number, document in enumerate(documents):
        client.put_user_policy(UserName=name, PolicyName=f"p{number}", PolicyDocument=json.dumps(document))
    key = client.create_access_key(UserName=name)["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
