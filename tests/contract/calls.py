"""Run a module as Ansible does, and open connections as a test does."""

from __future__ import annotations

import contextlib
import io
import json
from types import ModuleType
from typing import Any

from ansible.module_utils.testing import patch_module_args

Result = dict[str, Any]


def run_module(module: ModuleType, **options: Any) -> Result:
    """The module's result, failed or not. `_ansible_check_mode=True` asks for check mode."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), patch_module_args(options), contextlib.suppress(SystemExit):
        module.main()
    result: Result = json.loads(printed.getvalue())
    return result


def one_server(module: ModuleType, uri: str, **options: Any) -> Result:
    """What a fleet module says of one server."""
    result = run_module(module, uris=[uri], **options)
    assert not result.get("failed"), result
    (server,) = result["servers"]
    found: Result = server
    return found
