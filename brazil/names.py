"""Names of people: how they are shown, compared and sorted."""

import re

from rapidfuzz import fuzz

from brazil.cells import without_accents

PARTICLES = frozenset({"da", "de", "do", "das", "dos", "e"})
NUMERALS = frozenset({"II", "III", "IV"})
LETTERS = re.compile(r"[^\W\d_]+")
APOSTROPHES = re.compile("['\u2018\u2019\u00b4`]")
NOT_A_LETTER = re.compile(r"[^A-Z]+")
TWO_LETTERS = re.compile(r"[^\W\d_]{2}")
SIMILAR = 85
NAMES_OF_NOBODY = frozenset({"teste", "teste teste", "cliente", "consumidor", "consumidor final", "sem nome"})


def folded(text: str) -> str:
    """Without accents, case and extra spaces: the key for searching and sorting."""
    return " ".join(without_accents(text).casefold().split())


def display_name(name: str, person_type: str = "PF") -> str:
    """Title case for a person's name typed in one case only; accents and company names are left alone."""
    name = " ".join(name.split())
    if person_type == "PJ" or (name != name.upper() and name != name.lower()):
        return name
    words = name.split(" ")
    return " ".join(title_word(word, is_first=index == 0) for index, word in enumerate(words))


def title_word(word: str, *, is_first: bool) -> str:
    if not is_first and word.lower() in PARTICLES:
        return word.lower()
    if word.upper() in NUMERALS:
        return word.upper()
    return LETTERS.sub(lambda run: run[0][0].upper() + run[0][1:].lower(), word)


def name_key(name: str) -> str:
    """Equal for two spellings of a name: `José D'Ávila dos Santos` and `JOSE DAVILA SANTOS`."""
    plain = without_accents(APOSTROPHES.sub("", name)).upper()
    words = NOT_A_LETTER.sub(" ", plain).split()
    return " ".join(word for word in words if word.lower() not in PARTICLES)


def first_name(name: str, *, social_name: str = "", person_type: str = "PF", contact: str = "") -> str:
    """For messages; a company has the first name of its contact person, or none."""
    source = contact if person_type == "PJ" else social_name or name
    return source.split()[0] if source.split() else ""


def is_real_name(name: str) -> bool:
    """False for what stands in the name column when there is no name."""
    plain = folded(name).strip(" .:;,-_*")
    return bool(TWO_LETTERS.search(name)) and plain not in NAMES_OF_NOBODY and plain.strip("x") != ""


def are_similar(first: str, second: str) -> bool:
    """Close enough to be looked at by a person; never a reason to merge (Antonio, Antonia: 93 %)."""
    first, second = name_key(first), name_key(second)
    shorter, longer = sorted((set(first.split()), set(second.split())), key=len)
    return (len(shorter) > 1 and shorter <= longer) or fuzz.token_sort_ratio(first, second) >= SIMILAR
