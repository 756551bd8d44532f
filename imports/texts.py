"""What people read for each code of an import: reasons, warnings, effects, and which cell is meant."""

from collections.abc import Callable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from brazil.messages import message as value_message
from imports import contact_words
from imports.models import BatchKind

MESSAGES: dict[str, str | Promise] = {
    "blank_row": _("Linha vazia."),
    "repeated_header": _("Os nomes das colunas de novo."),
    "footer": _("Rodapé ou total da planilha."),
    "column_count": _("Há células além da última coluna. Confira o separador ou as aspas."),
    "missing_name": _("Falta o nome."),
    "no_identifier": _("Sem documento, telefone ou e-mail que sirva. Informe pelo menos um."),
    "same_document": _("Este documento já apareceu."),
    "same_code": _("Este código já apareceu."),
    "same_number": _("Este número já foi usado."),
    "unknown_client": _("Nenhum cliente seu tem este código ou documento. Importe os clientes antes."),
    "unknown_product": _("Produto sem cadastro. Cadastre-o ou deixe criar produtos novos."),
    "unknown_status": _("Situação desconhecida. Use as palavras do modelo."),
    "unknown_channel": _(
        "Canal desconhecido. Use um destes: ligação, WhatsApp, SMS, e-mail, visita, reunião ou balcão."
    ),
    "invalid_date": _("Falta uma data, ou ela não existe ou está longe demais. Use dia/mês/ano."),
    "invalid_amount": _("O valor ou o número de dias não pôde ser lido."),
    "end_before_start": _("O fim vem antes do início."),
    "not_accepted": _("O cadastro não aceita estes valores. Confira a linha inteira."),
    "seller_unknown": _("Vendedor sem cadastro ativo; o cliente entra sem responsável."),
    "seller_out_of_reach": _("Vendedor de outra equipe; o cliente entra sem responsável."),
    "text_shortened": _("Texto longo demais; o excesso ficou de fora."),
    "changed": _("O cadastro mudou depois da conferência; nada foi alterado."),
}
# Short, for chips.
ACTION_LABELS: dict[str, str | Promise] = {
    "document_zero_padded": _("Zeros recolocados"),
    "scientific_expanded": _("Notação científica"),
    "float_suffix_removed": _("“.0” removido"),
    "confusable_fixed": _("Letra por número"),
    "ninth_digit_added": _("Nono dígito"),
    "phone_split": _("Telefones separados"),
    "phone_cleared": _("Telefone em branco"),
    "email_split": _("E-mails separados"),
    "email_cleared": _("E-mail em branco"),
    "birth_date_cleared": _("Nascimento em branco"),
    "excel_serial_date": _("Data convertida"),
    "cep_zero_padded": _("Zero do CEP"),
    "cep_cleared": _("CEP em branco"),
    "uf_cleared": _("UF em branco"),
    "amount_cleared": _("Valor em branco"),
    "mojibake_fixed": _("Acentos corrigidos"),
}
# The field whose cell a reason or an action speaks of.
FIELD_OF_PREFIX = {
    "missing_name": "nome", "document": "documento", "phone": "telefone", "ninth_digit": "telefone",
    "email": "email", "birth_date": "nascimento", "cep": "cep", "uf": "uf", "amount": "valor",
    "same_document": "documento", "same_code": "codigo", "same_number": "numero", "unknown_client": "cliente",
    "unknown_product": "produto", "unknown_status": "situacao", "invalid_amount": "valor",
    "seller": "vendedor", "unknown_channel": "canal", "unknown_outcome": "resultado",
    "opts_out": "resultado", "deceased": "resultado",
    "confusable": "documento", "end_before_start": "fim",
}  # fmt: skip
DATES_OF_KIND = {"purchases": "data", "contracts": "inicio", "contacts": "data"}


def message(code: str) -> str:
    return str(MESSAGES[code]) if code in MESSAGES else value_message(code)


def messages_of(kind: str) -> Callable[[str], str]:
    """`message` in the words of this kind of file. Ask once for many rows: contacts look up their outcomes."""
    own = contact_words.texts() if kind == BatchKind.CONTACTS else {}
    return lambda code: str(own[code]) if code in own else message(code)


def field_of(code: str, kind: str) -> str:
    if code == "invalid_date":
        return DATES_OF_KIND.get(kind, "nascimento")
    return next((field for prefix, field in FIELD_OF_PREFIX.items() if code.startswith(prefix)), "")
