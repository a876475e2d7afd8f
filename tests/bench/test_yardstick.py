"""The yardstick measures while it is wanted, and ends."""

import time

from tests.bench import yardstick


def test_the_yardstick_says_what_its_work_takes() -> None:
    began = time.process_time()
    yardstick.work()
    alone = 1000 * (time.process_time() - began)
    with yardstick.beside() as speed:
        yardstick.work()
    assert alone / 20 < speed.ms < alone * 20
