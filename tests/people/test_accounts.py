"""Who stands behind a session."""

import pytest
from django.contrib.auth.backends import ModelBackend

from people.accounts import Backend
from people.models import User
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_person_of_a_session_is_read_whole() -> None:
    user = make_user("Júlia")
    found = Backend().get_user(user.pk)

    assert found == user
    assert found is not None
    assert not found.get_deferred_fields()
    assert vars(found).keys() == vars(User.objects.get(pk=user.pk)).keys()


def test_disabled_and_unknown_people_have_no_session() -> None:
    user = make_user("Júlia")
    User.objects.filter(pk=user.pk).update(is_active=False)

    for pk in (user.pk, user.pk + 1):
        assert Backend().get_user(pk) is None
        assert ModelBackend().get_user(pk) is None
