"""The coverage report: how much of each portfolio was contacted this month, and who is left."""

from django.http import HttpResponse
from django.shortcuts import render

from people.access import UserRequest, allow
from people.roles import Permission
from portfolio import coverage


@allow(Permission.PLAN_CONTACTS)
def coverage_report(request: UserRequest) -> HttpResponse:
    context = {"report": coverage.report_for(request.user), "tiers": coverage.TIERS}
    return render(request, "portfolio/coverage_report.html", context)
