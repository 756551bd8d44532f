"""Templates and call scripts as people write them: the company's by those who lead, one's own by everybody.

Every change claims a version, so that two people never overwrite each other. What is retired stays with its history.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F, Max, Q, QuerySet

from clients.versions import StaleRecordError
from contacts.models import CallScript, MessageTemplate, ScriptBlock
from people import activity
from people.models import User
from people.roles import Permission


class NameTakenError(Exception):
    """Another template of this channel, or another script, has the name."""


# --- Templates ----------------------------------------------------------------------------------------


def templates_of(user: User) -> QuerySet[MessageTemplate]:
    """The company's and one's own, retired ones too."""
    return MessageTemplate.objects.filter(Q(owner=None) | Q(owner=user)).select_related("owner")


def may_edit(template: MessageTemplate, *, by: User) -> bool:
    return template.owner_id == by.pk if template.owner_id else by.may(Permission.PLAN_CONTACTS)


@transaction.atomic
def create_template(values: Mapping[str, Any], *, by: User, for_company: bool = False) -> MessageTemplate:
    template = MessageTemplate(**values, owner=None if for_company else by)
    _allow(template, by)
    _save(template, force_insert=True)
    activity.record("template_created", template, by=by, name=template.name)
    return template


@transaction.atomic
def edit_template(template: MessageTemplate, values: Mapping[str, Any], *, version: int, by: User) -> None:
    """Raises StaleRecordError when somebody saved since `version`."""
    _allow(template, by)
    _claim(template, version)
    for name, value in values.items():
        setattr(template, name, value)
    _save(template, update_fields=[*values])
    activity.record("template_edited", template, by=by, name=template.name)


@transaction.atomic
def set_in_use(text: MessageTemplate | CallScript, in_use: bool, *, by: User) -> None:
    """A retired text is no longer offered; plans that name it keep it."""
    if isinstance(text, MessageTemplate):
        _allow(text, by)
    same = type(text).objects.filter(pk=text.pk, is_active=not in_use)
    if same.update(is_active=in_use, version=F("version") + 1):
        activity.record("text_restored" if in_use else "text_retired", text, by=by, name=text.name)


def _allow(template: MessageTemplate, by: User) -> None:
    if not may_edit(template, by=by):
        raise PermissionDenied


# --- Scripts ------------------------------------------------------------------------------------------


@transaction.atomic
def create_script(values: Mapping[str, Any], *, by: User) -> CallScript:
    script = CallScript(**values)
    _save(script, force_insert=True)
    activity.record("script_created", script, by=by, name=script.name)
    return script


@transaction.atomic
def edit_script(script: CallScript, values: Mapping[str, Any], *, version: int, by: User) -> None:
    """Raises StaleRecordError, like every change below."""
    _claim(script, version)
    for name, value in values.items():
        setattr(script, name, value)
    _save(script, update_fields=[*values])
    _tell(script, by)


@transaction.atomic
def add_block(script: CallScript, values: Mapping[str, Any], *, version: int, by: User) -> ScriptBlock:
    """At the end."""
    _claim(script, version)
    last = script.blocks.aggregate(last=Max("position"))["last"] or 0
    block = ScriptBlock.objects.create(script=script, position=last + 1, **values)
    _tell(script, by)
    return block


@transaction.atomic
def edit_block(block: ScriptBlock, values: Mapping[str, Any], *, version: int, by: User) -> None:
    _claim(block.script, version)
    for name, value in values.items():
        setattr(block, name, value)
    block.save(update_fields=[*values])
    _tell(block.script, by)


@transaction.atomic
def move_block(block: ScriptBlock, *, up: bool, version: int, by: User) -> None:
    """Changes place with its neighbour; at the end of the row nothing happens."""
    _claim(block.script, version)
    blocks = list(block.script.blocks.all())
    place = next(place for place, other in enumerate(blocks) if other.pk == block.pk)
    target = place - 1 if up else place + 1
    if 0 <= target < len(blocks):
        blocks[place], blocks[target] = blocks[target], blocks[place]
        _number(blocks)
        _tell(block.script, by)


@transaction.atomic
def remove_block(block: ScriptBlock, *, version: int, by: User) -> None:
    _claim(block.script, version)
    block.delete()
    _number(list(block.script.blocks.all()))
    _tell(block.script, by)


def _number(blocks: Sequence[ScriptBlock]) -> None:
    for position, block in enumerate(blocks, 1):
        block.position = position
    ScriptBlock.objects.bulk_update(blocks, ["position"])


def _tell(script: CallScript, by: User) -> None:
    activity.record("script_edited", script, by=by, name=script.name)


# --- Both ---------------------------------------------------------------------------------------------


def _claim(text: MessageTemplate | CallScript, version: int) -> None:
    same = type(text).objects.filter(pk=text.pk)
    if not same.filter(version=version).update(version=F("version") + 1):
        raise StaleRecordError(same.get())
    text.version = version + 1


def _save(text: MessageTemplate | CallScript, **how: Any) -> None:
    """The constraint on names is asked by the database: two people may choose one at the same moment."""
    try:
        with transaction.atomic():
            text.save(**how)
    except IntegrityError as error:
        raise NameTakenError from error
