"""Keys of people's names, by which different spellings of one name are matched."""

import re

# Each plain letter with its variants.
_VARIANTS = """
    aàáâãäåāăąǎ cçćĉċč dďđð eèéêëēĕėęěë gĝğġģ hĥħ iìíîïĩīĭįı jĵ kķ lĺļľł nñńņňŋ
    oòóôõöøōŏő rŕŗř sśŝşšș tţťŧț uùúûüũūŭůűų wŵ yýÿŷ zźżž
"""  # noqa: RUF001 (the dotless i is one of them)
_PLAIN = {ord(letter): group[0] for group in _VARIANTS.split() for letter in group[1:]} | {ord("\u00a0"): " "}
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
