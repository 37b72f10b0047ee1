# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line: python -m lab."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from lab import faults, fleet, homes, launcher
from lab.community import in_lab
from lab.server.cluster import Cluster
from lab.server.licenses import FORMS
from lab.server.statements.gate import ANSWERS
from lab.state import BOLT_PORT, LabError, State
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
    up.add_argument("environment", nargs="*", help="these environments (default: all)")
    up.add_argument("--timing", choices=("quick", "real"), help="how long servers take to start and stop")
    up.add_argument("--with", dest="community", choices=("community",), help="real servers in these environments")
    up.add_argument("--bare", action="store_true", help="nothing is installed on the machines")
    up.add_argument("--nodes", metavar="A.B.C", default="", help="servers are machines in this network")
    add("down", _down, "stop it; the next `up` begins anew")
    add("status", _status, "what runs, where, with which faults")
    env = add("env", _env, 'shell exports for clients: eval "$(python -m lab env)"')
    env.add_argument("environment", nargs="?", default="production", help="whose AWS account (default: production)")
    env.add_argument("--neo4j", action="store_true", help="also the address and the password of the first server")
    _add_faults(add("fault", _fault, "set a fault of a server"))
    heal = add("heal", _heal, "remove faults; what was killed, `up` starts again")
    heal.add_argument("server", nargs="?", help="of this server only")
    heal.add_argument("--fault", choices=sorted(faults.FAULTS), help="this fault only")
    flag = add("flag", _flag, "set what the gate queries find in a database")
    flag.add_argument("database")
    flag.add_argument("value", choices=ANSWERS)
    flag.add_argument("--environment", default="production", help="of this environment (default: production)")
    flag.add_argument("--seconds", type=float, help="for so long; then quiet")
    graph = add("graph", _graph, "fill the real servers' LedgerSpace and SearchSpace, and damage them")
    graph.add_argument("--environment", default="development", help="of this environment (default: development)")
    graph.add_argument("--credexes", type=int, default=1000, help="in LedgerSpace (default: 1000)")
    graph.add_argument("--seed", type=int, default=1, help="the same seed gives the same graph (default: 1)")
    graph.add_argument(
        "--outstanding", type=float, default=0.45, help="share that is owed, so also in SearchSpace (0.45)"
    )
    graph.add_argument("--plant", nargs="+", default=[], metavar="KIND[=K]", help="kinds of lab/graph/kinds.py")
    many = add("fleet", _fleet, "single servers by the hundred, in one process, until it is ended: to measure readers")
    many.add_argument("count", type=int)
    many.add_argument("--latency", type=float, default=0.0, help="seconds that each answer comes late")
    add("log", _log, "the writes that reached the servers")
    license_ = add("license", _license, "print a new license file of a product")
    license_.add_argument("--product", default="gds")
    license_.add_argument("--days", type=int, default=365, help="days from now; below zero: it has expired")
    license_.add_argument("--form", choices=FORMS, default="decodable", help="whether its claims can be read")
    return parser


def _add_faults(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(metavar="KIND", dest="kind", required=True)
    for kind, fault in faults.FAULTS.items():
        added = kinds.add_parser(kind, help=fault.text, description=fault.text)
        added.add_argument("server")
        for name, option in fault.options.items():
            if option.kind is bool:
                added.add_argument(f"--{name}", action="store_true", help=option.text)
            else:
                shown = f" (default: {option.default})" if option.default is not None else ""
                added.add_argument(
                    f"--{name}",
                    type=option.kind,
                    required=option.is_required,
                    default=option.default,
                    help=option.text + shown,
                )


def _up(state: State, options: argparse.Namespace) -> None:
    if options.bare and (options.nodes or options.community):
        raise LabError("--bare is for emulated servers of this machine: neither --nodes nor --with community")
    environments, with_community = options.environment, bool(options.community)
    for started in launcher.up(state, options.timing, environments, options.nodes, with_community, options.bare):
        print(f"started {started}")
    print(describe(state))


def _down(state: State, _: argparse.Namespace) -> None:
    ended = launcher.down(state)
    print("\n".join(f"stopped {what}" for what in ended) or f"The lab {state.name} is not up.")


def _status(state: State, _: argparse.Namespace) -> None:
    print(describe(state))


def _env(state: State, options: argparse.Namespace) -> None:
    record = state.running()
    launcher.check_environments(record, [options.environment])
    variables = {
        "AWS_ENDPOINT_URL": record.endpoint,
        **state.secrets().credentials[options.environment],
        "AWS_REGION": record.region,
        "AWS_DEFAULT_REGION": record.region,
        "CREDEX_LAB": state.name,
    }
    if options.neo4j:
        first = record.servers[record.servers_of([options.environment])[0]]
        variables |= {
            "NEO4J_URI": f"bolt://{first['address']}:{BOLT_PORT}",
            "NEO4J_USERNAME": "neo4j",
            "NEO4J_PASSWORD": state.secrets().password,
        }
    # One account's token must not go with another one's key
    print("unset AWS_SESSION_TOKEN")
    for name, value in variables.items():
        print(f"export {name}={value}")


def _fault(state: State, options: argparse.Namespace) -> None:
    given = {name: getattr(options, name) for name in faults.FAULTS[options.kind].options}
    faults.set_fault(state, state.running(), options.kind, options.server, given)
    print(f"{options.server}: {faults.FAULTS[options.kind].text}")


def _heal(state: State, options: argparse.Namespace) -> None:
    healed = faults.heal(state, state.running(), options.server, options.fault)
    print("\n".join(f"healed {what}" for what in healed) or "There is no such fault.")


def _flag(state: State, options: argparse.Namespace) -> None:
    until = None if options.seconds is None else time.time() + options.seconds
    launcher.check_environments(state.running(), [options.environment])
    if options.environment in state.running().community:
        raise LabError(f"The flags of {options.environment} are in its LedgerSpace: python -m lab graph --plant ...")
    found = [cluster for cluster in _clusters(state, options.environment) if cluster.flag(options.database) is not None]
    if not found:
        raise LabError(
            f"No database {options.database} of {options.environment} carries a flag; "
            "`python -m lab status` shows those that do"
        )
    for cluster in found:
        cluster.set_flag(options.database, options.value, until)
    print(f"{options.database}: {options.value}")


def _graph(state: State, options: argparse.Namespace) -> None:
    # Here, because the driver is most of what there is to import, and no other command needs it
    from lab.graph.in_lab import fill

    launcher.check_environments(state.running(), [options.environment])
    where = in_lab.pair(state, state.running(), options.environment)
    for line in fill(where, options.credexes, options.seed, options.outstanding, options.plant):
        print(line)


def _fleet(_: State, options: argparse.Namespace) -> None:
    fleet.serve(options.count, options.latency)


def _log(state: State, _: argparse.Namespace) -> None:
    for cluster in _clusters(state):
        for write in cluster.write_log():
            moment = datetime.fromtimestamp(write["at"], UTC).isoformat(timespec="milliseconds")
            print(f"{moment}  {write['server']}  {write['database']}  {write['statement']}")


def _clusters(state: State, *environments: str) -> list[Cluster]:
    return [Cluster(state.folder, key) for key in state.running().clusters(environments or None)]


def _license(_: State, options: argparse.Namespace) -> None:
    print(homes.new_license(options.product, options.days, options.form), end="")
