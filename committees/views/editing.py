"""What coordinators say of their committee."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from committees.actions.committees import describe_committee
from committees.forms import DescribeForm
from committees.models import Committee
from committees.views.finding import account, for_coordinators


@require_http_methods(["GET", "HEAD", "POST"])
@for_coordinators
def edit(request: HttpRequest, committee: Committee) -> HttpResponse:
    """Its words, and how one joins; it shows at once."""
    form = DescribeForm(request.POST if request.method == "POST" else None, instance=committee)
    if form.is_valid():
        describe_committee(committee, by=account(request), at=timezone.now(), **form.cleaned_data)
        messages.success(request, gettext("Saved."))
        return HttpResponseRedirect(reverse("committees:detail", args=[committee.slug]))
    context = {"committee": committee, "form": form}
    return render(request, "committees/edit.html", context, status=422 if form.is_bound else 200)
