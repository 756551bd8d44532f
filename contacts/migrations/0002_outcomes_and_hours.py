"""The outcomes of DOMAIN 3 and the hours of the company and of two states, all editable."""

import datetime
from typing import Any

from django.db import migrations

CALL, MESSAGES, VISIT = ["call"], ["whatsapp", "sms", "email"], ["visit", "meeting", "in_person"]
# code, label, group, consequence, channels, details
OUTCOMES = [
    ("interested", "Interessado", "reached", "", [], []),
    ("callback", "Agendou retorno", "reached", "callback", [], []),
    ("wants_proposal", "Pediu proposta", "reached", "", [], []),
    ("sold", "Fechou venda", "reached", "", [], []),
    ("has_already", "Já possui", "reached", "", [], []),
    ("not_now", "Sem interesse agora", "reached", "refused", [], ["Preço", "Prazo", "Já tem outro", "Sem tempo"]),
    ("never", "Sem interesse definitivo", "reached", "refused_for_good", [], []),
    ("no_margin", "Sem margem", "reached", "", [], []),
    ("complaint", "Reclamação", "reached", "", [], ["Atendimento", "Cobrança", "Prazo", "Produto"]),
    ("updated", "Atualizou cadastro", "reached", "", [], []),
    ("after_sale", "Pós-venda ok", "reached", "", [], []),
    ("no_answer", "Não atende", "not_reached", "", CALL, []),
    ("busy", "Ocupado", "not_reached", "", CALL, []),
    ("voicemail", "Caixa postal", "not_reached", "", CALL, []),
    ("off", "Desligado ou fora de área", "not_reached", "", CALL, []),
    ("sent", "Mensagem enviada", "not_reached", "", MESSAGES, []),
    ("seen", "Mensagem visualizada sem resposta", "not_reached", "", MESSAGES, []),
    ("bounced", "E-mail devolvido", "not_reached", "bounced", ["email"], []),
    ("absent", "Ausente na visita", "not_reached", "", VISIT, []),
    ("wrong_number", "Número errado", "wrong", "wrong_number", ["call", "whatsapp", "sms"], []),
    ("no_number", "Número inexistente", "wrong", "wrong_number", ["call", "whatsapp", "sms"], []),
    ("unknown_person", "Pessoa desconhecida", "wrong", "wrong_number", [], []),
    ("opt_out", "Pediu para não contatar", "blocked", "opt_out", [], ["Só este canal", "Todos os canais"]),
    ("deceased", "Falecido", "blocked", "deceased", [], []),
    ("minor", "Menor ou incapaz", "blocked", "shielded", [], []),
    ("fraud", "Fraude suspeita", "blocked", "shielded", [], []),
]
SINCE = datetime.date(2020, 1, 1)
# UF, days, opens, closes, since, source
HOURS = [
    ("", "weekday", datetime.time(9), datetime.time(18), SINCE, "Padrão da empresa"),
    ("", "saturday", None, None, SINCE, "Padrão da empresa: sem ofertas no sábado"),
    ("RJ", "weekday", datetime.time(8), datetime.time(18), datetime.date(2018, 1, 1), "Lei estadual RJ 7.853/2018"),
    ("ES", "weekday", datetime.time(8), datetime.time(19), datetime.date(2017, 1, 1), "Lei estadual ES 10.626/2017"),
]


def fill(apps: Any, schema_editor: Any) -> None:
    outcome = apps.get_model("contacts", "ContactOutcome")
    names = ("code", "label", "group", "consequence", "channels", "details")
    outcome.objects.bulk_create(
        outcome(position=10 * place, **dict(zip(names, row, strict=True))) for place, row in enumerate(OUTCOMES, 1)
    )
    hours = apps.get_model("contacts", "ContactHours")
    names = ("uf", "days", "opens_at", "closes_at", "since", "source")
    hours.objects.bulk_create(hours(**dict(zip(names, row, strict=True))) for row in HOURS)


def empty(apps: Any, schema_editor: Any) -> None:
    apps.get_model("contacts", "ContactOutcome").objects.all().delete()
    apps.get_model("contacts", "ContactHours").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("contacts", "0001_contacts")]
    operations = [migrations.RunPython(fill, empty)]
