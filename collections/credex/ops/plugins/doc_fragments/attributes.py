# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What every module says of itself."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode and return what a real run would, without changing anything.
  diff_mode:
    description: Returns what changed, or would change, when in diff mode.
  idempotent:
    description: A second run right after the first one changes nothing.
"""

    # Modules that only read
    INFO_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
    details: It only reads.
  diff_mode:
    support: N/A
    details: It changes nothing.
  idempotent:
    support: full
    details: It changes nothing.
"""

    # Modules that open a Bolt connection
    ACTIONGROUP_NEO4J = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/credex.ops.neo4j) in C(module_defaults) to set the connection's options once.
    support: full
    membership:
      - credex.ops.neo4j
"""

    # Modules that call AWS
    ACTIONGROUP_AWS = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/credex.ops.aws) in C(module_defaults) to set region and credentials once.
    support: full
    membership:
      - credex.ops.aws
"""
