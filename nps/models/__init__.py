"""Surveys, who was asked and what they answered, and what followed from it (DOMAIN 4)."""

from nps.models.answer import Answer, Flag, Group
from nps.models.brand import Brand
from nps.models.case import Case, CaseNote, RootCause, Standing
from nps.models.invitation import Invitation, Opening
from nps.models.referral import Referral
from nps.models.survey import NpsSettings, Survey, SurveyChannel

__all__ = [
    "Answer",
    "Brand",
    "Case",
    "CaseNote",
    "Flag",
    "Group",
    "Invitation",
    "NpsSettings",
    "Opening",
    "Referral",
    "RootCause",
    "Standing",
    "Survey",
    "SurveyChannel",
]
