"""Clients in Django's admin: searched, read, with their history. Sectors and tags are kept here."""

from typing import Any, ClassVar, cast

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from brazil.documents import mask_document
from brazil.names import folded
from clients import search
from clients.models import Client, ClientQuerySet, Consent, OptOut, Sector, Tag
from people.admin import ReadOnlyAdmin
from people.models import Activity, User
from people.roles import Permission

HISTORY_LINES = 50


def may_administer(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.may(Permission.USE_ADMIN)


class ForAdmins(admin.ModelAdmin[Any]):
    """Opens to the role of admin: Carteira grants by role, not by Django's table of permissions."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_administer(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_administer(request)


class RecordAdmin(ReadOnlyAdmin, ForAdmins):
    """A guarded record and its history: what the person sees, never changed here, where no rule would run."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        visible: QuerySet[Any] = self.model.objects.visible_to(request.user)
        return visible

    @admin.display(description=_("histórico"))
    def history(self, record: Model) -> str:
        content_type = ContentType.objects.get_for_model(type(record))
        log = Activity.objects.filter(content_type=content_type, object_id=record.pk).select_related("by")
        lines = (
            (f"{localtime(line.at):%d/%m/%Y %H:%M}", line.by or _("a noite"), line.verb, line.changes or "")
            for line in log[:HISTORY_LINES]
        )
        return format_html_join("", "<p>{} · {} · {} {}</p>", lines)


class KeyedAdmin(ForAdmins):
    """Words with a folded key: the key follows the name."""

    list_display: tuple[str, ...] = ("name",)
    search_fields: ClassVar[tuple[str, ...]] = ("key",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_administer(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_administer(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_administer(request)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.key = folded(obj.name)
        super().save_model(request, obj, form, change)


@admin.register(Client)
class ClientAdmin(RecordAdmin):
    list_display = (
        "name",
        "person_type",
        "masked_document",
        "portfolio_class",
        "owner",
        "team",
        "city",
        "uf",
    )
    list_filter = ("portfolio_class", "person_type", "uf", "sector", "tags", "team")
    list_select_related = ("owner", "team")
    # Django shows the box when there are fields; `get_search_results` does the finding.
    search_fields = ("name_key",)
    search_help_text = _("Nome, documento, telefone, e-mail ou código.")
    exclude = ("document", "name_key")
    readonly_fields = ("masked_document", "history")
    ordering = ("name_key", "pk")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Client], search_term: str
    ) -> tuple[QuerySet[Client], bool]:
        return search.matching(cast(ClientQuerySet, queryset), search_term), False

    @admin.display(description=_("documento"))
    def masked_document(self, client: Client) -> str:
        return mask_document(client.document)


class DecisionAdmin(RecordAdmin):
    """Consents and opt-outs: append-only, so they are only shown."""

    list_filter: ClassVar[tuple[str, ...]] = ("channel", "purpose")
    search_fields = ("client__name_key",)
    list_select_related = ("client", "by")
    date_hierarchy = "at"


@admin.register(Consent)
class ConsentAdmin(DecisionAdmin):
    list_display = ("client", "channel", "purpose", "granted", "source", "at", "by")
    list_filter = ("channel", "purpose", "granted")


@admin.register(OptOut)
class OptOutAdmin(DecisionAdmin):
    list_display = ("client", "channel", "purpose", "reason", "at", "by")


admin.site.register(Sector, KeyedAdmin)
admin.site.register(Tag, KeyedAdmin)
