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

from ansible_collections.credex.ops.plugins.module_utils._report import index_page
from ansible_collections.credex.ops.plugins.module_utils._report.page import MACROS, STYLE, TEMPLATE
from ansible_collections.credex.ops.plugins.module_utils._report.view import view


def render(document: dict[str, Any]) -> str:
    """The page's HTML; every text of the document is escaped."""
    return _template(TEMPLATE).render(page=view(document), style=STYLE)


def render_index(entries: list[dict[str, Any]]) -> str:
    """The HTML of the page that lists reports, each {address, report}."""
    return _template(index_page.TEMPLATE).render(rows=index_page.view(entries), style=STYLE)


@lru_cache(maxsize=2)
def _template(text: str) -> Any:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(MACROS + text)
