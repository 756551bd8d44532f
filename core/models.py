"""Web building blocks that need a table."""

import secrets
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class FormKey(models.Model):
    """A one-time key of a submitted form: the unique row makes the second click of a double submit harmless."""

    key = models.CharField(max_length=40, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    result_url = models.CharField(max_length=300, blank=True)
    used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["used_at"], name="form_key_age")]

    def __str__(self) -> str:
        return self.key


def new_form_key() -> str:
    return secrets.token_urlsafe(24)
