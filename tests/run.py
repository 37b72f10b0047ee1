"""Run the project's checks and tests, level by level, and close with one line that adds them all up.

    python tests/run.py                  all levels that this machine can run, and some of the operations (make test)
    python tests/run.py lint unit        these levels or groups
    python tests/run.py operations       all operations
    python tests/run.py --list

Which operations, and which cases of long enumerations, is drawn by what the tree holds: the same tree always runs the
same ones, and every change others. --seed 1 draws as another tree would.
A level that the machine cannot run is named with what it lacks. With CI=true a skipped level or test is a failure.
Each level's output is in .cache/test-logs/<level>.log. Standard library only.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / ".cache" / "test-logs"
BIN = Path(sys.executable).parent
STRICT = os.environ.get("CI") == "true"
# A whole playbook takes minutes of a processor. The first is the main job; of the others, so many
OPERATIONS_ALWAYS, OPERATIONS_DRAWN = "renew_license", 4
TAIL_LINES = 40
FIRST_FAILURES, FIRST_WORDS = 5, 240  # of a level, told again at the end
PATIENCE = 30  # seconds that an interrupted level has to clean up
# Settings of the person at the keyboard must not decide what a test sees
FOREIGN = (
    *("ANSIBLE_", "AWS_", "CREDEX_", "MOLECULE_", "NEO4J_", "PYTEST_"),
    *("MAKE", "MFLAGS", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH"),
)

# Programs that are not Python packages, and the Debian packages of each
PACKAGES = {
    "createrepo_c": "createrepo-c",
    "dpkg-deb": "dpkg",
    "gpg": "gpg",
    "java": "openjdk-17-jre-headless",
    "mmdebstrap": "mmdebstrap",
    "mvn": "maven",
    "node": "nodejs",
    "npm": "npm",
    "podman": "podman runc containernetworking-plugins",
    "rpmbuild": "rpm",
    "ssh": "openssh-client",
}
# What a level may need beside programs
ROOT_RIGHTS = "root"
ADVICE = {program: f"Debian package {package}" for program, package in PACKAGES.items()}
ADVICE[ROOT_RIGHTS] = "be root, with its rights, or have sudo without a password"
# Nodes have fixed names and addresses, so that one run of theirs must wait for another
NODES_LOCK = "/run/lock/credex-ops-nodes"

# Those whose names do not tell that they are Python
PYTHON_SCRIPTS = (
    "molecule/cluster/application",
    "molecule/community/apoc",
    "scripts/ansible-test",
    "scripts/neo4j-settings",
)
COLLECTION = "collections/credex/ops"
PLUGINS = "ansible_collections.credex.ops.plugins"
# Links into this collection and those it depends on are checked; "all" would load every installed collection (minutes)
REFERENCES = ("--validate-collection-refs", "dependent", "--disallow-unknown-collection-refs")
# antsibull-docs copies a collection that lies in a repository as git knows it, and git ignores those in .venv
NOT_AS_GIT = ("env", f"GIT_CEILING_DIRECTORIES={ROOT}")


@dataclass(frozen=True)
class Counts:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    reasons: tuple[str, ...] = ()

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
            self.reasons + other.reasons,
        )

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


# What a level's run amounted to, read from its exit code and log
Count = Callable[["Level", int, str], Counts]


@dataclass(frozen=True)
class Level:
    name: str
    group: str
    command: Sequence[str]
    count: Count
    needs: Sequence[str] = ()
    before: Sequence[str] = ()  # prepares what the command needs, such as an environment of its own
    limit: float = 1800  # seconds

    @property
    def log(self) -> Path:
        return LOGS / f"{self.name}.log"

    @property
    def junit(self) -> Path:
        return LOGS / f"{self.name}.xml"

    def records(self) -> list[Path]:
        """What pytest wrote: its own record, or in a folder those of each pytest that the command started."""
        return [path for path in (self.junit, *sorted((LOGS / self.name).glob("*.xml"))) if path.exists()]

    def missing(self) -> list[str]:
        return [need for need in self.needs if not (has_root() if need == ROOT_RIGHTS else shutil.which(need))]


def seed_of_tree() -> int:
    """From what is committed, and not from the commit's id, which is another one once it was rebased."""
    tree = subprocess.run(["git", "rev-parse", "HEAD^{tree}"], cwd=ROOT, capture_output=True, text=True, check=False)
    return int(tree.stdout.strip()[:8] or "1", 16)


@dataclass
class Outcome:
    level: Level
    counts: Counts
    seconds: float = 0.0
    lacks: list[str] = field(default_factory=list)


def has_root() -> bool:
    """Root in a container that may not mount anything is none."""
    rights = re.search(r"^CapEff:\s*(\w+)", Path("/proc/self/status").read_text(), re.MULTILINE)
    may_mount = rights is not None and bool(int(rights[1], 16) >> 21 & 1)  # CAP_SYS_ADMIN
    if os.geteuid() == 0:
        return may_mount
    return shutil.which("sudo") is not None and subprocess.run(["sudo", "-n", "true"], check=False).returncode == 0


# --- how many tests a level ran -------------------------------------------------------------------------------------


def one_gate(_level: Level, code: int, _output: str) -> Counts:
    """A linter is one check: clean or not."""
    return Counts(passed=1) if code == 0 else Counts(failed=1)


def from_junit(level: Level, code: int, _output: str) -> Counts:
    """Count pytest's own record; a run that left none, or ran nothing, or failed otherwise is one failure."""
    cases = [case for record in level.records() for case in ElementTree.parse(record).iter("testcase")]
    counts = sum(map(_from_case, cases), Counts())
    if code == 0 and counts.passed:
        return counts
    return counts if counts.failed else counts + Counts(failed=1)


def _from_case(case: ElementTree.Element) -> Counts:
    if case.find("failure") is not None or case.find("error") is not None:
        return Counts(failed=1)
    skip = case.find("skipped")
    if skip is None:
        return Counts(passed=1)
    return Counts(skipped=1, reasons=(f"{case.get('name')}: {skip.get('message')}",))


def from_ansible_test(_level: Level, code: int, output: str) -> Counts:
    """Count the sanity tests that ansible-test says it runs, and those it lists as failed."""
    ran = len(set(re.findall(r"^Running sanity test \"(.+)\"", output, re.MULTILINE)))
    failing = re.search(r"The (\d+) sanity test\(s\) listed below \(out of \d+\) failed", output)
    failed = int(failing.group(1)) if failing else int(code != 0 or ran == 0)
    return Counts(passed=max(ran - failed, 0), failed=failed)


# --- the levels -----------------------------------------------------------------------------------------------------


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def gate(name: str, *command: str) -> Level:
    return Level(name, "lint", command, one_gate, limit=1200)


def pytest_level(
    name: str,
    *paths: str,
    group: str = "",
    needs: Sequence[str] = (),
    before: Sequence[str] = (),
    limit: float = 1800,
) -> Level:
    command = python("-m", "pytest", "-q", f"--junitxml={LOGS / name}.xml", *paths)
    return Level(name, group or name, command, from_junit, needs, before, limit)


def shell_scripts() -> list[str]:
    """Tracked files that a shell runs."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [name for name in listed.split("\0") if name and _is_shell_script(ROOT / name)]


def _is_shell_script(path: Path) -> bool:
    if not path.is_file() or path.suffix not in ("", ".sh"):
        return False
    with path.open("rb") as file:
        return re.match(rb"#!.*\b(ba)?sh\b", file.readline()) is not None


def operations() -> list[Level]:
    """Whole playbooks: a level for each file, with a lab of its own, since they take long and go side by side."""
    files = sorted((ROOT / "tests/lab/operations").glob("test_*.py"))
    return [
        pytest_level(file.stem.removeprefix("test_"), str(file.relative_to(ROOT)), group="operations", limit=3600)
        for file in files
    ]


def levels() -> list[Level]:
    """All levels: the quick ones first, and of the others the longest, so that two at a time end together."""
    plugin_kinds = sorted(path.name for path in (ROOT / COLLECTION / "plugins").glob("[a-z]*"))
    return [
        gate("ruff", "ruff", "check", "."),
        gate("format", "ruff", "format", "--check", "."),
        gate("shellcheck", "shellcheck", *shell_scripts()),
        gate("yamllint", "yamllint", "--strict", "."),
        gate("changelog", "sh", "-c", f"cd {COLLECTION} && antsibull-changelog lint"),
        gate("mypy-collection", "mypy", *(word for kind in plugin_kinds for word in ("-p", f"{PLUGINS}.{kind}"))),
        gate("mypy", "mypy", "--scripts-are-modules", "lab", "tests", "benchmarks", "conftest.py", *PYTHON_SCRIPTS),
        gate("docs", *NOT_AS_GIT, "antsibull-docs", "lint-collection-docs", "--plugin-docs", *REFERENCES, COLLECTION),
        gate("ansible-lint", "ansible-lint", "--strict"),
        pytest_level("static", "tests/static"),
        pytest_level("unit", f"{COLLECTION}/tests/unit"),
        pytest_level("fuzz", "tests/fuzz"),
        pytest_level("oracle", "tests/oracle", needs=("node", "npm"), before=("scripts/environment", "oracle")),
        pytest_level(
            "application", "tests/application", needs=("node", "npm"), before=("scripts/environment", "application")
        ),
        Level("sanity", "sanity", python("scripts/ansible-test", "sanity"), from_ansible_test),
        Level("importer", "importer", ("scripts/galaxy-importer",), one_gate),
        pytest_level("spaces", "tests/spaces", needs=("java", "mvn"), limit=3600),
        Level(
            "molecule",
            "molecule",
            # What patches and strikes a cluster takes minutes more, and is `make molecule-cluster`
            ("flock", NODES_LOCK, "molecule", "test", "--all", "--exclude", "cluster"),
            from_junit,
            needs=(ROOT_RIGHTS, "podman", "mmdebstrap", "dpkg-deb", "gpg", "mvn", "ssh", "rpmbuild", "createrepo_c"),
            before=("molecule", "reset", "--scenario-name", "default"),  # whose state is that of all
            limit=4800,
        ),
        *operations(),
        pytest_level("contract", "tests/contract", needs=("java", "mvn")),
        pytest_level("lab", "tests/lab", "--ignore=tests/lab/operations"),
        pytest_level("fresh", "tests/fresh"),
    ]


# --- running them ---------------------------------------------------------------------------------------------------


def environment() -> dict[str, str]:
    mine = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return mine | {"PATH": f"{BIN}{os.pathsep}{mine['PATH']}", "NO_COLOR": "1", "PY_COLORS": "0"}


RUNNING: set[subprocess.Popen[bytes]] = set()


def run_command(command: Sequence[str], log: Path, limit: float) -> int:
    """Run it with its output in the log; past the limit (seconds) end it and all it started."""
    with log.open("a") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        RUNNING.add(process)
        try:
            return process.wait(limit)
        except subprocess.TimeoutExpired:
            end(process)
            output.write(f"\nended after {limit:.0f} s\n")
            return process.wait()
        finally:
            RUNNING.discard(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """As Ctrl-C would, so that pytest stops the servers it started; by force when that takes too long."""
    for number in (signal.SIGINT, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(process.pid, number)
            process.wait(PATIENCE)
            return


def run_level(level: Level) -> Outcome:
    lacks = level.missing()
    if lacks:
        return Outcome(level, Counts(skipped=1), lacks=lacks)
    say(f"        {level.name} ...")
    level.log.write_text("")
    for record in level.records():
        record.unlink()
    begun = time.monotonic()
    if level.before and run_command(level.before, level.log, level.limit) != 0:
        counts = Counts(failed=1)
    else:
        code = run_command(level.command, level.log, level.limit)
        counts = level.count(level, code, level.log.read_text(errors="replace"))
    return Outcome(level, counts, time.monotonic() - begun)


def strictly(outcome: Outcome) -> Outcome:
    """Where everything must run, what was skipped has failed."""
    counts = outcome.counts
    outcome.counts = Counts(counts.passed, counts.failed + counts.skipped, 0, counts.reasons)
    return outcome


def run_all(chosen: list[Level]) -> list[Outcome]:
    """Run the levels two at a time; most of them use one core."""
    outcomes = []
    pool = ThreadPoolExecutor(max_workers=2)
    try:
        for run in as_completed([pool.submit(run_level, level) for level in chosen]):
            outcomes.append(strictly(run.result()) if STRICT else run.result())
            show(outcomes[-1], f"[{len(outcomes):>2}/{len(chosen)}]")
    finally:
        # Does something only when the run was interrupted
        pool.shutdown(wait=False, cancel_futures=True)
        for process in list(RUNNING):
            end(process)
    return outcomes


# --- telling about it -----------------------------------------------------------------------------------------------


def say(text: str) -> None:
    """One write for the line and its end: levels side by side must not share a line."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def show(outcome: Outcome, position: str) -> None:
    level = outcome.level
    lines = [f"{position} {level.name:<16} {outcome.counts!s:<36} {outcome.seconds:6.1f} s"]
    if outcome.lacks:
        lines.append(f"        not run: {lacking(outcome.lacks)}")
    lines += [f"        skipped: {reason}" for reason in sorted(set(outcome.counts.reasons))]
    if outcome.counts.failed and not outcome.lacks:
        tail = level.log.read_text(errors="replace").splitlines()[-TAIL_LINES:]
        lines += [f"        | {line}" for line in tail]
    say("\n".join(lines))


def lacking(programs: Iterable[str]) -> str:
    return "; ".join(f"{program} is missing ({ADVICE[program]})" for program in programs)


def failed_tests(level: Level) -> Iterator[str]:
    """Which tests failed and what they said first: of a machine that is gone, the end of the output is all there is."""
    for record in level.records():
        for case in ElementTree.parse(record).iter("testcase"):
            for problem in (*case.findall("failure"), *case.findall("error")):
                said = (problem.get("message") or "").partition("\n")[0]
                yield f"{case.get('classname')}::{case.get('name')}: {said[:FIRST_WORDS]}"


def summary(outcomes: list[Outcome]) -> Counts:
    for outcome in outcomes:
        if outcome.counts.failed:
            level = outcome.level
            why = lacking(outcome.lacks) or f"{level.log}, again with: make test LEVELS={level.name}"
            failures = [] if outcome.lacks else list(failed_tests(level))[:FIRST_FAILURES]
            say("\n".join([f"failed: {level.name}: {why}", *(f"        {failure}" for failure in failures)]))
    total = sum((outcome.counts for outcome in outcomes), Counts())
    say(str(total))
    return total


def drawn(known: list[Level], seed: int) -> list[Level]:
    """All levels but most of the operations."""
    operations = [level.name for level in known if level.group == "operations" and level.name != OPERATIONS_ALWAYS]
    left_out = set(operations) - set(random.Random(seed).sample(operations, OPERATIONS_DRAWN))
    say(f"of {len(operations)} levels of operations {OPERATIONS_DRAWN} are drawn; all: make test LEVELS=operations")
    return [level for level in known if level.name not in left_out]


def with_seed(level: Level, seed: int) -> Level:
    """Of long enumerations, too, it draws the cases."""
    return replace(level, command=[*level.command, f"--seed={seed}"]) if "pytest" in level.command else level


def choose(names: list[str], seed: int) -> list[Level]:
    known = [with_seed(level, seed) for level in levels()]
    unknown = set(names) - {level.name for level in known} - {level.group for level in known}
    if unknown:
        sys.exit(f"no such level: {', '.join(sorted(unknown))}; known: {', '.join(level.name for level in known)}")
    if not names:
        return drawn(known, seed)
    return [level for level in known if level.name in names or level.group in names]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("levels", nargs="*", help="levels or groups; all when none is given")
    parser.add_argument("--list", action="store_true", help="show the levels and stop")
    parser.add_argument("--seed", type=int, help="draws operations and cases; by default a number of what is committed")
    arguments = parser.parse_args()
    if arguments.list:
        for level in levels():
            print(f"{level.group:<10} {level.name:<16} {lacking(level.missing()) or 'ready'}")
        return 0
    chosen = choose(arguments.levels, seed_of_tree() if arguments.seed is None else arguments.seed)
    LOGS.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    return int(summary(run_all(chosen)).failed > 0)


if __name__ == "__main__":
    sys.exit(main())
