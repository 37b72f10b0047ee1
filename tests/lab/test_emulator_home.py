# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""bin/neo4j and bin/neo4j-admin: exit codes, texts, and what a server reads at its start."""

from __future__ import annotations

import dataclasses
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from neo4j.exceptions import ClientError, TransientError

from lab import homes
from lab.server import agreement, config, licenses
from lab.server.home import Home
from lab.server.processes import Process
from tests.lab.emulated import ONE, THREE

USER_DATABASE = "ledgerspace"
NOW = datetime.now(UTC)


def test_commands_of_a_running_and_of_a_stopped_server(servers):
    def said(*arguments, tool="neo4j"):
        done = servers.run(THREE, *arguments, tool=tool)
        return done.returncode, done.stdout, done.stderr

    pid = servers.home(THREE).pid_file.read_text().strip()
    assert said("status") == (0, f"Neo4j is running at pid {pid}\n", "")
    assert said("start") == (1, "", f"Neo4j is already running (pid:{pid}).\n")
    code, out, _ = said("stop")
    assert (code, out) == (0, "Stopping Neo4j.... stopped.\n")
    assert Process.of(int(pid)) is None
    code, _, err = said("status")
    assert code == 3
    assert err.startswith("Neo4j is not running.")
    assert said("stop") == (0, "Neo4j is not running.\n", "")
    code, out, _ = said("start")
    assert code == 0
    assert "It is available at http://" in out
    assert servers.home(THREE).pid_file.read_text().strip() != pid


def test_a_started_server_is_a_process_of_its_own(servers):
    pid = int(servers.home(ONE).pid_file.read_text())
    assert os.getsid(pid) == pid
    descriptors = [os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir()]
    assert not [name for name in descriptors if name.startswith("pipe:")], "it would keep its starter waiting"


def test_start_returns_when_bolt_answers(servers):
    servers.run(THREE, "stop")
    servers.rebind(THREE, start_seconds=0.5)
    begun = time.monotonic()
    assert servers.run(THREE, "start").returncode == 0
    assert time.monotonic() - begun >= 0.5
    assert servers.ask(THREE, "CALL db.ping()").rows == [{"success": True}]


def test_databases_come_online_after_bolt_answers(servers):
    servers.run(THREE, "stop")
    servers.rebind(THREE, online_seconds=0.6)
    servers.run(THREE, "start")
    expected = {"system": "online", "ledgerspace": "starting", "searchspace": "starting"}
    assert servers.statuses(ONE, of=THREE) == expected
    with pytest.raises(TransientError, match="unavailable"):
        servers.ask(THREE, "RETURN 1", USER_DATABASE)
    servers.wait_until_online(ONE)
    deadline = time.monotonic() + 5
    while set(servers.statuses(ONE, of=THREE).values()) != {"online"} and time.monotonic() < deadline:
        time.sleep(0.05)
    assert servers.ask(THREE, "RETURN 1 AS x", USER_DATABASE).rows == [{"x": 1}]


@pytest.mark.parametrize(
    ("tool", "arguments", "code"),
    [
        ("neo4j", ["frobnicate"], 2),
        ("neo4j", [], 2),
        ("neo4j-admin", ["database", "backup", "neo4j"], 2),
        ("neo4j-admin", ["server", "license"], 64),
        ("neo4j-admin", ["server", "license", "--accept-everything"], 64),
        ("neo4j-admin", ["server", "validate-config"], 0),
        ("neo4j-admin", ["--version"], 0),
    ],
)
def test_exit_codes(servers, tool, arguments, code):
    assert servers.run(THREE, *arguments, tool=tool).returncode == code


@pytest.mark.parametrize(
    ("line", "issue"),
    [
        ("no.such.setting=1", "Unrecognized setting. No declared setting with name: no.such.setting."),
        ("server.bolt.enabled=true\nserver.bolt.enabled=true", "server.bolt.enabled declared multiple times."),
        ("server.bolt.enabled", "is not of the form name=value"),
        # Declared by the plugin, which is not there
        ("dbms.bloom.license_file=/x", "No declared setting with name: dbms.bloom.license_file."),
        ("server.bolt.tls_level=OPTIONAL", "emulator does not know"),
        ("server.memory.pagecache.size=much", "Error evaluating value for setting 'server.memory.pagecache.size'."),
        ("server.bolt.listen_address=localhost:http", "value for setting 'server.bolt.listen_address'."),
        ("dbms.security.auth_lock_time=soon", "value for setting 'dbms.security.auth_lock_time'."),
    ],
)
def test_what_is_wrong_with_a_configuration(servers, tmp_path, line, issue):
    home = Home(servers.state.home(THREE), conf=tmp_path)
    home.neo4j_conf.write_text(f"# a comment\n\nserver.jvm.additional=-Da\nserver.jvm.additional=-Db\n{line}\n")
    with pytest.raises(config.ConfigError) as wrong:
        config.read(home)
    assert len(wrong.value.issues) == 1
    assert issue in wrong.value.issues[0]


def test_a_bad_configuration_does_not_start(servers):
    servers.run(THREE, "stop")
    with servers.home(THREE).neo4j_conf.open("a") as conf:
        conf.write("no.such.setting=1\n")
    started = servers.run(THREE, "start")
    assert (started.returncode, "Configuration contains errors." in started.stderr) == (1, True)
    checked = servers.run(THREE, "server", "validate-config", tool="neo4j-admin")
    assert (checked.returncode, "1 issue found." in checked.stdout) == (78, True)


def test_without_strict_validation_an_unknown_setting_is_a_warning(servers):
    servers.restart_with(THREE, "server.config.strict_validation.enabled=false", "no.such.setting=1")
    checked = servers.run(THREE, "server", "validate-config", tool="neo4j-admin")
    assert (checked.returncode, "(with warnings)" in checked.stdout) == (0, True)


def test_more_memory_than_the_machine_has(servers):
    servers.run(THREE, "stop")
    conf = servers.home(THREE).neo4j_conf
    conf.write_text(conf.read_text().replace("heap.max_size=24g", "heap.max_size=60g"))
    assert servers.run(THREE, "server", "validate-config", tool="neo4j-admin").returncode == 0
    started = servers.run(THREE, "start")
    assert (started.returncode, started.stderr) == (3, "Configuration is invalid. See log for more info.\n")
    assert "exceeds physical memory" in (servers.home(THREE).logs / "neo4j.log").read_text()


def test_a_tls_policy_without_files_does_not_start(servers):
    servers.run(THREE, "stop")
    with servers.home(THREE).neo4j_conf.open("a") as conf:
        conf.write("server.bolt.tls_level=REQUIRED\ndbms.ssl.policy.bolt.base_directory=certificates/nothing\n")
    started = servers.run(THREE, "start")
    assert started.returncode == 1
    assert "web server failed to start" in started.stderr


def test_the_agreement_must_be_accepted(servers):
    servers.run(THREE, "stop")
    file = servers.home(THREE).agreement
    accepted = file.read_text()
    file.unlink()
    try:
        refused = servers.run(THREE, "start")
        assert refused.returncode == 4
        assert "License agreement has not been accepted" in refused.stderr
        servers.run(THREE, "server", "license", "--accept-evaluation", tool="neo4j-admin")
        servers.run(THREE, "start")
        servers.wait_until_online(THREE)
        assert agreement_of(servers) == {"status": "eval", "daysLeftOnTrial": 30, "totalTrialDays": 30}
        servers.run(THREE, "server", "license", "--accept-commercial", tool="neo4j-admin")
        assert agreement_of(servers)["status"] == "yes"
    finally:
        file.write_text(accepted)


def agreement_of(servers):
    [row] = servers.ask(THREE, "CALL dbms.licenseAgreementDetails()").rows
    return row


def test_a_trial_runs_out(tmp_path):
    file = tmp_path / "agreement"
    agreement.accept(file, "evaluation")
    agreement.begin_trial(file)
    day = 86400
    assert agreement.read(file, time.time() + 23 * day + 1) == agreement.Agreement("eval", 7, 30)
    assert agreement.read(file, time.time() + 31 * day) == agreement.Agreement("expired", 0, 30)
    agreement.accept(file, "evaluation")
    assert agreement.read(file, time.time() + 31 * day).status == "expired", "it is not begun anew"


# License files of products


def gds_state(servers):
    [row] = servers.ask(THREE, "CALL gds.license.state() YIELD isLicensed, details", USER_DATABASE).rows
    return row["isLicensed"], row["details"]


def test_a_license_is_read_at_start_and_only_then(servers):
    before = gds_state(servers)
    new = homes.new_license("gds", 365)
    servers.license_file(THREE).write_text(new)
    assert gds_state(servers) == before
    servers.restart(THREE)
    expires = licenses.read(new).expires.strftime("%Y-%m-%dT%H:%M")
    licensed, details = gds_state(servers)
    assert licensed is True
    assert details.startswith(f"License expires at {expires}")
    assert details.endswith("Z[UTC]")


def test_a_license_that_is_not_good_is_called_so(servers):
    servers.license_file(THREE).write_text(homes.new_license("gds", -1, "opaque"))
    servers.restart(THREE)
    licensed, details = gds_state(servers)
    assert licensed is False
    assert details.startswith("License error: The license key has expired. Expiration date at License expires at 20")
    assert servers.ask(THREE, "RETURN gds.isLicensed() AS x", USER_DATABASE).rows == [{"x": False}]


@pytest.mark.parametrize("form", licenses.FORMS)
def test_a_good_license(tmp_path, form):
    file = tmp_path / "license"
    file.write_text(homes.new_license("gds", 100, form))
    assert licenses.check(file, "gds", NOW).expires - NOW > timedelta(days=99)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (homes.new_license("gds", -1), "has expired"),
        (homes.new_license("bloom", 100), "is for 'bloom', not for 'gds'"),
        ("nonsense", "Could not verify"),
        ("lab-opaque:nonsense", "Could not verify"),
        (homes.new_license("gds", 100).replace("ey", "eY", 1), "Could not verify"),
        (homes.new_license("gds", 100, "opaque").replace("lab-opaque:", "lab-opaque:A"), "Could not verify"),
        ("", "Could not verify"),
        (None, "Could not read the license file"),
    ],
)
def test_a_bad_license(tmp_path, content, error):
    file = tmp_path / "license"
    if content is not None:
        file.write_text(content)
    with pytest.raises(licenses.LicenseError, match=error):
        licenses.check(file, "gds", NOW)


def test_gds_without_a_license_and_without_gds(servers):
    conf = servers.home(THREE).neo4j_conf
    servers.run(THREE, "stop")
    conf.write_text("".join(line for line in conf.open() if not line.startswith("gds.")))
    servers.start_all()
    assert gds_state(servers) == (False, "No valid GDS license specified.")
    assert servers.ask(THREE, "RETURN gds.version() AS v", USER_DATABASE).rows == [{"v": "2.13.9"}]
    [jar] = servers.home(THREE).plugins.glob("neo4j-graph-data-science-*.jar")
    jar.rename(jar.with_suffix(".away"))
    try:
        servers.restart(THREE)
        with pytest.raises(ClientError, match=r"no procedure with the name `gds\.license\.state`"):
            gds_state(servers)
        assert servers.ask(THREE, "SHOW PROCEDURES YIELD name WHERE name STARTS WITH 'gds'").rows == []
    finally:
        jar.with_suffix(".away").rename(jar)


def test_bloom_answers_in_its_own_words(servers):
    home = servers.home(THREE)
    jar = home.plugins / "bloom-plugin-2.15.0.jar"
    file = home.licenses / "neo4j-bloom.license"
    file.write_text(homes.new_license("bloom", 40))
    jar.touch()
    try:
        servers.restart_with(THREE, f"dbms.bloom.license_file={file}")
        [row] = servers.ask(THREE, "CALL bloom.checkLicenseCompliance()", USER_DATABASE).rows
        assert (row["success"], row["status"], row["daysLeft"]) == (True, "valid", 39)
        file.write_text(homes.new_license("bloom", -40))
        servers.restart(THREE)
        [row] = servers.ask(THREE, "CALL bloom.checkLicenseCompliance()", USER_DATABASE).rows
        assert (row["success"], row["status"]) == (False, "expired")
    finally:
        servers.run(THREE, "stop")
        jar.unlink()
        home.neo4j_conf.write_text(servers.first_conf[THREE])


def test_java_prints_no_seconds_where_there_are_none():
    moment = datetime(2026, 11, 16, 9, 46, 0, tzinfo=UTC)
    assert licenses.java_time(moment) == "2026-11-16T09:46Z[UTC]"
    assert licenses.java_time(moment + timedelta(seconds=39)) == "2026-11-16T09:46:39Z[UTC]"


def test_an_opaque_license_shows_no_claim():
    text = homes.new_license("gds", 10, "opaque")
    assert dataclasses.asdict(licenses.read(text))["product"] == "gds"
    assert "." not in text
    assert "gds" not in text
