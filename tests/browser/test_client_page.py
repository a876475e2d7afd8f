"""The client's page in a real browser, on the smallest phone, without JavaScript (C14)."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.browser.chrome import Chrome, until
from tests.gateway.house import BOOKED, House

SHOTS = os.environ.get("REBOOK_SCREENSHOTS", "")
FOCUSED = "document.activeElement.tagName + (document.activeElement.value || '')"


def photograph(chrome: Chrome, name: str) -> None:
    if SHOTS:
        chrome.photograph(Path(SHOTS) / f"{name}.png")


def test_a_client_goes_from_the_link_to_the_booking_with_three_touches(
    chrome: Chrome, plain_house: House
) -> None:
    token = plain_house.page()
    chrome.open(f"{plain_house.address}/o/{token}")
    assert chrome.value("location.pathname + location.search") == "/offer"
    photograph(chrome, "choose")
    chrome.press("[type=radio][value='2']")
    photograph(chrome, "chosen")
    chrome.press("button")
    until(lambda: chrome.shows("Booking it now"))
    photograph(chrome, "working")
    assert len(plain_house.rows("portal")) >= 1
    plain_house.put_page(token, **BOOKED)
    until(lambda: chrome.shows("You are booked"))
    photograph(chrome, "booked")
    assert token not in chrome.value("document.documentElement.outerHTML + document.URL")


def test_the_page_can_be_used_with_the_keyboard_alone(chrome: Chrome, plain_house: House) -> None:
    chrome.open(f"{plain_house.address}/o/{plain_house.page()}")
    chrome.key("Tab")
    assert chrome.value(FOCUSED) == "INPUT1"
    chrome.key(" ", " ")
    chrome.key("ArrowDown")
    assert chrome.value("document.querySelector('input:checked').value") == "2"
    chrome.key("Tab")
    assert chrome.value(FOCUSED) == "BUTTON"
    chrome.key("Enter", "\r")
    until(lambda: chrome.shows("Booking it now"))


def test_pressing_the_button_without_a_choice_sends_nothing(
    chrome: Chrome, plain_house: House
) -> None:
    before = len(plain_house.rows("portal"))
    chrome.open(f"{plain_house.address}/o/{plain_house.page()}")
    chrome.press("button")
    assert chrome.value("document.querySelector('form').checkValidity()") is False
    assert chrome.shows("Choose a new time")
    assert len(plain_house.rows("portal")) == before


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 768])
@pytest.mark.parametrize("state", ["choose", "working", "booked", "staff", "closed", "missing"])
def test_every_state_fits_its_screen_and_can_be_read(
    chrome: Chrome, plain_house: House, state: str, width: int, dark: bool
) -> None:
    chrome.screen(width, dark=dark)
    longest = {"service": "Deep-tissue-and-sports-massage-for-two", "place": "W" * 60}
    view: dict[str, Any] = longest | (BOOKED if state == "booked" else {"state": state})
    token = "a" * 32 if state == "missing" else plain_house.page(**view)
    chrome.open(f"{plain_house.address}/o/{token}")
    photograph(chrome, f"{state}-{width}-{'dark' if dark else 'light'}")
    assert chrome.value("document.documentElement.scrollWidth") <= width
    assert chrome.value("document.documentElement.lang") == "en"
    assert chrome.value("document.title") != ""
    assert chrome.value("document.querySelectorAll('h1').length") == 1
    assert chrome.value(WEAKEST_CONTRAST) >= 4.5


def test_what_is_touched_is_large_enough_and_named(chrome: Chrome, plain_house: House) -> None:
    chrome.open(f"{plain_house.address}/o/{plain_house.page()}")
    heights = "[...document.querySelectorAll('.slot, button, a')].map(e => e.offsetHeight)"
    assert min(chrome.value(heights)) >= 44
    names = "[...document.querySelectorAll('[type=radio]')].map(e => e.labels[0].innerText.trim())"
    assert chrome.value(names) == ["2:00 pm", "4:30 pm", "9:00 am"]
    groups = "[...document.querySelectorAll('fieldset > legend')].map(e => e.innerText)"
    assert chrome.value(groups) == ["Tuesday 24 November", "Wednesday 25 November"]


WEAKEST_CONTRAST = """
(() => {
  const parse = text => text.match(/[0-9.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = e => {
    for (; e; e = e.parentElement) {
      const colour = parse(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return matchMedia('(prefers-color-scheme: dark)').matches ? [0, 0, 0] : [255, 255, 255];
  };
  const ratios = [...document.querySelectorAll('main *')]
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
    .map(e => [light(parse(getComputedStyle(e).color)), light(ground(e))])
    .map(([a, b]) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
  return Math.min(...ratios);
})()
"""
