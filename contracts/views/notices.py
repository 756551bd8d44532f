"""What a notice adds when a write moved the client to another portfolio."""

from django.utils.translation import gettext as _

from clients.models import Client, PortfolioClass


def with_class(text: str, client: Client) -> str:
    """`client` was read before the write: its class is compared with the stored one."""
    same = Client.objects.unscoped(reason="a record in hand").filter(pk=client.pk)
    now = same.values_list("portfolio_class", flat=True).get()
    if now == client.portfolio_class:
        return text
    sentence = {
        PortfolioClass.ACTIVE: _("%(name)s agora é ativa."),
        PortfolioClass.INACTIVE: _("%(name)s agora é inativa."),
        PortfolioClass.RENEWAL: _("%(name)s agora está em renovação."),
        PortfolioClass.PROSPECT: _("%(name)s agora é prospect."),
    }[PortfolioClass(now)]
    return f"{text} {sentence % {'name': client.display_name}}"
