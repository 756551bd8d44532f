"""What comments speak of: words and pairs of words that several answers have in common, counted here.

No outside service reads what clients write. The same comments give the same themes. Pure: no database.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from brazil.names import folded
from nps.models import Group

# Fewer answers with a word are a coincidence, and might tell who wrote.
LEAST: Final = 3
MOST: Final = 20
_SHORTEST_WORD: Final = 3
_SHORTEST_PLURAL: Final = 5
# A word, or what parts it from its neighbour.
_PIECE: Final = re.compile(r"[^\W\d_]+|[.,!?;:]")
_SAY_NOTHING: Final = """
    agora ainda algo alguem algum alguma alguns ali ante antes aos apenas apos aquela aquele aquilo aqui assim ate atras
    bem bom boa boas bons cada caso coisa com como comigo contra cujo dai dar das daquele dela dele deles demais depois
    desde dessa desse desta deste deu dia dias disso disto dos durante ela elas ele eles entao entre era eram essa essas
    esse esses esta estao estar estas estava este estes esteve estou eu faz fazem fazer feito fez fica ficar ficou foi
    for fora foram fosse gente haja hoje isso isto lhe lhes logo mais mas melhor menos mesma mesmo meu meus mim minha
    minhas muita muitas muito muitos nada nao nas nem nenhum nenhuma nesse neste ninguem nos nossa nosso num numa nunca
    onde ontem ora outra outras outro outros para parte pela pelas pelo pelos per pode podem poder pois por porem porque
    pouca pouco pra pro quais qual qualquer quando quanto que quem quer quero sao seja sem sempre sendo ser sera seria
    seu seus sido sim sobre sou sua suas tal tambem tanta tanto tao tem tenho ter tera teve tinha tive toda todas todo
    todos tudo ultima ultimo uma umas uns vai vamos vao ver vem veio vez vezes voces voce vou
"""
_STOP_WORDS: Final = frozenset(_SAY_NOTHING.split())


class Comment(NamedTuple):
    pk: int
    text: str
    score: int


@dataclass(frozen=True)
class Theme:
    """`key` finds its comments again; `words` is how most of them write it."""

    key: str
    words: str
    answers: int
    detractors: int

    @property
    def is_complaint(self) -> bool:
        return 2 * self.detractors >= self.answers


def themes_of(comments: Iterable[Comment], *, most: int = MOST) -> list[Theme]:
    """The commonest first. A word that only ever comes within a theme of two is not told again."""
    low = Group.DETRACTOR.scores
    told: Counter[str] = Counter()
    unhappy: Counter[str] = Counter()
    written: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for comment in comments:
        terms = _terms(comment.text)
        told.update(terms.keys())
        if comment.score in low:
            unhappy.update(terms.keys())
        for key, words in terms.items():
            written[key][words] += 1
    common = {key: count for key, count in told.items() if count >= LEAST}
    within = {(word, common[pair]) for pair in common if " " in pair for word in pair.split()}
    kept = [key for key, count in common.items() if (key, count) not in within]
    kept.sort(key=lambda key: (-common[key], key))
    return [Theme(key, _usual(written[key]), common[key], unhappy[key]) for key in kept[:most]]


def speaking_of(comments: Iterable[Comment], words: str) -> list[int]:
    """Those that have the words of a theme, or what somebody typed: each word next to the one before."""
    keys = [key for piece in _PIECE.finditer(words) if (key := _key(piece[0].lower()))]
    asked = {f"{one} {other}" for one, other in pairwise(keys)} or set(keys)
    return [comment.pk for comment in comments if asked and asked <= _terms(comment.text).keys()]


def _usual(spellings: Counter[str]) -> str:
    return min(spellings, key=lambda words: (-spellings[words], words))


def _terms(text: str) -> dict[str, str]:
    """Words and pairs of neighbours by their keys, as they are written: of "Demora na entrega", "demora", "entrega"
    and "demora na entrega"."""
    terms: dict[str, str] = {}
    text = " ".join(text.lower().replace("\n", ".").split())
    before, start = "", 0
    for piece in _PIECE.finditer(text):
        word = piece[0]
        if not word.isalpha():
            before = ""
        elif key := _key(word):
            terms.setdefault(key, word)
            if before:
                terms.setdefault(f"{before} {key}", text[start : piece.end()])
            before, start = key, piece.start()
    return terms


@lru_cache(maxsize=10_000)
def _key(word: str) -> str:
    """Without accents, case and the plural's s; "" for a word that says nothing by itself."""
    plain = folded(word)
    if len(plain) < _SHORTEST_WORD or plain in _STOP_WORDS:
        return ""
    return plain.removesuffix("s") if len(plain) >= _SHORTEST_PLURAL else plain
