# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# FOR INTERNAL COLLECTION USE ONLY: private to credex.ops

"""The command line of neo4j-admin as one table of arguments, always run as a list, never by a shell.

Exit codes (Operations Manual, and measured on a real server): 0 done, 1 failed, 2 unknown command (this edition does
not have it), 64 bad options, 70 unhandled, 78 bad configuration.
"""

from __future__ import annotations

COMMANDS = {
    # The agreement that the server itself runs under. Must come before the start of Neo4j Enterprise.
    "accept_commercial": ("server", "license", "--accept-commercial"),
    "accept_evaluation": ("server", "license", "--accept-evaluation"),
    # Judges neo4j.conf and the logging configuration in NEO4J_CONF
    "validate_config": ("server", "validate-config"),
    # Only before the first start; later it says success and does nothing
    "set_initial_password": ("dbms", "set-initial-password"),
}
ADVICE = {
    2: "This neo4j-admin does not know the command: is it Community Edition, or older than 5.4?",
    64: "This neo4j-admin does not know the option.",
    127: "Give the path of neo4j-admin in option admin.",
}


def command(admin: str, name: str) -> list[str]:
    """The words to run."""
    return [admin, *COMMANDS[name]]


def failure(words: list[str], code: int, output: str) -> str:
    """What was tried, what it answered, and what to do next."""
    said = " ".join(output.split()) or "nothing"
    return f"{' '.join(words)} ended with {code} and said: {said[:500]}. {ADVICE.get(code, '')}".rstrip()
