"""Every document of every provider, broken: refused by its file, or its rows set aside, each with a reason."""

from hypothesis import strategies as st

from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.validation.validate import validate_feed

from .cases import BAD_TEXT, assert_one_sentence, knock
from .provider_documents import broken_bytes, broken_json, broken_parquet, everything
from .test_archives import sentences_of

PDF_EVERY = 60  # reading one takes as long as reading sixty of the others
Case = tuple[int, int, int, list[int], int, str]


def test_a_broken_document_is_refused_in_one_line_or_its_rows_are_set_aside():
    feeds = everything()
    reports = [one for one in feeds if one.provider.name == "injury_report"]
    others = [one for one in feeds if one not in reports]
    assert sum(len(one.bodies) for one in others) > 12
    assert all(sentences_of(lambda one=one: validate_feed(FEEDS[one.feed], *one.tables())) == [] for one in feeds)

    def try_document(case: Case) -> None:
        which, document, kind, path, change, text = case
        among = others if which % PDF_EVERY else reports
        one = among[which % len(among)]
        name = sorted(one.bodies)[document % len(one.bodies)]
        of_kind = {"sportsdataverse": broken_parquet, "injury_report": broken_bytes}
        change_it = broken_bytes if kind == 0 else of_kind.get(one.provider.name, broken_json)
        instead = {name: change_it(one.bodies[name], path, change, text)}
        for sentence in sentences_of(lambda: validate_feed(FEEDS[one.feed], *one.tables(instead))):
            assert_one_sentence(sentence)

    numbers = st.integers(0, 999)
    path = st.lists(numbers, min_size=2, max_size=9)
    cases = st.tuples(numbers, numbers, st.integers(0, 5), path, numbers, BAD_TEXT)
    knock("documents of providers", cases, try_document)
