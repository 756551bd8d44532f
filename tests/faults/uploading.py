"""Run as a process: puts a generated client file into the queue of an installation, as the wizard does."""

import sys

import django

WEIGHTS = (tuple(range(10, 1, -1)), tuple(range(11, 1, -1)))


def cpf(number: int) -> str:
    digits = [int(char) for char in f"{number:09}"]
    for weights in WEIGHTS:
        rest = sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 11
        digits.append(0 if rest < 2 else 11 - rest)
    return "".join(map(str, digits))


def content(rows: int) -> bytes:
    lines = [f"Pessoa Número {row};{cpf(100_000_000 + row)};119{row + 80_000_000:08}" for row in range(rows)]
    return "\r\n".join(["nome;documento;telefone", *lines]).encode()


def main(step: str, rows: int) -> None:
    from imports import batches  # noqa: PLC0415  (only after django.setup)
    from imports.models import ImportBatch  # noqa: PLC0415
    from people.models import User  # noqa: PLC0415
    from people.roles import Role  # noqa: PLC0415
    from tests.imports.uploads import receive  # noqa: PLC0415

    if step == "check":
        admin = User.objects.create_user("ada@carteira.example", name="Ada", role=Role.ADMIN)
        batch = receive(content(rows), by=admin)
        batches.map_columns(batch, batches.proposed(batch), {}, source="", remember=False, by=admin)
    else:
        batch = ImportBatch.objects.unscoped(reason="the only one").get()
        batches.start(batch, by=User.objects.get())


if __name__ == "__main__":
    django.setup()
    main(sys.argv[1], int(sys.argv[2]))
