#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ops_secret_info
short_description: Read secrets once, with their versions
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Reads secrets from files of the controller, environment variables, AWS Secrets Manager and SSM Parameter Store,
    and returns each with the version that was read. Read them once, at the beginning of an operation, and keep them
    as facts. A C(lookup) in group_vars is evaluated again by every task, and may give another value in mid-run.
  - B(The result holds the values.) Always set C(no_log=true) on the task. That censors its error message too, so set
    O(fail_on_error=false) and let the next task assert that RV(errors) is empty. Errors name the source and the next
    step, never a value.
  - Sources that name the same secret in the same version are read once, so that the keys of one JSON secret belong
    together.
  - Permissions in AWS - C(secretsmanager:GetSecretValue) or C(ssm:GetParameter), and C(kms:Decrypt) on a key of your
    own that encrypts them.
  - Runs on the controller. Only sources in AWS need boto3.
extends_documentation_fragment:
  - credex.ops.attributes
  - credex.ops.attributes.info_module
  - credex.ops.attributes.actiongroup_aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
options:
  sources:
    description: What to read.
    type: list
    elements: dict
    required: true
    suboptions:
      type:
        description: Where it is kept.
        type: str
        choices: [file, env, aws_secretsmanager, aws_ssm]
        required: true
      name:
        description: Name or ARN of the secret or parameter. For V(aws_secretsmanager) and V(aws_ssm).
        type: str
      path:
        description: Path on the controller. For V(file). The content is returned as it is, with the line break at its
          end, if any.
        type: path
      variable:
        description: Environment variable of the user who runs the playbook. For V(env).
        type: str
      version:
        description:
          - Version to read. For V(aws_secretsmanager) a version id, or one of the stages V(AWSCURRENT), V(AWSPENDING)
            and V(AWSPREVIOUS). For V(aws_ssm) a number or a label.
          - Without it, the current one.
        type: str
      key:
        description: Key of a secret that is a JSON object. The value of that key is returned.
        type: str
  fail_on_error:
    description: Whether a secret that cannot be read fails the task. Otherwise it is only listed in RV(errors).
    type: bool
    default: true
requirements:
  - boto3, for sources in AWS
"""

EXAMPLES = r"""
- name: Read the new license file and the password of Neo4j
  credex.ops.ops_secret_info:
    sources:
      - type: aws_secretsmanager
        name: credex/production/neo4j/license/gds
      - type: aws_secretsmanager
        name: credex/production/neo4j/password
        key: password
    region: af-south-1
    fail_on_error: false
  register: secrets
  no_log: true

- name: Every secret could be read
  ansible.builtin.assert:
    that: secrets.errors | length == 0
    fail_msg: "{{ secrets.errors | join(' ') }}"
"""

RETURN = r"""
secrets:
  description: One entry for each of O(sources), in their order. V(null) for one that could not be read.
  returned: success
  type: list
  elements: dict
  contains:
    value:
      description: The secret itself.
      type: str
    version:
      description: Version id, or version number of a parameter. For V(file) and V(env) the same as the fingerprint.
      type: str
    fingerprint:
      description: The first 16 hexadecimal digits of the SHA-256 of the value. May be shown, for a value that cannot
        be guessed.
      type: str
      sample: 9f86d081884c7d65
    bytes:
      description: Length of the value in UTF-8, in bytes.
      type: int
    source:
      description: The source in words.
      type: str
      sample: aws_secretsmanager credex/production/neo4j/license/gds
errors:
  description: Why which source could not be read, and what to do.
  returned: always
  type: list
  elements: str
"""

from typing import Any

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.botocore import HAS_BOTO3
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.credex.ops.plugins.module_utils._aws.secrets import Reader, SecretError, Source

# Which option says where a source of this type lies
PLACE = {"file": "path", "env": "variable", "aws_secretsmanager": "name", "aws_ssm": "name"}
SOURCE_OPTIONS = {
    "type": {"type": "str", "choices": list(PLACE), "required": True},
    "name": {"type": "str"},
    "path": {"type": "path"},
    "variable": {"type": "str"},
    "version": {"type": "str"},
    "key": {"type": "str", "no_log": False},
}
ARGUMENT_SPEC: dict[str, Any] = {
    "sources": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": SOURCE_OPTIONS,
        "required_if": [("type", kind, (place,)) for kind, place in PLACE.items()],
    },
    "fail_on_error": {"type": "bool", "default": True},
}


def read(reader: Reader, sources: list[Source]) -> tuple[list[dict[str, Any] | None], list[str]]:
    """The secrets, and why those that are missing could not be read."""
    secrets: list[dict[str, Any] | None] = []
    errors: list[str] = []
    for source in sources:
        try:
            secret = reader.read(source)
        except SecretError as error:
            secrets.append(None)
            errors.append(str(error))
            continue
        secrets.append(
            {
                "value": secret.value,
                "version": secret.version,
                "fingerprint": secret.fingerprint(),
                "bytes": secret.size(),
                "source": str(source),
            }
        )
    return secrets, errors


def _source(options: dict[str, Any]) -> Source:
    kind = options["type"]
    return Source(kind, options[PLACE[kind]], options["version"] or "", options["key"] or "")


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True, check_boto3=False)
    sources = [_source(options) for options in module.params["sources"]]
    if not HAS_BOTO3 and any(source.type.startswith("aws_") for source in sources):
        module.fail_json(msg=missing_required_lib("boto3", reason="to read secrets from AWS"))
    secrets, errors = read(Reader(module.client), sources)
    if errors and module.params["fail_on_error"]:
        module.fail_json(msg=" ".join(errors), errors=errors)
    module.exit_json(changed=False, secrets=secrets, errors=errors)


if __name__ == "__main__":
    main()
