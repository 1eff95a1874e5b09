"""Keys of people's names, by which different spellings of one name are matched."""

import re

_VARIANTS = {
    "a": "àáâãäåāăąǎ",
    "c": "çćĉċč",
    "d": "ďđð",
    "e": "èéêëēĕėęěë",
    "g": "ĝğġģ",
    "h": "ĥħ",
    "i": "ìíîïĩīĭįı",
    "j": "ĵ",
    "k": "ķ",
    "l": "ĺļľł",
    "n": "ñńņňŋ",
    "o": "òóôõöøōŏő",
    "r": "ŕŗř",
    "s": "śŝşšș",
    "t": "ţťŧț",
    "u": "ùúûüũūŭůűų",
    "w": "ŵ",
    "y": "ýÿŷ",
    "z": "źżž",
    " ": "\u00a0",
}
_PLAIN = {ord(letter): plain for plain, letters in _VARIANTS.items() for letter in letters}
ACCENTED, UNACCENTED = "".join(map(chr, _PLAIN)), "".join(_PLAIN.values())
SPELLED_OUT = {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"}
REMARK = r"\([^)]*\)"  # "Justin Jackson (Aaron)" tells two people apart; the remark is not part of the name
DROPPED = r"[^a-z0-9\s]"
SUFFIX = r" (jr|sr|ii|iii|iv|v)$"


def name_key(name: str) -> str:
    """Return a name in lower case, without accents and with only a-z and 0-9; a suffix stays."""
    return _words(name).replace(" ", "")


def name_key_without_suffix(name: str) -> str:
    """Return the key of a name without Jr., Sr. or a number."""
    return re.sub(SUFFIX, "", _words(name)).replace(" ", "")


def _words(name: str) -> str:
    plain = name.lower().translate(_PLAIN)
    for letter, spelled in SPELLED_OUT.items():
        plain = plain.replace(letter, spelled)
    plain = re.sub(DROPPED, "", re.sub(REMARK, " ", plain), flags=re.ASCII)
    return re.sub(r"\s+", " ", plain).strip()


def without_accents(name: str) -> str:
    """Return a name as typed on an English keyboard, in its own capitals."""
    return name.translate(_PLAIN | {ord(chr(letter).upper()): plain.upper() for letter, plain in _PLAIN.items()})
