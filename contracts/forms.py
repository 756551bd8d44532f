"""Forms of purchases and contracts: products by family, money and dates as Brazilians type them."""

from itertools import groupby
from operator import itemgetter
from typing import Any, ClassVar, cast

from crispy_forms.layout import Column, Field, Layout, Row
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.fields import DateField, MoneyField, PastDateField, SuggestField
from clients.forms import StrictForm, owner_choices
from clients.models import Client
from contracts.agreements import Terms, next_term
from contracts.models import Contract, Institution, Product, Purchase
from contracts.purchases import Sale
from core.forms import OneTimeFormMixin, VersionField
from core.statements import Later, Statement
from people.models import User
from people.roles import Permission, Role


class ProductIterator(forms.models.ModelChoiceIterator[Product]):
    """Products under the name of their family."""

    def __iter__(self) -> Any:
        yield ("", self.field.empty_label)
        offered = OFFERED.ask(present=cast(ProductField, self.field).present)
        for family, products in groupby(offered, key=itemgetter("family__name")):
            yield (family, [(product["pk"], product["name"]) for product in products])


def _offered(present: int | Later | None) -> QuerySet[Product]:
    """What is on sale, and the product a record already has."""
    return Product.objects.filter(Q(is_active=True) | Q(pk=present))


def _listed() -> Any:
    products = _offered(Later("present")).order_by("family__key", "tier", "key")
    return products.values("pk", "name", "family__name")


OFFERED = Statement(_listed)


class ProductField(forms.ModelChoiceField[Product]):
    iterator = ProductIterator
    present: int | None = None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Product.objects.none(), label=_("Produto"), empty_label=_("Escolha o produto"), **kwargs)

    def offer(self, present: Product | None) -> None:
        self.present = present.pk if present else None
        self.queryset = _offered(self.present).select_related("family")


class SoldForm(StrictForm):
    """Base of both forms: who sold is chosen only by those who record the sales of others."""

    seller = forms.ModelChoiceField(User.objects.none(), label=_("Vendedor"))
    notes = forms.CharField(label=_("Observação"), max_length=300, required=False)

    def __init__(
        self, *args: Any, user: User, client: Client, present: Purchase | Contract | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].offer(present.product if present else None)  # type: ignore[attr-defined]
        # As they stand on the screen: the summary of errors follows this order.
        self.order_fields([name for name in self.fields if name not in {"seller", "notes"}])
        if not (user.may(Permission.ASSIGN_CLIENTS) or user.role == Role.BACKOFFICE):
            del self.fields["seller"]
            return
        sellers = owner_choices(user) | User.objects.filter(pk__in=self._keeps(user, present))
        self.fields["seller"].queryset = sellers.order_by("name_key")  # type: ignore[attr-defined]
        self.initial.setdefault("seller", user if user.role != Role.BACKOFFICE else client.owner)

    @staticmethod
    def _keeps(user: User, present: Purchase | Contract | None) -> list[int]:
        """Whoever sold it stays selectable, though gone or out of sight; and so is the one who records it."""
        return [pk for pk in (user.pk, present.seller_id if present else None) if pk]

    def _row(self, *names: str) -> Row:
        width = 12 // len(names)
        return Row(*(Column(name, css_class=f"col-sm-{width}") for name in names))

    def _seller_row(self) -> list[Field]:
        return [Field("seller")] if "seller" in self.fields else []


class PurchaseForm(SoldForm):
    product = ProductField()
    sold_on = PastDateField(label=_("Data da venda"))
    amount = MoneyField(label=_("Valor"), max_length=40)
    number = forms.CharField(
        label=_("Número"), max_length=40, required=False, help_text=_("Pedido ou nota, se houver.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("sold_on", timezone.localdate())
        hidden = next(name for name in ("form_key", "version") if name in self.fields)
        rows = ("product", self._row("sold_on", "amount"), "number", *self._seller_row(), "notes")
        self.helper.layout = Layout(hidden, *rows)

    @staticmethod
    def initial_of(purchase: Purchase) -> dict[str, Any]:
        names = ("product", "sold_on", "amount", "number", "seller", "notes", "version")
        return {name: getattr(purchase, name) for name in names}

    def sale(self) -> Sale:
        names = ("product", "sold_on", "amount", "number", "seller", "notes")
        return Sale(**{name: self.cleaned_data[name] for name in names if name in self.cleaned_data})


class PurchaseCreateForm(PurchaseForm, OneTimeFormMixin):
    pass


class PurchaseEditForm(PurchaseForm):
    version = VersionField()


class ContractForm(SoldForm):
    typed_statuses: ClassVar = [choice for choice in Contract.Status.choices if choice[0] != Contract.Status.CANCELLED]

    product = ProductField()
    institution = SuggestField(
        label=_("Instituição"),
        list_id="instituicoes",
        max_length=120,
        required=False,
        help_text=_("Banco, seguradora ou fornecedor; vazio: nossa."),
    )
    number = forms.CharField(label=_("Número"), max_length=40, required=False)
    status = forms.ChoiceField(label=_("Situação"), choices=typed_statuses, initial=Contract.Status.IN_FORCE.value)
    signed_on = DateField(label=_("Assinado em"), required=False)
    start_on = DateField(label=_("Início"), required=False)
    end_on = DateField(label=_("Fim"), required=False, help_text=_("Último dia; vazio: sem prazo."))
    amount = MoneyField(label=_("Valor por mês"), max_length=40, required=False)
    term_months = forms.IntegerField(label=_("Parcelas"), min_value=1, max_value=600, required=False)
    first_due_on = DateField(label=_("Primeira parcela"), required=False)
    window_days = forms.IntegerField(
        label=_("Janela de renovação, em dias"),
        min_value=1,
        max_value=730,
        required=False,
        help_text=_("Vazio: a da família do produto."),
    )

    def __init__(self, *args: Any, present: Contract | None, **kwargs: Any) -> None:
        super().__init__(*args, present=present, **kwargs)
        names = Institution.objects.values_list("name", flat=True)
        self.fields["institution"].options = list(names)  # type: ignore[attr-defined]
        if present is not None and present.status == Contract.Status.CANCELLED and "version" in self.fields:
            del self.fields["status"]
        self.helper.layout = self._layout()

    def _layout(self) -> Layout:
        hidden = next(name for name in ("form_key", "version") if name in self.fields)
        status = self._row("status", "signed_on") if "status" in self.fields else self._row("signed_on")
        return Layout(
            hidden,
            "product",
            self._row("institution", "number"),
            status,
            self._row("start_on", "end_on"),
            self._row("amount", "term_months"),
            self._row("first_due_on", "window_days"),
            *self._seller_row(),
            "notes",
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        start, end = data.get("start_on"), data.get("end_on")
        signed = data.get("status", Contract.Status.CANCELLED) in (
            Contract.Status.SIGNED,
            Contract.Status.IN_FORCE,
        )
        if signed and start is None and "start_on" not in self.errors:
            self.add_error("start_on", _("Um contrato assinado precisa de início. Preencha ou deixe como rascunho."))
        if start and end and end < start:
            self.add_error("end_on", _("O fim vem antes do início. Troque as datas."))
        return data

    @staticmethod
    def initial_of(contract: Contract) -> dict[str, Any]:
        names = (
            "product",
            "number",
            "status",
            "signed_on",
            "start_on",
            "end_on",
            "amount",
            "term_months",
            "first_due_on",
            "window_days",
            "seller",
            "notes",
            "version",
        )
        initial = {name: getattr(contract, name) for name in names}
        return initial | {"institution": contract.institution.name if contract.institution else ""}

    @staticmethod
    def renewal_of(contract: Contract) -> dict[str, Any]:
        """What the successor starts with: the same terms, from the day after the end, for as long again."""
        start, end = next_term(contract)
        kept = ("product", "amount", "term_months", "window_days")
        return {
            **{name: getattr(contract, name) for name in kept},
            "institution": contract.institution.name if contract.institution else "",
            "status": Contract.Status.SIGNED.value,
            "signed_on": timezone.localdate(),
            "start_on": start,
            "end_on": end,
        }

    def terms(self) -> Terms:
        # A cancelled contract has no status to choose; the rule keeps its own.
        left_out = {"form_key", "version"}
        return Terms(**{name: value for name, value in self.cleaned_data.items() if name not in left_out})


class ContractCreateForm(ContractForm, OneTimeFormMixin):
    pass


class ContractRenewForm(ContractCreateForm):
    """`renews` is the contract that ends; a successor begins after it did."""

    def __init__(self, *args: Any, renews: Contract, **kwargs: Any) -> None:
        super().__init__(*args, present=renews, initial=self.renewal_of(renews), **kwargs)
        self.renews = renews

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        start, before = data.get("start_on"), self.renews.start_on
        if start and before and start <= before:
            self.add_error("start_on", _("A renovação começa depois do contrato que ela continua. Confira a data."))
        return data


class ContractEditForm(ContractForm):
    version = VersionField()


class ContractCancelForm(StrictForm):
    cancelled_on = DateField(label=_("Cancelado em"), help_text=_("A vigência vai até o dia anterior."))
    reason = forms.CharField(label=_("Motivo"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("cancelled_on", timezone.localdate())
