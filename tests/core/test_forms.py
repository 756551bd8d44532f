"""One-time keys make the second click of a double submit harmless; versions are whole numbers from 1."""

import pytest
from django.core.exceptions import ValidationError

from core.forms import OneTimeFormMixin, RepeatedSubmitError, VersionField, use_key
from core.models import FormKey, new_form_key
from tests.factories import make_user


def test_every_form_gets_its_own_key() -> None:
    first, second = (OneTimeFormMixin()["form_key"].value() for _turn in range(2))

    assert first != second
    assert len(first) >= 32
    assert OneTimeFormMixin({}).errors.keys() == {"form_key"}
    assert OneTimeFormMixin({"form_key": "x" * 41}).errors.keys() == {"form_key"}


@pytest.mark.django_db
def test_use_key_spends_it_and_tells_where_the_first_submit_led() -> None:
    julia, key = make_user("Júlia Prado"), new_form_key()
    use_key(key, user=julia, result_url="/clientes/1/")

    with pytest.raises(RepeatedSubmitError) as repeated:
        use_key(key, user=julia)

    assert (repeated.value.result_url, str(repeated.value)) == ("/clientes/1/", "/clientes/1/")
    assert str(FormKey.objects.get()) == key


@pytest.mark.django_db
def test_use_key_tells_nobody_else_where_it_led() -> None:
    key = new_form_key()
    use_key(key, user=make_user("Júlia Prado"), result_url="/clientes/1/")

    with pytest.raises(RepeatedSubmitError) as repeated:
        use_key(key, user=make_user("Davi Lobo"))

    assert repeated.value.result_url == ""


@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5", ""])
def test_version_refuses_what_no_record_has(value: str) -> None:
    with pytest.raises(ValidationError):
        VersionField().clean(value)


def test_version_is_a_number() -> None:
    assert VersionField().clean("3") == 3
