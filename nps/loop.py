"""What follows from an answer."""

from nps.models import Answer


def follow(answer: Answer) -> None:
    """Carries out what the answer calls for; doing it twice changes nothing."""
