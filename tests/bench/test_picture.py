"""The picture adds up to what was measured."""

import re
from xml.etree import ElementTree

from tests.bench.picture import draw, steps


def test_each_size_has_a_bar_whose_pieces_add_up() -> None:
    used = {"prefect": 800, "worker": 300, "worker-2": 200, "postgres": 350, "gateway": 30}
    shown = draw([{"cases": n, "cpu_ms_by_process": used} for n in (50, 200)])
    ElementTree.fromstring(shown)  # our own words
    assert re.findall(r">(\d+ cases)<", shown) == ["50 cases", "200 cases"]
    assert shown.count(">1680<") == 2
    assert "workers: 500 ms" in shown


def test_the_steps_stand_in_the_order_of_their_price() -> None:
    shown = steps({"offer": 20.4, "book <now>": 61})
    ElementTree.fromstring(shown)  # our own words
    assert shown.index("book &lt;now&gt;") < shown.index("offer")
    assert "81 ms" in shown
