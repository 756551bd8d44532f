"""The mail that tells the admins of a downloaded list: who, when, how many, narrowed by what (RELIABILITY T5)."""

from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from people.models import Activity, User
from people.roles import Role


def send(log: Activity) -> None:
    """To every admin who can log in. The mail of one download has one identity, so that a mail server that gets it
    again after a crash may drop it."""
    admins = User.objects.filter(role=Role.ADMIN, is_active=True).order_by("pk").values_list("email", flat=True)
    if not admins:
        return
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    context = {"log": log, "filters": log.changes["filters"], "company": settings.COMPANY_NAME}
    EmailMessage(
        subject=f"[Carteira] {_('Lista de clientes baixada')}",
        body=render_to_string("portfolio/export_notice.txt", context),
        to=list(admins),
        headers={"Message-ID": f"<export-{log.pk}@{host}>"},
    ).send()
