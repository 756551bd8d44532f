"""The numbers of the rule in the admin: saving others reclassifies everybody, in the background."""

import datetime

import pytest
from django.test import Client as Browser
from django.urls import reverse

from contracts.models import ClassChange, ClassificationSettings, ProductFamily
from contracts.tasks import RECLASSIFY
from jobs import registry
from jobs.models import Job
from jobs.running import claim
from people.models import User
from people.roles import Role
from tests.factories import make_client, make_family, make_product, make_purchase, make_user

pytestmark = pytest.mark.django_db
TODAY = datetime.date.today()  # noqa: DTZ011
SETTINGS = reverse("admin:contracts_classificationsettings_change", args=[ClassificationSettings.ONLY])


@pytest.fixture
def ada(client: Browser) -> User:
    user = make_user("Ada Nunes", role=Role.ADMIN)
    client.force_login(user)
    return user


def numbers(**others: object) -> dict[str, object]:
    found = ClassificationSettings.current().numbers()
    del found["id"]
    return found | others


def work() -> Job:
    run = claim(only=Job.objects.get(kind=RECLASSIFY).pk)
    assert run is not None
    registry.find(RECLASSIFY).work(run)
    run.finish()
    return run.job


def test_other_numbers_reclassify_everybody(ada: User, client: Browser) -> None:
    lapsed = make_client()
    make_purchase(lapsed, TODAY - datetime.timedelta(days=200))
    assert client.post(SETTINGS, numbers(factor="3")).status_code == 302
    job = work()
    assert (job.counts["active"], job.counts["changed"]) == (1, 1)
    (line,) = ClassChange.objects.unscoped(reason="test")
    assert (line.to_class, line.cause, line.by) == ("active", "settings", ada)


def test_same_numbers_start_nothing(ada: User, client: Browser) -> None:
    assert client.get(SETTINGS).status_code == 200
    client.post(SETTINGS, numbers())
    assert not Job.objects.filter(kind=RECLASSIFY).exists()


def test_numbers_that_make_no_rule_are_refused(ada: User, client: Browser) -> None:
    answer = client.post(SETTINGS, numbers(factor="0"))
    assert answer.status_code == 200
    assert ClassificationSettings.current().factor == 2


def test_there_is_one_row_and_it_stays(ada: User, client: Browser) -> None:
    add = reverse("admin:contracts_classificationsettings_add")
    assert client.get(add).status_code == 403
    assert client.post(SETTINGS.replace("change", "delete")).status_code == 403
    ClassificationSettings.objects.all().delete()
    client.post(add, numbers(grace_days=10))
    assert ClassificationSettings.current().grace_days == 10


def test_only_admins_see_the_numbers(client: Browser) -> None:
    client.force_login(make_user("Júlia", role=Role.SELLER))
    assert client.get(SETTINGS).status_code in {302, 403}


def test_window_of_a_family_reclassifies_and_its_name_does_not(ada: User, client: Browser) -> None:
    family = make_family()
    url = reverse("admin:contracts_productfamily_change", args=[family.pk])
    client.post(url, {"name": "Seguros", "window_rule": "days"})
    assert ProductFamily.objects.get().name == "Seguros"
    assert not Job.objects.filter(kind=RECLASSIFY).exists()
    client.post(url, {"name": "Seguros", "window_rule": "days", "window_days": "90"})
    assert Job.objects.filter(kind=RECLASSIFY).count() == 1


def test_product_moved_to_another_family_reclassifies(ada: User, client: Browser) -> None:
    product, other = make_product(), make_family()
    url = reverse("admin:contracts_product_change", args=[product.pk])
    client.post(url, {"name": product.name, "family": other.pk, "tier": "1", "is_active": "on"})
    assert Job.objects.filter(kind=RECLASSIFY).count() == 1
