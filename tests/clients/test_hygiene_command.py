"""manage.py hygiene against the case files, column by column."""

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

DATA = Path(__file__).parent.parent / "data"


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("hygiene", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(("kind", "cases"), [("document", 46), ("phone", 50)])
def test_hygiene_gives_every_column_of_the_case_file(kind: str, cases: int) -> None:
    path = DATA / f"{kind}_cases.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        expected = list(csv.DictReader(handle))

    as_csv = list(csv.DictReader(StringIO(run(kind, str(path)))))
    as_json = json.loads(run(kind, str(path), "--json"))["rows"]

    wanted = [{name: row[name] for name in as_csv[0]} for row in expected]
    assert len(wanted) == cases
    assert as_csv == wanted
    assert as_json == wanted


def test_hygiene_names_what_is_wrong_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "sem.csv"
    path.write_text("valor\n1\n", encoding="utf-8")
    with pytest.raises(CommandError, match="falta a coluna `input`"):
        run("document", str(path))
    with pytest.raises(CommandError, match="não foi possível ler"):
        run("phone", str(tmp_path / "nada.csv"))
