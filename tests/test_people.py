"""Who is who among people of one name. All of them are invented."""

from __future__ import annotations

import pytest

from wireroom import names
from wireroom.people import People


def who(*named: str) -> People:
    return People({name: at for at, name in enumerate(named)})


def test_father_and_son_of_one_name_stay_two():
    people = who("Owen Tarrant Sr.", "Owen Tarrant Jr.")
    assert people.whose("Owen Tarrant Sr.") != people.whose("Owen Tarrant Jr.")
    assert people.whose("Tarrant") == ("tarrant",)


def test_a_generation_alone_joins_the_name_without_it():
    people = who("Owen Tarrant Jr.", "Owen Tarrant")
    assert people.whose("Owen Tarrant") == people.whose("Owen Tarrant Jr.") == people.whose("Tarrant")


def test_monarchs_of_one_name_stay_two_and_one_goes_by_the_name():
    assert who("Olav II", "Olav III").whose("Olav II") != who("Olav II", "Olav III").whose("Olav III")
    assert who("Margrethe II").whose("Margrethe") == who("Margrethe II").whose("Margrethe II")


def test_middle_initials_tell_two_people_apart():
    people = who("Henry W. Stroud", "Henry T. Stroud", "Stroud")
    assert people.whose("Henry W. Stroud") != people.whose("Henry T. Stroud")
    assert people.whose("Stroud") == ("stroud",)


def test_a_surname_is_the_first_ones_until_the_second_is_named():
    people = People({"Nora Falk": 0, "Anders Falk": 80})
    assert people.whose("Falk", 40) == people.whose("Nora Falk")
    assert people.whose("Falk", 120) == ("falk",)


def test_an_honorific_leaves_out_who_it_cannot_be():
    people = who("Thomas Brandt", "Hanna Brandt")
    assert people.whose("Brandt", sex="male") == people.whose("Thomas Brandt")
    assert people.whose("Brandt", sex="female") == people.whose("Hanna Brandt")
    assert who("Thomas Brandt").whose("Brandt", sex="female") == ("brandt",)


@pytest.mark.parametrize(
    ("full", "short"),
    [
        ("Andrés Manuel Robledo Ortiz", "Robledo"),
        ("Andrés Manuel Robledo Ortiz", "Robledo Ortiz"),
        ("Luiz Otávio da Costa", "da Costa"),
        ("Luiz Otávio da Costa", "Costa"),
        ("Faisal bin Nasser", "bin Nasser"),
        ("Faisal bin Nasser", "Faisal"),
        ("Hassan al-Tikriti", "Tikriti"),
        ("Nguyen Van Binh", "Binh"),
        ("Moon Jae-sung", "Moon"),
        ("Ang Wei-lun", "Ang"),
        ("Katrín Helgadóttir", "Katrín"),
        ("Jan van der Velde", "Van der Velde"),
        ("Robert “Bobby” Tench", "Bobby Tench"),
        ("J.P. Morell", "Morell"),
        ("Xi Jinping", "Jinping"),
    ],
)
def test_parts_by_which_a_person_is_named(full: str, short: str):
    people = who(full, short)
    assert people.whose(short) == people.whose(full)


def test_given_names_say_who_bears_them():
    assert names.gender("Viktor") == "male"
    assert names.gender("Marie-Claire") == "female"
    assert names.gender("Robin") == "either"
    assert names.gender("Harbour") == ""
