# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where reports go: a folder, or a prefix of an S3 bucket."""

from __future__ import annotations

import os
import re
import tempfile
from typing import Any

try:
    from botocore.exceptions import BotoCoreError, ClientError

    HAS_BOTOCORE = True
except ImportError:
    HAS_BOTOCORE = False

UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


class PlaceError(Exception):
    """The report could not be written; the text says where, why, and what to do."""


class Place:
    """A destination and the path of one run's report in it."""

    def __init__(self, root: str, parts: list[str]) -> None:
        # No part may leave the destination: "..", slashes and blanks become underscores
        self.root = "/".join([root.rstrip("/"), *(UNSAFE.sub("_", part).lstrip(".") or "_" for part in parts)])

    def address(self, name: str) -> str:
        return f"{self.root}/{name}"

    def write(self, name: str, text: str, content_type: str) -> None:
        raise NotImplementedError


class Folder(Place):
    def __init__(self, root: str, parts: list[str]) -> None:
        super().__init__(os.path.abspath(os.path.expanduser(root)), parts)

    def write(self, name: str, text: str, content_type: str) -> None:
        """Write the file whole or not at all. Raises PlaceError."""
        try:
            os.makedirs(self.root, exist_ok=True)
            self._replace(name, text)
        except OSError as error:
            raise PlaceError(
                f"Cannot write the report {self.address(name)}: {error.strerror}. "
                "Make the folder writable for this user and the disk roomy, or name another place (ops_reports)."
            ) from error

    def _replace(self, name: str, text: str) -> None:
        descriptor, temporary = tempfile.mkstemp(prefix=f".{name}.", dir=self.root)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, 0o644)
            os.replace(temporary, self.address(name))
        except OSError:
            os.unlink(temporary)
            raise


class Bucket(Place):
    def __init__(self, client: Any, destination: str, parts: list[str]) -> None:
        bucket = destination[len("s3://") :].partition("/")[0]
        if not bucket:
            raise PlaceError(f"Destination {destination} names no bucket: write s3://bucket/prefix/.")
        super().__init__(destination, parts)
        self._client = client
        self._bucket = bucket
        self._prefix = self.root[len(f"s3://{bucket}/") :]

    def write(self, name: str, text: str, content_type: str) -> None:
        """Put the object. Raises PlaceError."""
        key = f"{self._prefix}/{name}".lstrip("/")  # in a bucket's root there is no prefix
        try:
            self._client.put_object(Bucket=self._bucket, Key=key, Body=text.encode("utf-8"), ContentType=content_type)
        except (BotoCoreError, ClientError) as error:
            raise PlaceError(f"Cannot write the report {self.address(name)}: {error}. {self._advice(error)}") from error

    def _advice(self, error: Exception) -> str:
        code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
        if code == "NoSuchBucket":
            return f"Create the bucket {self._bucket}, or name another place (ops_reports)."
        if code in ("AccessDenied", "403"):
            return f"Allow s3:PutObject on arn:aws:s3:::{self._bucket}/* for the credentials of this run."
        return "Check the credentials, the region and the endpoint of this run."
