"""How to reach the demo clients: phones, e-mails, addresses, people to speak to, consents; tags and notes."""

import datetime
import random

from carteira.demo.clients import Draft, Drafter
from carteira.demo.places import COMPLEMENTS, STREETS
from carteira.demo.staff import Staff
from carteira.demo.words import slug
from carteira.demo.words_people import POSITIONS
from clients.models import Address, Channel, Client, Consent, ContactPerson, Email, OptOut, Phone, Purpose

BATCH = 2000
MAIL_OF_PEOPLE = ("correio.example", "caixa.example", "mensagem.example", "minhaconta.example")
BOXES = ("contato", "financeiro", "comercial", "compras", "administrativo")
CEP_ENDINGS = ("000", "010", "020", "050", "100", "210", "330")
CONSENT_TEXT = "2026-01"

TAGS_OF_PEOPLE = (
    "Prefere de manhã",
    "Prefere WhatsApp",
    "Indicação",
    "Margem livre",
    "Cliente antigo",
    "Filhos cuidam",
)
TAGS_OF_COMPANIES = (
    "VIP",
    "Decide em reunião",
    "Prefere e-mail",
    "Indicação",
    "Expansão",
    "Paga em dia",
    "Sazonal",
)
NOTES_OF_PEOPLE = (
    "Atende melhor depois das 10h.",
    "Fala com a filha antes de decidir.",
    "Prefere receber tudo por WhatsApp.",
    "Pediu para ligar só no celular.",
    "Perguntou da taxa do consignado; voltar quando mudar a tabela.",
    "Trocou de carro; rever o seguro.",
    "Mora só, pede para explicar com calma.",
    "Indicou dois colegas.",
    "Recebe no quinto dia útil.",
    "Quer reduzir a parcela.",
    "Está reformando a casa.",
    "Viaja muito a trabalho.",
)
NOTES_OF_COMPANIES = (
    "Fecha o caixa às sextas; ligar até quinta.",
    "Proposta só por e-mail, com cópia para o contador.",
    "Vai abrir a segunda loja no ano que vem.",
    "Comprador novo; apresentar de novo a linha completa.",
    "Compra mais em novembro e dezembro.",
    "Pediu desconto por volume.",
    "Reunião só com os dois sócios.",
    "O contador aprova tudo.",
    "Reclamou do boleto; já resolvido.",
    "Renovou a frota; rever a apólice.",
    "Prefere visita.",
    "Folha com cerca de 40 pessoas.",
)
OPT_OUT_REASONS = (
    "Pediu para não ligar",
    "Pediu para sair da lista",
    "Respondeu SAIR",
    "Só quer ser atendido na loja",
)


def tags(rng: random.Random, draft: Draft) -> tuple[str, ...]:
    choices = TAGS_OF_COMPANIES if draft.is_company else TAGS_OF_PEOPLE
    return tuple(sorted(rng.sample(choices, rng.choices((0, 1, 2), (74, 20, 6))[0])))


def note(rng: random.Random, draft: Draft) -> str:
    if rng.random() > 0.14:
        return ""
    return rng.choice(NOTES_OF_COMPANIES if draft.is_company else NOTES_OF_PEOPLE)


def _is_old(draft: Draft) -> bool:
    """Old enough for grown-up children who look after things."""
    return draft.born is not None and draft.born.year < 1965


class Writer:
    def __init__(self, drafter: Drafter, staff: Staff) -> None:
        self.drafter = drafter
        self.rng = drafter.rng
        self.staff = staff
        self.addresses_taken: set[str] = set()

    def write(self, pairs: list[tuple[Draft, Client]]) -> None:
        phones = [phone for draft, client in pairs for phone in self._phones(draft, client)]
        Phone.objects.bulk_create(phones, batch_size=BATCH)
        reached = {phone.client_id for phone in phones}
        emails = [mail for pair in pairs for mail in self._emails(*pair, has_phone=pair[1].pk in reached)]
        Email.objects.bulk_create(emails, batch_size=BATCH)
        Address.objects.bulk_create((row for pair in pairs for row in self._addresses(*pair)), batch_size=BATCH)
        ContactPerson.objects.bulk_create((row for pair in pairs for row in self._people(*pair)), batch_size=BATCH)
        Consent.objects.bulk_create((row for pair in pairs for row in self._consents(*pair)), batch_size=BATCH)
        OptOut.objects.bulk_create((row for pair in pairs for row in self._opt_outs(*pair)), batch_size=BATCH)

    # --- Phones and e-mails -----------------------------------------------------------------------------

    def _phones(self, draft: Draft, client: Client) -> list[Phone]:
        if self.rng.random() < 0.03:
            return []
        kinds = self._kinds(draft)
        return [self._phone(draft, client, kind, is_primary=place == 0) for place, kind in enumerate(kinds)]

    def _kinds(self, draft: Draft) -> list[Phone.Kind]:
        mobile, landline = Phone.Kind.MOBILE, Phone.Kind.LANDLINE
        if draft.is_company:
            return self.rng.choices(([landline], [mobile], [landline, mobile], [mobile, mobile]), (25, 25, 42, 8))[0]
        return self.rng.choices(([mobile], [mobile, mobile], [mobile, landline], [landline]), (72, 14, 10, 4))[0]

    def _phone(self, draft: Draft, client: Client, kind: str, *, is_primary: bool) -> Phone:
        numbers, is_mobile = self.drafter.numbers, kind == Phone.Kind.MOBILE
        statuses = (Phone.Status.OK, Phone.Status.UNREACHABLE, Phone.Status.WRONG_NUMBER)
        return Phone(
            client=client,
            e164=numbers.mobile(draft.place) if is_mobile else numbers.landline(draft.place),
            kind=kind,
            is_whatsapp=self.rng.choices((True, None, False), (70, 25, 5))[0] if is_mobile else None,
            status=self.rng.choices(statuses, (95, 3, 2))[0],
            label="" if is_primary or draft.is_company else self.rng.choice(("", "trabalho", "recado", "filha")),
            extension=str(self.rng.randint(201, 260)) if not is_mobile and self.rng.random() < 0.08 else "",
            is_primary=is_primary,
        )

    def _emails(self, draft: Draft, client: Client, *, has_phone: bool) -> list[Email]:
        """Older people often have none; nobody is without any way to be reached."""
        missing = 0.1 if draft.is_company else 0.5 if draft.trade.startswith("Aposentado") else 0.2
        if has_phone and self.rng.random() < missing:
            return []
        addresses = [self._address(draft)]
        if draft.is_company and self.rng.random() < 0.18:
            addresses.append(f"nfe@{addresses[0].partition('@')[2]}")
        bounced = self.rng.random() < 0.02
        status = Email.Status.INVALID if bounced else Email.Status.OK
        return [
            Email(
                client=client,
                address=address,
                is_primary=place == 0,
                status=status if place == 0 else Email.Status.OK,
            )
            for place, address in enumerate(addresses)
        ]

    def _address(self, draft: Draft) -> str:
        if draft.is_company:
            name = draft.known_as.removesuffix(" ME").removesuffix(" EPP").removesuffix(" Ltda").removesuffix(" S.A.")
            return self._once(self.rng.choice(BOXES), f"{slug(name, '')}.example")
        words = slug(draft.name).split(".")
        forms = (f"{words[0]}.{words[-1]}", f"{words[0]}{words[-1]}", f"{words[0][0]}{words[-1]}")
        return self._once(self.rng.choices(forms, (60, 25, 15))[0], self.rng.choice(MAIL_OF_PEOPLE))

    def _once(self, box: str, domain: str) -> str:
        address = f"{box}@{domain}"
        while address in self.addresses_taken:
            address = f"{box}{self.rng.randint(1, 99):02}@{domain}"
        self.addresses_taken.add(address)
        return address

    # --- Addresses and people -----------------------------------------------------------------------------

    def _addresses(self, draft: Draft, client: Client) -> list[Address]:
        if not draft.history.first_day and self.rng.random() < 0.6:
            return [Address(client=client, city=draft.place.city, uf=draft.place.uf, is_primary=True)]
        lives_in_flat = not draft.is_company and self.rng.random() < 0.35
        row = Address(
            client=client,
            # In the range of the city, not of that very street.
            cep=f"{self.rng.randint(draft.place.first_cep, draft.place.last_cep):05}" + self.rng.choice(CEP_ENDINGS),
            street=self.rng.choice(STREETS),
            number=str(self.rng.randint(12, self.rng.choice((480, 3200)))),
            complement=self.rng.choice(COMPLEMENTS) if lives_in_flat else "",
            district=self.rng.choice(draft.place.districts),
            city=draft.place.city,
            uf=draft.place.uf,
            is_primary=True,
        )
        return [row]

    def _people(self, draft: Draft, client: Client) -> list[ContactPerson]:
        """Whom to ask for at a company; now and then somebody of the family of a person."""
        many = (
            self.rng.choices((0, 1, 2), (8, 62, 30))[0]
            if draft.is_company
            else int(_is_old(draft) and self.rng.random() < 0.1)
        )
        return [self._contact(draft, client, decides=place == 0) for place in range(many)]

    def _contact(self, draft: Draft, client: Client, *, decides: bool) -> ContactPerson:
        family = draft.family if draft.is_company else draft.name.split()[-1]
        name = self.drafter.namer.colleague(draft.place.uf, family)
        positions = POSITIONS[:4] if decides else POSITIONS[2:]
        position = self.rng.choice(positions)[0 if name.is_woman else 1]
        return ContactPerson(
            client=client,
            name=name.full,
            position=position if draft.is_company else "Filha" if name.is_woman else "Filho",
            phone=self.drafter.numbers.mobile(draft.place) if self.rng.random() < 0.55 else "",
            decides=decides and draft.is_company,
            created_at=draft.created_at,
        )

    # --- Consents -----------------------------------------------------------------------------------------

    def _consents(self, draft: Draft, client: Client) -> list[Consent]:
        if self.rng.random() > 0.24:
            return []
        channel = self.rng.choices((Channel.WHATSAPP, Channel.EMAIL, Channel.ANY), (60, 25, 15))[0]
        source = self.rng.choice(("Formulário do site", "Assinado na proposta", "Por WhatsApp", "Na loja, em papel"))
        given = Consent(
            client=client, channel=channel, purpose=Purpose.OFFER, granted=True, text_version=CONSENT_TEXT,
            source=source, at=draft.created_at, by=client.owner,
        )  # fmt: skip
        if self.rng.random() > 0.06:
            return [given]
        taken_back = self._since(draft)
        revoked = Consent(
            client=client, channel=channel, purpose=Purpose.OFFER, granted=False, text_version=CONSENT_TEXT,
            source="Por telefone", at=taken_back, by=client.owner,
        )  # fmt: skip
        return [given, revoked]

    def _opt_outs(self, draft: Draft, client: Client) -> list[OptOut]:
        if self.rng.random() > 0.015:
            return []
        channel = self.rng.choices((Channel.CALL, Channel.ANY, Channel.WHATSAPP), (55, 25, 20))[0]
        return [
            OptOut(
                client=client, channel=channel, purpose=Purpose.OFFER,
                reason=self.rng.choice(OPT_OUT_REASONS), at=self._since(draft), by=client.owner,
            )
        ]  # fmt: skip

    def _since(self, draft: Draft) -> datetime.datetime:
        return draft.created_at + (self.drafter.now - draft.created_at) * self.rng.uniform(0.2, 0.95)
