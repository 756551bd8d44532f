"""Names of companies: what they do, and what sets them apart."""

from dataclasses import dataclass

from carteira.demo.lists import listed


@dataclass(frozen=True, slots=True)
class Trade:
    """`heads` begin the name ("Padaria Santa Rita"), `tails` end one that begins with a family ("Rech
    Engenharia"). `marks` tells which kinds of words fit after a head."""

    sector: str
    weight: int
    heads: tuple[str, ...]
    tails: tuple[str, ...]
    marks: str


# Letters of `marks`: s saint, n nature, f family, o the owner's name, w a word of trade, p place.
TRADES = (
    Trade(
        "Comércio varejista", 20,
        listed("""Mercado, Supermercado, Papelaria, Ótica, Livraria, Calçados, Móveis, Auto Peças, Pet
            Shop, Casa de Carnes, Floricultura, Materiais de Construção, Magazine, Mercearia,
            Bicicletaria, Tintas, Casa das Ferragens, Utilidades, Hortifruti, Armarinho"""),
        listed("Tecidos, Modas, Eletro, Magazine, Atacado"), "ssnffwwwp",
    ),
    Trade(
        "Alimentação", 12,
        listed("""Padaria, Restaurante, Pizzaria, Churrascaria, Confeitaria, Lanchonete, Sorveteria,
            Cantina, Café, Panificadora, Marmitaria, Doceria, Cafeteria"""),
        listed("Alimentos, Doces e Salgados, Massas Artesanais"), "ssnnoofp",
    ),
    Trade(
        "Saúde", 12,
        listed("""Clínica Odontológica, Clínica Médica, Laboratório, Farmácia, Drogaria, Clínica
            Veterinária, Fisioterapia, Policlínica, Clínica de Olhos, Centro de Diagnóstico"""),
        listed("Odontologia, Fisioterapia, Saúde Ocupacional"), "sssnnfw",
    ),
    Trade(
        "Transporte e logística", 9,
        listed("Transportadora, Transportes, Expresso, Turismo, Guincho, Mudanças, Logística"),
        listed("Transportes, Logística, Cargas, Turismo"), "nnffwwp",
    ),
    Trade(
        "Indústria", 11,
        listed("""Metalúrgica, Confecções, Marcenaria, Gráfica, Laticínios, Cerâmica, Malharia,
            Serralheria, Estofados, Vidraçaria, Indústria de Plásticos, Torrefação, Embalagens,
            Usinagem"""),
        listed("Indústria Têxtil, Esquadrias, Máquinas Agrícolas, Embalagens"), "ssnffwp",
    ),
    Trade(
        "Construção civil", 8,
        listed("""Construtora, Pré-Moldados, Instalações Elétricas, Terraplenagem, Incorporadora,
            Gesso e Drywall"""),
        listed("Engenharia, Construções, Empreendimentos, Arquitetura"), "nfffwp",
    ),
    Trade(
        "Educação", 6,
        listed("""Colégio, Escola Infantil, Centro Educacional, Autoescola, Escola de Idiomas, Escola
            de Música, Berçário, Curso Preparatório"""),
        listed("Cursos Profissionalizantes, Idiomas"), "sssnnw",
    ),
    Trade(
        "Agronegócio", 7,
        listed("""Agropecuária, Granja, Cooperativa Agrícola, Sementes, Haras, Viveiro de Mudas,
            Rações, Avícola"""),
        listed("Agronegócios, Insumos Agrícolas, Grãos"), "ssnnfp",
    ),
    Trade(
        "Serviços", 12,
        listed("""Contabilidade, Imobiliária, Oficina Mecânica, Lavanderia, Chaveiro, Dedetizadora,
            Despachante, Vistoria Veicular, Centro Automotivo, Borracharia, Hotel, Pousada,
            Estacionamento"""),
        listed("Advogados Associados, Contadores, Imóveis, Consultoria, Segurança Patrimonial"), "snnffwp",
    ),
    Trade(
        "Beleza e bem-estar", 7,
        listed("""Salão, Barbearia, Academia, Estúdio de Pilates, Espaço, Perfumaria, Instituto de
            Beleza"""),
        listed("Estética, Cabeleireiros, Cosméticos"), "nnnoow",
    ),
    Trade(
        "Tecnologia", 4,
        listed("Assistência Técnica, Informática, Provedor de Internet, Automação"),
        listed("Sistemas, Tecnologia, Telecom, Automação Comercial"), "wwffn",
    ),
)  # fmt: skip

SAINTS = listed("""Santa Rita, São José, Santo Antônio, Nossa Senhora Aparecida, São Francisco, Santa
            Luzia, Bom Jesus, São Judas Tadeu, Divino Espírito Santo, Santa Teresinha, São
            Jorge, Nossa Senhora de Fátima, Santa Bárbara, São Cristóvão, Sagrado Coração, São
            Sebastião, Santa Cecília, Santo Expedito, São Pedro, Santa Edwiges""")
NATURE = listed("""Ipê Roxo, Bem-te-vi, Serra Azul, Três Marias, Pôr do Sol, Boa Vista, Primavera,
            Girassol, Recanto Verde, Vale Verde, Sabiá, Jacarandá, Beija-Flor, Águas Claras,
            Campo Belo, Pedra Branca, Lua Nova, Estrela do Vale, Flor de Lis, Bela Vista, Céu
            Azul, Raio de Sol, Pitangueira, Quatro Estações, Alvorada, Bosque das Flores,
            Jasmim, Monte Alto, Fonte Nova, Rio Claro, Serra Dourada, Aurora, Cristalina, Vila
            Verde""")
REGIONAL_NATURE = {
    "south": listed("""Araucária, Minuano, Pinheirinho, Gralha Azul, Serra Geral, Querência, Vale Europeu,
            Erva-Mate"""),
    "southeast": listed("""Mantiqueira, Bandeirante, Jequitibá, Mata Atlântica, Serra do Mar, Paineira, Cafezal"""),
    "west": listed("Cerrado, Pequizeiro, Araguaia, Tuiuiú, Buriti, Pantanal, Lobo-Guará, Veredas"),
    "northeast": listed("""Mandacaru, Carnaúba, Cajueiro, Juazeiro, Jangada, Sertão Forte, Coqueiral, Asa
            Branca, Umbuzeiro"""),
    "north": listed("""Vitória-Régia, Açaizal, Tucumã, Guajará, Marajoara, Castanheira, Uirapuru, Seringal,
            Igarapé"""),
}
OWNERS = listed("""da Nena, do Zeca, Dona Lourdes, Seu Osvaldo, da Dedé, do Tonico, Dona Zefa, da Vovó
            Irene, do Juca, Dona Cida, do Alemão, da Lili, Dona Neuza, do Nando, Tia Marlene, da
            Rosinha, do Baiano, Dona Filó, da Cleide, do Português, do Betinho, Seu Agenor, da
            Marlene, do Cido""")
# Words that agree with any head, "o Mercado" or "a Padaria".
WORDS = listed("""União, Progresso, Modelo, Ideal, Popular, Imperial, Líder, Central, Aliança, Real,
            Nova Era, Confiança, Dois Irmãos, Três Irmãos, Avenida, Fortaleza, Excelência,
            Prime, Vitória, Global, Master, Via Norte, Ponto Certo, Bom Preço, Novo Tempo,
            Essência, Conexão, Integral, Prisma, Vértice, Sigma, Nacional, Continental""")
PLACES = {
    "south": listed("do Vale, da Serra, da Colina, Catarinense, dos Pinhais, do Planalto, do Sul"),
    "southeast": listed("Paulista, da Serra, do Bosque, Carioca, Capixaba, Fluminense, da Estação"),
    "west": listed("do Cerrado, do Planalto Central, do Pantanal, do Oeste, da Chapada"),
    "northeast": listed("""do Agreste, da Praia, Cearense, do Sertão, Potiguar, do Cariri, do Nordeste, da
            Bahia"""),
    "north": listed("do Norte, Paraense, da Ilha, do Marajó, do Tapajós, Amazonense"),
}
