# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""What has to be done so that a server runs with the settings that are wanted, and whether it does.

Pure: plain dicts in and out. A wanted setting is a text, or None where it is left to Neo4j.
"""

from __future__ import annotations

import typing as t

from . import setting_values, settings, start_files

Item = dict[str, t.Any]


def plan_server(observed: Item, answer: Item, always: bool) -> Item:
    """What one server needs: its files placed, settings changed while it runs, a restart, a start.

    C(observed): host, path, service (M(credex.ops.neo4j_service_info)), problems and objection (what speaks against
    the configuration), settings and before (what the new file and the present one say), file
    (M(credex.ops.neo4j_conf), in check mode), beside (what lies beside it, see start_files.py).
    C(answer): one entry of M(credex.ops.neo4j_setting_info). C(always):
    whether what could be changed while the server runs is a reason for a restart, too.
    """
    is_running, has_read = observed["service"]["state"] == "running", _has_read(observed)
    place, asked = observed["file"]["changed"], is_running and answer["reachable"]
    pending = _pending(observed, answer["settings"]) if asked else []
    live = [name for name in pending if asked and not always and _can_be_live(name, observed, answer)]
    beside = start_files.is_due(observed["beside"], observed["service"])
    if asked and not always:
        restart = beside or len(live) < len(pending)
    else:  # it does not say what is in force, or shall have read its file in any case
        restart = is_running and (beside or place or not has_read or bool(pending))
    plan = {
        "host": observed["host"],
        "place": place,
        "plugins": start_files.changes_plugins(observed["beside"]),
        "certificates": start_files.changed_scopes(observed["beside"]),
        "live": [_live(name, observed, answer) for name in live] if not restart else [],
        "restart": restart,
        "start": not is_running,
        "stays_up": is_running and not restart,
        "undo_fingerprint": observed["file"]["fingerprint"] if place else _kept_since_start(observed),
        "undo_beside": start_files.undo(observed["beside"]),
        "refused": _refused(observed, answer if asked else None, pending),
    }
    plan["due"] = place or restart or not is_running or bool(plan["live"])
    return {**plan, "check": _plan_check(observed, answer if asked else None, pending, plan)}


def _has_read(observed: Item) -> bool:
    """Whether the process has read the file as it lies there."""
    service = observed["service"]
    return service["state"] == "running" and observed["path"] not in [file["path"] for file in service["changed_since"]]


def _pending(observed: Item, shown: Item) -> list[str]:
    """The settings that are not in force, whatever the file says."""
    return [
        name
        for name, text in observed["settings"].items()
        if not _in_force(text, shown.get(name), _has_read(observed) and observed["before"].get(name) == text)
    ]


def _in_force(text: str | None, row: Item | None, was_read: bool) -> bool:
    """C(row): what the server shows of the setting. Of what it does not show, nothing is known but that it was read."""
    if row is None or setting_values.is_masked(row["value"] or ""):
        return was_read or (text is None and not (row and row["explicit"]))
    if text is None:
        return not row["explicit"] or setting_values.agree(row["default_value"] or "", row["value"] or "")
    return setting_values.agree(text, row["value"] or "")


def _can_be_live(name: str, observed: Item, answer: Item) -> bool:
    """Enterprise can change dynamic settings while it runs; a secret has no business in a statement."""
    is_secret = settings.is_secret(name, observed["settings"][name] or "")
    return (
        answer["edition"] == "enterprise" and answer["settings"].get(name, {}).get("dynamic", False) and not is_secret
    )


def _live(name: str, observed: Item, answer: Item) -> Item:
    """A setting to change, and its value to go back to, as it was written if that was in force."""
    row, before = answer["settings"][name], observed["before"].get(name)
    back = before if _in_force(before, row, was_read=False) else row["value"]
    return {"name": name, "value": observed["settings"][name] or "", "before": back or ""}


def _kept_since_start(observed: Item) -> str | None:
    """What a run replaced that was killed before it could restart the server."""
    since = observed["service"]["started_at"]
    if since is None or _has_read(observed):
        return None
    copies = [copy for copy in observed["file"]["kept_copies"] if copy["kept_at"][:19] >= since[:19]]
    return next((c["fingerprint"] for c in copies if c["fingerprint"] != observed["file"]["fingerprint"]), None)


def _refused(observed: Item, answer: Item | None, pending: t.Sequence[str]) -> list[str]:
    found = [*observed["problems"], *start_files.problems(observed["beside"])]
    found += [observed["objection"]] if observed["objection"] else []
    if not found and not observed["settings"] and not observed["beside"]["folders"]:
        found = ["No setting is given for it: neo4j_server_settings is empty."]
    if answer is None:
        return found
    shown = answer["settings"]
    if not shown and any(text is not None for text in observed["settings"].values()):
        return [
            *found,
            "it shows none of its settings: this user needs SHOW SETTING *, which the role ops_operator has",
        ]
    return found + [
        f"{name} is {settings.shown(name, shown[name]['value'])}, although it has read {observed['path']}, which says "
        f"{settings.shown(name, observed['settings'][name])}: does it read another file?"
        for name in pending
        if _has_read(observed) and observed["before"].get(name) == observed["settings"][name]
        and name in shown and not shown[name]["dynamic"]
    ]  # fmt: skip


def _plan_check(observed: Item, answer: Item | None, pending: t.Sequence[str], plan: Item) -> Item:
    return {
        "id": "configuration.plan",
        "title": "What its configuration needs",
        "server": observed["host"],
        "phase": "plan",
        "status": "failed" if plan["refused"] else "passed",
        "detail": "; ".join(plan["refused"]) or _detail(observed, pending, plan),
        "evidence": {"changes": [*_changes(observed, answer, pending), *start_files.changes(observed["beside"])]},
    }


def _detail(observed: Item, pending: t.Sequence[str], plan: Item) -> str:
    names, live = _differing(observed), [setting["name"] for setting in plan["live"]]
    words = [f"place {observed['path']} ({', '.join(names) or 'owner and mode'})"] if plan["place"] else []
    words += start_files.words(observed["beside"])
    words += [f"change {', '.join(live)} while it runs"] if live else []
    words += [f"restart{_reason(pending)}"] if plan["restart"] else []
    words += [f"start: it is {observed['service']['state']}"] if plan["start"] else []
    words = words or [f"nothing to do: {len(observed['settings'])} settings are in force"]
    if not plan["restart"] and not plan["start"] and (plan["place"] or not _has_read(observed)):
        words.append("its process stays older than the file, which restart_neo4j.yml will find")
    return "; ".join(words)


def _reason(pending: t.Sequence[str]) -> str:
    return f" for {', '.join(pending)}" if pending else ""


def _differing(observed: Item) -> list[str]:
    """What the file says otherwise."""
    return [name for name, text in observed["settings"].items() if observed["before"].get(name) != text]


def _changes(observed: Item, answer: Item | None, pending: t.Sequence[str]) -> list[Item]:
    """From the file, or where only that is in force, from the server, to what is wanted."""
    differing, shown = _differing(observed), answer["settings"] if answer else {}
    values = {name: (shown.get(name) or {"value": None})["value"] for name in pending}
    return [
        _change(name, observed["before"].get(name) if name in differing else values[name], observed["settings"][name])
        for name in sorted({*differing, *pending})
    ]


def _change(name: str, before: str | None, after: str | None) -> Item:
    return {"what": name, "before": settings.shown(name, before), "after": settings.shown(name, after)}


def verdict(host: str, wanted: t.Mapping[str, str | None], answer: Item, unlisted: t.Collection[str] = ()) -> Item:
    """Whether a server runs with all that is wanted, as a check for a report.

    C(unlisted): settings that it may keep to itself, as it does internal ones.
    """
    status, detail = _judge(wanted, answer, unlisted)
    return {
        "id": "configuration.in_force",
        "title": "The wanted settings are in force",
        "server": host,
        "phase": "verify",
        "status": status,
        "detail": detail,
        "evidence": {"settings": sorted(wanted)},
    }


def _judge(wanted: t.Mapping[str, str | None], answer: Item, unlisted: t.Collection[str]) -> tuple[str, str]:
    if not answer["reachable"]:
        return "failed", f"{answer['uri']} does not answer: {answer['cause']}: {answer['message']}"
    shown = answer["settings"]
    wrong = [
        f"{name} is {settings.shown(name, shown[name]['value'])}, wanted {settings.shown(name, text)}"
        for name, text in wanted.items()
        if name in shown and not _in_force(text, shown[name], was_read=shown[name]["explicit"])
    ]
    if wrong:
        return "failed", "; ".join(wrong)
    silent = [name for name, text in wanted.items() if text is not None and name not in shown]
    told = f"{len(wanted) - len(silent)} settings are in force"
    if silent:
        told += f", and it does not show {', '.join(silent)}"
    return "passed" if set(silent) <= set(unlisted) else "unknown", told
