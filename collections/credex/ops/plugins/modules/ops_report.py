#!/usr/bin/python
# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ops_report
short_description: Publish the report of an operation's run
version_added: 0.1.0
author:
  - The credex.ops authors (@credex-ops)
description:
  - Makes the report of a run from the journal that M(credex.ops.ops_journal) kept, as C(report.json), C(report.xml)
    (JUnit) and C(index.html) (one self-contained page), and puts it into a folder or under an S3 prefix, at
    C(<destination>/<environment>/<operation>/<run id>/).
  - A journal without an end is published as V(running). Doing that right after opening the journal proves that the
    place can be written, before anything is changed, and leaves a trace even if the run's machine is lost.
  - With O(interrupted=true) a journal without an end is published as V(interrupted). Use it for the orphans that
    M(credex.ops.ops_journal) returns.
  - Permissions in AWS - for S3 C(s3:PutObject) on the prefix (and C(kms:GenerateDataKey) where the bucket is encrypted
    with a key of its own).
  - Runs on the controller.
extends_documentation_fragment:
  - credex.ops.attributes
  - credex.ops.attributes.actiongroup_aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
attributes:
  check_mode:
    support: full
    details:
      - In check mode nothing is written. A playbook that wants a report of its check mode sets C(check_mode=false) on
        the task.
  diff_mode:
    support: none
  idempotent:
    support: none
    details:
      - Every call writes the report again, so a playbook sets C(changed_when=false).
options:
  journal:
    description: Path of the journal, as M(credex.ops.ops_journal) returned it.
    type: path
    required: true
  destination:
    description: A folder, made where it does not exist, or C(s3://bucket/prefix/).
    type: str
    required: true
  interrupted:
    description: Whether a journal without an end is that of a run that was killed, and not of one that still runs.
    type: bool
    default: false
requirements:
  - Jinja2, which Ansible itself needs
  - boto3, for an S3 destination
seealso:
  - module: credex.ops.ops_journal
  - plugin: credex.ops.report_document
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Publish the report into a folder
  credex.ops.ops_report:
    journal: "{{ journal.path }}"
    destination: /var/reports
  register: report
  changed_when: false

- name: Publish what killed runs left
  credex.ops.ops_report:
    journal: "{{ item.path }}"
    destination: s3://credex-ops-reports-production/
    interrupted: true
    region: af-south-1
  loop: "{{ journal.orphans }}"
  changed_when: false
"""

RETURN = r"""
verdict:
  description:
    - V(passed), V(nothing_to_do) and V(planned) (check mode) are green.
    - V(incomplete) means that nothing failed, but a required check was skipped or got no answer, an expected server
      stayed silent, or no check was recorded at all.
    - V(failed), V(interrupted) and V(running) are what they say.
  returned: success
  type: str
  sample: passed
green:
  description: Whether the run did, and proved, all that it should.
  returned: success
  type: bool
summary:
  description: The verdict in a sentence, with the number of checks.
  returned: success
  type: str
findings:
  description: Every reason why the run is not green.
  returned: success
  type: list
  elements: str
counts:
  description: Number of checks by status. What failed and is not required is a warning.
  returned: success
  type: dict
  sample: {total: 31, passed: 30, failed: 0, warning: 0, skipped: 1, unknown: 0}
url:
  description: The page, as a path or as an C(s3://) address.
  returned: success
  type: str
  sample: s3://credex-ops-reports-production/production/renew_license/20261123T044901Z-bastion-4711/index.html
files:
  description: All three, by name.
  returned: success
  type: dict
  sample: {index.html: /var/reports/production/renew_license/run/index.html}
"""

from typing import Any

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.credex.ops.plugins.module_utils._report import document, html, journal, junit, places, times

ARGUMENT_SPEC: dict[str, Any] = {
    "journal": {"type": "path", "required": True},
    "destination": {"type": "str", "required": True},
    "interrupted": {"type": "bool", "default": False},
}


def publish(module: AnsibleAWSModule) -> dict[str, Any]:
    """Read the journal, put the files where they belong, and write into the journal that this is done."""
    params = module.params
    source = journal.read(params["journal"])
    report = _document(source, params["interrupted"])
    place = _place(module, source.run)
    files = {name: place.address(name) for name in ("report.json", "report.xml", "index.html")}
    if not module.check_mode:
        place.write("report.json", document.to_json(report), "application/json")
        place.write("report.xml", junit.render(report), "application/xml")
        place.write("index.html", html.render(report), "text/html; charset=utf-8")
        if report["verdict"] != "running":
            journal.append(source.path, [{"published": {"at": times.to_text(times.now()), "url": files["index.html"]}}])
    told = {name: report[name] for name in ("verdict", "green", "summary", "findings", "counts")}
    return {**told, "url": files["index.html"], "files": files}


def _document(source: journal.Journal, interrupted: bool) -> dict[str, Any]:
    now = times.to_text(times.now())
    started = times.parse(source.run.get("started"))
    began = times.to_text(started) if started else now
    checks, damaged = [], source.damaged_lines
    for check in source.checks:
        try:
            checks.append(document.normalized(check, began))
        except document.CheckError:
            damaged += 1
    if damaged:
        checks.append(document.normalized(_damage(source.path, damaged), checks[-1]["at"] if checks else began))
    return document.build(source.run, checks, source.finished, interrupted=interrupted, now=now)


def _damage(path: str, lines: int) -> dict[str, Any]:
    return {
        "id": "journal.readable",
        "title": "The journal can be read to its end",
        "phase": "report",
        "status": "unknown",
        "detail": f"{lines} lines of {path} are damaged: the run was killed while it wrote, or the disk was full.",
    }


def _place(module: AnsibleAWSModule, run: dict[str, Any]) -> places.Place:
    parts = [str(run.get(name) or "unknown") for name in ("environment", "operation", "id")]
    destination = module.params["destination"]
    if not destination.startswith("s3://"):
        return places.Folder(destination, parts)
    if not places.HAS_BOTOCORE:
        module.fail_json(msg=missing_required_lib("boto3", reason="to write a report to S3"))
    return places.Bucket(module.client("s3"), destination, parts)


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True, check_boto3=False)
    if not html.HAS_JINJA2:
        module.fail_json(msg=missing_required_lib("jinja2", reason="to make the report's page"))
    try:
        result = publish(module)
    except (journal.JournalError, places.PlaceError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=True, **result)


if __name__ == "__main__":
    main()
