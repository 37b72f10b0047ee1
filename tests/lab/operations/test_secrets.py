# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets are planted, operations are run as talkative as can be, and the secrets are looked for everywhere.

docs/secrets.md tells where a secret goes. tests/lab/test_secret_search.py shows that the search finds one.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import subprocess

import neo4j
import pytest

from lab.server.licenses import issue
from tests.lab.operations.lab_driver import PATIENCE_SECONDS, PLAYBOOK, QUICK, ROOT, SERVERS, only
from tests.lab.operations.test_faults_in_a_turn import PLACING
from tests.lab.process_watch import ProcessWatch
from tests.lab.secret_search import files, hits

USER = "planted"
PASSWORD = 'Pl4nt\'d "pass\\word" of <Neo4j> & 100%+/= sürely; $HOME `id`'
LICENSEE = 'Planted Licensee, who "is" in no one\'s <log> & 100% söcret'
AWS_KEY_IN_VARIABLES = "of/variables+3vKq0ZtW8mYd/5RnHxLcPbJ2fGu"
AWS_KEY_IN_ENVIRONMENT = "the/environment+8ZJd5vQn2/tG0xkLhSwRuBa7"
TALKATIVE = ("-vvv", "--diff")
# In the lab's folder. Here is where the secrets belong: the lab's own, and each server's license files
BELONGS = ("secrets.json", "servers/*/licenses/**")


class Planted:
    """The lab with the secrets, and everything in which a run could leave them."""

    def __init__(self, lab, folder):
        self.lab, self.folder = lab, folder
        self.watch = ProcessWatch(folder)
        self.temporary = folder / "temporary"
        now = datetime.datetime.now(datetime.UTC)
        self.license = issue("gds", LICENSEE, now, now + datetime.timedelta(days=300))
        old = lab.license_file(SERVERS[0]).read_text()
        self.secrets = {
            "the password of Neo4j": PASSWORD,
            "the AWS key in variables": AWS_KEY_IN_VARIABLES,
            "the licensee": LICENSEE,
            # Not its header, which all of them share
            "the new license": self.license.partition(".")[2],
            "the previous license": old.partition(".")[2],
        }

    def variables(self):
        """As a file, since arguments are for all to see."""
        values = {
            **QUICK,
            "neo4j_username": USER,
            "neo4j_password_source": {"type": "aws_secretsmanager", "name": "planted/password", "key": "password"},
            "neo4j_license_files": [
                {
                    "product": "gds",
                    "source": {"type": "aws_secretsmanager", "name": "planted/license"},
                    "path": "neo4j-gds.license",
                }
            ],
            "credex_aws_connection": {
                "region": self.lab.env["AWS_REGION"],
                "endpoint_url": self.lab.env["AWS_ENDPOINT_URL"],
                "access_key": "testing",
                "secret_key": AWS_KEY_IN_VARIABLES,
            },
        }
        file = self.folder / "variables.json"
        file.write_text(json.dumps(values))
        return "-e", f"@{file}"

    def environment(self):
        self.temporary.mkdir()
        return {
            "AWS_SECRET_ACCESS_KEY": AWS_KEY_IN_ENVIRONMENT,
            "ANSIBLE_LOG_PATH": str(self.folder / "ansible.log"),
            "ANSIBLE_DISPLAY_TRACEBACK": "always",
            "ANSIBLE_INJECT_INVOCATION": "true",  # what modules were called with, as older versions show it at -vvv
            "ANSIBLE_LOCAL_TEMP": str(self.temporary / "local"),
            "ANSIBLE_REMOTE_TEMP": str(self.temporary / "remote"),
            "TMPDIR": str(self.temporary),
            **self.watch.environment,
        }

    def places(self, **more):
        """Everything by its name; what must be among it is asserted, since an empty place hides nothing."""
        found = {
            "ansible.log": (self.folder / "ansible.log").read_bytes(),
            **_named("reports", files(self.lab.reports)),
            **_named("lab", files(self.lab.state, BELONGS)),
            **_named("temporary", files(self.temporary)),
            **_named("sampled", _processes(self.watch.sampled())),
            **_named("recorded", _processes(self.watch.recorded())),
            **more,
        }
        filled = " ".join(name for name, content in found.items() if content)
        logs = [f"lab/servers/{name}/logs/{log}" for name in SERVERS for log in ("query.log", "neo4j.log")]
        kinds = ["sampled/argv", "sampled/environment", "recorded/argv", "recorded/environment", "recorded/syslog"]
        reports = ["/report.json", "/report.xml", "/index.html", "lab/journals/"]
        for place in ["ansible.log", "lab/logs/aws.log", *logs, *kinds, *reports]:
            assert place in filled
        return found

    def hits(self, **more):
        """Of the secrets, and of the key that AWS's own library takes from the environment, outside of environments."""
        places = self.places(**more)
        elsewhere = {name: content for name, content in places.items() if not name.endswith("/environment")}
        assert hits({"key": AWS_KEY_IN_ENVIRONMENT}, places), "it is inherited, and so the search sees environments"
        assert b'"VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"' in places["ansible.log"], "it shows how modules were called"
        return hits(self.secrets, places) + hits({"the AWS key in the environment": AWS_KEY_IN_ENVIRONMENT}, elsewhere)


def _named(prefix, places):
    return {f"{prefix}/{name}": content for name, content in places.items()}


def _processes(texts):
    """What was drawn at random is no place: it becomes a secret."""
    return {
        kind: "\n".join(found).encode(errors="surrogateescape")
        for kind, found in texts.items()
        if not kind.startswith("drawn ")
    }


@contextlib.contextmanager
def operator(lab):
    """Another administrator, with a password that has to be spelled in another way nearly everywhere."""
    auth = ("neo4j", lab.secrets()[0])
    with neo4j.GraphDatabase.driver(lab.uri(SERVERS[0]).replace("bolt", "neo4j"), auth=auth) as driver:
        create = f"CREATE USER {USER} SET PASSWORD $password CHANGE NOT REQUIRED"
        driver.execute_query(create, password=PASSWORD, database_="system")
        driver.execute_query(f"GRANT ROLE admin TO {USER}", database_="system")
        yield
        driver.execute_query(f"DROP USER {USER}", database_="system")


@pytest.fixture
def planted(lab, tmp_path, monkeypatch):
    planted = Planted(lab, tmp_path)
    client = lab.client("secretsmanager")
    client.create_secret(Name="planted/password", SecretString=json.dumps({"password": PASSWORD}))
    client.create_secret(Name="planted/license", SecretString=planted.license)
    with operator(lab), monkeypatch.context() as patch:
        for name, value in planted.environment().items():
            patch.setitem(lab.env, name, value)
        yield planted
    for name in ("password", "license"):
        client.delete_secret(SecretId=f"planted/{name}", ForceDeleteWithoutRecovery=True)


def test_a_renewal_by_ansible_runner(planted, tmp_path):
    """Its artifacts too: they are what AWX keeps. As a program, since it forks, and the watch is a thread."""
    lab, private = planted.lab, tmp_path / "runner"
    private.mkdir()
    line = [PLAYBOOK.with_name("ansible-runner"), "run", private, "--project-dir", ROOT, "-p", "renew_license.yml"]
    line += ["--inventory", ROOT / "inventories/lab", f"--cmdline={' '.join([*TALKATIVE, *planted.variables()])}"]
    path = f"{PLAYBOOK.parent}{os.pathsep}{lab.env['PATH']}"
    environment = {**lab.env, "PATH": path, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}
    with planted.watch:
        run = subprocess.run(line, env=environment, capture_output=True, timeout=PATIENCE_SECONDS, check=False)
    assert run.returncode == 0, run.stdout[-3000:]
    assert all(lab.license_file(name).read_text() == planted.license for name in SERVERS)
    kept = files(private / "artifacts")
    assert any("/job_events/" in name for name in kept) and any(name.endswith("/stdout") for name in kept)
    # The runner's own note of how it was called, environment included
    [command] = [name for name in kept if name.endswith("/command")]
    kept["runner/environment"] = kept.pop(command)
    assert planted.hits(stdout=run.stdout, stderr=run.stderr, **kept) == []
    assert hits(planted.secrets, files(lab.state)), "where the license belongs the same search finds it"


def test_a_module_that_fails_with_the_license_in_its_hands(planted):
    lab = planted.lab
    _, victim, _ = lab.order()
    lab.fault("full-disk", victim, "--at", PLACING)
    with planted.watch:
        run = lab.renew(*TALKATIVE, *planted.variables(), *only(victim))
    assert run.rc == 2 and "No space left on device" in run.report["failure"], run.output[-3000:]
    assert planted.hits(stdout=run.output.encode()) == []


def test_a_validation_and_the_password_that_it_makes_up(planted):
    with planted.watch:
        run = planted.lab.renew(*TALKATIVE, *planted.variables(), playbook="validate_license.yml")
    assert run.rc == 0, run.output[-3000:]
    drawn = planted.watch.recorded()["drawn 18"]
    assert len(drawn) == 1, "one user, in the one cluster"
    planted.secrets["the password that was made up"] = drawn.pop()
    assert planted.hits(stdout=run.output.encode()) == []
