# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`bin/neo4j` and `bin/neo4j-admin`: the vendor's command lines; exit codes and texts measured on a real one."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from lab.server import agreement, alive, config, first_password
from lab.server.home import Home
from lab.server.processes import Process

OK, FAILED, UNKNOWN_COMMAND, NOT_RUNNING, USAGE, UNHANDLED, CONFIG = 0, 1, 2, 3, 64, 70, 78
_STOP_TIMEOUT_SECONDS = 120
_VALIDATE_AGAIN = (
    "Configuration contains errors. This validation can be performed again using 'neo4j-admin server validate-config'."
)


_STARTED = "Started."
# Environment variable with the pipe on which `console` tells a waiting `start` how it went
_READY = "CREDEX_LAB_READY"
# Where the package `lab` is
_IMPORT_PATH = str(Path(__file__).resolve().parent.parent.parent)


class CommandError(Exception):
    """What goes to stderr, and the exit code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def neo4j(home: Home, arguments: Sequence[str]) -> None:
    commands = {"start": start, "stop": stop, "restart": restart, "status": status, "console": run_console}
    words = [argument for argument in arguments if argument != "--verbose"]
    if len(words) == 1 and words[0] in ("--version", "version"):
        print(home.binding().version)
    elif len(words) == 1 and words[0] in commands:
        commands[words[0]](home)
    else:
        raise _unmatched(arguments)


def neo4j_admin(home: Home, arguments: Sequence[str]) -> None:
    words = [argument for argument in first_password.expanded(arguments) if argument != "--verbose"]
    if words[:2] == ["server", "license"]:
        accept_license(home, words[2:])
    elif words[:2] == ["dbms", "set-initial-password"]:
        set_initial_password(home, words[2:])
    elif words[:2] in (["database", "dump"], ["database", "load"]):
        # Here, for the same reason as below: `status` should not wait for it
        from lab.server import dump_commands

        dump_commands.run(home, words[1:])
    elif words == ["server", "validate-config"]:
        validate_config(home)
    elif len(words) == 2 and words[0] == "server" and words[1] in ("start", "stop", "restart", "status", "console"):
        neo4j(home, words[1:])
    elif words == ["--version"]:
        print(home.binding().version)
    else:
        raise _unmatched(arguments)


_GROUPS = ("database", "dbms", "server")


def _unmatched(arguments: Sequence[str]) -> CommandError:
    """In the words of the real one, which counts from the first word that it does not know."""
    if not arguments:
        return CommandError(UNKNOWN_COMMAND, "Missing required subcommand")
    index = int(len(arguments) > 1 and arguments[0] in _GROUPS)
    unknown = [f"'{argument}'" for argument in arguments[index:]]
    which = "argument at" if len(unknown) == 1 else "arguments from"
    return CommandError(UNKNOWN_COMMAND, f"Unmatched {which} index {index}: {', '.join(unknown)}")


# bin/neo4j


def running(home: Home) -> int | None:
    """The process id of the running server."""
    binding = home.binding()
    if not alive.is_held(Path(binding.state) / "alive" / f"{binding.name}.lock"):
        return None
    with contextlib.suppress(FileNotFoundError, ValueError):
        return int(home.pid_file.read_text())
    return None


def status(home: Home) -> None:
    pid = running(home)
    if pid is None:
        raise CommandError(
            NOT_RUNNING, "Neo4j is not running.\nRun with '--verbose' for a more detailed error message."
        )
    print(f"Neo4j is running at pid {pid}")


def start(home: Home) -> None:
    """Start in the background, and return once the server answers."""
    pid = running(home)
    if pid is not None:
        raise CommandError(FAILED, f"Neo4j is already running (pid:{pid}).")
    try:
        config.read(home)
    except config.ConfigError as error:
        raise CommandError(FAILED, _VALIDATE_AGAIN) from error
    print(f"Directories in use:\nhome:         {home.path}\nconfig:       {home.conf}\nlogs:         {home.logs}")
    print("Starting Neo4j.", flush=True)
    starting = Starting(home)
    starting.wait()
    print(f"Started neo4j (pid:{starting.process.pid}). It is available at {_web(home)}")


class Starting:
    """A server's process on its way up, in a session of its own."""

    def __init__(self, home: Home) -> None:
        home.logs.mkdir(exist_ok=True)
        self._reading, writing = os.pipe()
        with (home.logs / "console.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "lab.server", "neo4j", str(home.path), "console"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=(writing,),
                cwd=home.path,
                env={**os.environ, "PYTHONPATH": _IMPORT_PATH, "NEO4J_CONF": str(home.conf), _READY: str(writing)},
            )
        os.close(writing)

    def wait(self) -> None:
        """Until the server answers; CommandError when it does not start."""
        with os.fdopen(self._reading) as pipe:
            word = pipe.read()
        if word != _STARTED:
            raise CommandError(self.process.wait(), word or "Failed to start server. See log for more info.")


def _web(home: Home) -> str:
    return "http://{}:{}".format(*config.read(home).address("server.http.advertised_address"))


def run_console(home: Home) -> None:
    # Here, because it is most of what there is to import, and `status` should not wait for it
    from lab.server import console

    try:
        console.run(home, when_started=lambda: _tell(_STARTED))
    except console.StartError as error:
        _tell(str(error))
        raise CommandError(error.code, str(error)) from error


def _tell(word: str) -> None:
    """Tell whoever started this process, once; closing the pipe ends the waiting."""
    descriptor = os.environ.pop(_READY, None)
    if descriptor is None:
        print(word, flush=True)
        return
    with os.fdopen(int(descriptor), "w") as pipe, contextlib.suppress(BrokenPipeError):
        pipe.write(word)


def stop(home: Home) -> None:
    pid = running(home)
    if pid is None:
        print("Neo4j is not running.")
        return
    print("Stopping Neo4j.", end="", flush=True)
    process = Process.of(pid)
    if process is not None:
        process.ask_to_end()
        if not process.has_ended_within(_STOP_TIMEOUT_SECONDS):
            raise CommandError(FAILED, f"Neo4j (pid:{pid}) took more than {_STOP_TIMEOUT_SECONDS} seconds to stop.")
    print("... stopped.")


def restart(home: Home) -> None:
    stop(home)
    start(home)


# bin/neo4j-admin


def accept_license(home: Home, options: Sequence[str]) -> None:
    """Record the agreement. It counts from the next start on."""
    kinds = {"--accept-commercial": "commercial", "--accept-evaluation": "evaluation"}
    if len(options) != 1 or options[0] not in kinds:
        raise CommandError(USAGE, "Error: Missing required argument (specify one of these): " + " | ".join(kinds))
    agreement.accept(home.agreement, kinds[options[0]])
    print(f"Accepted the {kinds[options[0]]} license agreement.")


def set_initial_password(home: Home, arguments: Sequence[str]) -> None:
    """After the first start it says the same, and does nothing."""
    words = list(arguments)
    change_required = words[:1] == ["--require-password-change"]
    words = words[1:] if change_required else words
    if words[:1] == ["--"]:
        words = words[1:]
    elif words and words[0].startswith("-"):
        words = []
    if len(words) != 1:
        raise CommandError(USAGE, "Missing required parameter: '<password>'")
    if len(words[0]) < first_password.MIN_LENGTH:
        length = first_password.MIN_LENGTH
        raise CommandError(UNHANDLED, f"InvalidPasswordException: A password must be at least {length} characters.")
    if not home.has_been_started:
        first_password.write(home.first_password, words[0], change_required)
    print(
        "Changed password for user 'neo4j'. IMPORTANT: this change will only take effect if performed before the "
        "database is started for the first time."
    )


def validate_config(home: Home) -> None:
    print(f"Validating Neo4j configuration: {home.neo4j_conf}")
    try:
        found = config.read(home)
    except config.ConfigError as error:
        count = len(error.issues)
        print(f"{count} issue{'s' if count > 1 else ''} found.", *error.issues, sep="\n")
        raise CommandError(CONFIG, "Configuration contains errors.") from error
    if found.warnings:
        print(*(warning.replace("Error:", "Warning:") for warning in found.warnings), sep="\n")
    print("Configuration file validation successful" + (" (with warnings)." if found.warnings else "."))
