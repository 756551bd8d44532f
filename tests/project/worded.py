"""The words of the world: a template of each person's own, and one script of the company."""

from collections.abc import Iterator, Mapping

from contacts.models import CallScript, MessageTemplate, ScriptBlock
from people.models import User
from tests.project.canaries import Canaries

# The address of a script along a call names two records; the walk knows this one by heart.
SCRIPT = 990_001


def words(make: Canaries, people: Mapping[str, User]) -> Iterator[tuple[str, str, int]]:
    """Kind, label and id of each record."""
    for label, person in people.items():
        template = MessageTemplate.objects.create(
            name=make.word(f"template/{label}", "name"),
            channel="whatsapp",
            purpose="service",
            body=make.word(f"template/{label}", "body"),
            owner=person,
        )
        yield "template", label, template.pk
    script = CallScript.objects.create(pk=SCRIPT, name="Roteiro do mundo", purpose="service")
    block = ScriptBlock.objects.create(script=script, kind="greeting", text="Falo com {{nome}}?")
    yield "script", "roteiro", script.pk
    yield "block", "roteiro", block.pk
