"""Background work of nps."""

from django.utils.translation import gettext_lazy as _

from contacts.deliveries import OTHERS
from jobs import outbox
from nps import deliveries
from nps.models import SurveyChannel
from nps.pace import KINDS

LABELS = {
    SurveyChannel.EMAIL: _("Pesquisa por e-mail"),
    SurveyChannel.WHATSAPP: _("Pesquisa por WhatsApp"),
    SurveyChannel.SMS: _("Pesquisa por SMS"),
}
for channel, label in LABELS.items():
    outbox.register(
        KINDS[channel],
        label=label,
        ended=deliveries.conclude,
        send=None if channel == SurveyChannel.EMAIL else deliveries.hand_over,
        barred=deliveries.barred,
        complete=deliveries.complete,
    )
    if channel != SurveyChannel.EMAIL:
        OTHERS[channel][KINDS[channel]] = deliveries.answered
