"""Malformed and hostile files: no crash, the memory limit holds, every refusal is named (F14)."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from imports.child import MEMORY_MIB
from tests.faults import corpus
from tests.faults.installation import ROOT, SCALE
from tests.faults.tally import Tally

MALFORMED = 250 * SCALE
SIZES = range(1, 6) if SCALE > 1 else [1]
PARTS = 4 if SCALE > 1 else 1


def read(*arguments: object) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.faults.readers", *map(str, arguments)]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "carteira.settings", "CARTEIRA_DEMO": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr[-3_000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def count(found: dict[str, Any], tally: Tally) -> None:
    tally.tried += found["tried"]
    tally.count(lost=found["unnamed"])
    assert found["peak_mib"] <= MEMORY_MIB


@pytest.mark.fault("F14", "malformed file")
@pytest.mark.parametrize("part", range(PARTS))
def test_malformed_files_are_refused_by_name_or_read_row_by_row(tally: Tally, part: int) -> None:
    first, last = (MALFORMED * place // PARTS for place in (part, part + 1))
    found = read(first, last)
    count(found, tally)
    # The corpus is worth something only while it reaches both ends.
    assert found["refusals"]
    assert found["outcomes"].keys() >= {"rejected", "valid"}


@pytest.mark.fault("F14", "hostile file")
def test_hostile_files_end_nobody_but_their_own_reader(tally: Tally, tmp_path: Path) -> None:
    # Written here and read by another process, whose children's memory then is that of readers alone.
    corpus.hostile(tmp_path, SIZES)
    found = read(0, 0, tmp_path)
    count(found, tally)
    assert found["tried"] == len(corpus.HOSTILE) * len(SIZES)
