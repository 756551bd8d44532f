"""Kinds, their names, and the command that works without Celery."""

import io

import pytest
from django.core.management import call_command

from jobs import registry
from jobs.models import Job
from tests.jobs.making import make_job


def test_kind_has_one_handler(kinds):
    def other(run: object) -> None: ...

    other.__module__ = "somewhere.else"
    with pytest.raises(ValueError, match=r"has a handler in jobs\.tasks"):
        kinds("selfcheck", label="x")(other)


def test_unknown_names_read_as_written(kinds):
    kinds("known", label="Conhecida", counts={"made": "Feitos"})(print)
    assert registry.in_words({"not_named": 2, "made": 1}) == [("Feitos", 1), ("not named", 2)]
    assert (registry.label_of("known"), registry.label_of("odd")) == ("Conhecida", "odd")
    assert registry.step_label("odd", "um") == "um"


@pytest.mark.django_db
def test_work_once_empties_the_queue():
    make_job(payload={"points": 1})
    make_job(payload={"points": 2})
    out = io.StringIO()
    call_command("work", "--once", stdout=out)
    assert out.getvalue() == "2\n"
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}
