#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ops_report_info
short_description: Read the last report of an operation
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Finds what M(credex.ops.ops_report) published last for an operation in an environment. Runs that have not ended, and
    those in check mode, are passed over.
  - Permissions in AWS - for S3 C(s3:ListBucket) on the bucket and C(s3:GetObject) on the prefix.
extends_documentation_fragment:
  - credex.ops.attributes
  - credex.ops.attributes.info_module
  - credex.ops.attributes.actiongroup_aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
options:
  destination:
    description: The folder, or C(s3://bucket/prefix/), that the reports were published to.
    type: str
    required: true
  environment:
    description: The environment of the run.
    type: str
    required: true
  operation:
    description: The operation, as its playbook is called.
    type: str
    required: true
requirements:
  - boto3, for S3
seealso:
  - module: credex.ops.ops_report
"""

EXAMPLES = r"""
- name: Read how the last renewal ended
  credex.ops.ops_report_info:
    destination: s3://credex-ops-reports-production/
    environment: production
    operation: renew_license
  register: last
"""

RETURN = r"""
report:
  description: The whole report as its C(report.json) holds it, V(null) where there is none.
  returned: success
  type: dict
  sample: {verdict: passed, green: true, run: {id: 20261123T044901Z-bastion-4711, finished: "2026-11-23T04:51:00Z"}}
"""

from typing import Any

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.credex.ops.plugins.module_utils._report import archive, places

ARGUMENT_SPEC: dict[str, Any] = {
    "destination": {"type": "str", "required": True},
    "environment": {"type": "str", "required": True},
    "operation": {"type": "str", "required": True},
}


def read(module: AnsibleAWSModule) -> dict[str, Any] | None:
    destination, *which = (module.params[name] for name in ("destination", "environment", "operation"))
    if not destination.startswith("s3://"):
        return archive.latest(archive.in_folder(destination, *which))
    if not places.HAS_BOTOCORE:
        module.fail_json(msg=missing_required_lib("boto3", reason="to read reports from S3"))
    return archive.latest(archive.in_bucket(module.client("s3"), destination, *which))


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True, check_boto3=False)
    try:
        report = read(module)
    except (places.PlaceError, OSError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, report=report)


if __name__ == "__main__":
    main()
