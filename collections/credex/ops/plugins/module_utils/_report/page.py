# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report's page as a Jinja2 template. A module cannot ship a template file, so it is text in a Python file."""

from __future__ import annotations

TEMPLATE = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ document.run.title }}</title></head>
<body><h1>{{ document.run.title }}: {{ document.verdict }}</h1><p>{{ document.summary }}</p>
<ul>{% for check in document.checks %}<li>{{ check.status }} {{ check.server }} {{ check.title }} {{ check.detail }}</li>{% endfor %}</ul>
</body></html>
"""
