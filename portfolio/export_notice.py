"""The mail that tells the admins of a downloaded list: who, when, how many, narrowed by what (RELIABILITY T5)."""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from jobs import outbox
from people.models import Activity, User
from people.roles import Role

KIND = "export_notice"


def put(log: Activity) -> None:
    """One message to every admin who can log in, in the transaction of the download."""
    context = {"log": log, "filters": log.changes["filters"], "company": settings.COMPANY_NAME}
    body = render_to_string("portfolio/export_notice.txt", context)
    for admin in User.objects.filter(role=Role.ADMIN, is_active=True).order_by("pk"):
        outbox.put(
            KIND,
            key=f"{KIND}:{log.pk}:{admin.pk}",
            to=admin.email,
            subject=f"[Carteira] {_('Lista de clientes baixada')}",
            body=body,
            subject_id=log.pk,
            by=log.by,
        )
