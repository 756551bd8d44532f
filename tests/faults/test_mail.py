"""Mail while the server and the sender fail: no letter twice, none forgotten, the uncertain ones listed (F7)."""

import random
import time

import pytest

from tests.faults.installation import SCALE, Site, kill_group, wait_for
from tests.faults.tally import Tally
from tests.jobs.post_office import PostOffice

KILLS = 3 * SCALE
LETTERS = 7 * SCALE
# Each with what becomes of a letter that meets it once.
FAULTS = ("busy", "greylists", "defers_text", "drops_at_rcpt", "drops_after_data", "hangs_after_data", "no_such_box")

COLUMNS = (
    "kind, dedupe_key, recipient, subject, body, html, reply_to, headers, state, attempts, due_at, error, reference,"
    " receipt, created_at"
)


def post(site: Site, count: int) -> None:
    before = site.number("SELECT count(*) FROM jobs_outboxmessage")
    site.rows(
        f"INSERT INTO jobs_outboxmessage ({COLUMNS})"  # noqa: S608
        " SELECT 'export_notice', 'letter ' || n, 'ana@exemplo.com.br', 'Carta', 'Bom dia', '', '', '{}', 'queued', 0,"
        " now(), '', '', '', now() FROM generate_series(%s::integer, %s::integer) n",
        before + 1,
        before + count,
    )


def counts(site: Site) -> dict[str, int]:
    return dict(site.rows("SELECT state, count(*) FROM jobs_outboxmessage GROUP BY state"))


def letter_of(name: str) -> int:
    return int(name.split(".")[1])


def hurry(site: Site) -> None:
    """What waits for its next try is due now."""
    site.rows("UPDATE jobs_outboxmessage SET due_at = now() WHERE state = 'queued'")


def judge(site: Site, office: PostOffice, tally: Tally) -> None:
    """Nothing reached the server twice; what it holds is known as sent or listed; what is sent is there."""
    names = office.names
    arrived = {letter_of(name) for name in names}
    states = dict(site.rows("SELECT id, state FROM jobs_outboxmessage"))
    twice = [name for name in set(names) if names.count(name) > 1]
    lost = [pk for pk, state in states.items() if state == "sent" and pk not in arrived]
    hidden = [pk for pk in arrived if states[pk] not in {"sent", "unknown"}]
    tally.count(lost=lost + hidden, twice=twice)


@pytest.mark.fault("F7", "sender of mail killed")
def test_killed_senders_send_no_letter_twice(site: Site, tally: Tally) -> None:
    with PostOffice(slowness=0.02) as office:
        for _ in range(KILLS):
            post(site, 8)
            sender = site.process("relay", office.port)
            time.sleep(random.uniform(0.02, 0.5))
            kill_group(sender)
            tally.tried += 1
        site.process("relay", office.port)
        wait_for(lambda: not set(counts(site)) & {"queued", "sending"}, "every letter ended")
        judge(site, office, tally)
    assert counts(site).get("unknown", 0) <= tally.tried


def hurried_to_the_end(site: Site) -> bool:
    hurry(site)
    return not set(counts(site)) & {"queued", "sending"}


@pytest.mark.fault("F7", "mail server fails")
def test_failing_server_gets_no_letter_twice(site: Site, tally: Tally) -> None:
    with PostOffice() as office:
        site.process("relay", office.port)
        for number in range(LETTERS):
            office.mode = FAULTS[number % len(FAULTS)]
            post(site, 1)
            wait_for(lambda: not site.number("SELECT count(*) FROM jobs_outboxmessage WHERE attempts = 0"), "a try")
            wait_for(lambda: "sending" not in counts(site), "the end of the try")
            tally.tried += 1
        office.mode = "takes"
        wait_for(lambda: hurried_to_the_end(site), "every letter ended")
        judge(site, office, tally)
    ended = counts(site)
    uncertain = [mode for number in range(LETTERS) if (mode := FAULTS[number % len(FAULTS)]).endswith("after_data")]
    assert ended.get("unknown", 0) == len(uncertain)
    assert sum(ended.values()) == LETTERS
