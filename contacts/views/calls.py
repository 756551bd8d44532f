"""A call through the telephone system: it rings the seller first, then the client."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from clients.models import Client
from clients.views.dialogs import once, repeated_submit
from contacts import adapters, gate_facts, links
from contacts.forms_call import CallForm
from contacts.models import LogChannel
from core import answers
from core.forms import RepeatedSubmitError
from people.access import UserRequest, allow
from people.roles import Permission


@allow(Permission.CONTACT, methods=("POST",))
def call_start(request: UserRequest, client_pk: int) -> HttpResponse:
    """One call for one key; then the dialog asks how it went."""
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=client_pk)
    form = CallForm(request.POST, client=client)
    if not form.is_valid() or not adapters.is_configured(LogChannel.CALL):
        return HttpResponse(status=400)
    url = client.get_absolute_url()
    try:
        with once(form, by=request.user, url=url):
            _start(request, form, client)
    except RepeatedSubmitError as repeated:
        return repeated_submit(request, repeated, url=url)
    except gate_facts.BlockedError as blocked:
        return answers.done(request, blocked.verdict.text, url=url)
    except (adapters.AwayError, adapters.RefusedError):
        text = _("A central telefônica não completou a ligação. Ligue pelo seu telefone.")
        return answers.done(request, text, url=url, events=())
    phone, purpose = form.cleaned_data["phone"], form.cleaned_data["purpose"]
    log_url = links.log_url(client.pk, channel=LogChannel.CALL, phone=phone.pk, purpose=purpose)
    if not answers.is_fragment(request):
        return answers.go_to(request, log_url)
    return render(request, "contacts/call_started.html", {"log_url": log_url})


def _start(request: UserRequest, form: CallForm, client: Client) -> None:
    number, purpose = form.cleaned_data["phone"].e164, gate_facts.purpose_asked(client, form.cleaned_data["purpose"])
    gate_facts.require(client, channel=LogChannel.CALL, purpose=purpose, number=number)
    adapters.calls().start_call(number, extension=request.user.phone, key=form.cleaned_data["form_key"])
