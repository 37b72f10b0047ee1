# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""python -m lab.server {neo4j|neo4j-admin} HOME ARGUMENTS...: what a home's bin/neo4j and bin/neo4j-admin call."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from lab.server import command
from lab.server.home import Home

_TOOLS = {"neo4j": command.neo4j, "neo4j-admin": command.neo4j_admin}


def main() -> int:
    tool, path, *arguments = sys.argv[1:]
    conf = os.environ.get("NEO4J_CONF")
    home = Home(Path(path), Path(conf) if conf else None)
    try:
        _TOOLS[tool](home, arguments)
    except command.CommandError as error:
        print(error, file=sys.stderr)
        return error.code
    return 0


if __name__ == "__main__":
    sys.exit(main())
