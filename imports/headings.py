"""Which column of a file is which field."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from brazil.cells import clean_cell
from brazil.dates import parse_date
from brazil.documents import parse_document
from brazil.emails import parse_email
from brazil.names import folded
from brazil.phones import parse_phone
from brazil.postal import parse_cep, parse_uf

Kind = Literal["clients", "purchases", "contracts", "contacts"]
Confidence = Literal["sure", "check", "none"]

NOT_A_WORD = re.compile(r"[\W_]+")
GLUED_NUMBER = re.compile(r"(?<=[a-z])(?=[0-9])")
LAST_NUMBER = re.compile(r"\s*[0-9]+$")
HEADER_MATCHES = 2
SAMPLE_MINIMUM = 3

# A heading with one of these is about something else, however much of a known name it holds.
TRAPS = (
    "mae", "pai", "fantasia", "beneficio", "nb", "nome social", "conjuge", "avalista", "indicado por",
    "representante", "responsavel legal", "rg", "orgao emissor", "inscricao estadual", "agencia", "conta",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """`names` are folded, the best first. `hints` count only as a part of a heading."""

    label: str | Promise
    names: tuple[str, ...]
    hints: tuple[str, ...] = ()
    several: bool = False


@dataclass(frozen=True, slots=True)
class Guess:
    field: str
    confidence: Confidence


class UnknownColumnError(ValueError):
    """A mapping names a heading that isn't in the file, or a field that isn't of its kind."""


def names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(","))


DOCUMENT_NAMES = "cpf, cnpj, cpf cnpj, cnpj cpf, cnpj ou cpf, cpf ou cnpj, doc, cpf do cliente"
SELLER = Field(_("Vendedor"), names("vendedor, consultor, responsavel, nome do vendedor, vendedor responsavel"))
CLIENT = Field(
    _("Cliente (código ou documento)"),
    names(f"cliente, codigo do cliente, codigo cliente, cod cliente, documento, {DOCUMENT_NAMES}, codigo"),
)
PRODUCT = Field(_("Produto"), names("produto, nome do produto, descricao do produto, plano, servico, item"))

FIELDS: dict[Kind, dict[str, Field]] = {
    "clients": {
        "codigo": Field(
            _("Código"), names("codigo, codigo do cliente, codigo cliente, cod cliente, cod, id, id cliente")
        ),
        "nome": Field(
            _("Nome"),
            names(
                "nome, nome completo, nome do cliente, nome cliente, razao social, nome razao social,"
                "razao social nome, cliente"
            ),
        ),
        "documento": Field(_("CPF ou CNPJ"), names(f"documento, {DOCUMENT_NAMES}"), several=True),
        "telefone": Field(
            _("Telefone"),
            names(
                "telefone, fone, tel, celular, cel, whatsapp, whats, telefone celular, telefone fixo,"
                "telefone residencial, telefone comercial, contato 1, contato 2, contato 3"
            ),
            hints=("contato",),
            several=True,
        ),
        "ddd": Field(_("DDD"), names("ddd, ddd telefone, ddd celular")),
        "email": Field(
            _("E-mail"),
            names("email, e mail, correio eletronico, endereco eletronico, mail"),
            several=True,
        ),
        "nascimento": Field(
            _("Nascimento"),
            names("nascimento, data de nascimento, data nascimento, data nasc, dt nascimento, dt nasc,aniversario"),
        ),
        "cep": Field(_("CEP"), names("cep, codigo postal")),
        "cidade": Field(_("Cidade"), names("cidade, municipio")),
        "uf": Field(_("UF"), names("uf, estado")),
        "vendedor": SELLER,
        "segmento": Field(_("Segmento"), names("segmento, setor, ramo, ramo de atividade")),
        "origem": Field(_("Origem"), names("origem, fonte, origem do cliente")),
        "valor": Field(
            _("Valor declarado"),
            names("valor, valor do contrato, valor contrato, valor da parcela, vlr parcela, faturamento"),
            hints=("vlr",),
        ),
        "produto": Field(_("Produto declarado"), (*PRODUCT.names, "convenio")),
    },
    "purchases": {
        "cliente": CLIENT,
        "numero": Field(
            _("Número"),
            names("numero, numero do pedido, n do pedido, pedido, nota fiscal, numero da nota, nf"),
        ),
        "data": Field(_("Data"), names("data, data da compra, data do pedido, data da venda, emissao, dt compra")),
        "produto": PRODUCT,
        "valor": Field(_("Valor"), names("valor, valor total, valor da compra, valor do pedido, total, vlr")),
        "situacao": Field(_("Situação"), names("situacao, status, situacao do pedido")),
    },
    "contracts": {
        "cliente": CLIENT,
        "instituicao": Field(
            _("Instituição"),
            names("instituicao, banco, seguradora, financeira, operadora, instituicao financeira"),
        ),
        "numero": Field(
            _("Número"),
            names("numero, numero do contrato, numero contrato, n do contrato, contrato, apolice, ade"),
        ),
        "produto": PRODUCT,
        "inicio": Field(
            _("Início"),
            names("inicio, data de inicio, data inicio, inicio da vigencia, inicio vigencia, dt inicio"),
        ),
        "fim": Field(
            _("Fim"),
            names(
                "fim, data de fim, data fim, fim da vigencia, fim vigencia, termino, data de termino,"
                "vencimento, data de vencimento, vencimento do contrato, dt fim"
            ),
        ),
        "situacao": Field(_("Situação"), names("situacao, status, situacao do contrato")),
        "assinado_em": Field(
            _("Assinado em"), names("assinado em, assinatura, data de assinatura, data da assinatura")
        ),
        "renova_numero": Field(
            _("Renova o contrato"),
            names("renova numero, renova o numero, renova o contrato, contrato anterior, numero anterior"),
        ),
        "cancelado_em": Field(
            _("Cancelado em"), names("cancelado em, cancelamento, data de cancelamento, data do cancelamento")
        ),
        "nao_renova": Field(_("Não renova"), names("nao renova, nao renovar, sem renovacao")),
        "janela_dias": Field(
            _("Janela de renovação (dias)"),
            names("janela dias, janela de renovacao, janela de renovacao dias, janela"),
        ),
        "valor": Field(_("Valor"), names("valor, valor do contrato, valor total, valor contrato, premio, vlr")),
    },
    "contacts": {
        "cliente": CLIENT,
        "data": Field(
            _("Data"),
            names(
                "data, data do contato, data hora, data e hora, data hora do contato, dt contato, data da ligacao,"
                "data do atendimento, quando"
            ),
        ),
        "canal": Field(
            _("Canal"),
            names(
                "canal, meio, canal de contato, canal do contato, meio de contato, tipo de contato, tipo do contato,"
                "forma de contato"
            ),
        ),
        "resultado": Field(
            _("Resultado"),
            names(
                "resultado, tabulacao, resultado do contato, resultado da ligacao, tabulacao da ligacao, desfecho,"
                "status, status do contato, situacao"
            ),
        ),
        "nota": Field(
            _("Nota"),
            names(
                "nota, observacao, observacoes, obs, anotacao, anotacoes, comentario, comentarios, descricao,"
                "historico, relato"
            ),
        ),
        "vendedor": Field(
            SELLER.label, (*SELLER.names, *names("atendente, nome do atendente, operador, agente, usuario, autor"))
        ),
    },
}


DATES = frozenset({"nascimento", "data", "inicio", "fim", "assinado_em", "cancelado_em"})
TESTS: dict[str, Callable[[str], bool]] = {
    "documento": lambda value: not parse_document(value).error,
    "telefone": lambda value: parse_phone(value).error in ("", "phone_missing_area_code"),
    "email": lambda value: not parse_email(value).error,
    "cep": lambda value: not parse_cep(value).error,
    "uf": lambda value: bool(parse_uf(value)),
}


def fold_heading(heading: str) -> str:
    return NOT_A_WORD.sub(" ", GLUED_NUMBER.sub(" ", folded(clean_cell(heading)))).strip()


def exact_fields(kind: Kind, heading: str) -> dict[str, int]:
    """Fields with this very name, each with its rank among the field's names."""
    whole, unnumbered = heading, LAST_NUMBER.sub("", heading)
    found = {}
    for name, field in FIELDS[kind].items():
        known = whole if whole in field.names else unnumbered if field.several else ""
        if known in field.names:
            found[name] = field.names.index(known)
    return found


def partial_field(kind: Kind, heading: str) -> str:
    """The one field whose longest known name stands inside the heading; empty when two are as good."""
    padded = f" {heading} "
    if any(f" {trap} " in padded for trap in TRAPS):
        return ""
    lengths = {
        name: max((len(known) for known in (*field.names, *field.hints) if f" {known} " in padded), default=0)
        for name, field in FIELDS[kind].items()
    }
    longest = max(lengths.values())
    best = [name for name, length in lengths.items() if length == longest]
    return best[0] if longest and len(best) == 1 else ""


def find_header(kind: Kind, rows: Sequence[Sequence[str]], known: Iterable[str] = ()) -> int | None:
    """The first row with two known names, whole ones before parts; else the first with two filled cells.

    `known` are headings a saved mapping adds.
    """
    added = {fold_heading(heading) for heading in known}
    folded_rows = [[fold_heading(cell) for cell in row] for row in rows]
    filled = ([cell for cell in row if cell] for row in folded_rows)
    scores = [
        (
            sum(cell in added or bool(exact_fields(kind, cell)) for cell in row),
            sum(bool(partial_field(kind, cell)) for cell in row),
            len(row),
        )
        for row in filled
    ]
    for measure in range(3):
        for position, score in enumerate(scores):
            if score[measure] >= HEADER_MATCHES:
                return position
    return next((position for position, score in enumerate(scores) if score[2]), None)


def guess(kind: Kind, headings: Sequence[str], sample_rows: Sequence[Sequence[str]] = ()) -> dict[int, Guess]:
    """A field for each column, exact names first; the sample confirms a name or stands in for it."""
    folded_headings = [fold_heading(heading) for heading in headings]
    chosen = exact_columns(kind, folded_headings)
    guesses = {}
    for column in range(len(headings)):
        values = sample_of(sample_rows, column)
        if column in chosen:
            doubtful = contradicts(chosen[column], values)
            guesses[column] = Guess(chosen[column], "check" if doubtful else "sure")
    for column, heading in enumerate(folded_headings):
        if column not in guesses:
            taken = {made.field for made in guesses.values()}
            guesses[column] = weak_guess(kind, heading, sample_of(sample_rows, column), taken)
    return dict(sorted(guesses.items()))


def exact_columns(kind: Kind, headings: Sequence[str]) -> dict[int, str]:
    candidates = sorted(
        (rank, column, name)
        for column, heading in enumerate(headings)
        for name, rank in exact_fields(kind, heading).items()
    )
    chosen: dict[int, str] = {}
    for _rank, column, name in candidates:
        is_free = FIELDS[kind][name].several or name not in chosen.values()
        if is_free and column not in chosen:
            chosen[column] = name
    return chosen


def weak_guess(kind: Kind, heading: str, values: Sequence[str], taken: set[str]) -> Guess:
    name = partial_field(kind, heading) or field_of_values(kind, values)
    if name and (FIELDS[kind][name].several or name not in taken):
        return Guess(name, "check")
    return Guess("", "none")


def sample_of(rows: Sequence[Sequence[str]], column: int) -> list[str]:
    cells = (clean_cell(row[column]) for row in rows if column < len(row))
    return [cell for cell in cells if cell]


def looks_like(name: str, value: str) -> bool:
    if name in DATES:
        return not parse_date(value).error
    return name not in TESTS or TESTS[name](value)


def contradicts(name: str, values: Sequence[str]) -> bool:
    fitting = sum(looks_like(name, value) for value in values)
    return len(values) >= SAMPLE_MINIMUM and fitting * 2 < len(values)


def field_of_values(kind: Kind, values: Sequence[str]) -> str:
    """By content alone, only what can't be mistaken; a benefit number passes for a CPF without its zero."""
    if kind != "clients" or len(values) < SAMPLE_MINIMUM:
        return ""
    if all(parse_email(value).status == "valid" for value in values):
        return "email"
    return "documento" if all(parse_document(value).status == "valid" for value in values) else ""


def chosen_columns(kind: Kind, headings: Sequence[str], by_heading: Mapping[str, str]) -> dict[int, str]:
    """The columns of a mapping {heading: field}, compared folded; an empty field leaves its column out."""
    columns: dict[str, list[int]] = {}
    for column, heading in enumerate(headings):
        columns.setdefault(fold_heading(heading), []).append(column)
    chosen = {}
    for heading, name in by_heading.items():
        found = columns.get(fold_heading(heading))
        if found is None or (name and name not in FIELDS[kind]):
            raise UnknownColumnError(heading if found is None else name)
        chosen.update(dict.fromkeys(found, name))
    return {column: name for column, name in chosen.items() if name}


def mapping_of(guesses: Mapping[int, Guess]) -> dict[int, str]:
    """What `guess` found, as the column -> field that a reader of records needs."""
    return {column: made.field for column, made in guesses.items() if made.field}
