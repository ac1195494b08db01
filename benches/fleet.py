#!/usr/bin/env python3
"""Measures fleets: prints a table of times and peak memory beside what `cp -r` and `cat` need for the same tree.

    cargo build --release && python3 benches/fleet.py [DIRECTORY ON A TMPFS] [TOPOLOGIES] [RUNS]

Every time is the shortest of the runs: what disturbs makes a run longer, never shorter. Needs a quiet machine.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = Path(os.environ.get("REDISFORGE", ROOT / "target/release/redisforge"))
BASE = sys.argv[1] if len(sys.argv) > 1 else "/dev/shm"
MANY = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
RUNS = int(sys.argv[3]) if len(sys.argv) > 3 else 3


def specs(folder: Path, count: int) -> None:
    """The production example, varied: names, sizes, timings, versions."""
    text = (ROOT / "examples/production-kubernetes.yaml").read_text()
    folder.mkdir(parents=True)
    for number in range(count):
        name = f"shop{number}"
        one = re.sub(r"\bshop\b", name, text)
        one = one.replace("memory: 4Gi", f"memory: {4 + number % 5}Gi")
        (folder / f"{name}.yaml").write_text(one)


def run(command: list[str], cwd: Path) -> tuple[float, int]:
    """Seconds, and peak memory in KiB."""
    started = time.perf_counter()
    child = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{command}: {child.returncode}: {said.decode()[-2000:]}")
    return seconds, usage.ru_maxrss


def best(command: list[str], cwd: Path, before=lambda: None, runs: int = RUNS) -> tuple[float, int]:
    measured = []
    for _ in range(runs):
        before()
        measured.append(run(command, cwd))
    return min(seconds for seconds, _ in measured), max(memory for _, memory in measured)


def row(what: str, value: str, beside: str = "", wanted: str = "") -> None:
    print(f"{what:<44} {value:>14} {beside:>26}  {wanted}", flush=True)


def fleet(work: Path, count: int) -> tuple[float, int]:
    folder = work / f"specs-{count}"
    specs(folder, count)
    return folder


def main() -> None:
    work = Path(tempfile.mkdtemp(prefix="fleet-", dir=BASE))
    try:
        measure(work)
    finally:
        shutil.rmtree(work)


def measure(work: Path) -> None:
    program = str(PROGRAM)
    fleet(work, MANY)
    tree, copy = work / "out", work / "copy"
    clear = lambda path: lambda: shutil.rmtree(path, ignore_errors=True)
    render = [program, "render", f"specs-{MANY}", "-o", "out"]
    written, memory = best(render, work, clear(tree))
    files = sum(len(names) for _, _, names in os.walk(tree))
    copied, _ = best(["cp", "-r", "out", "copy"], work, clear(copy))
    clear(copy)()
    row(f"{MANY} topologies, {files} files: written", f"{written:.2f} s", f"cp -r {copied:.2f} s, {written / copied:.2f} x", "at most 1.2 x")
    row("  peak memory", f"{memory / 1024:.0f} MB")
    read, _ = best(["sh", "-c", "find out -type f -exec cat {} + >/dev/null"], work)
    again, _ = best(render, work)
    row("  again, nothing changed", f"{again:.2f} s", f"reading {read:.2f} s, {again / read:.2f} x", "at most 1.2 x")
    clear(tree)()
    valid, memory = best([program, "validate", f"specs-{MANY}"], work)

    # The tree of ten times as many may not fit in memory: what is written is compared with what is checked.
    more = MANY * 10
    fleet(work, more)
    valid, memory = best([program, "validate", f"specs-{more}"], work)
    row(f"{more} specs: validated", f"{valid:.2f} s", f"{more / valid:.0f} specs/s")
    row("  peak memory", f"{memory / 1024:.0f} MB", "", "at most 100 MB")
    free = shutil.disk_usage(work).free
    if free > more * 1.5 * 1024 * 1024:
        many, memory = best([program, "render", f"specs-{more}", "-o", "out"], work, clear(tree), runs=1)
        row(f"{more} topologies: written", f"{many:.2f} s", f"{many / written / 10:.2f} x linear", "0.90 to 1.10 x")
        row("  peak memory", f"{memory / 1024:.0f} MB", "", "at most 100 MB")
        clear(tree)()
    else:
        row(f"{more} topologies: not written", "no room", f"{free / 2**30:.0f} GiB free")

    start, memory = best([program, "--version"], work, runs=50)
    row("cold start: --version", f"{start * 1000:.1f} ms", f"{memory / 1024:.0f} MB")
    if shutil.which("valgrind"):
        grind = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, "--version"], capture_output=True, text=True)
        counted = re.search(r"Collected : (\d+)", grind.stderr)
        row("  instructions (callgrind)", counted.group(1) if counted else "?")


main()
