"""The list of demands, which counts the committees behind each; a committee's support."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.actions.demands import DemandRefused
from campaigns.demand_forms import DemandFilterForm
from campaigns.demand_texts import shown, support_text, tags_of_adopted
from campaigns.models import Demand, DemandText
from campaigns.tags import tag_name
from campaigns.views.demands import find, language
from committees.actions import demands as actions
from committees.actions.demands import SupportRefused
from committees.models import Committee, DemandSupport
from committees.views.finding import account
from hub.paging import address, page_number, page_of, pager
from hub.texts import foreign
from hub.views.account import second_factor_first
from hub.views.personal import private

DEMANDS = 50  # on a page


def committees_behind(demand: OuterRef) -> Coalesce:
    """How many committees support a demand, of those everybody may read of: a column for a query."""
    rows = DemandSupport.objects.filter(demand=demand, committee__in=Committee.objects.listed())
    number = rows.order_by().values("demand").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(number, output_field=IntegerField()), 0)


@require_safe
def demand_list(request: HttpRequest) -> HttpResponse:
    """Adopted demands in each campaign's order; `?tag=` those with a tag."""
    tags = list(tags_of_adopted())
    form = DemandFilterForm(request.GET, tags=tags)
    context: dict[str, Any] = {
        "form": form,
        "bad": not form.is_valid(),
        "tags": sorted(((tag.slug, tag_name(tag)) for tag in tags), key=lambda pair: pair[1].casefold()),
        "chosen": request.GET.get("tag", ""),
    }
    if context["bad"]:
        return render(request, "campaigns/demand_list.html", context, status=422)
    demands: QuerySet[Any] = Demand.objects.visible_to(request.user).adopted().select_related("campaign")
    if form.chosen is not None:
        demands = demands.filter(tags=form.chosen)
        context["chip"] = (tag_name(form.chosen), address(request, tag=""))
    demands = demands.annotate(committees=committees_behind(OuterRef("pk"))).prefetch_related("tags")
    number = page_number(request)
    rows = page_of(demands, number, DEMANDS)
    context |= {"campaigns": _by_campaign(rows[:DEMANDS])} | pager(request, number, rows, DEMANDS)
    return render(request, "campaigns/demand_list.html", context)


def _by_campaign(rows: Iterable[Any]) -> list[tuple[Any, list[dict[str, Any]]]]:
    """Demands that stand in order, under their campaigns."""
    entries = shown(rows, language())
    for entry in entries:
        demand = entry["demand"]
        entry["tags"] = sorted(tag_name(tag) for tag in demand.tags.all())
        entry["support"] = support_text(demand.supporters, demand.committees)
    return [(campaign, list(own)) for campaign, own in groupby(entries, key=lambda entry: entry["campaign"])]


@require_http_methods(["GET", "HEAD", "POST"])
@private
def committee_support(request: HttpRequest, slug: str) -> HttpResponse:
    """Support in the name of a committee, for those who coordinate one and log in with a second step."""
    demand, words = find(request, slug)
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    committees = list(Committee.objects.coordinated_by(request.user))
    if not committees:
        raise PermissionDenied
    if first := second_factor_first(request):
        return first
    if request.method == "POST":
        return _act(request, demand, words, committees)
    return _page(request, demand, words, committees, status=200 if demand.order is not None else 410)


def _act(
    request: HttpRequest, demand: Demand, words: DemandText, committees: list[Committee]
) -> HttpResponse:
    """The press of one committee's button."""
    committee = next((one for one in committees if str(one.pk) == request.POST.get("committee")), None)
    if committee is None:
        return _page(
            request,
            demand,
            words,
            committees,
            status=403,
            error=gettext("Choose a committee you coordinate."),
        )
    act = actions.take_support_back if request.POST.get("act") == "withdraw" else actions.give_support
    try:
        act(committee, demand, by=account(request), at=timezone.now())
    except SupportRefused:
        sentence = gettext(
            "Only a committee everybody may read of can support a demand: its name stands there."
        )
        return _page(request, demand, words, committees, status=422, error=sentence)
    except DemandRefused:
        return _page(request, demand, words, committees, status=410)
    return HttpResponseRedirect(reverse("demands:detail", args=[demand.slug]) + "#support")


def _page(
    request: HttpRequest,
    demand: Demand,
    words: DemandText,
    committees: list[Committee],
    *,
    status: int,
    error: str = "",
) -> HttpResponse:
    keys = [committee.pk for committee in committees]
    support = DemandSupport.objects.filter(demand=demand, committee__in=keys)
    given = set(support.values_list("committee_id", flat=True))
    listed = set(Committee.objects.listed().filter(pk__in=keys).values_list("pk", flat=True))
    context = {
        "demand": demand,
        "campaign": demand.campaign,
        "words": words,
        "lang": foreign(words, language()),
        "error": error,
        "committees": [(one, one.pk in given, one.pk in listed) for one in committees],
    }
    return render(request, "campaigns/demand_committee.html", context, status=status)
