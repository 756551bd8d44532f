"""Doubts about what was typed: told, never corrected by the machine (DOMAIN 1.5)."""

from django.utils.translation import gettext as _

from brazil.emails import suggest_email
from brazil.postal import cep_agrees_with_uf, format_cep, uf_of_cep


def address_doubt(*, cep: str, uf: str) -> str:
    if cep_agrees_with_uf(cep, uf):
        return ""
    text = _("O CEP %(cep)s é de %(found)s, mas o endereço diz %(uf)s. Confira qual está certo.")
    return text % {"cep": format_cep(cep), "found": uf_of_cep(cep), "uf": uf}


def email_doubt(address: str) -> str:
    meant = suggest_email(address)
    return _("O e-mail parece ter um erro: seria %(meant)s?") % {"meant": meant} if meant else ""


def doubts(*, cep: str = "", uf: str = "", email: str = "") -> list[str]:
    found = (address_doubt(cep=cep, uf=uf), email_doubt(email))
    return [text for text in found if text]
