"""Words and plans to begin with (DOMAIN 3), all editable. What has the same name already is left as it is."""

from typing import Any

from django.db import migrations

STOP = "\n\nSe não quiser mais receber ofertas, responda SAIR."
# channel, name, purpose, occasion, subject, body
TEMPLATES = [
    (
        "whatsapp", "Boas-vindas", "service", "welcome", "",
        "Olá, {{primeiro_nome}}. Aqui é {{vendedor}}, da {{empresa}}. Obrigado pela confiança.\n\n"
        "Qualquer dúvida sobre o que você contratou, pode falar comigo por aqui.",
    ),
    (
        "email", "Boas-vindas", "service", "welcome", "Boas-vindas à {{empresa}}",
        "Olá, {{primeiro_nome}}.\n\nObrigado por escolher a {{empresa}}. Sou {{vendedor}} e acompanho você daqui em "
        "diante.\n\nGuarde este e-mail: se precisar de algo, responda a ele e eu retorno.\n\nUm abraço,\n{{vendedor}}\n"
        "{{empresa}}",
    ),
    (
        "whatsapp", "Acompanhamento", "service", "check", "",
        "Olá, {{primeiro_nome}}. É {{vendedor}}, da {{empresa}}. Já faz um tempo que você contratou com a gente e quero "
        "saber: está tudo como você esperava?\n\nSe algo não estiver bem, me conte e eu resolvo.",
    ),
    (
        "whatsapp", "Aniversário", "service", "birthday", "",
        "{{primeiro_nome}}, feliz aniversário! Desejo um ano de saúde e boas notícias.\n\nUm abraço,\n{{vendedor}}, da "
        "{{empresa}}",
    ),
    (
        "whatsapp", "Aniversário da empresa", "service", "birthday", "",
        "Hoje é dia de festa para {{nome}}: parabéns por mais um ano de empresa.\n\nUm abraço de {{vendedor}}, da "
        "{{empresa}}",
    ),
    (
        "whatsapp", "Renovação: contrato perto do fim", "service", "renewal", "",
        "Olá, {{primeiro_nome}}. Aqui é {{vendedor}}, da {{empresa}}. Seu contrato de {{produto}} vence em "
        "{{vencimento}}.\n\nPosso ligar para vermos juntos a renovação, sem compromisso? Me diga o melhor horário.",
    ),
    (
        "email", "Renovação: contrato perto do fim", "service", "renewal",
        "Seu contrato de {{produto}} vence em {{vencimento}}",
        "Olá, {{primeiro_nome}}.\n\nSeu contrato de {{produto}} com a {{empresa}} vence em {{vencimento}}. Se quiser "
        "continuar, preparo as condições por escrito, com o custo total, para você decidir com calma.\n\nResponda a este "
        "e-mail com o melhor horário para conversarmos.\n\nUm abraço,\n{{vendedor}}\n{{empresa}}",
    ),
    (
        # Without accents: they would more than halve what fits into one SMS.
        "sms", "Renovação: aviso de vencimento", "service", "renewal", "",
        "{{empresa}}: seu contrato vence em {{vencimento}}. Para renovar, fale com {{vendedor}}. "
        "Para parar, responda SAIR.",
    ),
    (
        "whatsapp", "Reativação: saudade de você", "offer", "reactivation", "",
        "Olá, {{primeiro_nome}}. Aqui é {{vendedor}}, da {{empresa}}. Faz um tempo que não nos falamos.\n\n"
        "Temos condições novas para quem já foi cliente. Quer que eu mande, sem compromisso?" + STOP,
    ),
    (
        "email", "Reativação: condições para voltar", "offer", "reactivation",
        "{{primeiro_nome}}, condições para quem já é da casa",
        "Olá, {{primeiro_nome}}.\n\nSou {{vendedor}}, da {{empresa}}. Você já foi nosso cliente e gostaríamos de atender "
        "você de novo.\n\nResponda a este e-mail e eu envio as condições por escrito, com o custo total, para você "
        "comparar com calma.\n\nUm abraço,\n{{vendedor}}\n{{empresa}}" + STOP,
    ),
    (
        "whatsapp", "Retorno combinado", "service", "callback", "",
        "Olá, {{primeiro_nome}}. Aqui é {{vendedor}}, da {{empresa}}. Tentei o retorno que combinamos e não consegui "
        "falar. Qual o melhor horário para eu ligar?",
    ),
    (
        "whatsapp", "Novo responsável", "service", "new_owner", "",
        "Olá, {{primeiro_nome}}. Sou {{vendedor}}, da {{empresa}}, e passo a cuidar do seu atendimento. "
        "Seu histórico está comigo: você não precisa repetir nada. Conte comigo por este número.",
    ),
]  # fmt: skip

GREETING = "Bom dia (boa tarde). Meu nome é {{vendedor}} e falo em nome da {{empresa}}."
IDENTITY = (
    "Posso falar com {{primeiro_nome}}, por favor?\n\n"
    "Confirme que é a pessoa pedindo que ela diga o dia e o mês do nascimento; nunca leia o dado para ela confirmar.\n"
    "Se outra pessoa atender: agradeça, pergunte o melhor horário e não diga produto, valor, contrato nem o motivo."
)
OFFER = (
    "Diga sempre juntos: o valor, o número de parcelas, o valor da parcela, a taxa ao mês e o CET, o custo efetivo total "
    "ao ano, e quanto terá sido pago no fim.\n"
    "Ofereça mandar tudo por escrito antes da decisão. Sem pressa: não diga que a condição acaba hoje se não acaba."
)
CLOSING = (
    "Repita o que ficou combinado, com data. Diga: “Contratando por telefone, você pode desistir em até 7 dias, sem "
    "motivo e sem custo, falando comigo ou com a {{empresa}}.”\n"
    "Pergunte se pode voltar a ligar. Se a pessoa não quiser mais contato, registre na hora."
)
SERVICE_CLOSING = (
    "Repita o que ficou combinado, com data, e agradeça.\n"
    "Pergunte se pode voltar a ligar. Se a pessoa não quiser mais contato, registre na hora."
)
# name, purpose, occasion, blocks
SCRIPTS = [
    (
        "Boas-vindas", "service", "welcome",
        [
            ("greeting", GREETING),
            ("identity", IDENTITY),
            ("purpose", "Ligo para saber se está tudo certo com o que você contratou. São dois minutos, pode ser?"),
            ("questions", "Recebeu tudo o que foi combinado?\nFicou alguma dúvida sobre datas ou pagamento?\n"
             "Este é o melhor telefone? E o melhor horário?"),
            ("objections", "Não era o que esperava: ouça, anote com as palavras do cliente e diga o que fará e até quando."
             "\nQuer desistir: explique o prazo de 7 dias e ajude, sem insistir."),
            ("closing", CLOSING),
        ],
    ),
    (
        "Acompanhamento", "service", "check",
        [
            ("greeting", GREETING),
            ("identity", IDENTITY),
            ("purpose", "Faz um mês que você contratou com a gente e quero saber como está sendo."),
            ("questions", "O que está indo bem? O que poderia ser melhor?\nMudou alguma coisa que a gente deva saber: "
             "endereço, telefone, trabalho?"),
            ("objections", "Reclamação: agradeça, anote, diga o que fará e até quando, e marque o retorno agora."),
            ("closing", SERVICE_CLOSING),
        ],
    ),
    (
        "Renovação", "service", "renewal",
        [
            ("greeting", GREETING),
            ("identity", IDENTITY),
            ("purpose", "Seu contrato de {{produto}} vence em {{vencimento}}. Ligo para ver se você quer continuar e em que "
             "condições."),
            ("questions", "Como foi este período para você?\nAlguma coisa mudou: necessidade, renda, família?\n"
             "O que precisa ter na renovação para valer a pena?"),
            ("offer", OFFER),
            ("objections", "Está caro: mostre o que dá para tirar ou alongar, sempre com o novo CET.\n"
             "Vou pensar: mande por escrito e marque o retorno com dia e hora.\n"
             "Recebi outra proposta: peça o CET dela e compare o total, não só a parcela."),
            ("closing", CLOSING),
        ],
    ),
    (
        "Reativação", "offer", "reactivation",
        [
            ("greeting", GREETING),
            ("identity", IDENTITY),
            ("purpose", "Você já foi nosso cliente e faz um tempo que não nos falamos. Posso contar o que mudou? Se não for "
             "um bom momento, me diga quando."),
            ("questions", "Por que parou de comprar com a gente?\nO que usa hoje no lugar?\nO que faria você voltar?"),
            ("offer", OFFER),
            ("objections", "Sem interesse agora: agradeça e pergunte quando pode voltar a falar.\n"
             "Teve um problema antes: peça desculpas, anote e diga quem vai resolver e até quando.\n"
             "Não quer mais ligações: registre na hora e despeça-se."),
            ("closing", CLOSING),
        ],
    ),
]  # fmt: skip

# Fields of each plan, then its steps: day, channel, title, template, script, minutes.
PLANS: list[tuple[dict[str, Any], list[tuple[int, str, str, str, str, int]]]] = [
    (
        # Renewing is settled with a signature, not with one talk: only leaving the carteira ends it.
        {
            "name": "Renovação", "trigger": "renewal", "anchor": "end", "purpose": "service",
            "portfolio_class": "renewal", "stops_when_reached": False, "priority": 80,
        },
        [
            (-90, "whatsapp", "Avisar que a renovação abriu", "Renovação: contrato perto do fim", "", 3),
            (-60, "call", "Ligar para apresentar a renovação", "", "Renovação", 10),
            (-30, "whatsapp", "Lembrar da data do fim", "Renovação: contrato perto do fim", "", 3),
            (-15, "call", "Ligar para fechar a renovação", "", "Renovação", 10),
            (-5, "call", "Última ligação antes do fim", "", "Renovação", 8),
        ],
    ),
    (
        {
            "name": "Boas-vindas", "trigger": "sale", "stops_when_reached": False, "rest_days": 90, "priority": 60,
        },
        [
            (1, "whatsapp", "Agradecer e se apresentar", "Boas-vindas", "", 3),
            (7, "call", "Conferir se está tudo certo", "", "Boas-vindas", 6),
        ],
    ),
    (
        {
            "name": "Acompanhamento", "trigger": "sale", "stops_when_reached": False, "rest_days": 60, "priority": 50,
        },
        [(30, "call", "Perguntar como está sendo", "", "Acompanhamento", 6)],
    ),
    (
        {"name": "Aniversário", "trigger": "birthday", "stops_when_reached": False, "priority": 40},
        [(0, "whatsapp", "Dar os parabéns", "Aniversário", "", 3)],
    ),
    (
        {
            "name": "Reativação", "trigger": "inactive", "purpose": "offer", "portfolio_class": "inactive",
            "stops_on_purchase": True, "rest_days": 90, "priority": 30,
        },
        [
            (0, "whatsapp", "Retomar a conversa", "Reativação: saudade de você", "", 3),
            (2, "call", "Ligar para reativar", "", "Reativação", 8),
            (5, "email", "Mandar as condições", "Reativação: condições para voltar", "", 3),
            (10, "call", "Última ligação", "", "Reativação", 8),
        ],
    ),
]  # fmt: skip


def fill(apps: Any, schema_editor: Any) -> None:
    models = {
        name: apps.get_model("contacts", name).objects
        for name in ("MessageTemplate", "CallScript", "ScriptBlock", "ContactPlan", "PlanStep")
    }
    templates = {row[:2]: _template(models, *row) for row in TEMPLATES}
    scripts = {row[0]: _script(models, *row) for row in SCRIPTS}
    for fields, steps in PLANS:
        plan, is_new = models["ContactPlan"].get_or_create(name=fields["name"], defaults=fields)
        for place, (day, channel, title, template, script, minutes) in enumerate(steps if is_new else [], 1):
            models["PlanStep"].create(
                plan=plan,
                position=place,
                offset_days=day,
                channel=channel,
                title=title,
                template=templates.get((channel, template)),
                script=scripts.get(script),
                minutes=minutes,
            )


def _template(
    models: dict[str, Any], channel: str, name: str, purpose: str, occasion: str, subject: str, body: str
) -> Any:
    rest = {"name": name, "purpose": purpose, "occasion": occasion, "subject": subject, "body": body}
    return models["MessageTemplate"].get_or_create(owner=None, channel=channel, name__iexact=name, defaults=rest)[0]


def _script(models: dict[str, Any], name: str, purpose: str, occasion: str, blocks: list[tuple[str, str]]) -> Any:
    script, is_new = models["CallScript"].get_or_create(name=name, defaults={"purpose": purpose, "occasion": occasion})
    for place, (kind, text) in enumerate(blocks if is_new else [], 1):
        models["ScriptBlock"].create(script=script, kind=kind, text=text, position=place)
    return script


class Migration(migrations.Migration):
    dependencies = [("contacts", "0005_log_effects")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
