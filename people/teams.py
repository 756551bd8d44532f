"""The tree of teams and its closure."""

from django.db import connection, transaction

from people.models import Team, TeamReach


def rebuild_reach() -> None:
    """Writes the closure anew; called after each change of the tree (a few hundred teams at most)."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE people_teamreach IN SHARE ROW EXCLUSIVE MODE")
        TeamReach.objects.all().delete()
        cursor.execute(
            """
            WITH RECURSIVE tree(above_id, below_id) AS (
                SELECT id, id FROM people_team
                UNION
                SELECT tree.above_id, team.id FROM tree JOIN people_team team ON team.parent_id = tree.below_id
            )
            INSERT INTO people_teamreach (above_id, below_id) SELECT above_id, below_id FROM tree
            """
        )


def would_loop(team: Team, parent: Team | None) -> bool:
    """Whether hanging `team` under `parent` makes it its own ancestor."""
    return parent is not None and TeamReach.objects.filter(above=team, below=parent).exists()
