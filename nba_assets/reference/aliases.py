"""Names the public uses that no rule of spelling leads to: birth names, nicknames and other transcriptions.

Keys are name keys as published, values the name key of the usual name without its suffix (see `names`). An entry speaks
for one person, so a name listed here is looked up here only, never by a looser rule: "LeBron James Jr." must not become
his father because a suffix was dropped. Short forms of given names (Nic, Vince, Josh) rarely need an entry.
"""

from collections.abc import Mapping

ALIASES: Mapping[str, str] = {
    "alfredjoelhorfordreynoso": "alhorford",
    "bjboston": "brandonboston",
    "bjbostonjr": "brandonboston",
    "boneshyland": "nahshonhyland",
    "bubcarrington": "carltoncarrington",
    "camjohnson": "cameronjohnson",
    "carltoncarrington": "bubcarrington",
    "christianjamesmccollum": "cjmccollum",
    "christianmccollum": "cjmccollum",
    "dennisschroeder": "dennisschroder",
    "djaugustine": "djaugustin",
    "edriceadebayo": "bamadebayo",
    "edricefemiadebayo": "bamadebayo",
    "eneskanter": "enesfreedom",
    "eneskanterfreedom": "enesfreedom",
    "gregoryjacksonii": "ggjackson",
    "guillermohernangomez": "willyhernangomez",
    "iggybrazdeikis": "ignasbrazdeikis",
    "jakobpoltl": "jakobpoeltl",
    "jameshuff": "jayhuff",
    "kenyonmartin": "kjmartin",
    "kenyonmartinjr": "kjmartin",
    "lebronjamesjr": "bronnyjames",
    "moeharkless": "mauriceharkless",
    "moewagner": "moritzwagner",
    "nahshonhyland": "boneshyland",
    "obadiahtoppin": "obitoppin",
    "rjnembhard": "rubennembhard",
    "rjnembhardjr": "rubennembhard",
    "svimykhailiuk": "sviatoslavmykhailiuk",
    "sviatoslavmykhailiuk": "svimykhailiuk",
}
