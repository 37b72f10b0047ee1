# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Plugins and certificates, which a server reads at its start and not again: what a change of them needs, and undoes.

Pure. C(found) is what was seen beside a server's configuration: C(plugins), of M(credex.ops.neo4j_plugins) in check
mode, or empty; C(policies), of M(credex.ops.neo4j_certificates) in check mode, each with its C(scope) and C(folder);
C(folders), those of them that are managed; C(plugins_folder) and C(plugins_kept).
"""

from __future__ import annotations

import os
import typing as t

from . import plugins

Item = dict[str, t.Any]


def changes_plugins(found: Item) -> bool:
    return bool(found["plugins"].get("differs"))


def changed_scopes(found: Item) -> list[str]:
    return [policy["scope"] for policy in found["policies"] if policy["differs"]]


def is_due(found: Item, service: Item) -> bool:
    """Whether a server that runs would have to be restarted for them."""
    unread = {file["path"] for file in service["changed_since"]} & set(found["folders"])
    return changes_plugins(found) or bool(changed_scopes(found)) or bool(unread)


def problems(found: Item) -> list[str]:
    """What a module in check mode takes for what is to come, and a server that is there should have."""
    jars = found["plugins"].get("plugins", [])
    return [f"Neo4j brings no {_name(jar)} there, in labs or products." for jar in jars if "*" in jar["path"]]


def words(found: Item) -> list[str]:
    """What is done, for the plan."""
    scopes = changed_scopes(found)
    return [
        *(["place plugins"] if changes_plugins(found) else []),
        *([f"place certificates of {', '.join(scopes)}"] if scopes else []),
    ]


def changes(found: Item) -> list[Item]:
    """What becomes of each plugin and each certificate."""
    return [*_of_plugins(found["plugins"]), *(_of_policy(policy) for policy in found["policies"] if policy["differs"])]


def _of_plugins(told: Item) -> list[Item]:
    return [
        {
            "what": f"Plugin {plugins.family(_name(jar))}",
            "before": os.path.basename(_before(told, jar)) or "none",
            "after": _name(jar),
        }
        for jar in told.get("plugins", [])
        if jar["changed"]
    ]


def _of_policy(policy: Item) -> Item:
    """A certificate by its fingerprint; where that stays, key, trust or owner differ."""
    before, after = policy["before"].get("public.crt", "none"), policy["files"]["public.crt"]
    what = f"Certificate of {policy['scope']}"
    return {"what": what, "before": before, "after": after if after != before else f"{after}, other files differ"}


def undo(found: Item) -> Item:
    """How to go back: jars that come back from where they are kept, jars that go, policies by their fingerprints.

    A policy that was not there before stays, since nothing reads it without its settings.
    """
    jars = [jar for jar in found["plugins"].get("plugins", []) if jar["changed"]]
    earlier = {_name(jar): _before(found["plugins"], jar) for jar in jars}
    return {
        "plugins": [{"path": path} for path in earlier.values() if path],
        "absent": [name for name, path in earlier.items() if not path],
        "policies": [policy for policy in found["policies"] if policy["differs"] and policy["before"]],
    }


def _before(told: Item, jar: Item) -> str:
    """Where the jar is kept that it takes the place of, empty when there is none."""
    family = plugins.family(_name(jar))
    return next((path for path in told["kept"] if plugins.family(os.path.basename(path)) == family), "")


def _name(jar: Item) -> str:
    return os.path.basename(jar["path"])
