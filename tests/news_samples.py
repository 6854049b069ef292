"""Invented news for the tests of sameness: texts by story, and edits that make near copies of them."""

from __future__ import annotations

import random

BRIDGE = (
    (
        "The old chain bridge over the Orsa at Velmund was closed to all traffic on Tuesday after engineers found cracks in two "
        "of its main anchors. Mayor Tilde Harkonsen said the crossing would stay shut until divers had looked at the piers. "
        "Some nine thousand people cross the bridge on foot or by tram each day, and the ferry company promised extra sailings "
        "from the fish market. 'Nobody will drive over iron that we cannot trust,' Harkonsen told reporters on the quay. The "
        "anchors were last replaced in the year of the great flood, and the harbour office had asked for repairs twice."
    ),
    (
        "Engineers who inspected the chain bridge in Velmund have found cracked anchors, the city said, and trams will not run "
        "across the Orsa until further notice. The harbour office warned two years ago that the anchors needed repairs, a "
        "letter seen by this paper shows. Mayor Harkonsen defended the late closure, saying the cracks had grown over the "
        "winter. Ferries now carry the nine thousand who used to cross on foot or by tram, and queues at the fish market "
        "reached the customs house by noon. Divers are to examine the piers this week."
    ),
    (
        "Queues for the ferry stretched along the quay in Velmund as commuters looked for another way over the Orsa. The "
        "chain bridge, closed because of cracks in its anchors, will not open before divers have examined every pier, mayor "
        "Tilde Harkonsen said. Tram drivers have been put on the buses that go round by the northern lock. Shopkeepers near "
        "the bridge complained that they had lost half of their customers, and asked the city to pay for the closure."
    ),
    (
        "Divers began to examine the piers of Velmund's chain bridge and reported no damage below the water line, but the "
        "cracked anchors must be replaced, the city's engineers said. New anchors would have to be forged abroad and could "
        "take until autumn. Harkonsen, the mayor, asked the ferry company to keep its extra sailings over the Orsa, and "
        "offered shopkeepers at the bridge a cut in their rents while trams stay away."
    ),
)
CHEESE = (
    (
        "A wheel of blue cheese from the Marrow valley has won the grand prize at the winter fair in Tolsk, the first time in "
        "thirty years that a farm from the hills has beaten the big dairies. Osric Penhale, who keeps forty goats and eleven "
        "cows, let the cheese ripen in an abandoned slate mine. Judges praised its walnut taste and its crumbly rind. Orders "
        "have come from four countries, Penhale said, but the mine holds no more than six hundred wheels."
    ),
    (
        "Orders are pouring in at the small farm of Osric Penhale after his blue cheese took the grand prize at the Tolsk "
        "winter fair. Penhale ripens the wheels in a slate mine in the Marrow valley, where the air stays cold and damp. The "
        "big dairies, which had won for thirty years, congratulated the goat keeper. The judges spoke of walnut and of a rind "
        "that crumbles like cake, and asked whether the mine could hold more than six hundred wheels."
    ),
    (
        "The dairies of the plain want to know the secret of a slate mine. In it ripens the blue cheese of Osric Penhale, "
        "winner of the grand prize at this year's winter fair in Tolsk. The goat keeper from the Marrow valley says damp air "
        "does the work. Judges tasted walnut; buyers from four countries tasted business and ordered every one of his six "
        "hundred wheels, rind and all."
    ),
)
COMET = (
    (
        "Astronomers at the Sellick observatory have discovered a comet that will pass the sun inside the orbit of Mercury "
        "next spring and may be seen with the naked eye. The comet, found on plates taken by student Amara Okonjo, has a tail "
        "of dust and an unusual green nucleus. It has not come near the sun for eleven thousand years. The observatory will "
        "open its domes to visitors on clear nights, director Lucan Wray said."
    ),
    (
        "A student has found a comet. Amara Okonjo saw the faint green smudge on plates from the Sellick observatory, and "
        "astronomers elsewhere have now confirmed the orbit: inside that of Mercury, next spring, after eleven thousand years "
        "in the dark. If its nucleus survives the heat of the sun, the dust tail could be visible to the naked eye for weeks. "
        "The director of the observatory, Lucan Wray, promised visitors open domes."
    ),
)
FLOODS = (
    (
        "Three villages in the Karsk lowland were evacuated during the night when the river Ilva broke its dyke after five "
        "days of rain. Soldiers carried old people from upper windows into boats. No deaths were reported, the civil guard "
        "said, but two hundred cattle drowned in one barn alone. The water is expected to crest on Saturday. The dyke had "
        "been marked as weak by surveyors, and farmers demanded to know why the sandbags arrived so late."
    ),
)
STRIKE = (
    (
        "Pilots of the airline Norvane will walk out for forty-eight hours from midnight, their union said, after talks on "
        "rosters and pensions collapsed. About three hundred flights are to be cancelled, most of them at Hallam airport. "
        "Norvane called the strike irresponsible and offered passengers refunds or seats on trains. The union replied that "
        "its members had gone eight years without a rise while directors paid themselves bonuses."
    ),
)
UNRELATED = (FLOODS[0], STRIKE[0])
STORIES = (BRIDGE, CHEESE, COMET, FLOODS, STRIKE)


def invented_words(number: int, rng: random.Random) -> list[str]:
    """So many invented words, frequent ones first."""
    pairs = [c + v for c in "bcdfghklmnprstvz" for v in "aeiou"]
    return ["".join(rng.choices(pairs, k=rng.randint(1, 4))) for _ in range(number)]


def article(words: int, seed: int, vocabulary: list[str]) -> str:
    """An article of so many words; a word is the rarer the later it stands in the vocabulary."""
    rng = random.Random(seed)
    weights = [1 / (rank + 5) for rank in range(len(vocabulary))]
    chosen = rng.choices(vocabulary, weights, k=words)
    sentences = [" ".join(chosen[at : at + 12]).capitalize() for at in range(0, words, 12)]
    return ". ".join(sentences) + "."


def edits(text: str, seed: int) -> dict[str, str]:
    """The same text as other houses print it: cut, framed, shortened, reordered, reworded."""
    rng = random.Random(seed)
    sentences = text.split(". ")
    words = text.split(" ")
    kept = [sentence for sentence in sentences if rng.random() < 0.6] or sentences[:1]
    half = len(sentences) // 2
    reworded = [f"other{at}" if rng.random() < 0.1 else word for at, word in enumerate(words)]
    frame = (
        "Follow our desk for more on this and other news of the region as it comes in every hour of the day. "
    )
    return {
        "cut": " ".join(words[: max(40, len(words) * 3 // 10)]),
        "framed": frame + text + " " + frame,
        "shortened": ". ".join(kept),
        "reordered": ". ".join(sentences[half:] + sentences[:half]),
        "reworded": " ".join(reworded),
    }
