"""Where the clients live: cities with their DDD, range of CEP (first five digits) and districts."""

from dataclasses import dataclass

from carteira.demo.lists import listed


@dataclass(frozen=True, slots=True)
class Place:
    city: str
    uf: str
    ddd: str
    first_cep: int
    last_cep: int
    districts: tuple[str, ...]
    weight: int


# city | UF | DDD | first and last CEP | weight | districts
_CITIES = """
Joinville|SC|47|89201|89239|5|Centro, América, Saguaçu, Anita Garibaldi, Costa e Silva
Blumenau|SC|47|89010|89070|4|Centro, Velha, Garcia, Itoupava Norte, Ponta Aguda
Itajaí|SC|47|88301|88319|2|Centro, Fazenda, São João, Cordeiros
Florianópolis|SC|48|88010|88099|3|Centro, Trindade, Estreito, Coqueiros, Campeche
Jaraguá do Sul|SC|47|89251|89269|2|Centro, Vila Lalau, Czerniewicz, Ilha da Figueira
Curitiba|PR|41|80010|82960|7|Centro, Água Verde, Portão, Boqueirão, Santa Felicidade, Cabral
Ponta Grossa|PR|42|84010|84099|2|Centro, Oficinas, Uvaranas, Nova Rússia
São José dos Pinhais|PR|41|83005|83099|2|Centro, Afonso Pena, Cidade Jardim, São Pedro
Londrina|PR|43|86010|86099|4|Centro, Gleba Palhano, Aeroporto, Vila Casoni
Maringá|PR|44|87013|87099|3|Zona 01, Zona 07, Vila Morangueira, Jardim Alvorada
Cascavel|PR|45|85801|85820|2|Centro, Neva, São Cristóvão, Coqueiral
Porto Alegre|RS|51|90010|91799|6|Centro Histórico, Menino Deus, Moinhos de Vento, Petrópolis, Sarandi
Caxias do Sul|RS|54|95010|95110|3|Centro, São Pelegrino, Panazzolo, Pio X
Pelotas|RS|53|96010|96085|2|Centro, Três Vendas, Fragata, Areal
Santa Maria|RS|55|97010|97110|2|Centro, Camobi, Nossa Senhora de Lourdes, Itararé
Chapecó|SC|49|89801|89815|2|Centro, Maria Goretti, Efapi, Presidente Médici
São Paulo|SP|11|01310|05890|9|Vila Mariana, Santana, Tatuapé, Pinheiros, Mooca, Lapa, Santo Amaro
Guarulhos|SP|11|07010|07270|2|Centro, Gopoúva, Vila Galvão, Macedo
Santo André|SP|11|09010|09290|2|Centro, Campestre, Vila Assunção, Jardim Bela Vista
Santos|SP|13|11010|11095|2|Gonzaga, Boqueirão, Ponta da Praia, Encruzilhada
Campinas|SP|19|13010|13100|4|Centro, Cambuí, Taquaral, Barão Geraldo, Jardim Chapadão
Ribeirão Preto|SP|16|14010|14110|3|Centro, Jardim Sumaré, Campos Elíseos, Ribeirânia
Sorocaba|SP|15|18010|18109|2|Centro, Campolim, Além Ponte, Vila Hortência
São José dos Campos|SP|12|12210|12248|2|Centro, Jardim Aquarius, Santana, Vila Adyana
Uberlândia|MG|34|38400|38415|3|Centro, Martins, Santa Mônica, Tibery
Rio de Janeiro|RJ|21|20010|22790|6|Tijuca, Méier, Botafogo, Copacabana, Campo Grande, Vila Isabel
Niterói|RJ|21|24020|24360|2|Icaraí, Centro, Santa Rosa, Fonseca
Belo Horizonte|MG|31|30110|31980|5|Savassi, Funcionários, Padre Eustáquio, Buritis, Venda Nova
Juiz de Fora|MG|32|36010|36090|2|Centro, São Mateus, Cascatinha, Benfica
Vitória|ES|27|29010|29090|2|Centro, Jardim Camburi, Praia do Canto, Maruípe
Goiânia|GO|62|74003|74890|3|Setor Central, Setor Bueno, Setor Oeste, Campinas, Jardim América
Rio Verde|GO|64|75901|75914|1|Centro, Setor Morada do Sol, Vila Amália
Brasília|DF|61|70200|71990|2|Asa Sul, Asa Norte, Guará, Sudoeste
Campo Grande|MS|67|79002|79117|2|Centro, Jardim dos Estados, Vila Planalto, Tiradentes
Cuiabá|MT|65|78005|78098|1|Centro Norte, Goiabeiras, Boa Esperança, Duque de Caxias
Recife|PE|81|50010|52291|6|Boa Viagem, Casa Forte, Madalena, Afogados, Espinheiro, Várzea
Olinda|PE|81|53010|53401|2|Carmo, Bairro Novo, Casa Caiada, Peixinhos
Jaboatão dos Guararapes|PE|81|54080|54520|2|Piedade, Candeias, Prazeres, Centro
Caruaru|PE|81|55002|55040|2|Maurício de Nassau, Centro, Indianópolis, Universitário
João Pessoa|PB|83|58010|58082|3|Manaíra, Tambaú, Bancários, Torre, Centro
Campina Grande|PB|83|58400|58442|2|Centro, Catolé, Prata, Bodocongó
Maceió|AL|82|57010|57084|2|Ponta Verde, Farol, Jatiúca, Tabuleiro do Martins
Fortaleza|CE|85|60010|60870|5|Aldeota, Meireles, Messejana, Parangaba, Benfica
Natal|RN|84|59010|59150|2|Tirol, Ponta Negra, Lagoa Nova, Alecrim
Mossoró|RN|84|59600|59635|1|Centro, Nova Betânia, Abolição
Salvador|BA|71|40010|41850|5|Pituba, Barra, Brotas, Itapuã, Liberdade, Cabula
Feira de Santana|BA|75|44001|44095|2|Centro, Kalilândia, Santa Mônica, Tomba
Aracaju|SE|79|49010|49098|2|Centro, Jardins, Atalaia, Siqueira Campos
Teresina|PI|86|64000|64090|2|Centro, Jóquei, Dirceu Arcoverde, Fátima
Belém|PA|91|66010|66840|5|Nazaré, Umarizal, Marco, Pedreira, Batista Campos
Ananindeua|PA|91|67010|67146|2|Cidade Nova, Coqueiro, Centro, Guanabara
Santarém|PA|93|68005|68060|1|Centro, Aldeia, Santa Clara, Prainha
Manaus|AM|92|69005|69097|4|Adrianópolis, Centro, Parque Dez, Flores, Cidade Nova
São Luís|MA|98|65010|65095|2|Renascença, Cohama, Turu, Centro
Macapá|AP|96|68900|68911|1|Centro, Trem, Santa Rita, Buritizal
Palmas|TO|63|77001|77064|1|Plano Diretor Sul, Plano Diretor Norte, Taquaralto
Porto Velho|RO|69|76801|76829|1|Centro, Olaria, Nova Porto Velho, Embratel
"""


def _read(line: str) -> Place:
    city, uf, ddd, first, last, weight, districts = line.split("|")
    return Place(city, uf, ddd, int(first), int(last), tuple(districts.split(", ")), int(weight))


PLACES = {place.city: place for place in map(_read, _CITIES.split("\n")[1:-1])}

REGION_OF_UF = (
    dict.fromkeys(("PR", "SC", "RS"), "south")
    | dict.fromkeys(("SP", "RJ", "MG", "ES"), "southeast")
    | dict.fromkeys(("GO", "DF", "MS", "MT", "TO"), "west")
    | dict.fromkeys(("PE", "PB", "AL", "CE", "RN", "BA", "SE", "PI", "MA"), "northeast")
    | dict.fromkeys(("PA", "AM", "AP", "RO", "RR", "AC"), "north")
)

STREETS = listed(
    """Rua XV de Novembro, Rua Sete de Setembro, Rua Tiradentes, Rua Duque de Caxias, Rua Marechal
    Deodoro, Rua Barão do Rio Branco, Avenida Getúlio Vargas, Avenida Brasil, Rua Dom Pedro II, Rua
    Santos Dumont, Avenida Presidente Kennedy, Rua José Bonifácio, Rua Rui Barbosa, Rua Castro
    Alves, Rua Monteiro Lobato, Avenida Beira-Rio, Rua das Palmeiras, Rua das Acácias, Rua dos Ipês,
    Rua São José, Rua Santa Catarina, Rua Sergipe, Rua Minas Gerais, Avenida Rio Grande do Sul, Rua
    Goiás, Rua Amazonas, Rua Benjamin Constant, Rua Quintino Bocaiúva, Rua Joaquim Nabuco, Rua
    Machado de Assis, Avenida Independência, Rua Treze de Maio, Rua Vinte e Quatro de Maio, Rua Frei
    Caneca, Rua Padre Anchieta, Travessa do Comércio, Rua do Comércio, Rua Voluntários da Pátria,
    Avenida São João, Rua Visconde de Mauá, Rua General Osório, Rua Princesa Isabel, Rua Anita
    Garibaldi, Avenida Juscelino Kubitschek, Rua Euclides da Cunha, Rua Cecília Meireles"""
)
COMPLEMENTS = (
    "apto 101",
    "apto 304",
    "apto 502",
    "casa 2",
    "fundos",
    "bloco B, apto 203",
    "apto 12",
    "casa B",
)
