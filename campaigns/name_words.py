"""Words in the names of organizations, so that `matching` knows which say nothing, which are short for
others, and what well-known unions are called. All folded: lower case, no punctuation, no accents."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _meaning(words: dict[str, str]) -> dict[str, str]:
    """From "several words": "what they stand for" to a word each."""
    return {word: meaning for several, meaning in words.items() for word in several.split()}


# Says nothing about which organization it is.
FILLERS = _words("the a an of and for in de del la las los el y e da do di der die das und et")
# What stands before the number of a local, and makes no difference.
LOCAL = _words("local loc l lu ll no num number nr lodge union unit chapter branch seccion filial")
# The same, where no number follows.
LOCAL_ALONE = LOCAL - _words("union unit branch chapter no l")
# What stands before another number than a local's.
NUMBERED = _meaning(
    {
        "district dist dst distrito dl d": "district",
        "council coun consejo dc": "council",
        "region reg regional": "region",
        "division div": "division",
        "zone zona": "zone",
        "sub subdistrict": "sub",
        "area": "area",
    }
)
LONG = _meaning(
    {
        "assoc asoc ass assn assns associat asociacion": "association",
        "intl internat internacional": "international",
        "bhd brhd bro": "brotherhood",
        "amer american": "america",
        "natl nat nacional": "national",
        "fed fedn federacion": "federation",
        "wkrs wrkrs wrks worker": "workers",
        "ed edu educ": "education",
        "dept depts": "department",
        "comm cttee comite": "committee",
        "rgl reg regional": "region",
        "dist dst distrito": "district",
        "coun counc cncl consejo": "council",
        "jt": "joint",
        "bd brd": "board",
        "stor stores": "store",
        "nurse": "nurses",
        "unions sindicato": "union",
        "hc": "healthcare",
    }
)
SEVERAL = {
    "dc": ("district", "council"),
    "rc": ("region", "council"),
    "jb": ("joint", "board"),
    "dl": ("district",),
}
# In so many names that none is told from another by it.
WEAK = _words(
    "association brotherhood united national international federation union council committee district "
    "region joint board group organization department multi various state"
)
# What unions belong to: in some spellings and not in others.
FEDERATIONS = _words("afl cio clc ctw")
# The same, where it may also be what is meant.
PARENTS = FEDERATIONS | _words("aft afscme cwa ibt ituc nea nnu nysut seiu uaw ufcw usw")

# Each short name of a well-known union with others in use for it, without fillers; only what means one union
# wherever it stands.
UNIONS: dict[str, tuple[str, ...]] = {
    "afm": ("american federation musicians", "cfm"),
    "afscme": ("american federation state county municipal employees",),
    "aft": ("american federation teachers",),
    "apwu": ("american postal workers union",),
    "atu": ("amalgamated transit union",),
    "bac": ("bricklayers allied craftworkers", "bricklayers"),
    "bctgm": ("bakery confectionery tobacco workers grain millers", "bcgtm", "bctcm"),
    "bsoiw": ("ironworkers", "iron workers"),
    "cna": ("california nurses association",),
    "cwa": ("communications workers america",),
    "geo": ("graduate employees organization",),
    "gmp": ("glass molders pottery plastics allied workers",),
    "hfia": ("heat frost insulators allied workers", "heat frost insulators", "insulators"),
    "hpae": ("health professionals allied employees",),
    "iam": (
        "international association machinists aerospace workers",
        "international association machinist aerospace workers",
        "machinists",
        "iam aw",
        "iamaw",
    ),
    "iatse": ("international alliance theatrical stage employees",),
    "ibb": ("boilermakers", "bbf"),
    "ibew": ("international brotherhood electrical workers",),
    "ibt": (
        "international brotherhood teamsters",
        "chauffeurs teamsters helpers",
        "teamsters",
    ),
    "icwu": ("icw", "international chemical workers union"),
    "ila": ("international longshoremens association",),
    "ilwu": ("international longshore warehouse union",),
    "iuoe": ("international union operating engineers", "operating engineers"),
    "iupat": ("international union painters allied trades", "painters allied trades", "painters", "pat"),
    "iww": ("industrial workers world",),
    "liuna": ("laborers international union north america", "construction general laborers", "laborers"),
    "nalc": ("national association letter carriers",),
    "nea": ("national education association",),
    "nnu": ("national nurses united", "national nurses organizing committee", "nnoc"),
    "nolsw": ("national organization legal services workers", "lssa"),
    "nuhw": ("national union healthcare workers",),
    "opcm": ("plasterers cement masons",),
    "pasnap": ("pennsylvania association staff nurses allied professionals",),
    "roofers": ("united union roofers waterproofers allied workers", "rwaw"),
    "rwdsu": ("retail wholesale department store union",),
    "seiu": ("service employees international union",),
    "smw": ("sheet metal workers", "smwia"),
    "twu": ("transport workers union", "transportation workers union"),
    "ua": (
        "united association",
        "plumbers pipefitters",
        "plumbers steamfitters",
        "plumbers steam fitters",
        "road sprinkler fitters",
        "sprinkler fitters",
        "plumbers",
        "pipefitters",
        "steamfitters",
        "ppf",
    ),
    "uaw": ("united auto workers", "united automobile workers"),
    "ubc": (
        "united brotherhood carpenters joiners america",
        "carpenters joiners",
        "carpenters",
        "cja",
        "ubcja",
    ),
    "ue": ("united electrical radio machine workers america",),
    "ufcw": ("united food commercial workers",),
    "umwa": ("united mine workers america", "united mine workers", "umw"),
    "unite-here": ("unitehere", "unite here"),
    "usw": (
        "united steelworkers america",
        "united steelworkers",
        "united steel workers",
        "steelworkers",
        "uswa",
        "usa",
    ),
    "uwua": ("utility workers union america", "utility workers union", "utility workers", "uwu"),
}
