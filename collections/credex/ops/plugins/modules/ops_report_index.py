#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ops_report_index
short_description: Publish one page that lists the last report of every operation
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Writes C(index.html) into the folder, or under the S3 prefix, that M(credex.ops.ops_report) publishes to. It tells
    how the last run of each operation in each environment ended, case by case where a report has cases, and leads
    to it.
  - Runs that have not ended, and those in check mode, are passed over.
  - Permissions in AWS - for S3 C(s3:ListBucket) on the bucket, and C(s3:GetObject) and C(s3:PutObject) on the prefix.
extends_documentation_fragment:
  - credex.ops.attributes
  - credex.ops.attributes.actiongroup_aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: none
    details:
      - Every call writes the page again, so a playbook sets C(changed_when=false).
options:
  destination:
    description: The folder, or C(s3://bucket/prefix/), that reports are published to.
    type: str
    required: true
  operations:
    description: List these operations only. Without it, all that have left a report.
    type: list
    elements: str
    default: []
requirements:
  - Jinja2, which Ansible itself needs
  - boto3, for S3
seealso:
  - module: credex.ops.ops_report
"""

EXAMPLES = r"""
- name: Publish the list of reports
  credex.ops.ops_report_index:
    destination: s3://credex-ops-reports-production/
  changed_when: false
"""

RETURN = r"""
url:
  description: The page, as a path or as an C(s3://) address.
  returned: success
  type: str
  sample: s3://credex-ops-reports-production/index.html
reports:
  description: What it lists.
  returned: success
  type: list
  elements: dict
  sample: [{environment: production, operation: validate_license, run_id: 20261123T044901Z-bastion-1, verdict: passed}]
"""

from collections.abc import Iterator
from typing import Any

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.credex.ops.plugins.module_utils._report import archive, html, places

ARGUMENT_SPEC: dict[str, Any] = {
    "destination": {"type": "str", "required": True},
    "operations": {"type": "list", "elements": "str", "default": []},
}
PAGE = "index.html"


def publish(module: AnsibleAWSModule) -> dict[str, Any]:
    destination = module.params["destination"]
    if destination.startswith("s3://"):
        client = module.client("s3")
        place: places.Place = places.Bucket(client, destination, [])
        pairs = archive.operations_in_bucket(client, destination)
        found = [(e, o, archive.latest(archive.in_bucket(client, destination, e, o))) for e, o in pairs]
    else:
        place = places.Folder(destination, [])
        pairs = archive.operations_in_folder(destination)
        found = [(e, o, archive.latest(archive.in_folder(destination, e, o))) for e, o in pairs]
    listed = list(_entries(found, module.params["operations"]))
    if not module.check_mode:
        place.write(PAGE, html.render_index(listed), "text/html; charset=utf-8")
    return {"url": place.address(PAGE), "reports": [_told(entry["report"]) for entry in listed]}


def _entries(found: list[tuple[str, str, dict[str, Any] | None]], operations: list[str]) -> Iterator[dict[str, Any]]:
    for environment, operation, report in found:
        if report is not None and (not operations or operation in operations):
            yield {"address": f"{environment}/{operation}/{report['run']['id']}/{PAGE}", "report": report}


def _told(report: dict[str, Any]) -> dict[str, Any]:
    run = report["run"]
    return {
        "environment": run["environment"],
        "operation": run["operation"],
        "run_id": run["id"],
        "verdict": report["verdict"],
    }


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True, check_boto3=False)
    if not html.HAS_JINJA2:
        module.fail_json(msg=missing_required_lib("jinja2", reason="to make the page"))
    if module.params["destination"].startswith("s3://") and not places.HAS_BOTOCORE:
        module.fail_json(msg=missing_required_lib("boto3", reason="to read reports from S3"))
    try:
        result = publish(module)
    except (places.PlaceError, OSError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=True, **result)


if __name__ == "__main__":
    main()
