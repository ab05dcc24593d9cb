"""Tests of SH06_reference.sh on a fleet of a few folders, with small stand-ins for ssh, the copy and the service."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_suffix(".sh")


def missing() -> str:
    """Return what this machine lacks for the script, or nothing."""
    for tool in ("bash", "timeout", "flock", "sha256sum", "xargs", "awk", "df", "mv"):
        if shutil.which(tool) is None:
            return f"SH06 needs {tool}"
    version = subprocess.run(["mv", "--version"], capture_output=True, text=True, check=False)
    return "" if "GNU coreutils" in version.stdout else "SH06 needs the GNU coreutils"


pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())
NAMES = ["h1", "h2", "h3"]

# A host's folder holds models/, the files "loaded" and "version" of its service, and files that make it misbehave.
SSH = """#!/bin/bash
export HOST=$FLEET/$1
cd "$HOST" || exit 255
[[ ! -e down ]] || exit 255
[[ ! -e hangs ]] || exec sleep 60
shift
exec bash -c "$*"
"""
COPY = """#!/bin/bash
host=${2%%:*}
cd "$FLEET/$host" || exit 255
[[ ! -e breaks ]] || { head -c 10 "$1" >"${2#*:}"; exit 12; }
cp "$1" "${2#*:}"
[[ ! -e flips ]] || printf X | dd of="${2#*:}" bs=1 seek=3 conv=notrunc status=none
echo "$host" >>"$FLEET/copies"
"""
ODJEKCTL = """#!/bin/bash
[[ $1 != load || -s $3 ]] || exit 1
cd "$HOST" || exit 1
case $1 in
    loaded) cat loaded ;;
    load) [[ ! -e no-memory ]] && echo "$2" >>loaded ;;
    use) [[ ! -e stuck ]] && grep -qxF "$2" loaded && echo "$2" >version ;;
    version) cat version ;;
esac
"""
FRONT = """#!/bin/bash
echo "$1 $2 $(sort -u "$FLEET"/h?/version | tr '\\n' ' ')" >>"$FLEET/front"
"""


# Shortens the limit for a host that hangs and for no other, so that a busy machine changes no result.
TIMEOUT = f"""#!/bin/bash
shift 3
[[ ! -e $FLEET/$2/hangs ]] || exec {shutil.which("timeout")} -k 0.1 0.2 "$@"
exec "$@"
"""


class Fleet:
    def __init__(self, folder: Path, names: list[str]) -> None:
        self.folder, self.names = folder, names
        (folder / "tools").mkdir()
        for name, text in {"ssh": SSH, "copy": COPY, "odjekctl": ODJEKCTL, "front": FRONT}.items():
            self.tool(name, text)
        (folder / "hosts.txt").write_text("".join(f"{name}\n" for name in self.names))
        self.releases = folder / "releases"
        self.releases.mkdir()
        for version in ("v1", "v2"):
            data = f"weights of {version} ".encode() * 100
            (self.releases / version).write_bytes(data)
            (self.releases / f"{version}.sha256").write_text(f"{hashlib.sha256(data).hexdigest()}  {version}\n")
        for name in self.names:
            (self.host(name) / "models").mkdir(parents=True)
            shutil.copy(self.releases / "v1", self.host(name) / "models" / "v1")
            (self.host(name) / "models" / "current").symlink_to("v1")
            (self.host(name) / "loaded").write_text("v1\n")
            (self.host(name) / "version").write_text("v1\n")

    def host(self, name: str) -> Path:
        return self.folder / name

    def tool(self, name: str, text: str) -> None:
        path = self.folder / "tools" / name
        path.write_text(text)
        path.chmod(0o755)

    def mark(self, name: str, fault: str) -> None:
        (self.host(name) / fault).touch()

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        tools = self.folder / "tools"
        settings = {
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
            "FLEET": str(self.folder),
            "HOSTS": str(self.folder / "hosts.txt"),
            "RELEASES": str(self.releases),
            "MODELS": "models",
            "NEED": "2",
            "SSH": str(tools / "ssh"),
            "COPY": str(tools / "copy"),
        }
        return subprocess.run(
            ["bash", SCRIPT, *arguments], env=settings | more, capture_output=True, text=True, check=False, timeout=30
        )

    def versions(self) -> list[str]:
        return [(self.host(name) / "version").read_text().strip() for name in self.names]

    def log(self, name: str) -> list[str]:
        path = self.folder / name
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    return Fleet(tmp_path, NAMES)


def test_preparing_changes_no_answer_and_switching_changes_all(fleet: Fleet) -> None:
    assert fleet.run("prepare", "v2").returncode == 0
    assert fleet.versions() == ["v1"] * 3
    assert fleet.run("prepare", "v2").returncode == 0
    assert sorted(fleet.log("copies")) == NAMES  # the second time nothing was copied
    assert fleet.run("switch", "v2").returncode == 0
    assert fleet.versions() == ["v2"] * 3 and fleet.log("front") == []
    assert (fleet.host("h1") / "models" / "current").readlink() == Path("v2")
    assert fleet.run("switch", "v1").returncode == 0
    assert fleet.versions() == ["v1"] * 3 and len(fleet.log("copies")) == 3  # nor on the way back


def test_bad_hosts_are_left_out_before_the_others_change_and_come_back_repaired(tmp_path: Path) -> None:
    faults = {"h2": "down", "h3": "breaks", "h4": "flips", "h5": "no-memory", "h6": "hangs"}
    fleet = Fleet(tmp_path, ["h1", *faults])
    fleet.tool("timeout", TIMEOUT)
    for name, fault in faults.items():
        fleet.mark(name, fault)
    result = fleet.run("prepare", "v2", NEED="1")
    assert result.returncode == 3 and "1 of 6" in result.stderr
    told = [line.split("prepared: ")[1] for line in result.stderr.splitlines()[:-1]]
    unreachable = "no-room-or-unreachable"
    assert told == [f"h2 {unreachable}", "h3 copy", "h4 checksum", "h5 load", f"h6 {unreachable}"]
    assert not any((fleet.host(name) / "models" / "v2").exists() for name in ("h3", "h4"))
    assert not (fleet.host("h4") / "models" / "v2.part").exists()  # nobody resumes on bad bytes
    assert fleet.run("switch", "v2", NEED="1").returncode == 3
    assert fleet.versions() == ["v2"] + ["v1"] * 5
    assert sorted(fleet.log("front")) == [f"drop {name} v1 " for name in faults]  # all still had the old one
    for name, fault in faults.items():
        (fleet.host(name) / fault).unlink()
    assert fleet.run("repair", "v2", NEED="1").returncode == 0
    assert fleet.versions() == ["v2"] * 6
    assert sorted(fleet.log("front")[5:]) == [f"admit {name} v2 " for name in fleet.names]


def test_too_few_ready_and_nothing_happens(fleet: Fleet) -> None:
    fleet.mark("h1", "down")
    fleet.mark("h2", "flips")
    assert fleet.run("prepare", "v2").returncode == 4
    assert fleet.run("switch", "v2").returncode == 4
    assert fleet.versions() == ["v1"] * 3 and fleet.log("front") == []


def test_a_host_that_fails_while_switching_leaves_the_search(fleet: Fleet) -> None:
    for name in NAMES:
        (fleet.host(name) / "loaded").write_text("v1\nv2\n")
    fleet.mark("h3", "stuck")
    assert fleet.run("switch", "v2").returncode == 3
    assert [line[:7] for line in fleet.log("front")] == ["drop h3"]
    fleet.mark("h2", "stuck")
    assert fleet.run("switch", "v1").returncode == 5  # two are missing now, and it is said
    assert fleet.versions() == ["v1", "v2", "v1"]


def test_repair_is_refused_while_the_fleet_is_elsewhere(fleet: Fleet) -> None:
    assert fleet.run("repair", "v2").returncode == 4
    assert fleet.versions() == ["v1"] * 3 and fleet.log("copies") == []


def test_a_second_run_is_refused(fleet: Fleet) -> None:
    with (fleet.folder / "hosts.txt.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert fleet.run("prepare", "v2").returncode == 1
    assert fleet.log("copies") == []


def test_wrong_use_is_told(fleet: Fleet) -> None:
    for arguments in ([], ["prepare"], ["switch", "v3"], ["switch", "../v1"], ["rm", "v1"]):
        result = fleet.run(*arguments)
        assert result.returncode == 2 and "prepare VERSION" in result.stderr, arguments
