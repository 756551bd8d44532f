"""Forms of the block lists."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clients.fields import DateField, PhoneField
from clients.forms import PartForm
from contacts.models import BlockList


class BlockListForm(PartForm):
    name = forms.CharField(label=_("Lista"), max_length=80)
    source = forms.CharField(
        label=_("Fonte"),
        max_length=160,
        required=False,
        help_text=_("De onde ela vem, como o site do Não me Perturbe."),
    )
    since = DateField(label=_("Vale desde"))
    covers_service = forms.BooleanField(
        label=_("Vale também para atendimento"),
        required=False,
        help_text=_("Marque só se a lista proibir também o atendimento a clientes."),
    )

    def __init__(self, *args: Any, block_list: BlockList, **kwargs: Any) -> None:
        self.block_list = block_list
        initial = {name: getattr(block_list, name) for name in self.base_fields}
        super().__init__(*args, initial=initial, **kwargs)

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if BlockList.objects.filter(name=name).exclude(pk=self.block_list.pk).exists():
            raise ValidationError(_("Já existe uma lista com este nome. Escolha outro."), code="taken")
        return name


class LoadForm(forms.Form):
    file = forms.FileField(
        label=_("Arquivo"),
        help_text=_("CSV ou TXT com um número por linha, com DDD. Substitui a lista inteira."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt"}),
    )


class NumberForm(forms.Form):
    number = PhoneField(label=_("Telefone"))
