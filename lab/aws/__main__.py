# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""python -m lab.aws HOST PORT ACCOUNT FAULTS: moto's server, with what `extension` adds to it."""

from __future__ import annotations

import sys
from pathlib import Path

from moto.server import main

from lab.aws import extension

if __name__ == "__main__":
    host, port, account, faults = sys.argv[1:]
    extension.apply(account, Path(faults))
    main(["-H", host, "-p", port])
