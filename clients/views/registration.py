"""New client, its warnings while typing, and the edit of its profile."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from clients import duplicates, registration
from clients.duplicates import DuplicateDocumentError, SimilarClientsError, TooManyHitsError
from clients.forms import ClientCreateForm, ClientEditForm, TagsForm
from clients.hygiene import doubts
from clients.models import Client
from clients.views.dialogs import FormPage, handle, once, refused, repeated_submit
from core import answers
from core.forms import RepeatedSubmitError
from core.models import FormKey
from people.access import UserRequest, allow
from people.models import User
from people.roles import Permission, Role

CREATE = "clients/client_create.html"


@allow(Permission.EDIT_CLIENTS, methods=("GET", "POST"))
def client_create(request: UserRequest) -> HttpResponse:
    form = _create_form(request)
    if not form.is_valid():
        return (answers.invalid if form.is_bound else render)(request, CREATE, {"form": form})
    try:
        return _register(request, form)
    except DuplicateDocumentError as error:
        return _tell_duplicate(request, form, error.holder)
    except SimilarClientsError as error:
        return answers.invalid(request, CREATE, {"form": form, "similar": error.clients, "asks": True})
    except RepeatedSubmitError as repeated:
        return repeated_submit(request, repeated, url=reverse("portfolio:client_list"))
    except TooManyHitsError:
        return _too_many(request, form)


def _create_form(request: UserRequest) -> ClientCreateForm:
    may_assign = request.user.may(Permission.ASSIGN_CLIENTS)
    return ClientCreateForm(request.POST or None, user=request.user, may_assign=may_assign)


def _register(request: UserRequest, form: ClientCreateForm) -> HttpResponse:
    user, data = request.user, form.cleaned_data
    if data["document"].normalized:
        duplicates.require_quota(by=user)
    with once(form, by=user):
        client = registration.register(
            form.profile(),
            contact=form.first_contact(),
            owner=_owner(user, form),
            confirmed=data["confirmed"],
            by=user,
        )
        url = client.get_absolute_url()
        FormKey.objects.filter(key=data["form_key"]).update(result_url=url)
    text = _("%(name)s foi cadastrado.") % {"name": client.display_name}
    warnings = doubts(cep=data["cep"], uf=data["uf"], email=data["email"])
    return answers.done(request, " ".join([text, *warnings]), url=url)


def _owner(user: User, form: ClientCreateForm) -> User | None:
    """Who may assign chooses; a seller keeps the client; backoffice has no portfolio and fills the queue."""
    if "owner" in form.fields:
        owner: User | None = form.cleaned_data["owner"]
        return owner
    return None if user.role == Role.BACKOFFICE else user


def _tell_duplicate(request: UserRequest, form: ClientCreateForm, holder: Client) -> HttpResponse:
    told = duplicates.tell(holder, by=request.user)
    form.add_error("document", told.text)
    return answers.invalid(request, CREATE, {"form": form, "told": told})


def _too_many(request: UserRequest, form: ClientCreateForm) -> HttpResponse:
    form.add_error("document", too_many_text())
    return render(request, CREATE, {"form": form}, status=429)


def too_many_text() -> str:
    return _("Foram muitos documentos de outras carteiras na última hora. Tente de novo mais tarde.")


@allow(Permission.EDIT_CLIENTS, methods=("POST",))
def client_duplicates(request: UserRequest) -> HttpResponse:
    """Warnings while the form is being filled; by POST, so that no document stands in an address."""
    form, user = _create_form(request), request.user
    form.is_valid()
    data = form.cleaned_data
    document, phone, email = data.get("document"), data.get("phone"), data.get("email") or ""
    told = None
    if document is not None and document.normalized:
        try:
            duplicates.require_quota(by=user)
            holder = duplicates.holder_of(document.normalized)
            told = duplicates.tell(holder, by=user) if holder else None
        except TooManyHitsError:
            return HttpResponse(too_many_text(), status=429)
    similar = duplicates.similar_clients(
        data.get("name") or "", phones=[phone.e164] if phone else [], emails=[email] if email else [], by=user
    )
    warnings = doubts(cep=data.get("cep") or "", uf=data.get("uf") or "", email=email)
    context = {"told": told, "similar": similar, "warnings": warnings}
    return render(request, f"{CREATE}#warnings", context)


@allow(Permission.EDIT_CLIENTS, methods=("GET", "POST"))
def client_edit(request: UserRequest, pk: int) -> HttpResponse:
    visible = Client.objects.visible_to(request.user).select_related("sector").prefetch_related("tags")
    client = get_object_or_404(visible, pk=pk)
    form = ClientEditForm(request.POST or None, client=client)
    page = FormPage(
        title=_("Editar cliente"),
        submit=_("Salvar cliente"),
        back=client.get_absolute_url(),
        crumb=client.display_name,
        wide=True,
    )

    def save() -> str:
        profile = form.profile()
        if profile.document != client.document:
            duplicates.require_quota(by=request.user)
        saved = registration.update(client, profile, version=form.cleaned_data["version"], by=request.user)
        return _("%(name)s foi salvo.") % {"name": saved.display_name}

    try:
        return handle(request, page, form, save, present=ClientEditForm.initial_of)
    except DuplicateDocumentError as error:
        return refused(request, page, form, "document", duplicates.tell(error.holder, by=request.user).text)
    except TooManyHitsError:
        return refused(request, page, form, "document", too_many_text(), status=429)


@allow(Permission.EDIT_CLIENTS, methods=("GET", "POST"))
def client_tags(request: UserRequest, pk: int) -> HttpResponse:
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=pk)
    form = TagsForm(request.POST or None, initial={"tags": ", ".join(tag.name for tag in client.tags.all())})
    page = FormPage(
        title=_("Etiquetas"),
        submit=_("Salvar etiquetas"),
        back=client.get_absolute_url(),
        crumb=client.display_name,
    )

    def save() -> str:
        registration.set_tags(client, form.names(), by=request.user)
        return _("Etiquetas salvas.")

    return handle(request, page, form, save)
