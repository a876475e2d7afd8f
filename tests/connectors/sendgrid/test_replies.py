"""What a person newly wrote, told from the mail they answered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sendgrid.replies import LONGEST, newly_written, words_of


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("2", "2"),
        ("  Tuesday please \r\n", "Tuesday please"),
        ("2\n\nOn Fri, Mar 1, 2030 Studio wrote:\n> 1) Tue\n> 2) Wed", "2"),
        ("2\n\nOn Fri, Mar 1, 2030 at 9:00 AM Studio\n<r@example.com> wrote:\n> 1) Tue", "2"),
        ("On Monday works.\nOn Fri, Mar 1, 2030 Studio wrote:\n> 1) Tue", "On Monday works."),
        ("On Monday I can.", "On Monday I can."),
        ("> 1) Tue\n> 2) Wed\n\nthe second", "the second"),
        ("On Fri, Mar 1, 2030 Studio wrote:\n> 1) Tue\n\nthe first", "the first"),
        ("Yes\n\n-----Original Message-----\nFrom: Studio\nChoose a time", "Yes"),
        ("Yes\n\nFrom: Studio <s@example.com>\nSent: Friday\nTo: Ana\n\nChoose", "Yes"),
        ("Yes\n________________________________\nFrom: Studio", "Yes"),
        ("No, thanks\n-- \nAna Kealoha\n12 Shore Road", "No, thanks"),
        ("from: noon on, any day", "from: noon on, any day"),
        ("line one\nline two", "line one\nline two"),
        ("", ""),
    ],
)
def test_only_the_new_words_remain(text: str, reply: str) -> None:
    assert newly_written(text) == reply


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>2 please</p>", "2 please"),
        ("one<br>two", "one\ntwo"),
        ("<style>p {}</style><title>t</title>yes &amp; no", "yes & no"),
        ("<p>so <b>do</b> I</p>", "so do I"),
        ("yes<script>x</script>", "yes"),
    ],
)
def test_html_becomes_lines_of_words(html: str, words: str) -> None:
    assert words_of(html) == words


def test_a_quoted_mail_in_html_is_left_out() -> None:
    html = "<div>the first</div><blockquote><p>1) Tue</p><p>2) Wed</p></blockquote>"
    assert newly_written(words_of(html)) == "the first"


@given(st.text())
def test_any_text_is_read_without_a_crash_and_never_grows(text: str) -> None:
    assert len(newly_written(text)) <= min(len(text), LONGEST)


@given(st.text(alphabet="<>/abpr&;!-\"' blockquote"))
def test_any_html_is_read_without_a_crash(html: str) -> None:
    assert words_of(html) == words_of(html).strip()
