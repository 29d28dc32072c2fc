"""The demo's feed: a post of every kind, about what the campaign really did. Photos are drawn here, and links
to videos lead to a plainly made-up host."""

import io
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from PIL import Image, ImageDraw

from campaigns.actions.posts import PostDetails, publish_post
from campaigns.models import Campaign
from committees.models import Committee
from events.actions.posts import save_post
from events.models import Event
from hub.demo.content import text
from hub.models import User
from hub.pictures import Picture, read_picture

SITE = "https://ufclp.org/"
DEFENSE_DAY = text(
    "On February 8, 2025, people stood up for immigrants on one day in many places: at the immigration "
    "offices in San Francisco, Los Angeles and New York, in Piraeus in Greece, in Turkey. In Buenos Aires "
    "they went to the Foreign Ministry on the day before, with parts in Guaraní and Quechua. Mexico City "
    "met online.",
    "People from 18 countries had agreed on the day at an online meeting. Each place had its own "
    "organizers, its own hour, its own language.",
    "## What we demand",
    "- Amnesty for all immigrants\n- Stop the attacks on immigrant communities\n"
    "- Close the immigration detention centers",
    "## What comes next",
    "The next day of action is on this site, with its local events. Find yours, or host one: a corner, a "
    "sign and two friends are enough. Before you send photos, ask everybody in them.",
)


@dataclass(frozen=True)
class DemoPost:
    """One post. `hours` ago it was published; a negative number is when it will be, None a draft. `events`
    is how the titles of those begin that it is about."""

    title: str
    comment: str
    hours: float | None
    language: str = "en"
    credit: str = ""
    card: tuple[str, str, str, str] = ("", "", "", "")  # address, title, site, excerpt
    videos: tuple[tuple[str, str], ...] = ()
    further: tuple[tuple[str, str], ...] = ()
    photos: tuple[tuple[str, str], ...] = ()  # a pattern, and what is to be seen
    tags: tuple[str, ...] = ()
    events: str = ""
    committee: str = ""
    pinned: bool = field(default=False)


POSTS = (
    DemoPost(
        "For a mass labor party in the USA",
        "Working people need a party of their own: run by themselves, and independent of the two there are."
        " Set up a **Committee for a Labor Party** where you are, in a workplace, a neighborhood, a union "
        "or a community.",
        24 * 30,
        card=(
            SITE,
            "For a Mass Labor Party in the USA",
            "ufclp.org",
            "The campaign, its call and its demands.",
        ),
        tags=("labor party",),
        committee="mission",
        pinned=True,
    ),
    DemoPost(
        "One day, many cities: immigrants defended",
        DEFENSE_DAY,
        50,
        credit="Pictures: drawn for this demo",
        videos=(("https://video.example.org/san-francisco", "The speeches in San Francisco (demo link)"),),
        further=(
            ("https://radio.example.org/buenos-aires", "From Buenos Aires, in Spanish (demo link)"),
            ("https://paper.example.org/piraeus", ""),
        ),
        photos=(
            ("banner", "A drawing: a red banner on two poles over a crowd of dark figures"),
            ("signs", "A drawing: six blank signs held up against a light sky"),
        ),
        tags=("immigration", "rights"),
        events="Day of action to defend immigrants: San Francisco",
    ),
    DemoPost(
        "Federal workers in the street",
        "In March 2025 federal workers and those who stand with them rallied against the layoffs: outside a"
        " Tesla dealership in San Francisco, in Berkeley, in Fremont, and in many other cities.",
        24 * 5,
        photos=(("signs", "A drawing: six blank signs held up against a light sky"),),
        tags=("workplace", "public services"),
        events="Federal workers' day of action: San Francisco",
    ),
    DemoPost(
        "Foro internacional contra la persecución política y la represión",
        "Organizaciones de seis países convocan primero a un **foro en línea**. Quien quiera exponer un caso "
        "manda un resumen corto; las organizaciones se suman como convocantes.",
        24 * 8,
        language="es",
        tags=("rights",),
        events="International Forum",
    ),
    DemoPost(
        "Why united fronts, and why inside the unions",
        "Our open letter of February 12, 2025 argues for united fronts and for work inside the unions, and "
        "invites a public debate.",
        24 * 12,
        card=(
            SITE,
            "Open letter to the World Socialist Web Site",
            "ufclp.org",
            "An invitation to a public debate.",
        ),
        tags=("labor party", "workplace"),
    ),
    DemoPost(
        "May 1 belongs to working people",
        "Every year, in many cities. **What will yours do?**",
        24 * 20,
        videos=(("https://video.example.org/may-day", ""),),
        tags=("labor history",),
        events="May Day",
    ),
    DemoPost(
        "This week: planning the forum",
        "A post that waits for its hour: in two days everybody sees it.",
        -48,
        tags=("rights",),
        events="Planning meeting for the International Forum",
    ),
    DemoPost("Still to be written", "A draft. Only those who run the campaign see it.", None),
)


def make_posts(campaign: Campaign, committees: dict[str, Committee], *, by: User, now: datetime) -> None:
    """Write all of them, at their hours."""
    for plan in POSTS:
        at = now - timedelta(hours=plan.hours) if plan.hours and plan.hours > 0 else now
        url, title, site, excerpt = plan.card
        details = PostDetails(
            campaign=campaign,
            title=plan.title,
            language=plan.language,
            comment=plan.comment,
            credit=plan.credit,
            link_url=url,
            link_title=title,
            link_site=site,
            link_excerpt=excerpt,
            videos=plan.videos,
            further=plan.further,
            photos=[(_drawn(pattern), alt) for pattern, alt in plan.photos],
            tags=plan.tags,
            pinned=plan.pinned,
            publish_at=now - timedelta(hours=plan.hours) if plan.hours and plan.hours < 0 else None,
        )
        about = Event.objects.filter(title__startswith=plan.events).order_by("next_start")[:3]
        post = save_post(
            None,
            details,
            events=list(about) if plan.events else [],
            committees=[committees[plan.committee]] if plan.committee in committees else [],
            by=by,
            at=at,
        )
        if plan.hours is not None and plan.hours > 0:
            publish_post(post, by=by, at=at)


# --- Pictures ------------------------------------------------------------------------------------
PAPER, RED, INK = "#f6efe2", "#c0111f", "#1b1512"


@cache
def _drawn(pattern: str) -> Picture:
    """A poster of a few shapes, through the same door as a photo."""
    sheet = Image.new("RGB", (1200, 800), PAPER)
    pen = ImageDraw.Draw(sheet)
    for place in range(24):  # the crowd
        left, top = place * 52 - 20, 640 + (place * 37) % 60
        pen.ellipse((left, top, left + 60, top + 70), fill=INK)
        pen.rectangle((left - 12, top + 62, left + 72, 800), fill=INK)
    if pattern == "banner":
        pen.rectangle((180, 180, 1020, 460), fill=RED)
        for left in (180, 1004):
            pen.rectangle((left, 160, left + 16, 700), fill=INK)
    else:
        for place in range(6):
            left, top = 90 + place * 180, 200 + (place * 71) % 110
            pen.rectangle((left + 62, top + 100, left + 74, 680), fill=INK)
            pen.rectangle(
                (left, top, left + 136, top + 150), fill=RED if place % 2 else "white", outline=INK, width=6
            )
    file = io.BytesIO()
    sheet.save(file, "JPEG", quality=90)
    return read_picture(file.getvalue())
