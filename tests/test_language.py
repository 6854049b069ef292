# ruff: noqa: RUF001 - letters of other scripts are the point here
import socket
import sys
import time

import pytest

from wireroom.language import UNKNOWN, detect

SENTENCES = {
    "en": "The harbour master said that the ferries would stay in port until the storm had passed.",
    "de": "Der Hafenmeister sagte, die Fähren blieben im Hafen, bis der Sturm vorüber sei.",
    "fr": "Le capitaine du port a déclaré que les bacs resteraient à quai jusqu'à la fin de la tempête.",
    "es": "El capitán del puerto dijo que los barcos se quedarían en el muelle hasta que pasara la tormenta.",
    "ru": "Начальник порта сказал, что паромы останутся в гавани, пока не пройдёт шторм.",
    "ja": "港の責任者は、嵐が過ぎるまでフェリーは港にとどまると述べた。",
    "tr": "Liman müdürü fırtına geçene kadar feribotların limanda kalacağını söyledi.",
    "fa": "رئیس بندر گفت کشتی‌ها تا پایان توفان در بندر خواهند ماند.",
    "zh": "港口负责人表示，渡轮将停留在港内，直到风暴过去。",
    "pl": "Kapitan portu powiedział, że promy zostaną w porcie, dopóki sztorm nie minie.",
}


@pytest.mark.parametrize("code", SENTENCES)
def test_a_sentence_is_told_with_confidence(code: str):
    found = detect(SENTENCES[code])
    assert found.code == code
    assert found.confidence > 0.4


@pytest.mark.parametrize(
    "text", ["", " \n\t", "12345 67 8.9", "…!? — %", "https://example.org/the/news/of/today", "\ud83d"]
)
def test_nothing_to_tell_it_by_gives_none(text: str):
    assert detect(text) == UNKNOWN


def test_a_short_text_is_less_sure_than_a_long_one():
    assert detect("harbour").confidence < detect(SENTENCES["en"]).confidence
    assert detect("ferry port").confidence < 0.9


def test_line_ends_capitals_and_lone_surrogates_do_no_harm():
    broken = SENTENCES["en"].replace(" ", "\n").upper() + "\udc80\x00\x1b[2J"
    assert detect(broken).code == "en"


def test_five_megabytes_cost_no_more_than_a_page():
    text = SENTENCES["de"] * (5_000_000 // len(SENTENCES["de"]))
    detect("warm")
    start = time.process_time()
    assert detect(text).code == "de"
    assert time.process_time() - start < 1


def test_a_text_in_two_languages_is_told_with_less_confidence():
    whole, other = SENTENCES["en"] * 12, SENTENCES["de"] * 6
    mixed = detect(whole + "\n" + other)
    assert mixed.code == "en"
    assert mixed.confidence < 0.8 < detect(whole).confidence


def test_letters_tell_ukrainian_from_russian():
    assert detect("Пороми стоять у порту, відплиття скасовано").code == "uk"
    assert detect("Паромы остаются в порту из-за шторма").code == "ru"


def test_one_word_many_times_is_quick_and_told():
    begun = time.process_time()
    detect("Hafen " * 100_000)
    assert time.process_time() - begun < 1


def test_no_network_is_asked_for():
    def refuse(event: str, _args: object) -> None:
        if armed and event.startswith("socket."):
            raise OSError(event)

    armed = True  # the hook stays for the process, so it is disarmed at the end
    sys.addaudithook(refuse)
    try:
        with pytest.raises(OSError, match="socket"):
            socket.socket().connect(("127.0.0.1", 9))
        assert detect(SENTENCES["fr"]).code == "fr"
    finally:
        armed = False
