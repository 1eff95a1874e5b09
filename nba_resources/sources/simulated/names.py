"""Invented names, and how bookmakers and injury lists spell them."""

import re

import numpy as np

from nba_resources.names import without_accents
from nba_resources.sources.simulated.columns import rng_for

_FIRST = """
    Aaron Adrian Aleksej Alonzo Amari Andre Anthony Arvydas Ayo Bakary Barrett Blaise Boban Brandon Brice Bryson
    Caleb Cameron Cedric Chima Christian Cole Corey Dalton Damir Darius Davion DeAndre De'Marcus Dejan Derrick
    Desmond Devin Donovan Dragan Drew Dwayne Eli Emmanuel Ethan Évan Femi Filip Franck Gabriel Garrison Goran
    Grant Hakeem Hunter Ignas Isaiah Ivan Jabari Jaden Ja'Quan Jalen Jamal Jarrett Javon Jérémy Joël Jonas José
    Julian Justin Kai Kareem Karl-Heinz Keon Kévin Khalil Kofi Kristaps Kyle Lamar Leandro Léo Lonnie Luka Malachi
    Malik Marcus Mario Mathieu Mikal Miloš Moussa Myles Naji Nicolás Nikola Noah Obadiah Ognjen Omari Ousmane
    Patrick Pau Quentin Quincy Rashad Raúl Rémi Rodney Rubén Sandro Santiago Shai Simas Stefan Tadas Tariq
    Terrence Théo Tobias Tomáš Trayvon Trey Tyler Udoka Vasilije Victor Vít Walker Xavier Yves Zach Zeke Žiga R.J.
    C.J. P.J. T.J. A.J. J.J. D.J. K.J.
"""
_LAST = """
    Abernathy Adeyemi Agbaria Albright Ashworth Baltasar Banner Barlow Baudouin Beaumont Bellamy Benavídez
    Blackwood Boateng Bogdanić Bonneville Braithwaite Brantley Brûlé Burdette Calloway Carrington-Hale Castellón
    Chukwuma Čolak Coulibary Crenshaw Cunningham-Webb D'Alessio Danforth Deschamps Diakhaté Dobrić Drummer
    Dunleigh Edwin-Okafor Eriksen Escobedo Fairbanks Fernández Fitzhugh Fontaine Gadsden Gaillard Garza-Pérez
    Gentry Gonçalves Greenlee Grgić Hadžić Halvorsen Hargrove Hathaway Hendrix Holloway Horváth Ibeanu Ilić Ivory
    Jankauskas Jefferies Jovović Kaminskas Karadžić Keita-Brown Kendrick Kingsbury Kovačević Kubiak Lacroix
    Langford Leclerc Livermore Lockhart Longmire Lubanzadio Mabry Maduka Mahorn-Reid Marchetti Matić Mavraj
    Mbengue McAllister McCray McNaughton Merriweather Milutinović Montrose Muñoz N'Diaye Nakamura Navarro Newsome
    Nnadi-Cole Novák O'Bannon-Lee O'Dell O'Shea Obiora Okonjo Olajide Osei Pakūnas Peñaranda Petrušev Pickering
    Popović Prescott Quarles Quiñones Radović Ramsey Rathbone Redfern Ridgeway Rožić Rutherford Saldaña Sanogo
    Satterwhite Savić Seabrook Sékou Šarūnas Sinclair Skinner St.Clair Stallworth Stojak Strickland Sumpter
    Svoboda Szabó Tate Tedesco Thibault Thornbury Tolliver Traoré Tremblay Trujillo Uchenna Underhill Urbonas
    Valdés Van-Houten Vasquez Velička Vidal Vuković Wadsworth Wakefield Weatherspoon Whitlock Wilkerson Winfield
    Wolfe Yarbrough Yildiz Zamora Zeller-Cruz Žukas
"""
FIRST, LAST = _FIRST.split(), _LAST.split()
SUFFIXES = ("Jr.", "II", "III", "IV")
BROTHERS = (
    ("Jaylin Okoro-Banks", "Jordan Okoro-Banks"),
    ("Marek Vondráček", "Milan Vondráček"),
    ("Terrell Wexley", "Tyrese Wexley"),
    ("Aleksandar Živanović", "Andrija Živanović"),
    ("Dante Rosemond", "Dominic Rosemond"),
    ("Keegan O'Rahilly", "Kieran O'Rahilly"),
)


def class_names(seed: int, draft_class: int, size: int) -> list[str]:
    """Draw names that no other player ever has; every fifth class begins with brothers of one first initial."""
    everyone = rng_for(seed, 0, "names").permutation(len(FIRST) * len(LAST))
    start = draft_class * size % len(everyone)
    rng = rng_for(seed, draft_class, "names")
    names = [f"{FIRST[n // len(LAST)]} {LAST[n % len(LAST)]}" for n in np.roll(everyone, -start)[:size]]
    names = [
        f"{name} {rng.choice(SUFFIXES, p=(0.6, 0.2, 0.15, 0.05))}" if rng.random() < 0.06 else name for name in names
    ]
    if brothers_in(draft_class):
        names[:2] = BROTHERS[draft_class // 5 % len(BROTHERS)]
    return names


def brothers_in(draft_class: int) -> bool:
    """Return whether the first two of a draft class are brothers; they share surname, first initial and club."""
    return draft_class % 5 == 0


def without_suffix(name: str) -> str:
    """Remove Jr., II, III or IV."""
    return re.sub(r" (Jr\.|II|III|IV)$", "", name)


def book_spellings(names: list[str], rng: np.random.Generator, odd: float) -> list[str]:
    """Spell the names as one bookmaker: without accents, some without suffix, a share `odd` reversed or abbreviated.

    An abbreviated name is used only if it belongs to one player: two lines under one name would be one fact.
    """
    plain = [without_accents(name) for name in names]
    short = [_abbreviate(name) for name in plain]
    spellings = []
    for name, initialled in zip(plain, short, strict=True):
        simplify, unusual = rng.random(2)
        name = without_suffix(name) if simplify < 0.5 else name
        name = re.sub(r"\b([A-Z])\.([A-Z])\.", r"\1\2", name) if simplify < 0.7 else name
        if unusual < odd and short.count(initialled) == 1:
            name = initialled if unusual < odd / 2 else " ".join(reversed(without_suffix(name).split(" ", 1)))
        spellings.append(name)
    return spellings


def list_spellings(names: list[str], rng: np.random.Generator) -> list[str]:
    """Spell the names as the injury list: one in seven without accents and without the dot of Jr."""
    return [without_accents(name).replace("Jr.", "Jr") if rng.random() < 1 / 7 else name for name in names]


def _abbreviate(name: str) -> str:
    first, last = without_suffix(name).split(" ", 1)
    return f"{first[0]}. {last}"
