# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page that lists the last report of every operation in every environment, as a Jinja2 template."""

from __future__ import annotations

from typing import Any

from ansible_collections.credex.ops.plugins.module_utils._report.view import VERDICTS, groups, label, when


def view(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of the page, by environment and operation. An entry is {address, report}."""
    rows = [_row(entry["address"], entry["report"]) for entry in entries]
    return sorted(rows, key=lambda row: (row["environment"], row["title"]))


def _row(address: str, report: dict[str, Any]) -> dict[str, Any]:
    return {
        "environment": report["run"].get("environment") or "",
        "title": report["run"]["title"],
        "address": address,
        "when": when(report["run"], report["verdict"]),
        "verdict": label(VERDICTS, report["verdict"]),
        "summary": report["summary"],
        "groups": groups(report),
    }


TEMPLATE = """\
{{ head("Operations: the last reports") }}
<body>
<main>
<header><h1>The last reports</h1></header>
{% for row in rows %}
<section class="long">
  <p class="eyebrow">{{ row.environment }}</p>
  <h2><a href="{{ row.address }}">{{ row.title }}</a></h2>
  <p class="lead">{{ label(row.verdict) }} <span class="soft small">{{ row.when }}</span><br>{{ row.summary }}</p>
  {% if row.groups %}
  <table class="servers">
    <thead><tr><th>Case</th><th>Result</th><th>Why</th></tr></thead>
    <tbody>
    {% for group in row.groups %}
    <tr>
      <td data-label="Case" class="case"><span class="name">{{ group.name }}</span></td>
      <td data-label="Result">{{ label(group.label) }}</td>
      <td data-label="Why"><span class="small">
        {%- for reason in group.reasons %}{{ label(reason.label) }} {{ reason.text }}<br>{% endfor %}</span></td>
    </tr>
    {% endfor %}
    </tbody>
  </table>
  {% endif %}
</section>
{% else %}
<section><p>No operation has left a report here.</p></section>
{% endfor %}
<footer>Times are UTC. Written by credex.ops.</footer>
</main>
</body>
</html>
"""
