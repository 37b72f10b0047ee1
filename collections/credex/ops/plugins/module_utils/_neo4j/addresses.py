# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""Addresses of servers as text, for pure code; C(connection.parse_address) reads what a user wrote."""

from __future__ import annotations


def routed(uri: str) -> str:
    """The address of a cluster by one of its servers: C(neo4j://) finds the writer."""
    scheme, _separator, address = uri.rpartition("://")
    return f"{(scheme or 'bolt').replace('bolt', 'neo4j', 1)}://{address}"
