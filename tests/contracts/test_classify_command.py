"""manage.py classify: the night from the command line, a look at one client, and truth tables."""

import csv
import datetime
import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from clients.models import Client, Sector
from contracts import nightly, sectors
from contracts.models import ClassChange, ClientCycle
from tests.contracts.test_classification import CASES, expected_rows
from tests.factories import make_client, make_contract, make_purchase

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 6, 30)
HEADER = "codigo,class,reason_code,x,t_x,recency,m,c,limit,p_buys,risk,next_change_on"


def classify(*arguments: str) -> str:
    out = io.StringIO()
    call_command("classify", *arguments, stdout=out)
    return out.getvalue()


def ago(days: int) -> datetime.date:
    return DAY - datetime.timedelta(days=days)


@pytest.fixture
def company() -> dict[str, Client]:
    health = Sector.objects.create(name="Saúde", key="SAUDE")
    regular = make_client("Regular", code="C1", sector=health)
    for days in (20, 50, 80, 110, 140, 170):
        make_purchase(regular, ago(days))
    ending = make_client("Vencendo", code="C2")
    make_contract(ending, ago(300), ago(-10))
    return {"regular": regular, "ending": ending, "prospect": make_client("Prospect")}


# --- Truth tables --------------------------------------------------------------------------------------


def test_cases_as_csv_and_json() -> None:
    rows = list(csv.reader(io.StringIO(classify("--cases", str(CASES)))))
    assert rows[0] == ["case_id", "class", "reason_code", "limit"]
    wanted = [[*row[:3], "" if row[3] is None else f"{row[3]:g}"] for row in expected_rows()]
    assert rows[1:] == wanted
    found = json.loads(classify("--cases", str(CASES), "--json"))
    assert [tuple(case.values()) for case in found["cases"]] == expected_rows()


def test_cases_know_the_class_before(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    sale = '"[{""date"": ""2026-05-31"", ""status"": ""completed""}]"'
    header = "case_id,reference_date,segment_cycle_days,purchases,contracts,previous"
    before = '"{""class"": ""inativa"", ""last"": ""2026-05-31""}"'
    never = '"{""class"": ""inactive"", ""last"": null}"'
    path.write_text(f"{header}\nA,2026-06-30,45,{sale},,{before}\nB,2026-06-30,,{sale},[],{never}\n")
    assert classify("--cases", str(path)).splitlines()[1:] == [
        "A,inactive,SEM_NOVO_EVENTO,90",
        "B,active,DENTRO_DO_CICLO,180",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("case_id,purchases\nA,[]\n", "faltam colunas: reference_date, segment_cycle_days, contracts, previous"),
        (
            "case_id,reference_date,segment_cycle_days,purchases,contracts,previous\nA,ontem,45,[],[],\n",
            "caso A: ValueError",
        ),
        (
            "case_id,reference_date,segment_cycle_days,purchases,contracts,previous\n"
            'B,2026-06-30,45,[],"[{""id"": ""c"", ""status"": ""cancelado"", ""start"": ""2026-01-01""}]",\n',
            "caso B: IntegrityError",
        ),
    ],
)
def test_cases_that_cannot_be_read_are_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(text)
    with pytest.raises(CommandError, match=message):
        classify("--cases", str(path))
    assert Client.objects.unscoped(reason="test").count() == 0


def test_cases_file_that_is_missing_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"nada\.csv"):
        classify("--cases", str(tmp_path / "nada.csv"))
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CommandError, match=r"bytes\.csv"):
        classify("--cases", str(tmp_path / "bytes.csv"))


# --- Everybody -----------------------------------------------------------------------------------------


def test_night_prints_counts_and_means(company: dict[str, Client]) -> None:
    found = json.loads(classify("--date", "2026-06-30", "--json"))
    assert found == {
        "date": "2026-06-30",
        "clients": 3,
        "classes": {"active": 1, "renewal": 1, "inactive": 0, "prospect": 1},
        "risk": {"low": 1, "medium": 0, "high": 0},
        "m": {"Saúde": 90.0},
        "company_m": 90.0,
        "changed": 2,
        "written": found["written"],
    }
    lines = classify("--date", "30/06/2026").splitlines()
    assert lines[:3] == ["group,name,value", "date,,2026-06-30", "clients,,3"]
    assert {"classes,active,1", "risk,low,1", "m,Saúde,90.0", "written,,0"} <= set(lines)


def test_out_has_one_line_per_client(company: dict[str, Client], tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    classify("--date", "2026-06-30", "--out", str(path))
    lines = path.read_text().splitlines()
    assert lines[0] == HEADER
    rows = {row["codigo"]: row for row in csv.DictReader(lines)}
    regular = rows["C1"]
    cycle = (150 + 180) / 7
    assert (regular["class"], regular["reason_code"], regular["risk"]) == ("active", "DENTRO_DO_CICLO", "low")
    assert [regular[name] for name in ("x", "t_x", "recency")] == ["5", "150", "20"]
    assert [float(regular[name]) for name in ("m", "c", "limit")] == [90, cycle, 2 * cycle]
    assert regular["next_change_on"] == "2026-09-13"
    assert (rows["C2"]["class"], rows["C2"]["next_change_on"]) == ("renewal", "2026-08-10")
    prospect = rows[str(company["prospect"].pk)]
    assert list(prospect.values())[1:] == ["prospect", "SEM_COMPRA", "", "", "", "90.0", "", "", "", "", ""]


def test_date_before_the_last_night_only_shows(company: dict[str, Client], tmp_path: Path) -> None:
    classify("--date", "2026-06-30")
    lines = ClassChange.objects.unscoped(reason="test").count()
    found = json.loads(classify("--date", "2026-02-01", "--json", "--out", str(tmp_path / "past.csv")))
    assert (found["classes"]["active"], found["changed"], found["written"]) == (2, 0, 0)
    rows = {row["codigo"]: row for row in csv.DictReader((tmp_path / "past.csv").read_text().splitlines())}
    assert (rows["C1"]["x"], rows["C2"]["reason_code"]) == ("0", "CONTRATO_VIGENTE")
    assert ClassChange.objects.unscoped(reason="test").count() == lines
    assert sectors.last_night() == DAY


def test_recompute_says_what_differed_and_mends_it(company: dict[str, Client]) -> None:
    day = ("--date", "2026-06-30", "--recompute")
    assert json.loads(classify(*day, "--json"))["differed"] == {"classification": 0, "aged": 0, "ranked": 0}
    cycles = ClientCycle.objects.unscoped(reason="test")
    cycles.filter(client=company["regular"]).update(purchase_total=7)
    cycles.filter(client=company["ending"]).update(anchor_on=DAY)
    make_purchase(company["prospect"], ago(-5))  # A sale ahead that nobody was told of.
    plain = json.loads(classify("--date", "2026-06-30", "--json"))
    assert (plain["written"], "differed" in plain) == (0, False)
    lines = classify(*day).splitlines()
    assert {"differed,classification,2", "differed,aged,1"} <= set(lines)
    assert cycles.get(client=company["regular"]).purchase_total > 7
    assert cycles.get(client=company["prospect"]).due_on == ago(-5)
    assert json.loads(classify(*day, "--json"))["differed"] == {"classification": 0, "aged": 0, "ranked": 0}


def test_recompute_is_not_for_the_past(company: dict[str, Client]) -> None:
    classify("--date", "2026-06-30")
    with pytest.raises(CommandError, match="--recompute não vale"):
        classify("--date", "2026-06-29", "--recompute")


def test_without_a_date_it_is_today() -> None:
    make_client()
    found = json.loads(classify("--json"))
    assert found["date"] == timezone.localdate().isoformat()
    assert sectors.last_night() == timezone.localdate()


# --- One client ----------------------------------------------------------------------------------------


def test_explain_says_class_sentence_and_numbers(company: dict[str, Client], tmp_path: Path) -> None:
    nightly.classify_everybody(DAY)
    said = classify("--date", "2026-06-30", "--client", "C1", "--explain", "--out", str(tmp_path / "one.csv"))
    assert "class: active\n" in said
    assert "sentence: Costuma comprar a cada 47 dias; última compra há 20 dias (0,4 ciclo; limite 94).\n" in said
    assert "change: Muda em 13/09/2026 se nada acontecer.\n" in said
    assert len((tmp_path / "one.csv").read_text().splitlines()) == 2
    found = json.loads(classify("--date", "2026-06-30", "--client", "C2", "--explain", "--json"))
    assert (found["sentence"], found["anchor_on"]) == ("Contrato vence em 10 dias (10/07/2026).", "2026-07-10")
    assert found["contract"].startswith("#")


def test_client_by_number_and_before_any_night(company: dict[str, Client]) -> None:
    pk = company["regular"].pk
    lines = classify("--date", "2026-06-30", "--client", str(pk)).splitlines()
    assert (lines[0], lines[1].split(",")[:3]) == (HEADER, ["C1", "active", "DENTRO_DO_CICLO"])
    assert ClientCycle.objects.unscoped(reason="test").count() == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--date", "31/02/2026"], "data inválida"),
        (["--date", "2126-11-22"], "mais de 92 dias à frente; confira o ano"),
        (["--explain"], "--explain precisa de --client"),
        (["--client", "ninguém"], "não há cliente"),
        (["--client", "99999999"], "não há cliente"),
        (["--date", "2026-06-30", "--out", "/nenhuma/pasta.csv"], "/nenhuma/pasta.csv"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        classify(*arguments)
