"""Call scripts on the screen: their blocks in order, and how they read along a call with a client."""

from collections.abc import Callable

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from clients.models import Client
from clients.versions import StaleRecordError
from clients.views.dialogs import FormPage, RefusedError, handle, once, template_for
from contacts import texts, wording
from contacts.forms_texts import BlockForm, ScriptCreateForm, ScriptEditForm
from contacts.models import CallScript, ScriptBlock
from contacts.views.texts import with_name
from core import answers
from core.forms import RepeatedSubmitError
from people.access import UserRequest, allow
from people.roles import Permission

EVENTS = ("script-changed",)


def address(script: CallScript) -> str:
    return reverse("contacts:script_detail", args=[script.pk])


@allow(Permission.CONTACT)
def script_list(request: UserRequest) -> HttpResponse:
    scripts = CallScript.objects.annotate(block_count=Count("blocks")).order_by("-is_active", "name")
    return render(request, "contacts/script_list.html", {"scripts": scripts})


@allow(Permission.CONTACT)
def script_detail(request: UserRequest, pk: int) -> HttpResponse:
    """The script as it is written; those who lead change it here."""
    script = get_object_or_404(CallScript, pk=pk)
    context = {"script": script, "blocks": list(script.blocks.all())}
    template = "contacts/script_detail.html"
    return render(request, f"{template}#script" if answers.is_fragment(request) else template, context)


@allow(Permission.CONTACT)
def script_show(request: UserRequest, client_pk: int, pk: int) -> HttpResponse:
    """Along a call: each block filled for the client, with what is missing said in its place."""
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=client_pk)
    script = get_object_or_404(CallScript, pk=pk)
    values = wording.values_for(client, request.user)
    blocks = [(block, wording.put_in(block.text, values)) for block in script.blocks.all()]
    context = {"client": client, "script": script, "blocks": blocks}
    return render(request, template_for(request, "contacts/script_show.html"), context)


@allow(Permission.PLAN_CONTACTS, methods=("GET", "POST"))
def script_create(request: UserRequest) -> HttpResponse:
    form = ScriptCreateForm(request.POST or None)
    page = _page(_("Novo roteiro"), _("Criar roteiro"), lede=_("Depois de criado, inclua os blocos."))
    context = {"page": page, "form": form}
    if request.method != "POST":
        return render(request, template_for(request), context)
    if not form.is_valid():
        return answers.invalid(request, template_for(request), context)
    try:
        with once(form, by=request.user, url=page.back):
            script = texts.create_script(form.values(), by=request.user)
    except RepeatedSubmitError:
        return answers.go_to(request, page.back)
    except texts.NameTakenError:
        form.add_error("name", _("Este nome já existe. Escolha outro."))
        return answers.invalid(request, template_for(request), context)
    return answers.go_to(request, address(script))


@allow(Permission.PLAN_CONTACTS, methods=("GET", "POST"))
def script_edit(request: UserRequest, pk: int) -> HttpResponse:
    script = get_object_or_404(CallScript, pk=pk)
    form = ScriptEditForm(request.POST or None, initial=ScriptEditForm.initial_of(script))

    def save() -> str:
        version = form.cleaned_data["version"]
        with_name(lambda: texts.edit_script(script, form.values(), version=version, by=request.user))
        return _("Roteiro salvo.")

    page = _page(_("Editar roteiro"), _("Salvar roteiro"), script=script)
    return handle(request, page, form, save, events=EVENTS, present=ScriptEditForm.initial_of)


@allow(Permission.PLAN_CONTACTS, methods=("POST",))
def script_retire(request: UserRequest, pk: int) -> HttpResponse:
    script = get_object_or_404(CallScript, pk=pk)
    texts.set_in_use(script, False, by=request.user)
    text = _("Roteiro %(name)s fora de uso.") % {"name": script.name}
    undo = reverse("contacts:script_restore", args=[pk])
    return answers.done(request, text, url=address(script), undo_url=undo, events=EVENTS)


@allow(Permission.PLAN_CONTACTS, methods=("POST",))
def script_restore(request: UserRequest, pk: int) -> HttpResponse:
    script = get_object_or_404(CallScript, pk=pk)
    texts.set_in_use(script, True, by=request.user)
    text = _("Roteiro %(name)s em uso de novo.") % {"name": script.name}
    return answers.done(request, text, url=address(script), events=EVENTS)


# --- Blocks -------------------------------------------------------------------------------------------


@allow(Permission.PLAN_CONTACTS, methods=("GET", "POST"))
def block_add(request: UserRequest, pk: int) -> HttpResponse:
    script = get_object_or_404(CallScript, pk=pk)
    form = BlockForm(request.POST or None, initial={"version": script.version})

    def save() -> str:
        texts.add_block(script, form.values(), version=form.cleaned_data["version"], by=request.user)
        return _("Bloco incluído.")

    page = _page(_("Novo bloco"), _("Incluir bloco"), script=script)
    return handle(request, page, form, _guarded(save), events=EVENTS)


@allow(Permission.PLAN_CONTACTS, methods=("GET", "POST"))
def block_edit(request: UserRequest, pk: int) -> HttpResponse:
    block = _block(pk)
    initial = {"kind": block.kind, "text": block.text, "version": block.script.version}
    form = BlockForm(request.POST or None, initial=initial)

    def save() -> str:
        texts.edit_block(block, form.values(), version=form.cleaned_data["version"], by=request.user)
        return _("Bloco salvo.")

    page = _page(_("Editar bloco"), _("Salvar bloco"), script=block.script)
    return handle(request, page, form, _guarded(save), events=EVENTS)


@allow(Permission.PLAN_CONTACTS, methods=("POST",))
def block_move(request: UserRequest, pk: int) -> HttpResponse:
    block, is_up = _block(pk), request.POST.get("para") == "cima"
    return _change(request, block, lambda version: texts.move_block(block, up=is_up, version=version, by=request.user))


@allow(Permission.PLAN_CONTACTS, methods=("POST",))
def block_remove(request: UserRequest, pk: int) -> HttpResponse:
    block = _block(pk)
    return _change(request, block, lambda version: texts.remove_block(block, version=version, by=request.user))


def _change(request: UserRequest, block: ScriptBlock, act: Callable[[int], None]) -> HttpResponse:
    typed = request.POST.get("version", "")
    if not (typed.isascii() and typed.isdecimal()):
        return HttpResponse(status=400)
    text = _("Blocos salvos.")
    try:
        act(int(typed))
    except StaleRecordError:
        text = _("Outra pessoa mudou este roteiro. Confira os blocos e tente de novo.")
    return answers.done(request, text, url=address(block.script), events=EVENTS)


def _guarded(act: Callable[[], str]) -> Callable[[], str]:
    """The version is that of the whole script: what changed need not be this block."""

    def guarded() -> str:
        try:
            return act()
        except StaleRecordError as stale:
            text = _("Outra pessoa mudou este roteiro. Feche, confira os blocos e faça a mudança de novo.")
            raise RefusedError("", text) from stale

    return guarded


def _block(pk: int) -> ScriptBlock:
    return get_object_or_404(ScriptBlock.objects.select_related("script"), pk=pk)


def _page(title: str, submit: str, *, script: CallScript | None = None, lede: str = "") -> FormPage:
    back = address(script) if script else reverse("contacts:script_list")
    crumb = script.name if script else _("Roteiros")
    return FormPage(title=title, submit=submit, back=back, crumb=crumb, lede=lede, wide=True)
