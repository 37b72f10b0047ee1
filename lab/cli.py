# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line: python -m lab."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from lab import launcher
from lab.state import LabError, State
from lab.status import describe

Command = Callable[[State, argparse.Namespace], None]


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    state = State(options.name or launcher.default_name())
    try:
        options.command(state, options)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lab", description="The lab on this machine's loopback.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(name: str, command: Command, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.add_argument("--name", help="the lab's name (default: CREDEX_LAB, or lab)")
        added.set_defaults(command=command)
        return added

    up = add("up", _up, "start what does not run yet")
    up.add_argument("--timing", choices=("quick", "real"), help="how long servers take to start and stop")
    add("down", _down, "stop it; the next `up` begins anew")
    add("status", _status, "what runs, where, with which faults")
    add("env", _env, 'shell exports for clients: eval "$(python -m lab env)"')
    return parser


def _up(state: State, options: argparse.Namespace) -> None:
    for started in launcher.up(state, options.timing):
        print(f"started {started}")
    print(describe(state))


def _down(state: State, _: argparse.Namespace) -> None:
    ended = launcher.down(state)
    print("\n".join(f"stopped {what}" for what in ended) or f"The lab {state.name} is not up.")


def _status(state: State, _: argparse.Namespace) -> None:
    print(describe(state))


def _env(state: State, _: argparse.Namespace) -> None:
    record = state.running()
    variables = {
        "AWS_ENDPOINT_URL": record.endpoint,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": record.region,
        "AWS_DEFAULT_REGION": record.region,
        "CREDEX_LAB": state.name,
    }
    for name, value in variables.items():
        print(f"export {name}={value}")
