"""A client enters or leaves a contact plan by hand."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import Client
from clients.views.dialogs import FormPage, RefusedError, handle
from contacts import plans
from contacts.forms_plans import JoinForm, LeaveForm
from contacts.models import PlanMembership
from core.templatetags.formats import day
from people.access import UserRequest, allow
from people.roles import Permission

EVENTS = ("client-changed", "plan-changed")


@allow(Permission.CONTACT, methods=("GET", "POST"))
def plan_join(request: UserRequest, client_pk: int) -> HttpResponse:
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=client_pk)
    form = JoinForm(request.POST or None)
    page = FormPage(
        title=_("Pôr em um plano de contato"),
        submit=_("Pôr no plano"),
        back=client.get_absolute_url(),
        crumb=client.display_name,
    )

    def join() -> str:
        plan = form.cleaned_data["plan"]
        try:
            membership = plans.join(client, plan, by=request.user, on=timezone.localdate())
        except plans.PlanRefusedError as refusal:
            raise RefusedError("plan", str(refusal)) from refusal
        said = {"client": client.display_name, "plan": plan.name, "day": day(membership.due_on)}
        return _("%(client)s no plano %(plan)s. Primeiro contato: %(day)s.") % said

    return handle(request, page, form, join, events=EVENTS)


@allow(Permission.CONTACT, methods=("GET", "POST"))
def membership_leave(request: UserRequest, pk: int) -> HttpResponse:
    visible = PlanMembership.objects.visible_to(request.user).select_related("client", "plan")
    membership = get_object_or_404(visible, pk=pk)
    form = LeaveForm(request.POST or None)
    page = FormPage(
        title=_("Tirar do plano de contato"),
        submit=_("Tirar do plano"),
        back=membership.client.get_absolute_url(),
        crumb=membership.client.display_name,
        lede=_("Plano %(plan)s. O que já foi feito fica no histórico.") % {"plan": membership.plan.name},
        danger=True,
    )

    def leave() -> str:
        plans.leave(membership, form.cleaned_data["reason"], by=request.user)
        return _("%(client)s saiu do plano %(plan)s.") % {
            "client": membership.client.display_name,
            "plan": membership.plan.name,
        }

    return handle(request, page, form, leave, events=EVENTS)
