"""Words of the writer's that stand in the letter they answer, too: new where they say them, a quote where they quote them."""

from __future__ import annotations

import pytest

from mailproc.mime.quoting import split_reply
from tests.mime.test_quoting import HEADER_BLOCKS, INTRODUCTIONS, NEW

RULE = "-" * 72
HELD = (
    "##- Please write above this line -##\n\nNOT SENT. This line was not understood:\n\n    #resovle driver\n\nReply to this "
    f"mail with your corrected words.\n\nYou wrote:\n{RULE}\n#resovle driver\n#time 20m\n\nDear Clara,\n\nplease install "
    f"driver 4.2 from our page; then it prints all\npages again, also on both sides.\n\nAnna\n{RULE}"
)
PUT_RIGHT = HELD.split(RULE)[1].replace("resovle", "resolve").strip()
NEWS = (
    "##- Please write above this line -##\n\nYour reply goes to Clara Jones and to nobody else.\n\nNEW from Clara Jones, Sat "
    f"21 Nov 14:05, German\n{RULE}\nHello,\n\nour printer prints two pages and stops since the update.\n\nClara\n{RULE}\n"
    "Assigned with Anna, answer due Mon 23 Nov 10:30\n\nBefore: Ben, Sat 21 Nov 15:30 (colleagues only)\n"
    "He always asks for refunds and never pays his bills on time.\n"
)


class TestWordsOfTheirsInALetterOfOurs:
    """Who puts a held answer right says again what the letter about it holds, and quotes that letter."""

    MARKED = "\n".join(f"> {line}".rstrip() for line in HELD.splitlines())
    WRAPPED = "\n".join(
        f"> {line}".rstrip() for line in HELD.replace("; then it prints all\n", ";\nthen it prints all ").splitlines()
    )

    @pytest.mark.parametrize("quote", [MARKED, WRAPPED])
    @pytest.mark.parametrize("introduction", ["", "\n\n" + INTRODUCTIONS[0], "\n" + INTRODUCTIONS[0]])
    def test_are_new_above_its_marked_quote(self, introduction: str, quote: str) -> None:
        assert split_reply(f"{PUT_RIGHT}{introduction}\n{quote}", [HELD]).unquoted == PUT_RIGHT

    def test_are_new_below_its_marked_quote(self) -> None:
        assert split_reply(f"{INTRODUCTIONS[0]}\n{self.MARKED}\n\n{PUT_RIGHT}", [HELD]).unquoted == PUT_RIGHT

    @pytest.mark.parametrize("above", HEADER_BLOCKS)
    def test_are_new_above_a_quote_without_marks_and_nowhere_else(self, above: str) -> None:
        assert split_reply(f"{PUT_RIGHT}\n\n{above}\n\n{HELD}", [HELD]).unquoted == PUT_RIGHT

    def test_are_new_where_the_marker_alone_tells_the_quote(self) -> None:
        assert split_reply(f"{PUT_RIGHT}\n\n{HELD}", [HELD]).unquoted == PUT_RIGHT

    def test_are_new_though_every_line_is_short(self) -> None:
        said = "#erledigt\n\nHallo Herr Weber,\n\nanbei die Rechnung.\n\nViele Grüße\nAnna"
        held = (
            f"##- Please write above this line -##\n\nNOT SENT. It announces a file.\n\nYou wrote:\n----\n{said}\n----"
        )
        quote = "\n".join(f"> {line}".rstrip() for line in held.splitlines())
        for below in (f"\n{INTRODUCTIONS[0]}\n{quote}", f"\n\n{HEADER_BLOCKS[0]}\n\n{held}"):
            assert split_reply(said + below, [held]).unquoted == said

    def test_are_new_where_nothing_is_quoted(self) -> None:
        assert split_reply(PUT_RIGHT, [HELD]).unquoted == PUT_RIGHT

    @pytest.mark.parametrize("rest", ["> NOT SENT. This line was not understood:", f"> You wrote:\n> {RULE}", ">"])
    @pytest.mark.parametrize("between", ["\n\n", "\n"])
    def test_are_new_beside_what_is_left_of_a_marked_quote(self, rest: str, between: str) -> None:
        """In an editor, the shortest way is to take the marks off the words that are to be sent, and the rest out."""
        left = f"{INTRODUCTIONS[0]}\n{rest}"
        for body in (f"{left}{between}{PUT_RIGHT}", f"{PUT_RIGHT}\n\n{left}", f"{rest}{between}{PUT_RIGHT}"):
            assert split_reply(body, [HELD]).unquoted == PUT_RIGHT

    def test_are_new_below_an_introduction_that_introduces_nothing_more(self) -> None:
        assert split_reply(f"{INTRODUCTIONS[0]}\n\n{PUT_RIGHT}", [HELD]).unquoted == PUT_RIGHT

    @pytest.mark.parametrize("above", HEADER_BLOCKS)
    def test_are_new_above_header_lines_whose_quote_is_gone(self, above: str) -> None:
        assert split_reply(f"{PUT_RIGHT}\n\n{above}", [HELD]).unquoted == PUT_RIGHT

    @pytest.mark.parametrize(
        "above",
        ["", f"{INTRODUCTIONS[0]}\n\n", f"{HEADER_BLOCKS[0]}\n\n", f"{'_' * 32}\n{HEADER_BLOCKS[0]}\n\n"],
    )
    @pytest.mark.parametrize("quote", [HELD, HELD.partition("\n\n")[2], WRAPPED.replace("> ", "").replace(">", "")])
    def test_are_new_below_a_quote_without_marks(self, above: str, quote: str) -> None:
        assert split_reply(f"{above}{quote}\n\n{PUT_RIGHT}", [HELD]).unquoted == PUT_RIGHT

    def test_are_not_new_where_a_gateway_writes_the_quote_twice(self) -> None:
        for below in (f"{self.MARKED}\n\n", f"{HEADER_BLOCKS[0]}\n\n{HELD}\n\n"):
            assert split_reply(f"#send\n\n{below}{HELD.partition('##')[2]}", [HELD]).unquoted == "#send"

    def test_are_not_new_where_they_are_only_quoted(self) -> None:
        for quote in (self.MARKED, self.WRAPPED, f"{HEADER_BLOCKS[0]}\n\n{HELD}", HELD):
            assert split_reply(f"#send\n\n{quote}", [HELD]).unquoted == "#send"

    @pytest.mark.parametrize("begins", ["Your reply", "NEW from", "our printer", "Clara\n-", "Assigned", "Before"])
    def test_what_the_letter_tells_is_never_theirs_though_the_quote_lost_its_beginning(self, begins: str) -> None:
        quote = NEWS[NEWS.index(begins) :]
        reply = split_reply(f"{NEW}\n\n{quote}", [NEWS])
        assert reply.unquoted.startswith(NEW)
        assert "refunds" not in reply.unquoted
        assert "Assigned" not in reply.unquoted

    def test_half_a_line_that_lost_its_mark_is_not_new(self) -> None:
        """Wrapped by the width of a window, in a mail that quotes the letter twice."""
        broken = self.MARKED.replace("from our page; then it", "from our page;\nthen it")
        twice = f"#send\n\n{broken}\n" + "\n".join(f">{line}" for line in self.MARKED.splitlines())
        assert split_reply(twice, [HELD]).unquoted == "#send"


class TestMarksThatTheWriterTyped:
    SAID = "Dear Clara,\n\nplease run\n\n> ls -l /etc/cups\n> lpstat -t\n\nand tell us.\n\nAnna"
    MARKED = "\n".join(f"> {line}".rstrip() for line in NEWS.splitlines())

    @pytest.mark.parametrize("quote", [f"{INTRODUCTIONS[0]}\n{MARKED}", f"{HEADER_BLOCKS[0]}\n\n{NEWS}"])
    def test_do_not_keep_their_words_from_going_out(self, quote: str) -> None:
        assert split_reply(f"{self.SAID}\n\n{quote}", [NEWS]).unquoted == self.SAID

    def test_are_no_words_of_theirs_where_they_cite_the_letter(self) -> None:
        said = "Look:\n\n> Before: Ben, Sat 21 Nov 15:30 (colleagues only)\n> Hm.\n\n> Clara\n\nHm.\n\nAnna"
        reply = split_reply(f"{said}\n\n{INTRODUCTIONS[0]}\n{self.MARKED}", [NEWS])
        assert reply.unquoted.split() == ["Look:", "Hm.", "Anna"]

    @pytest.mark.parametrize("above", ["", f"{INTRODUCTIONS[0]}\n{MARKED}\n\n", "> Clara\n\n"])
    @pytest.mark.parametrize("below", ["", "\n\nand tell us."])
    def test_tell_nothing_for_sure_between_answers_or_where_nothing_is_quoted(self, above: str, below: str) -> None:
        reply = split_reply(f"{above}Run\n\n> ls -l{below}", [NEWS])
        assert reply.unquoted.split() == f"Run{below}".split()
        assert reply.stray == "> ls -l"

    def test_tell_nothing_for_sure_where_the_letter_is_not_known(self) -> None:
        reply = split_reply(f"{self.SAID}\n\n{INTRODUCTIONS[0]}\n{self.MARKED}")
        assert "ls" not in reply.unquoted
        assert reply.stray == "> ls -l /etc/cups"

    @pytest.mark.parametrize("body", [
        f"{SAID}\n\n{INTRODUCTIONS[0]}\n{MARKED}",  # typed, and known to be
        f"{INTRODUCTIONS[0]}\n> Of a letter nobody knows.\n\nRun it.",
        "Hm?\n\n> Before: Ben, Sat 21 Nov\n\nNo.\n\n>\n> --\n\nYes.\n\n> Clara",
    ])  # fmt: skip
    def test_are_not_thought_to_be_the_writer_s_below_an_introduction_or_in_a_citation(self, body: str) -> None:
        assert split_reply(body, [NEWS]).stray == ""

    @pytest.mark.parametrize(
        "quote", ["", "\n\n> NOT SENT. This line was not understood:", f"\n\n{INTRODUCTIONS[0]}\n> \n"]
    )
    def test_are_theirs_when_they_say_again_what_was_held(self, quote: str) -> None:
        held = HELD.replace("pages again, also on both sides.", "pages again. Then run\n\n> lpstat -t")
        said = "#resolve driver\n\nDear Clara,\n\nThen run\n\n> lpstat -t\n\nAnna"
        assert split_reply(said + quote, [held]).unquoted == said
        marked = "\n".join(f"> {line}".rstrip() for line in held.splitlines())
        for cited in (marked, marked.replace("> > ", ">> "), held):
            assert split_reply(f"#send\n\n{INTRODUCTIONS[0]}\n{cited}", [held]).unquoted == "#send"
            assert split_reply(f"#send\n\n{cited}", [held]).unquoted == "#send"
