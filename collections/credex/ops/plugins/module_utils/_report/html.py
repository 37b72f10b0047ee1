# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A report document as one self-contained page: no script, no font, no address of anything outside it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

try:
    from jinja2 import Environment, StrictUndefined

    HAS_JINJA2 = True
except ImportError:
    HAS_JINJA2 = False

from ansible_collections.credex.ops.plugins.module_utils._report.page import STYLE, TEMPLATE
from ansible_collections.credex.ops.plugins.module_utils._report.view import view


def render(document: dict[str, Any]) -> str:
    """The page's HTML; every text of the document is escaped."""
    return _template().render(page=view(document), style=STYLE)


@lru_cache(maxsize=1)
def _template() -> Any:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(TEMPLATE)
