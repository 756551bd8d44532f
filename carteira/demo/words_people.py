"""Names of people: first names by generation, surnames by region."""

from carteira.demo.lists import listed

# By generation: born before 1965, up to 1985, later. Two-part names are one entry.
WOMEN = (
    listed("""Maria Aparecida, Maria de Lourdes, Maria das Graças, Maria José, Maria Helena,
            Terezinha, Antônia, Francisca, Ivone, Neusa, Neide, Marlene, Lúcia Helena, Vera
            Lúcia, Regina Célia, Ana Maria, Dalva, Elza, Zilda, Iracema, Conceição, Aparecida,
            Rosa Maria, Irene, Marli, Cleusa, Nair, Odete, Lourdes, Glória, Sônia Regina, Tânia,
            Eunice, Dirce, Benedita, Sebastiana, Josefa, Creuza, Leonor, Jandira, Hilda, Ilda,
            Norma, Edite, Nilza, Wilma, Teresa Cristina, Ângela Maria, Maria Luíza, Maria do
            Carmo"""),
    listed("""Adriana, Alessandra, Ana Cláudia, Ana Lúcia, Ana Paula, Andréa, Andreia, Carla,
            Cláudia, Cristiane, Cristina, Daniela, Débora, Denise, Eliane, Elaine, Fabiana,
            Fernanda, Flávia, Gisele, Ivanilda, Janaína, Juliana, Karina, Kátia, Lílian,
            Luciana, Luciene, Márcia, Mônica, Patrícia, Priscila, Raquel, Regiane, Renata,
            Roberta, Rosana, Rosângela, Rosilene, Sandra, Sheila, Silvana, Simone, Solange,
            Suzana, Tatiana, Valéria, Vanessa, Viviane, Edilene"""),
    listed("""Aline, Amanda, Ana Beatriz, Ana Carolina, Ana Luísa, Bárbara, Beatriz, Bianca,
            Bruna, Camila, Carolina, Caroline, Clara, Daiane, Eduarda, Ester, Fernanda,
            Gabriela, Giovana, Heloísa, Isabela, Isadora, Jaqueline, Jéssica, Júlia, Karen,
            Larissa, Laura, Letícia, Lívia, Lorena, Luana, Manuela, Maria Clara, Maria Eduarda,
            Mariana, Marina, Mayara, Milena, Natália, Nicole, Paloma, Rafaela, Rayane, Sabrina,
            Sara, Sofia, Stefany, Taís, Thaís, Vitória, Yasmin"""),
)
MEN = (
    listed("""José Carlos, José Maria, João Batista, Antônio Carlos, Francisco, Raimundo,
            Sebastião, Geraldo, Benedito, Osvaldo, Waldemar, Nelson, Milton, Valdir, Jair,
            Ademir, Orlando, Luiz Antônio, Luiz Carlos, Paulo Roberto, Pedro Paulo, Manoel,
            Joaquim, Severino, Arnaldo, Aristides, Durval, Ernesto, Getúlio, Hélio, Ivo, Jorge
            Luiz, Laércio, Moacir, Nilton, Odair, Pedro, Roberto Carlos, Rubens, Sérgio Luiz,
            Tadeu, Vicente, Walter, Wilson, Carlos Alberto, Edson, Gilberto, Mário Sérgio, José
            Raimundo, Agenor"""),
    listed("""Adriano, Alessandro, Alexandre, Anderson, André Luiz, Carlos Eduardo, Claudinei,
            Cláudio, Cleber, Cristiano, Daniel, Denilson, Edilson, Eduardo, Elton, Emerson,
            Fábio, Fernando, Flávio, Francisco José, Gilmar, Gilson, Ivan, Jefferson, João
            Carlos, João Paulo, Jorge, Josué, Leandro, Luciano, Luiz Fernando, Marcelo, Márcio,
            Marco Antônio, Marcos, Maurício, Mauro, Nilson, Paulo César, Paulo Henrique,
            Reginaldo, Renato, Ricardo, Robson, Rodrigo, Rogério, Ronaldo, Sandro, Vagner,
            Wellington"""),
    listed("""Arthur, Augusto, Breno, Bruno, Caio, Carlos Henrique, Danilo, Davi, Diego, Diogo,
            Douglas, Eduardo, Enzo, Erick, Felipe, Gabriel, Guilherme, Gustavo, Henrique, Hugo,
            Igor, Iago, Jean, João Gabriel, João Pedro, João Victor, Jonas, Jonathan, Kaique,
            Leonardo, Lucas, Luís Felipe, Luís Gustavo, Marcos Vinícius, Mateus, Matheus,
            Murilo, Natan, Nícolas, Otávio, Pedro Henrique, Rafael, Raul, Renan, Samuel, Thiago,
            Tiago, Victor Hugo, Vinícius, Vitor, Wesley, Yuri"""),
)
# Names that tell the region, mixed in among the others.
REGIONAL_WOMEN = {
    "south": listed("""Ingrid, Loreci, Marlise, Helga, Elfrida, Salete, Ivete, Noeli, Terezinha Salete,
            Edeltraud"""),
    "northeast": listed("""Maria do Socorro, Francisca das Chagas, Luzinete, Ivanise, Josineide, Edileuza,
            Maria de Fátima, Rita de Cássia"""),
    "north": listed("""Raimunda Nonata, Maria de Nazaré, Nazaré, Deuzarina, Maria do Perpétuo Socorro,
            Lucideia"""),
}
REGIONAL_MEN = {
    "south": listed("Ivo, Ademar, Arlindo, Egon, Norberto, Vilmar, Nestor, Ari, Lotário, Valmor"),
    "northeast": listed("""Severino, Cícero, Expedito, Damião, Givanildo, Josivaldo, Edvaldo, Genivaldo,
            Lourival"""),
    "north": listed("Raimundo Nonato, Manoel do Carmo, Nazareno, Edivaldo, Ocivaldo, Sandoval"),
}

COMMON_SURNAMES = listed("""
            da Silva, dos Santos, de Oliveira, de Souza, Rodrigues, Ferreira, Alves, Pereira, de
            Lima, Gomes, Costa, Ribeiro, Martins, de Carvalho, de Almeida, Lopes, Soares,
            Fernandes, Vieira, Barbosa, Rocha, Dias, do Nascimento, de Andrade, Moreira, Nunes,
            Marques, Machado, Mendes, Freitas, Cardoso, Ramos, Gonçalves, Santana, Teixeira,
            Araújo, Pinto, Cunha, Moura, Batista, Monteiro, Campos, Correia, Castro, Duarte,
            Farias, Medeiros, Miranda, Pires, Reis, Xavier, Borges, Coelho, Neves, Fonseca,
            Guimarães, Antunes, Azevedo, Barros, Brito, Siqueira""")
SURNAMES = {
    "south": listed("""Schneider, Becker, Hoffmann, Zanella, Kowalski, Bianchi, Dalla Costa, Weber, Krüger,
            Pasqualini, Schmitt, Nowak, Wisniewski, Fronza, Tomazoni, Bortolini, Stein, Müller,
            Klein, Zimmermann, Cechinel, Bertoldi, Girardi, Schulz, Rech, Lenz, Hartmann,
            Dallagnol, Machado, Silveira, Dutra, Vargas, Sartori, Piva, Gubert, Tavares"""),
    "southeast": listed("""
            Rossi, Moretti, Yamamoto, Tanaka, Bianco, Marchetti, Ferraz, Camargo, Toledo, Bueno,
            Prado, Nogueira, Bittencourt, Sampaio, Amaral, Vilela, Rezende, Fagundes, Paiva,
            Drummond, Lacerda, Gouveia, Magalhães, Esteves, Furtado, Simões, Nakamura, Galvão,
            Peixoto, Abreu, Pimenta, Salles, Torres, Figueiredo, Leal"""),
    "west": listed("""Rezende, Borges, Arruda, Caiado, Vilela, Guimarães, Tavares, Queiroz, Botelho,
            Corrêa, Ferraz, Franco, Leite, Peixoto, Figueiredo, Valadares, Assunção, Jardim,
            Cabral, Bastos, Ortiz, Benites, Barreto"""),
    "northeast": listed("""Cavalcanti, Bezerra, Albuquerque, Holanda, Lacerda, Maia, Feitosa, Bandeira,
            Wanderley, Lucena, Tenório, Dantas, Matos, Viana, Queiroz, Pontes, Leitão, Gadelha,
            Sobral, Vasconcelos, Sampaio, Nóbrega, Falcão, Calheiros, Pimentel, Aragão, Paes,
            Mascarenhas, Menezes, Bulhões, Lins, Morais, Alencar, Veloso"""),
    "north": listed("""Pantoja, Tavares, Barata, Lobato, Maués, Brabo, Pinheiro, Corrêa, Furtado, Sarmento,
            Negrão, Bentes, Cordovil, Trindade, Baía, Quaresma, Malcher, Chaves, Gama, Picanço,
            Mourão, Seabra, Amanajás"""),
}

# (of a woman, of a man)
POSITIONS = (
    ("Sócia-administradora", "Sócio-administrador"),
    ("Gerente financeira", "Gerente financeiro"),
    ("Compradora", "Comprador"),
    ("Diretora", "Diretor"),
    ("Contadora", "Contador"),
    ("Coordenadora de RH", "Coordenador de RH"),
    ("Assistente administrativa", "Assistente administrativo"),
    ("Gerente de loja", "Gerente de loja"),
)
