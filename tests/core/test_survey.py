"""Ratings: how customers answer "how was it?", and what only looks like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproc.core.survey import Rating, comment_below, read_rating


def score(text: str) -> int | None:
    rating = read_rating(text)
    return rating.score if rating else None


class TestWaysToRate:
    @pytest.mark.parametrize(
        ("text", "wanted"),
        [
            ("5", 5),
            (" 1 ", 1),
            ("3.", 3),
            ("3!", 3),
            ("5/5", 5),
            ("4 / 5", 4),
            ("4 von 5", 4),
            ("2 out of 5", 2),
            ("4 stars", 4),
            ("5 Sterne!", 5),
            ("3 von 5 Punkten", 3),
            ("Rating: 4", 4),
            ("Bewertung 2", 2),
            ("**5**", 5),
            ("“4”", 4),
            ("5️⃣", 5),
            ("５", 5),
            ("five", 5),
            ("Fünf Sterne", 5),
            ("four out of five.", 4),
            ("★★★★☆", 4),
            ("☆☆☆☆☆", None),
            ("⭐⭐⭐", 3),
            ("⭐️⭐️⭐️⭐️⭐️ top", 5),
            ("****", 4),
            ("😀", 5),
            ("🙂", 4),
            ("😐", 3),
            ("🙁", 2),
            ("😡", 1),
            ("👍🏽", 5),
            ("👎", 1),
            (":-)", 4),
        ],
    )
    def test_numbers_stars_and_faces(self, text: str, wanted: int | None) -> None:
        assert score(text) == wanted

    @pytest.mark.parametrize(
        ("text", "wanted"),
        [
            ("Great!", 5),
            ("excellent", 5),
            ("Perfect!!! Thanks", 5),
            ("very good", 5),
            ("Sehr gut.", 5),
            ("super", 5),
            ("good", 4),
            ("Gut", 4),
            ("ok", 3),
            ("okay.", 3),
            ("average", 3),
            ("mittel", 3),
            ("poor", 2),
            ("not good", 2),
            ("nicht gut", 2),
            ("bad", 1),
            ("schlecht", 1),
            ("terrible", 1),
            ("Sehr schlecht!", 1),
            ("miserabel", 1),
        ],
    )
    def test_words(self, text: str, wanted: int) -> None:
        assert score(text) == wanted

    @pytest.mark.parametrize("text", ["Hi,\n5", "Hallo Herr Berger,\n\n5\n", "Guten Tag!\n5 - schnell", "\n\n   \n5\n"])
    def test_below_a_greeting(self, text: str) -> None:
        assert score(text) == 5


class TestComment:
    @pytest.mark.parametrize(
        ("text", "rating"),
        [
            ("5", Rating(5, "", "5")),
            ("5\nTom was quick", Rating(5, "Tom was quick", "5")),
            ("\n4\n\nslow, but friendly\n", Rating(4, "slow, but friendly", "4")),
            ("4 - slow", Rating(4, "slow", "4")),
            ("5, very quick", Rating(5, "very quick", "5")),
            ("5 because you were quick", Rating(5, "because you were quick", "5")),
            ("2 - slow\nand unfriendly", Rating(2, "slow\nand unfriendly", "2")),
            ("4/5: good", Rating(4, "good", "4/5")),
            ("🙂\nnice", Rating(4, "nice", "🙂")),
            ("5 (great help)", Rating(5, "great help", "5")),
            ("5/5 lovely people", Rating(5, "lovely people", "5/5")),
            ("Rating: 4 quick", Rating(4, "quick", "Rating: 4")),
        ],
    )
    def test_is_what_stands_beside_and_below(self, text: str, rating: Rating) -> None:
        assert read_rating(text) == rating


class TestNoRating:
    @pytest.mark.parametrize(
        "text",
        [
            "",
            "---",
            "0",
            "6",
            "10",
            "15",
            "4/10",
            "10/10",
            "4.5",
            "4,5",
            "4-5",
            "4 - 5",
            "5%",
            "5:30 is fine",
            "5 more printers are broken",
            "3 people cannot log in",
            "3 of 5 printers are broken",
            "3/5 printers are broken",
            "4 von 5 Druckern gehen nicht",
            "5 points are still open",
            "I have 2 questions",
            "2 questions: why, and when",
            "1. the printer",
            "1) the printer",
            "1: the printer\n2: the scanner",
            "3, 4 and 5 are broken",
            "2. Mahnung erhalten",
            "5. Dezember",
            "5 Euro",
            "Note 1",
            "* * *",
            "One more thing",
            "Eine Frage noch",
            "Great, but my printer is broken again",
            "Super, jetzt geht nichts mehr",
            "super slow",
            "good luck with that",
            "ok then I will wait",
            "not great",
            "not bad",
            "nicht schlecht",
            "Good?",
            "My printer is broken again.\n5",
        ],
    )
    def test_what_only_looks_like_one(self, text: str) -> None:
        assert read_rating(text) is None

    @given(st.text())
    def test_any_text_gives_a_rating_of_one_to_five_or_none(self, text: str) -> None:
        rating = read_rating(text)

        assert rating is None or (rating.score in range(1, 6) and rating.evidence in text.translate(WITHOUT_VARIATIONS))


WITHOUT_VARIATIONS = dict.fromkeys([0xFE0E, 0xFE0F, 0x200D, *range(0x1F3FB, 0x1F400)])


class TestCommentBelowAButton:
    """The mail a rating button opens holds the number; Send may be pressed as it is, or with a line added."""

    @pytest.mark.parametrize(
        ("text", "comment"),
        [
            ("5", ""),
            ("5\n\nTom was quick", "Tom was quick"),
            ("5 - Tom was quick", "Tom was quick"),
            ("5 great\nthanks", "thanks"),
            ("1 more time and I leave", "1 more time and I leave"),
            ("", ""),
            ("Great, thank you", "Great, thank you"),  # the number was deleted: all of it is theirs
            ("My printer is broken again", "My printer is broken again"),
        ],
    )
    def test_is_all_but_the_number(self, text: str, comment: str) -> None:
        assert comment_below(text) == comment


@pytest.mark.parametrize(
    "flood",
    ["5" + " " * 200_000 + "x", "5\n" + "\n" * 200_000, "5\n" + "1" * 200_000, "hi " * 80_000, "*" * 200_000, "★" * 200_000,
     "5" + "!" * 200_000 + "x", ":" * 200_000, " " * 200_000 + "5", "good " * 50_000, "🙂" * 100_000],
)  # fmt: skip
@pytest.mark.timeout(5)
def test_a_flood_is_read_once(flood: str) -> None:
    read_rating(flood)
    comment_below(flood)
