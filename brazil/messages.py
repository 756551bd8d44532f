"""What people read for each error and action code of this package."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MESSAGES: dict[str, str | Promise] = {
    "document_check_digit": _("O dígito verificador do CPF ou CNPJ não confere. Confira com o cliente."),
    "document_repeated_digits": _("CPF ou CNPJ com todos os dígitos iguais não existe."),
    "document_length": _("O CPF tem 11 dígitos e o CNPJ tem 14 caracteres; confira a quantidade."),
    "document_characters": _("O CPF ou CNPJ tem letras ou sinais fora do lugar."),
    "document_precision_lost": _("A planilha perdeu dígitos do CPF ou CNPJ. Exporte a coluna como texto."),
    "phone_missing_area_code": _("Falta o DDD do telefone."),
    "phone_area_code": _("O DDD do telefone não existe."),
    "phone_length": _("O telefone tem dígitos a mais ou a menos. Com DDD são 10 ou 11."),
    "phone_invalid": _("O telefone não existe no Brasil nem no país indicado."),
    "phone_placeholder": _("O telefone parece inventado para preencher o campo."),
    "phone_service_number": _("Números 0800, 0300, 4004 e parecidos são de empresas, não de clientes."),
    "phone_characters": _("O telefone tem texto no lugar do número."),
    "phone_precision_lost": _("A planilha perdeu dígitos do telefone. Exporte a coluna como texto."),
    "email_invalid": _("O e-mail não tem um endereço válido, como nome@empresa.com.br."),
    "cep_characters": _("O CEP só pode ter números."),
    "cep_length": _("O CEP tem 8 dígitos."),
    "cep_range": _("O CEP começa em 01000-000; este número não existe."),
    "uf_unknown": _("Use a sigla ou o nome de um estado, como SP ou São Paulo."),
    "date_invalid": _("A data não existe. Use dia/mês/ano, como 31/12/2026."),
    "date_out_of_range": _("A data está longe demais. Confira o ano; sem data de fim, deixe o campo vazio."),
    "date_future": _("A data de nascimento está no futuro."),
    "date_too_old": _("A data de nascimento é antiga demais para estar certa."),
    "amount_invalid": _("O valor não pôde ser lido. Use o formato 1.234,56."),
    "amount_too_large": _("O valor é maior do que o sistema guarda."),
    "document_zero_padded": _("Zeros à esquerda do CPF ou CNPJ recolocados."),
    "scientific_expanded": _("Número em notação científica escrito por extenso."),
    "float_suffix_removed": _("“.0” no fim do número removido."),
    "confusable_fixed": _("Letras trocadas por números no CPF ou CNPJ (O por 0, I ou L por 1)."),
    "ninth_digit_added": _("Nono dígito do celular acrescentado."),
    "phone_split": _("Telefones da mesma célula separados."),
    "phone_cleared": _("Telefone inválido deixado em branco."),
    "email_split": _("Mais de um e-mail na célula; o primeiro válido ficou."),
    "email_cleared": _("E-mail inválido deixado em branco."),
    "birth_date_cleared": _("Data de nascimento inválida deixada em branco."),
    "excel_serial_date": _("Data em número de planilha convertida."),
    "cep_zero_padded": _("Zero à esquerda do CEP recolocado."),
    "cep_cleared": _("CEP inválido deixado em branco."),
    "uf_cleared": _("UF desconhecida deixada em branco."),
    "amount_cleared": _("Valor ilegível deixado em branco."),
    "mojibake_fixed": _("Acentos estragados pela codificação corrigidos."),
    "cep_uf_mismatch": _("O CEP é de outro estado."),
    "email_typo": _("O e-mail parece ter um erro de digitação."),
}


def message(code: str) -> str:
    """The code itself when it has no sentence, so that nothing is ever hidden."""
    return str(MESSAGES.get(code, code))
