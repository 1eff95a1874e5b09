"""Aliases of players that no spelling rule finds: birth names, nicknames and other transcriptions.

A key is the name key of the alias, its value the name key of the usual name without suffix (see `names`). A listed name
is looked up here only, never by a looser rule: "LeBron James Jr." must not become his father by dropping a suffix.
Short forms of given names (Nic, Vince, Josh) rarely need an entry.
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
