"""Tests of SH05_reference.sh on small trees; registry, free space and readers are stand-ins."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_suffix(".sh")
TOOLS = ("bash", "find", "sort", "flock", "readlink", "mv")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not on this machine: {MISSING}")

NIGHTS = [f"2026110{night}T0210" for night in range(1, 9)]
BLOCK = 4_096


class Host:
    """A district with eight versions: the second is live, the first the one to go back to."""

    def __init__(self, path: Path) -> None:
        self.root, self.bin = path / "models", path / "bin"
        self.bin.mkdir()
        self.stages = dict.fromkeys(NIGHTS, "old") | {NIGHTS[0]: "rollback", NIGHTS[1]: "live"}
        for night in NIGHTS:
            self.version(night)
        (self.root / "naryn" / "live").symlink_to(NIGHTS[1])
        self.busy: list[str] = []
        self.answer: str | None = None

    def version(self, name: str, ready: bool = True) -> Path:
        folder = self.root / "naryn" / name
        folder.mkdir(parents=True)
        (folder / "weights").write_bytes(b"x" * BLOCK)
        terrain = self.root / "terrain"
        if not terrain.exists():
            terrain.write_bytes(b"y" * 5 * BLOCK)
        os.link(terrain, folder / "terrain")  # the same file in every version
        if ready:
            (folder / "READY").touch()
        return folder

    def tool(self, name: str, body: str) -> None:
        (self.bin / name).write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        (self.bin / name).chmod(0o755)

    def run(self, *arguments: str, free: int = 0, **settings: object) -> subprocess.CompletedProcess[str]:
        lines = [f"naryn {version} {stage}\n" for version, stage in self.stages.items()]
        answer = self.answer if self.answer is not None else "".join(lines) + f"end {len(lines)}\n"
        self.tool("registry_list", f"cat <<'X'\n{answer}X")
        self.tool("df", f"echo Avail; echo {free}")
        self.tool("fuser", f'case "$*" in {"|".join(f"*{b}*" for b in self.busy) or "-"}) exit 0;; esac; exit 1')
        environment = {**os.environ, "PATH": f"{self.bin}:{os.environ['PATH']}", "ROOT": str(self.root)}
        environment |= {key: str(value) for key, value in ({"WANT": BLOCK} | settings).items()}
        command = ["bash", str(SCRIPT), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def there(self) -> list[str]:
        return sorted(p.name for p in (self.root / "naryn").iterdir() if not p.is_symlink())

    def aside(self) -> list[str]:
        return sorted(p.name.split(",")[2] for p in (self.root / ".aside").iterdir())

    def put_aside(self, version: str, days: float) -> None:
        (self.root / ".aside").mkdir(exist_ok=True)
        name = f"{int(time.time() - days * 86_400)},naryn,{version}"
        (self.root / "naryn" / version).rename(self.root / ".aside" / name)


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def actions(result: subprocess.CompletedProcess[str], word: str) -> list[str]:
    rows = [line.split()[1:] for line in result.stdout.splitlines()]
    return [row[1].removeprefix("naryn/") for row in rows if row[0] == word]


def test_without_the_word_nothing_is_touched(host: Host) -> None:
    result = host.run(WANT=2 * BLOCK)
    assert result.returncode == 0, result.stderr
    assert actions(result, "ASIDE") == NIGHTS[2:4]
    assert (host.there(), host.aside()) == (NIGHTS, [])


def test_oldest_first_and_no_more_than_needed(host: Host) -> None:
    assert host.run("--delete", WANT=2 * BLOCK).returncode == 0
    assert host.aside() == NIGHTS[2:4]
    assert host.run("--delete", WANT=2 * BLOCK).returncode == 0  # what lies aside counts as coming
    assert host.aside() == NIGHTS[2:4]
    assert host.run("--delete", free=BLOCK, WANT=BLOCK).returncode == 0


def test_used_versions_stay_however_old(host: Host) -> None:
    host.stages[NIGHTS[4]] = "hold"
    host.stages[NIGHTS[5]] = "under-appeal"  # a word that the script has never heard
    result = host.run("--delete", WANT=99 * BLOCK)
    assert result.returncode == 3  # not enough: says so and loosens nothing
    assert host.there() == [*NIGHTS[:2], *NIGHTS[4:]]  # the last two are the newest


def test_link_ahead_of_the_registry_protects(host: Host) -> None:
    link = host.root / "naryn" / "live"
    link.unlink()
    link.symlink_to(host.root / "naryn" / NIGHTS[3])
    host.run("--delete", WANT=99 * BLOCK)
    assert NIGHTS[3] in host.there() and NIGHTS[1] in host.there()


@pytest.mark.parametrize(
    "answer", ["", "end 0\n", "naryn 20261101T0210 old\n", "naryn x live\nend 2\n", "naryn x\nend 1\n", "X\nexit 1\n"]
)
def test_registry_that_cannot_be_trusted(host: Host, answer: str) -> None:
    host.answer = answer
    result = host.run("--delete", WANT=99 * BLOCK)
    assert (result.returncode, host.there()) == (65, NIGHTS), result.stdout
    assert "STOP" in result.stderr


def test_registry_knows_no_live_model(host: Host) -> None:
    host.stages[NIGHTS[1]] = "old"
    assert host.run("--delete", WANT=99 * BLOCK).returncode == 65
    assert host.there() == NIGHTS


def test_link_that_leads_nowhere_stops_all(host: Host) -> None:
    (host.root / "naryn" / "rollback").symlink_to("20260101T0000")
    assert host.run("--delete", WANT=99 * BLOCK).returncode == 65
    assert host.there() == NIGHTS


def test_unfinished_unknown_and_foreign_names_stay(host: Host, tmp_path: Path) -> None:
    host.version("20261001T0210", ready=False)
    host.version("20261002T0210")  # finished, but the registry has never heard of it
    host.version("notes of Aida")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "READY").touch()
    (host.root / "naryn" / "20261003T0210").symlink_to(outside)  # a link that looks like a version
    host.run("--delete", WANT=99 * BLOCK)
    assert {"20261001T0210", "20261002T0210", "notes of Aida"} < set(host.there())
    assert (outside / "READY").exists()


def test_version_that_somebody_reads_stays(host: Host) -> None:
    host.busy = [NIGHTS[2]]
    result = host.run("--delete", WANT=2 * BLOCK)
    assert actions(result, "BUSY") == NIGHTS[2:3]
    assert host.aside() == NIGHTS[3:5]


def test_open_terrain_of_another_version_does_not_count(host: Host) -> None:
    host.busy = ["/terrain"]
    assert actions(host.run(WANT=2 * BLOCK), "ASIDE") == NIGHTS[2:4]


def test_without_fuser_nothing_is_touched(host: Host) -> None:
    environment = {"PATH": str(host.bin), "ROOT": str(host.root)}  # no tools there, so nothing looks used
    command = [shutil.which("bash") or "bash", str(SCRIPT), "--delete"]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (result.returncode, host.there()) == (65, NIGHTS)
    assert result.stderr.endswith("STOP no fuser\n")


def test_shared_files_are_not_counted_as_gain(host: Host) -> None:
    result = host.run(WANT=3 * BLOCK)
    assert len(actions(result, "ASIDE")) == 3  # by the size that du shows, one would do
    assert f"{BLOCK}" in result.stdout and f"{6 * BLOCK}" not in result.stdout


def test_limit_of_a_night(host: Host) -> None:
    assert host.run("--delete", WANT=4 * BLOCK, LIMIT=1).returncode == 3
    assert host.aside() == NIGHTS[2:3]


@pytest.mark.parametrize(("days", "left"), [(2.9, [NIGHTS[2]]), (3.1, [])])
def test_removed_only_after_days_aside(host: Host, days: float, left: list[str]) -> None:
    host.put_aside(NIGHTS[2], days)
    host.run("--delete", WANT=BLOCK)  # its bytes are enough, so nothing else is taken on either night
    assert host.aside() == left
    assert host.there() == [n for n in NIGHTS if n != NIGHTS[2]]


def test_wanted_again_comes_back_from_aside(host: Host) -> None:
    host.put_aside(NIGHTS[2], 5)
    host.stages[NIGHTS[2]] = "rollback"
    result = host.run("--delete", WANT=0)
    assert actions(result, "BACK") == [NIGHTS[2]]
    assert (host.there(), host.aside()) == (NIGHTS, [])


def test_half_removed_is_never_put_back(host: Host) -> None:
    host.put_aside(NIGHTS[2], 5)
    (name,) = (host.root / ".aside").iterdir()
    name.rename(name.with_name(f"gone,{name.name}"))  # the power went during the removal
    host.stages[NIGHTS[2]] = "hold"
    assert actions(host.run("--delete", WANT=0), "BACK") == []
    assert (NIGHTS[2] in host.there(), host.aside()) == (False, [])


def test_waits_for_a_switch_and_gives_up(host: Host) -> None:
    script = SCRIPT.read_text(encoding="utf-8").replace("flock -w 60", "flock -w 0")
    with (host.root / ".switch.lock").open("w") as lock:
        holder = subprocess.Popen(["flock", str(lock.fileno())], pass_fds=[lock.fileno()])
        assert holder.wait() == 0  # the lock stays with the open file
        environment: Mapping[str, str] = {**os.environ, "ROOT": str(host.root)}
        result = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 75
    assert lines(result.stderr) == ["somebody is switching a model"]


def lines(text: str) -> Iterable[str]:
    return [line.partition("STOP ")[2] for line in text.splitlines()]
