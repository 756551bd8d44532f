"""The `vendedor` column: which colleague is meant, among those the importer may give clients to."""

from brazil.names import folded
from people.models import User
from people.visibility import visible_people


class SellerDirectory:
    """Active people by e-mail and by folded full name; a name that two people have means nobody."""

    def __init__(self, importer: User) -> None:
        active = User.objects.filter(is_active=True)
        self.assignable = set(active.filter(visible_people(importer)).values_list("pk", flat=True))
        self.teams: dict[int, int | None] = {}
        self.by_key: dict[str, int] = {}
        shared = set()
        for pk, email, name_key, team in active.values_list("pk", "email", "name_key", "team_id"):
            self.teams[pk] = team
            self.by_key[email.casefold()] = pk
            if name_key in self.by_key:
                shared.add(name_key)
            self.by_key[name_key] = pk
        for name_key in shared:
            del self.by_key[name_key]

    def find(self, text: str) -> int | None:
        return self.by_key.get(text.casefold()) or self.by_key.get(folded(text))

    def owner(self, text: str) -> int | None:
        """The colleague to own the client; None without a match or outside the importer's reach."""
        found = self.find(text) if text else None
        return found if found in self.assignable else None

    def warnings(self, text: str) -> list[str]:
        if not text or self.owner(text):
            return []
        return ["seller_unknown" if self.find(text) is None else "seller_out_of_reach"]
