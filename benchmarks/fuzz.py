"""The long fuzz: hostile bytes for every reader, the segmenter, the tagger, the writers and the bundles, and their laws.

Each case is a target and a number, from which chance is made: `python -m benchmarks.fuzz --only jsonl --case 17` does the
same anywhere. `make fuzz` tries all targets in turn for ten minutes, in a process of its own, so that a crash of native
code, or a case that never ends, is found too; it prints what it began with, and for every find the command to repeat it.
"""

from __future__ import annotations

import argparse
import faulthandler
import multiprocessing
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from benchmarks import laws

MINUTES = 10.0
LONGEST = 120.0  # seconds of a case after which it is taken for one that never ends, be the machine ever so busy
MEMORY = 6_000_000_000  # bytes of address space that the trying process may take


def run_case(target: str, case: int, folder: Path) -> None:
    """One case of a target, in a folder of its own; what is broken is raised."""
    laws.TARGETS[target](Random(f"{target} {case}"), folder)


def main(argv: Sequence[str] | None = None) -> int:
    """Tries cases for so many minutes; 1 where one broke a law."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--only", choices=list(laws.TARGETS), action="append", help="this target; several times")
    parser.add_argument("--seed", type=int, help="number of the first case (default: by chance)")
    parser.add_argument("--case", type=int, help="this case alone, in this process; its error is shown whole")
    options = parser.parse_args(argv)
    targets = options.only or list(laws.TARGETS)
    if options.case is not None:
        for target in targets:
            with tempfile.TemporaryDirectory() as folder:
                run_case(target, options.case, Path(folder))
        print("no law broken")
        return 0
    seed = secrets.randbelow(10**9) if options.seed is None else options.seed
    print(f"seed {seed}, {options.minutes:g} minutes: {', '.join(targets)}", flush=True)
    return 1 if _try_all(targets, seed, options.minutes * 60) else 0


def _try_all(targets: Sequence[str], seed: int, seconds: float) -> int:
    """How many cases broke a law; a child tries them, and is begun anew after one that it did not survive."""
    context = multiprocessing.get_context("spawn")
    tried, broken, began = context.Value("q", 0), context.Value("q", 0), context.Value("d", 0.0)
    until = time.time() + seconds
    lost = 0
    while time.time() < until:
        child = context.Process(target=_work, args=(targets, seed, until, tried, broken, began))
        child.start()
        while child.is_alive() and (not began.value or time.time() < began.value + LONGEST):
            child.join(0.5)
        if child.is_alive():
            child.kill()
            child.join()
        if child.exitcode:
            lost += 1
            why = "took too long" if child.exitcode == -9 else f"the process ended with {child.exitcode}"
            _tell(*_case_of(targets, seed, tried.value), why)
            tried.value += 1
        began.value = 0.0
    print(f"{tried.value:,} cases, {broken.value + lost} broke a law", flush=True)
    return int(broken.value + lost)


def _case_of(targets: Sequence[str], seed: int, number: int) -> tuple[str, int]:
    """The targets in turn."""
    return targets[number % len(targets)], seed + number // len(targets)


def _work(targets: Sequence[str], seed: int, until: float, tried: Any, broken: Any, began: Any) -> None:
    faulthandler.enable()
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    laws.tagger()  # no case's time, nor its memory
    while time.time() < until:
        target, case = _case_of(targets, seed, tried.value)
        began.value = time.time()
        with tempfile.TemporaryDirectory() as folder:
            try:
                run_case(target, case, Path(folder))
            except Exception as error:  # whatever it is, it is a find
                broken.value += 1
                _tell(target, case, f"{type(error).__name__}: {error}")
        tried.value += 1


def _tell(target: str, case: int, why: str) -> None:
    print(
        f"{why:.600}\n    {os.path.basename(sys.executable)} -m benchmarks.fuzz --only {target} --case {case}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
