# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finding the last report of an operation, in a folder or under an S3 prefix, where ops_report has put them."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ansible_collections.credex.ops.plugins.module_utils._report.places import PlaceError

with contextlib.suppress(ImportError):
    from botocore.exceptions import BotoCoreError, ClientError

REPORT = "report.json"
# Of runs that still run, or only looked, so many are passed over before the search is given up
MANY = 50


def latest(reports: Iterator[dict[str, Any]]) -> dict[str, Any] | None:
    """The newest one of a run that came to its end and was no check mode; *reports* begin with the newest."""
    for _dummy, report in zip(range(MANY), reports):
        if report.get("verdict") != "running" and not report.get("run", {}).get("check_mode"):
            return report
    return None


def in_folder(root: str, environment: str, operation: str) -> Iterator[dict[str, Any]]:
    """Reports, the newest first."""
    folder = _folder(root) / environment / operation
    for file in sorted(folder.glob(f"*/{REPORT}"), key=lambda file: file.stat().st_mtime, reverse=True):
        yield _parsed(file.read_text(encoding="utf-8"), str(file))


def operations_in_folder(root: str) -> list[tuple[str, str]]:
    """Environments and operations of which there are reports."""
    found = {file.parent.parent for file in _folder(root).glob(f"*/*/*/{REPORT}")}
    return sorted((folder.parent.name, folder.name) for folder in found)


def _folder(root: str) -> Path:
    return Path(os.path.expanduser(root))


def in_bucket(client: Any, destination: str, environment: str, operation: str) -> Iterator[dict[str, Any]]:
    """Reports, the newest first."""
    bucket, prefix = _bucket(destination)
    objects = _listed(client, bucket, f"{prefix}{environment}/{operation}/")
    for item in sorted(objects, key=lambda item: item["LastModified"], reverse=True):
        with _typed_errors(bucket):
            body = client.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
        yield _parsed(body.decode("utf-8"), f"s3://{bucket}/{item['Key']}")


def operations_in_bucket(client: Any, destination: str) -> list[tuple[str, str]]:
    """Environments and operations of which there are reports."""
    bucket, prefix = _bucket(destination)
    keys = [item["Key"][len(prefix) :].split("/") for item in _listed(client, bucket, prefix)]
    return sorted({(parts[0], parts[1]) for parts in keys if len(parts) == 4})


def _bucket(destination: str) -> tuple[str, str]:
    bucket, _dummy, prefix = destination[len("s3://") :].partition("/")
    return bucket, f"{prefix.strip('/')}/".lstrip("/")


def _listed(client: Any, bucket: str, start: str) -> list[dict[str, Any]]:
    with _typed_errors(bucket):
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=start)
        return [item for page in pages for item in page.get("Contents", []) if item["Key"].endswith(f"/{REPORT}")]


@contextlib.contextmanager
def _typed_errors(bucket: str) -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise PlaceError(
            f"Cannot read the reports in bucket {bucket}: {error}. "
            f"Allow s3:ListBucket on the bucket and s3:GetObject on what is in it."
        ) from error


def _parsed(text: str, address: str) -> dict[str, Any]:
    try:
        return dict(json.loads(text))
    except ValueError as error:
        raise PlaceError(f"{address} is no report: {error}. Move it away.") from error
