"""Why a whole file is not read, and what the person who sent it can do."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MESSAGES: dict[str, str | Promise] = {
    "empty_file": _("O arquivo está vazio."),
    "file_too_large": _("O arquivo tem mais de %(limit)s MB. Divida-o em partes menores."),
    "not_a_spreadsheet": _("Este arquivo não é uma planilha. Envie um arquivo XLSX ou CSV."),
    "old_excel": _("O arquivo é do Excel antigo (.xls) ou tem senha. Salve como XLSX, sem senha, ou CSV."),
    "other_spreadsheet": _("Este tipo de planilha não é lido. Salve como XLSX ou CSV."),
    "too_many_members": _("O XLSX tem mais de %(limit)s partes internas. Salve só a planilha, sem anexos."),
    "unpacks_too_large": _("O XLSX ocupa mais de %(limit)s MB depois de aberto. Divida a planilha ou envie em CSV."),
    "ratio_too_high": _(
        "O XLSX está comprimido além de %(limit)s vezes, como arquivos feitos para travar programas."
        " Salve a planilha de novo ou envie em CSV."
    ),
    "broken_archive": _("O XLSX está incompleto ou danificado. Abra-o no Excel, salve de novo e envie."),
    "broken_workbook": _("A planilha não pôde ser lida. Abra-a no Excel, salve de novo e envie."),
    "too_many_columns": _("A linha %(line)s tem %(count)s colunas; o limite é %(limit)s."),
    "too_many_rows": _("O arquivo passa de %(limit)s linhas. Divida-o em partes menores."),
    "no_header": _("Não encontramos a linha com os nomes das colunas nas primeiras 20 linhas."),
    "no_records": _("Abaixo dos nomes das colunas não há nenhuma linha."),
    "no_sheet": _("A planilha escolhida não existe no arquivo."),
    "encoding_mismatch": _("A linha %(line)s não combina com a codificação escolhida. Escolha outra."),
    "encoding_unknown": _("Esta codificação não é conhecida."),
    "cell_too_long": _("A linha %(line)s tem uma célula grande demais. Confira se falta fechar aspas antes dela."),
    "out_of_memory": _("A planilha precisa de mais memória do que o limite de %(limit)s MB. Divida-a ou envie em CSV."),
    "out_of_time": _("A leitura passou do tempo limite de %(limit)s segundos. Divida o arquivo em partes menores."),
    "unknown_column": _("A ligação cita “%(name)s”, que não existe no arquivo ou entre os campos."),
    "reader_stopped": _("A leitura do arquivo parou antes do fim. Salve a planilha de novo ou envie em CSV."),
}


class FileRefusedError(Exception):
    """The file as a whole can't be taken; `code` is a key of MESSAGES."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        return str(MESSAGES.get(self.code, MESSAGES["reader_stopped"])) % self.params
