# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The server process: `bin/neo4j console`, and what `bin/neo4j start` puts into the background."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from lab.server import agreement, alive, config
from lab.server.cluster import Cluster
from lab.server.founding import Founding, UnknownDiscoveryError
from lab.server.home import Home
from lab.server.instance import Instance
from lab.server.listeners import Listeners

# Exit codes of the real server's process
WEB_SERVER_START_ERROR = 1
INVALID_CONFIGURATION = 3
LICENSE_NOT_ACCEPTED = 4
# How often a server looks for others with which it could form a cluster
_LOOK_SECONDS = 0.1


class StartError(Exception):
    """The server does not start; `code` is what its process exits with."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def run(home: Home, when_started: Callable[[], None]) -> None:
    """Be the server until a signal ends it."""
    instance = prepare(home)
    lock = alive.hold(instance.cluster.lock_file(instance.name))
    if lock is None:
        raise StartError(WEB_SERVER_START_ERROR, f"Another process is the server {instance.name} already.")
    instance.cluster.starting(instance.name)
    home.pid_file.write_text(f"{os.getpid()}\n")
    try:
        asyncio.run(_serve(instance, when_started))
    finally:
        home.pid_file.unlink(missing_ok=True)
        # Or the next process, once it has the lock, would for a moment be taken for this one
        instance.cluster.starting(instance.name)
        # Only now do the others see that it is gone
        os.close(lock)


def prepare(home: Home) -> Instance:
    """Read what a server reads at its start; StartError with the exit code where it refuses."""
    binding = home.binding()
    settings = _settings(home, binding.memory)
    if agreement.read(home.agreement).status == "no":
        _log(home, "=============================== LICENSE AGREEMENT REQUIRED ===============================")
        raise StartError(LICENSE_NOT_ACCEPTED, "License agreement has not been accepted. See log for more info.")
    agreement.begin_trial(home.agreement)
    for folder in (home.run, home.logs, home.databases):
        folder.mkdir(parents=True, exist_ok=True)
    return Instance(home, binding, settings, Cluster(Path(binding.state), binding.cluster))


def _settings(home: Home, memory: str) -> config.Config:
    try:
        settings = config.read(home)
        config.check_memory(settings, memory)
    except config.ConfigError as error:
        for issue in error.issues:
            _log(home, issue)
        raise StartError(INVALID_CONFIGURATION, "Configuration contains errors.") from error
    except config.NotEnoughMemoryError as error:
        _log(home, str(error))
        raise StartError(INVALID_CONFIGURATION, "Configuration is invalid. See log for more info.") from error
    return settings


async def _serve(instance: Instance, when_started: Callable[[], None]) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    binding = instance.home.binding()
    _log(instance.home, "Starting...")
    slow = instance.faults.get("slow-start")
    await _sleep(binding.start_seconds + (slow["seconds"] if slow else 0), stopping)
    if not await _in_cluster(instance, stopping):
        return
    instance.home.store_lock.touch()
    listeners = Listeners(instance)
    try:
        await listeners.open()
    except OSError as error:
        _log(instance.home, f"Failed to start Neo4j: {error}")
        raise StartError(WEB_SERVER_START_ERROR, "Neo4j web server failed to start. See log for more info.") from error
    instance.record_start(binding.online_seconds)
    _log(instance.home, "Started.")
    when_started()
    following = asyncio.create_task(listeners.follow_faults())
    await stopping.wait()
    following.cancel()
    _log(instance.home, "Stopping...")
    await listeners.stop()
    await asyncio.sleep(binding.stop_seconds)
    _log(instance.home, "Stopped.")


async def _in_cluster(instance: Instance, stopping: asyncio.Event) -> bool:
    """Wait until this server is of a cluster: no port is open before. False: it was stopped meanwhile."""
    founding = Founding(instance.cluster)
    try:
        me = instance.candidate()
        founding.offer(me)
        if not founding.is_member(me):
            _log(instance.home, f"Waiting for others, at {', '.join(me.endpoints)}, to form a cluster.")
        while not founding.is_member(me) and not stopping.is_set():
            await _sleep(_LOOK_SECONDS, stopping)
    except UnknownDiscoveryError as error:
        _log(instance.home, f"emulator does not know: {error}")
        raise StartError(WEB_SERVER_START_ERROR, f"emulator does not know: {error}") from error
    return not stopping.is_set()


async def _sleep(seconds: float, unless: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(unless.wait(), seconds)
    except TimeoutError:
        return


def _log(home: Home, message: str) -> None:
    home.logs.mkdir(exist_ok=True)
    moment = time.strftime("%Y-%m-%d %H:%M:%S+0000", time.gmtime())
    with (home.logs / "neo4j.log").open("a") as log:
        log.write(f"{moment} INFO  {message}\n")
