# Copyright: The credex.ops authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules neo4j_installation_info and neo4j_current_version, on a home of their own."""

from __future__ import annotations

import os

import pytest
from ansible_collections.credex.ops.plugins.module_utils._host import archive, distribution
from ansible_collections.credex.ops.plugins.modules import neo4j_current_version, neo4j_installation_info

OLD, NEW = "versions/neo4j-enterprise-5.26.29", "versions/neo4j-enterprise-5.26.30"


@pytest.fixture
def host(tmp_path, monkeypatch, run_module):
    """A home in which two versions were unpacked; the older one has no products."""

    class Host:
        folder, home = tmp_path, tmp_path / "home"
        admin, conf = tmp_path / "usr" / "neo4j-admin", tmp_path / "conf"

        def look(self, **params):
            given = {"home": self.home, "admin": self.admin, "unpacked": self.home / NEW, **params}
            return run_module(neo4j_installation_info, **{name: str(value) for name, value in given.items()})

        def use(self, folder, check=False, **params):
            given = {"home": self.home, "conf_dir": self.conf, "admin": self.admin, **params}
            texts = {name: str(value) for name, value in given.items()}
            return run_module(neo4j_current_version, check, folder=folder, **texts)

        def links(self):
            found = [*self.home.iterdir(), *self.admin.parent.iterdir()]
            return {str(path.relative_to(tmp_path)): os.readlink(path) for path in found if path.is_symlink()}

        def of(self, name, like=""):
            monkeypatch.setattr(distribution, "read", lambda: {"ID": name, "ID_LIKE": like})

        def dpkg(self, script):
            self.of("debian")
            self.program("dpkg-query", script)

        def rpm(self, script):
            self.of("amzn", "fedora")
            self.program("rpm", script)

        def program(self, name, script):
            program = tmp_path / "bin" / name
            program.parent.mkdir(exist_ok=True)
            program.write_text(f"#!/bin/sh\n{script}\n")
            program.chmod(0o755)
            monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")

    host = Host()
    host.admin.parent.mkdir()
    for folder, names in ((OLD, ("bin", "lib")), (NEW, ("bin", "lib", "products"))):
        for name in names:
            (host.home / folder / name).mkdir(parents=True)
    return host


LINKS = {
    "home/current": NEW,
    "home/bin": "current/bin",
    "home/lib": "current/lib",
    "home/products": "current/products",
}


def test_a_version_is_used_and_then_left_alone(host):
    assert host.use(NEW, check=True)["changed"] and host.links() == {}
    assert host.use(NEW)["changed"]
    own = {"home/conf": str(host.conf), "usr/neo4j-admin": f"{host.home}/bin/neo4j-admin"}
    assert host.links() == LINKS | own
    before = {path: os.lstat(host.folder / path).st_ctime_ns for path in host.links()}
    assert not host.use(NEW)["changed"]
    assert {path: os.lstat(host.folder / path).st_ctime_ns for path in host.links()} == before


def test_back_to_the_other_one_is_one_link(host):
    host.use(OLD)
    predicted = host.use(NEW, check=True)
    assert host.links()["home/current"] == OLD
    assert f"{host.home}/current -> {OLD}\n" in predicted["diff"]["before"]
    assert host.use(NEW)["diff"] == predicted["diff"]
    assert host.use(OLD)["changed"] and host.links()["home/current"] == OLD


def test_what_lies_in_the_home_itself_has_no_link(host):
    host.use(NEW, conf_dir=host.home / "conf", admin=host.home / "bin" / "neo4j-admin")
    assert host.links() == LINKS


def test_what_is_no_link_is_left_alone_and_nothing_is_half_done(host):
    host.admin.write_text("somebody's own")
    refused = host.use(NEW)
    assert f"{host.admin} is there, and no link" in refused["msg"]
    assert host.links() == {} and host.admin.read_text() == "somebody's own"


def test_a_version_that_was_not_unpacked_is_refused_and_predicted(host):
    assert "there is no" in host.use("versions/neo4j-enterprise-5.26.31")["msg"] and host.links() == {}
    assert host.use("versions/neo4j-enterprise-5.26.31", check=True)["changed"]


def test_what_a_bare_host_is_like(host):
    host.dpkg("exit 1")
    found = host.look(home=host.folder / "none", unpacked=host.folder / "none" / NEW)
    told = {name: found[name] for name in ("packages", "current", "unpacked_from", "has_archive", "in_the_way")}
    assert told == {"packages": [], "current": "", "unpacked_from": "", "has_archive": False, "in_the_way": []}
    assert not found["has_owner"] and not found["has_group"]
    assert found["architecture"] == os.uname().machine and found["memory_mib"] > 0


def test_what_an_installed_host_is_like(host):
    host.dpkg("echo 'installed neo4j 1:5.26.30'; echo 'config-files neo4j-enterprise 1:5.26.1'")
    host.use(NEW)
    (host.home / NEW / archive.MARK).write_text("0123\n")
    (host.home / f"{NEW}.tar.gz").touch()
    found = host.look(owner="root", group="root")
    told = {name: found[name] for name in ("packages", "current", "unpacked_from", "has_archive", "in_the_way")}
    assert told == {
        "packages": ["neo4j 1:5.26.30"],
        "current": "neo4j-enterprise-5.26.30",
        "unpacked_from": "0123",
        "has_archive": True,
        "in_the_way": [],
    }
    assert found["has_owner"] and found["has_group"]


def test_what_is_somebody_elses_is_told(host):
    (host.home / "bin").mkdir()
    host.admin.write_text("somebody's own")
    found = host.look()
    assert found["in_the_way"] == [f"{host.home}/bin", str(host.admin)]
    assert found["unpacked_from"] == "unknown", "it was not unpacked by neo4j_archive"


def test_packages_of_amazon_linux(host):
    host.dpkg("echo 'installed neo4j 1:5.26.0'")  # there, and not what its packages are
    host.rpm("echo 'neo4j-enterprise 5.26.30'")
    found = host.look()
    told = {name: found[name] for name in ("packages", "package_kind", "distribution")}
    assert told == {"packages": ["neo4j-enterprise 5.26.30"], "package_kind": "rpm", "distribution": "amzn"}


def test_packages_of_another_kind_are_none_of_neo4j(host):
    host.of("opensuse-leap", "suse opensuse")
    found = host.look()
    told = {name: found[name] for name in ("packages", "package_kind", "distribution")}
    assert told == {"packages": [], "package_kind": "", "distribution": "opensuse-leap"}


@pytest.mark.parametrize("database", ["dpkg", "rpm"])
def test_a_database_of_packages_that_cannot_be_read_is_an_error(host, database):
    getattr(host, database)("echo locked >&2; exit 2")
    failed = host.look()
    assert failed["failed"] and "ended with 2 and said: locked" in failed["msg"]
