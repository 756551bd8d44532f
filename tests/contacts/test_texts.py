"""Templates and scripts: who may write which, versions, names, blocks in order."""

import pytest
from django.core.exceptions import PermissionDenied

from clients.versions import StaleRecordError
from contacts import texts
from contacts.models import CallScript, MessageTemplate, ScriptBlock

pytestmark = pytest.mark.django_db
WORDS = {"name": "Saudação", "channel": "whatsapp", "purpose": "service", "body": "Olá"}


@pytest.fixture(autouse=True)
def own_words():
    CallScript.objects.all().delete()
    MessageTemplate.objects.all().delete()


@pytest.fixture
def script(cast):
    made = texts.create_script({"name": "Renovação", "purpose": "offer"}, by=cast.sonia)
    for place, kind in enumerate(("greeting", "purpose", "closing"), 1):
        texts.add_block(made, {"kind": kind, "text": kind}, version=place, by=cast.sonia)
    return made


def order(script) -> list[str]:
    return list(ScriptBlock.objects.filter(script=script).values_list("kind", flat=True))


def test_company_templates_are_written_by_leaders_and_own_ones_by_all(cast):
    shared = texts.create_template(WORDS, by=cast.sonia, for_company=True)
    own = texts.create_template(WORDS, by=cast.julia)
    assert (shared.owner, own.owner) == (None, cast.julia)
    with pytest.raises(PermissionDenied):
        texts.create_template({**WORDS, "name": "Outra"}, by=cast.julia, for_company=True)
    with pytest.raises(PermissionDenied):
        texts.edit_template(shared, WORDS, version=1, by=cast.julia)
    with pytest.raises(PermissionDenied):
        texts.set_in_use(own, False, by=cast.ada)
    assert set(texts.templates_of(cast.julia)) == {shared, own}
    assert set(texts.templates_of(cast.davi)) == {shared}


def test_name_is_taken_once_per_channel_and_owner(cast):
    texts.create_template(WORDS, by=cast.julia)
    texts.create_template({**WORDS, "channel": "sms"}, by=cast.julia)
    with pytest.raises(texts.NameTakenError):
        texts.create_template({**WORDS, "name": "SAUDAÇÃO"}, by=cast.julia)


def test_edit_of_an_older_version_is_refused(cast):
    template = texts.create_template(WORDS, by=cast.julia)
    late = MessageTemplate.objects.get()
    texts.edit_template(template, {"body": "Bom dia"}, version=1, by=cast.julia)
    with pytest.raises(StaleRecordError) as stale:
        texts.edit_template(late, {"body": "Boa tarde"}, version=1, by=cast.julia)
    assert (stale.value.current.body, template.version) == ("Bom dia", 2)


def test_retired_text_comes_back(cast, script):
    template = texts.create_template(WORDS, by=cast.julia)
    for text, by in ((template, cast.julia), (script, cast.sonia)):
        texts.set_in_use(text, False, by=by)
        texts.set_in_use(text, False, by=by)
        text.refresh_from_db()
        assert not text.is_active
        texts.set_in_use(text, True, by=by)
        text.refresh_from_db()
        assert text.is_active
    assert template.version == 3


def test_script_is_renamed_with_a_version(cast, script):
    texts.edit_script(script, {"name": "Renovar"}, version=4, by=cast.sonia)
    with pytest.raises(StaleRecordError):
        texts.edit_script(CallScript.objects.get(), {"name": "Outro"}, version=4, by=cast.sonia)
    with pytest.raises(texts.NameTakenError):
        texts.create_script({"name": "Renovar", "purpose": "offer"}, by=cast.sonia)


def test_blocks_move_one_place_and_stay_inside(cast, script):
    blocks = {block.kind: block for block in script.blocks.select_related("script")}
    texts.move_block(blocks["closing"], up=True, version=4, by=cast.sonia)
    assert order(script) == ["greeting", "closing", "purpose"]
    texts.move_block(blocks["greeting"], up=True, version=5, by=cast.sonia)
    texts.move_block(blocks["purpose"], up=False, version=6, by=cast.sonia)
    assert order(script) == ["greeting", "closing", "purpose"]
    with pytest.raises(StaleRecordError):
        texts.move_block(blocks["greeting"], up=False, version=6, by=cast.sonia)
    texts.move_block(blocks["greeting"], up=False, version=7, by=cast.sonia)
    assert order(script) == ["closing", "greeting", "purpose"]


def test_block_is_edited_and_removed(cast, script):
    block = script.blocks.select_related("script").get(kind="purpose")
    texts.edit_block(block, {"kind": "offer", "text": "CET"}, version=4, by=cast.sonia)
    assert order(script) == ["greeting", "offer", "closing"]
    texts.remove_block(block, version=5, by=cast.sonia)
    assert list(script.blocks.values_list("kind", "position")) == [("greeting", 1), ("closing", 2)]
