# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report's page as a Jinja2 template. A module cannot ship a template file, so it is text in a Python file."""

from __future__ import annotations

# Dark mode, narrow screens and paper are three small sections at the end
STYLE = """\
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ground: #f4f5f7; --ink: #1b1f24; --soft: #57606a; --line: #d8dee4; --code: #f6f8fa;
  --good: #116329; --good-ground: #dafbe1; --warn: #7a4b00; --warn-ground: #fff1cc;
  --bad: #a40e26; --bad-ground: #ffe3e1; --calm: #1f4b99; --calm-ground: #e4eefc;
  --work: #9db8d9; --down: #b4561f; --track: #e6e9ed;
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 64rem; margin: 0 auto; padding: 2rem 1.25rem 3rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 1.25rem; letter-spacing: -.01em; }
h2 { font-size: 1.15rem; margin: 0 0 .75rem; }
.eyebrow { color: var(--soft); font-size: .8rem; letter-spacing: .08em; text-transform: uppercase; margin: 0 0 .25rem; }
section { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 1.25rem;
  margin: 0 0 1.25rem; }
.verdict { display: flex; gap: 1rem; align-items: flex-start; border-left-width: 6px; }
.verdict .symbol { font-size: 2rem; line-height: 1.1; }
.verdict strong { font-size: 1.4rem; line-height: 1.2; display: block; }
.verdict p { margin: .25rem 0 0; color: var(--ink); }
.verdict.good { background: var(--good-ground); border-color: var(--good); }
.verdict.warn { background: var(--warn-ground); border-color: var(--warn); }
.verdict.bad { background: var(--bad-ground); border-color: var(--bad); }
.verdict.calm { background: var(--calm-ground); border-color: var(--calm); }
.good > .symbol, .good > .word, .verdict.good strong { color: var(--good); }
.warn > .symbol, .warn > .word, .verdict.warn strong { color: var(--warn); }
.bad > .symbol, .bad > .word, .verdict.bad strong { color: var(--bad); }
.calm > .symbol, .calm > .word, .verdict.calm strong { color: var(--calm); }
.facts { display: flex; flex-wrap: wrap; gap: .9rem 2.25rem; margin: 0; }
.facts dt { color: var(--soft); font-size: .8rem; }
.facts dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
section p.lead { margin: 0 0 .5rem; }
.findings { margin: 0; padding-left: 1.25rem; overflow-wrap: anywhere; }
.findings li + li { margin-top: .35rem; }
.label { white-space: nowrap; font-weight: 600; }
.tag { display: inline-block; font-size: .72rem; font-weight: 600; border: 1px solid currentColor; border-radius: 99px;
  padding: 0 .5rem; color: var(--calm); vertical-align: .1em; }
.name { font-weight: 600; overflow-wrap: anywhere; }
.soft { color: var(--soft); }
small, .small { font-size: .85rem; }
.row { display: grid; grid-template-columns: minmax(12rem, 19rem) 1fr; gap: .25rem 1.25rem; padding: .4rem 0; }
.row { align-items: center; }
.row svg, .axis svg { display: block; width: 100%; overflow: visible; }
.row .note { grid-column: 2; margin-top: -.1rem; }
.axis text { font: 11px system-ui, sans-serif; fill: var(--soft); font-variant-numeric: tabular-nums; }
.track { fill: var(--track); } .work { fill: var(--work); } .down { fill: var(--down); }
.gate { stroke: var(--paper); stroke-width: 1.5; fill: var(--ink); } .gate.held { stroke: var(--bad); stroke-width: 3; }
.grid { stroke: var(--line); }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .5rem 0 0; }
.legend svg { width: 1.6rem; height: .7rem; margin-right: .4rem; vertical-align: -.02rem; }
table { width: 100%; border-collapse: collapse; font-size: .92rem; }
th { text-align: left; font-size: .78rem; font-weight: 600; color: var(--soft); padding: 0 .9rem .4rem 0; }
td { border-top: 1px solid var(--line); padding: .55rem .9rem .55rem 0; vertical-align: top; overflow-wrap: anywhere; }
th:last-child, td:last-child { padding-right: 0; }
td.case { min-width: 9.5rem; }
ul.changes { list-style: none; margin: 0; padding: 0; }
.nums { font-variant-numeric: tabular-nums; white-space: nowrap; }
.tally { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 0 0 .75rem; padding: 0; list-style: none; }
details.phase { border-top: 1px solid var(--line); padding: .75rem 0; }
details.phase > summary { cursor: pointer; display: flex; flex-wrap: wrap; gap: 0 .75rem; align-items: baseline; }
details.phase > summary::before { content: "▸"; color: var(--soft); }
details.phase[open] > summary::before { content: "▾"; }
details.phase > summary::-webkit-details-marker { display: none; }
details.phase > summary b { font-size: 1.02rem; }
details.phase > summary .end { margin-left: auto; }
.checks { margin: .5rem 0 0; padding: 0; list-style: none; }
.checks > li { display: grid; grid-template-columns: 6.2rem 1fr auto; gap: 0 .75rem; padding: .45rem 0; }
.checks > li + li { border-top: 1px dotted var(--line); }
.checks .detail { overflow-wrap: anywhere; }
.checks details summary { cursor: pointer; color: var(--soft); font-size: .82rem; width: fit-content; }
pre { background: var(--code); border: 1px solid var(--line); border-radius: 6px; padding: .6rem .75rem;
  margin: .35rem 0 0; font: .78rem/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; white-space: pre-wrap;
  overflow-wrap: anywhere; }
footer { color: var(--soft); font-size: .82rem; overflow-wrap: anywhere; }
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #161b22; --ground: #0d1117; --ink: #e6edf3; --soft: #9aa5b1; --line: #30363d; --code: #0d1117;
    --good: #56d374; --good-ground: #12261a; --warn: #e3b341; --warn-ground: #2b2111;
    --bad: #ff8f87; --bad-ground: #2d1416; --calm: #8ab8ff; --calm-ground: #131f33;
    --work: #3f6591; --down: #e08a4f; --track: #262c34;
  }
}
@media (max-width: 40rem) {
  main { padding: 1.25rem .75rem 2rem; }
  h1 { font-size: 1.5rem; }
  section { padding: 1rem; }
  .facts { gap: .6rem 1.5rem; }
  .row { grid-template-columns: 1fr; padding: .6rem 0; }
  .row .note { grid-column: 1; }
  .axis > span { display: none; }
  .servers thead { display: none; }
  .servers tr { display: block; border-top: 1px solid var(--line); padding: .6rem 0; }
  .servers td { display: grid; grid-template-columns: 7rem 1fr; border: 0; padding: .15rem 0; }
  .servers td::before { content: attr(data-label); color: var(--soft); font-size: .82rem; }
  .checks > li { grid-template-columns: 1fr auto; }
  .checks .what { grid-column: 1 / -1; grid-row: 2; }
}
@media print {
  :root { color-scheme: light; }
  body { background: #fff; font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  section { break-inside: avoid-page; border-radius: 0; }
  section.long { break-inside: auto; }
  .checks > li, .row, tr { break-inside: avoid; }
  .verdict, .work, .down, .track, .gate { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  details.phase::details-content { content-visibility: visible; display: block; }
}
"""

# What both pages begin with: a label, and the head with the whole style in it
MACROS = """\
{% macro label(it) %}
<span class="label {{ it.tone }}"><span class="symbol" aria-hidden="true">{{ it.symbol }}</span>
  <span class="word">{{ it.word }}</span></span>
{%- endmacro %}
{% macro head(title) %}
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{{ title }}</title>
<style>
{{ style | safe }}
</style>
</head>
{%- endmacro %}
"""

TEMPLATE = """\
{{ head(page.verdict.word ~ ": " ~ page.title ~ ", " ~ page.environment) }}
<body>
<main>
<header>
  <p class="eyebrow">{{ page.environment }}</p>
  <h1>{{ page.title }}</h1>
</header>

<section class="verdict {{ page.verdict.tone }}">
  <span class="symbol" aria-hidden="true">{{ page.verdict.symbol }}</span>
  <div><strong>{{ page.verdict.word }}</strong><p>{{ page.summary }}</p></div>
</section>

{% if page.findings %}
<section>
  <h2>Why this run is not green</h2>
  <ol class="findings">
  {% for finding in page.findings %}
    <li>{{ finding }}</li>
  {% endfor %}
  </ol>
</section>
{% endif %}

<section>
  <dl class="facts">
  {% for name, value in page.facts %}
    <div><dt>{{ name }}</dt><dd>{{ value }}</dd></div>
  {% endfor %}
  </dl>
</section>

{% if page.timeline %}
<section>
  <h2>One server after the other</h2>
  <p class="lead">{{ page.timeline.summary }}</p>
  {% for row in page.timeline.rows %}
  <div class="row">
    <div><span class="name">{{ row.name }}</span> {% if row.canary %}<span class="tag">canary</span>{% endif %}</div>
    <svg height="16" role="img" aria-label="{{ row.name }}: {{ row.note }}">
      <rect class="track" x="0" y="5" width="100%" height="6" rx="3"></rect>
      {% for segment in row.segments %}
      <rect class="{{ segment.kind }}" x="{{ segment.x }}%" width="{{ segment.width }}%"
        y="{{ 0 if segment.kind == 'down' else 3 }}" height="{{ 16 if segment.kind == 'down' else 10 }}" rx="2">
        <title>{{ segment.label }}</title></rect>
      {% endfor %}
      {% for gate in row.gates %}
      <svg x="{{ gate.x }}%" y="8" overflow="visible"><path class="gate {{ gate.kind }}"
        d="{{ 'M0-7L5 0L0 7L-5 0Z' if gate.kind == 'open' else 'M-5-5L5 5M5-5L-5 5' }}"></path>
        <title>{{ 'gate passed' if gate.kind == 'open' else 'held back' }}</title></svg>
      {% endfor %}
    </svg>
    <div class="note small soft">{{ label(row.outcome) }} · {{ row.note }}</div>
  </div>
  {% endfor %}
  <div class="row axis"><span></span>
    <svg height="20" aria-hidden="true">
      <line class="grid" x1="0" x2="100%" y1="1" y2="1"></line>
      {% for tick in page.timeline.ticks %}
      <line class="grid" x1="{{ tick.x }}%" x2="{{ tick.x }}%" y1="1" y2="5"></line>
      <text x="{{ tick.x }}%" y="17" text-anchor="{{ tick.anchor }}">{{ tick.text }}</text>
      {% endfor %}
    </svg>
  </div>
  <div class="legend small soft">
    <span><svg><rect class="track" y="30%" width="100%" height="40%" rx="2"></rect></svg>in service (thin)</span>
    <span><svg><rect class="work" y="15%" width="100%" height="70%" rx="2"></rect></svg>its turn (medium)</span>
    <span><svg><rect class="down" width="100%" height="100%" rx="2"></rect></svg>out of service (thick)</span>
    <span><svg overflow="visible"><path class="gate open" transform="translate(12 5)"
      d="M0-6L4.5 0L0 6L-4.5 0Z"></path></svg>passed the gate</span>
    <span><svg overflow="visible"><path class="gate held" transform="translate(12 5)"
      d="M-4.5-4.5L4.5 4.5M4.5-4.5L-4.5 4.5"></path></svg>held back</span>
    <span>Times are UTC.</span>
  </div>
</section>
{% endif %}

{% if page.groups %}
<section class="long">
  <h2>Cases</h2>
  <table class="servers">
    <thead>
      <tr><th>Case</th><th>Result</th><th>What was found</th><th>What to do</th></tr>
    </thead>
    <tbody>
    {% for group in page.groups %}
    <tr>
      <td data-label="Case" class="case"><span class="name">{{ group.name }}</span></td>
      <td data-label="Result">{{ label(group.label) }}</td>
      <td data-label="Found"><span>{{ group.counts.passed }} of {{ group.counts.total }} checks passed
        {%- for reason in group.reasons %}<br><span class="small">{{ label(reason.label) }}
          {{ reason.text }}</span>{% endfor %}</span></td>
      <td data-label="To do">
        {% if group.follow_up %}
        <ul class="changes small">{% for action in group.follow_up %}<li>{{ action }}</li>{% endfor %}</ul>
        {% else %}<span class="soft">nothing</span>{% endif %}
      </td>
    </tr>
    {% endfor %}
    </tbody>
  </table>
</section>
{% endif %}

{% if page.servers %}
<section class="long">
  <h2>Servers</h2>
  <table class="servers">
    <thead>
      <tr><th>Server</th><th>Outcome</th><th>Change</th><th>Out of service</th><th>Checks passed</th></tr>
    </thead>
    <tbody>
    {% for server in page.servers %}
    <tr>
      <td data-label="Server"><span><span class="name">{{ server.name }}</span>
        {% if server.canary %}<span class="tag">canary</span>{% endif %}</span></td>
      <td data-label="Outcome"><span>{{ label(server.outcome) }}
        {%- if server.reason %}<br><span class="small soft">{{ server.reason }}</span>{% endif %}</span></td>
      <td data-label="Change">
        {% if server.changes %}
        <ul class="changes">
        {% for change in server.changes %}
          <li><span class="soft">{{ change.what }}:</span> <span class="nums">{{ change.before }}</span>
            {% if server.in_force %}→ <b class="nums">{{ change.after }}</b>
            {% else %}<span class="soft nums">(planned: {{ change.after }})</span>{% endif %}</li>
        {% endfor %}
        </ul>
        {% else %}<span class="soft">nothing</span>{% endif %}
      </td>
      <td data-label="Out of service" class="nums">{{ server.down }}</td>
      <td data-label="Checks passed" class="nums">{{ server.checks }}</td>
    </tr>
    {% endfor %}
    </tbody>
  </table>
</section>
{% endif %}

<section class="long">
  <h2>Checks</h2>
  <ul class="tally">
  {% for symbol, words, tone in page.tally %}
    <li class="label {{ tone }}"><span class="symbol" aria-hidden="true">{{ symbol }}</span>
      <span class="word">{{ words }}</span></li>
  {% else %}
    <li class="soft">No check was recorded.</li>
  {% endfor %}
  </ul>
  {% for phase in page.phases %}
  <details class="phase"{% if phase.open %} open{% endif %}>
    <summary><b>{{ phase.title }}</b><span class="soft small">{{ phase.subtitle }}</span>
      <span class="small nums end">{{ phase.tally }}</span></summary>
    <ul class="checks">
    {% for check in phase.checks %}
      <li>
        {{ label(check.status) }}
        <div class="what">
          <span class="name">{{ check.title }}</span>
          {%- if check.server %} <span class="soft">· {{ check.server }}</span>{% endif %}
          {%- if check.optional %} <span class="soft small">· not required</span>{% endif %}
          {% if check.detail %}<div class="detail small">{{ check.detail }}</div>{% endif %}
          {% if check.follow_up %}<div class="detail small"><b>To do:</b> {{ check.follow_up }}</div>{% endif %}
          {% if check.evidence %}
          <details><summary>Evidence</summary><pre>{{ check.evidence }}</pre></details>
          {% endif %}
        </div>
        <span class="soft small nums">{{ check.at }}</span>
      </li>
    {% endfor %}
    </ul>
  </details>
  {% endfor %}
</section>

<footer>Run {{ page.run_id }}. Times are UTC. Beside this page lie the same facts as report.json and report.xml (JUnit).
Written by credex.ops.</footer>
</main>
</body>
</html>
"""
