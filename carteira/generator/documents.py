"""CPF and CNPJ as SQL: numbers that never repeat, with the check digits of `brazil.documents`."""

from brazil.documents import CNPJ_WEIGHTS, CPF_WEIGHTS, Weights

# Multiplied by a number that shares no factor with 10, modulo a power of 10, no two clients get the same.
SCATTER = 618_033_989
_CPF_BODIES, _CNPJ_ROOTS = 10**9, 10**8
MOST_CLIENTS = _CNPJ_ROOTS


def document(number: str) -> str:
    """The columns `cpf` and `cnpj` for a bigint expression; a CPF of equal digits is none."""
    cpf_body = f"mod({number} * {SCATTER}, {_CPF_BODIES})"
    cnpj_body = f"mod({number} * {SCATTER}, {_CNPJ_ROOTS}) * 10000 + 1"
    return f"""
    SELECT CASE WHEN mod(cpf.body, 111111111) = 0 THEN '' ELSE {_padded("cpf", 11)} END AS cpf,
        {_padded("cnpj", 14)} AS cnpj
    FROM {_with_digits(cpf_body, CPF_WEIGHTS)} cpf, {_with_digits(cnpj_body, CNPJ_WEIGHTS)} cnpj
    """  # noqa: S608  (made of constants of this package)


def _padded(name: str, length: int) -> str:
    return f"lpad(({name}.body * 100 + {name}.first * 10 + {name}.second)::text, {length}, '0')"


def _with_digits(body: str, weights: Weights) -> str:
    first = _check_digit("body", weights[0])
    second = _check_digit("body * 10 + first", weights[1])
    return f"""(
        SELECT body, first, {second} AS second
        FROM (SELECT body, {first} AS first FROM (SELECT {body} AS body OFFSET 0) bare OFFSET 0) once
        OFFSET 0
    )"""  # noqa: S608  (made of constants of this package)


def _check_digit(digits: str, weights: tuple[int, ...]) -> str:
    """Each digit times its weight, the last digit first."""
    terms = (f"mod(({digits}) / {10**place}, 10) * {weight}" for place, weight in enumerate(reversed(weights)))
    return f"mod(mod(({' + '.join(terms)}) * 10, 11), 10)"
