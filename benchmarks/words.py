"""The words that invented news is made of. No name here is meant to be anybody's."""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(text.replace("\n", "|").split("|"))


FIRST = _words("""Alma Anton Beatrix Boris Carla Casper Dagmar Dario Edda Emil Farida Felix Greta Hamid Helga Ines Ivo Jana
Jonas Katrin Kofi Lena Leopold Magda Marek Nadia Nils Olga Oskar Paula Pavel Rania Rudolf Sabine Samir Tamara Tomas
Ulla Viktor Wanda Yusuf Zora""")

LAST = _words("""Abendroth Achterberg Balint Brandvold Castellan Corvino Dahlgren Dragomir Eklund Farkas Fenwick Galanis
Grunwald Halloran Hartnell Ibarra Jankowski Kessler Kovalenko Lindqvist Lorimer Marchetti Mbeki-Rowe Novotny Oakes
Okonjo Palmgren Petrosyan Quillfeather Rasmussen Rostova Salonen Skarsgaard Tanaka-Bell Thorvald Umarov Varga
Vanterpool Wexler Winterbourne Yilmaz Zielinski""")

PLACES = _words("""Aldermouth Brackenfall Carrowmore Dunvale Eastmere Fairhaven Glenrock Harrowgate Innisford Jutta Kelspar
Lowmarket Marrowby Northwick Oldbridge Pendarrow Quarry Ridgewater Silverton Thornbury Upperfield Vessport Westhollow
Yarrowdale Berlin Lagos Lima Nairobi Ottawa Oslo Prague Santiago Seoul Tunis Vienna Warsaw""")

BODIES = _phrases("""Harbour Authority|Ministry of Transport|Northern Rail|Civic Water Company|Institute for Coastal Studies
Regional Court|National Grid Board|Farmers Union|City Council|Health Service|Central Bank|Port Workers Union
Meteorological Office|University of Eastmere|Museum of Printing|Housing Fund|Electoral Commission|Fisheries Board
Airport Operator|Teachers Federation|Audit Chamber|Food Safety Agency|Ferry Line|Film Academy|Football League
Steelworks|Archive Trust|Chamber of Commerce|Fire Brigade|Energy Regulator""")

NOUNS = _words("""agreement aircraft archive assembly auction bakery balcony ballot barrier basin battery bill blockade bond
border breakwater bridge budget building bus cable campaign canal candidate cargo cathedral census chairman channel
charter cinema clinic coalition coast collapse committee compensation complaint concert congestion contract copper
corridor cost council crane crew crisis crop crossing dam damage deadline debt decision deficit delay delegation
deposit depot detour dike dispute district drought earthquake election embankment engine engineer estimate evidence
excavation exhibition expansion export factory failure fare farm fault ferry festival fine fire fleet flood forecast
forest foundation freight funding furnace gallery garden garrison gate generator glacier grain grant guideline harbour
harvest hearing heatwave highway hospital hotel housing hydrant import income industry inflation inquiry inspection
insurance interest island judge junction kiosk laboratory lake landslide lease ledger levy library licence lighthouse
loan lock lorry maintenance majority mansion manuscript market mayor measure meeting merger mill minister minority
monument mortgage motion museum negotiation network nurse objection observatory offer office opera opposition orchard
order outage oxygen parish parliament passenger patient pavilion payment penalty pension permit petition pier pilot
pipeline platform plaza police pollution pond portrait power precedent premium prison profit project proposal
prosecutor protest pump quarry quota railway rainfall rally rate reactor rebuild recession reef referendum reform
refund refuge regulation relief renovation rent repair report rescue reservoir resident restaurant revenue review
revision ridge river road roof route ruling runway safety salary sample satellite savings school season security seed
senate shelter shipment shortage signal sluice soil spending stadium station statue steel storm strike study subsidy
suburb summit supply surface surgeon surplus survey suspect tariff tax teacher telescope terminal theatre tide timber
timetable tower trade train tram treaty trial tunnel turbine turnout union upgrade vaccine valley valuation vessel
veteran viaduct village vineyard volunteer vote wage wall warehouse warning waste water weather wharf wheat willow
wind winter witness workshop yard""")

ADJECTIVES = _words("""abandoned ageing ambitious annual autumn bitter brief broad busy cautious central chilly civic coastal
combined complete contested costly crowded cultural damaged deep delayed detailed distant disputed domestic early
eastern economic elderly emergency empty entire expected expensive experimental extra familiar fierce final flooded
foreign former fragile free frequent frozen full further gradual grand growing heavy hidden historic hollow immediate
important independent inner interim internal joint large late leading legal local lengthy limited long lower major
marine medical medieval minor missing modern municipal narrow national nearby new northern old open ordinary outer
partial permanent planned poor popular preliminary previous private prolonged public quiet rapid rare regional
remaining rising rural scarce second secret senior serious severe sharp short similar slow small southern special
stable steep strict strong sudden surplus temporary tense thin third tidal tight unusual upper urgent vacant vast
voluntary weak western wet wide wooden young""")

VERBS = _words("""abandoned accepted accused adjusted admitted adopted announced appealed approved arranged assessed awarded
backed banned began blamed blocked boosted bought built calculated cancelled checked cleared closed collected compared
completed confirmed considered cut dealt debated declared defended delayed delivered demanded denied described
designed detained disclosed discussed dismissed doubled drafted earned ended endorsed evacuated examined expanded
explained extended faced filed financed finished forced found funded granted halted handed held hired identified
ignored improved increased inspected installed investigated issued joined launched leased led lifted limited lost
lowered managed measured merged missed moved named negotiated noticed offered opened opposed ordered outlined
overturned owned paid painted passed planned postponed praised presented preserved printed promised proposed protected
published questioned raised reached rebuilt received recommended recorded reduced refused registered rejected released
renewed repaired replaced reported requested rescued resisted restored resumed revealed reversed revised saved
scheduled settled shipped signed sold started stopped studied submitted supported suspended tested tightened traced
trained transferred treated tripled unveiled urged voted warned welcomed widened withdrew won""")

LINKS = _words(
    """after because before despite during following given since though unless until when whereas while"""
)

PREPOSITIONS = _words("""about above across against along among around at behind below beside between beyond by for from in
inside into near of off on outside over past through to toward under up upon with within without""")

TAILS = _phrases("""according to two people who attended|as had been feared for months|at a cost that nobody would put in writing
by a margin narrower than anyone forecast|for the first time in a generation|in spite of earlier promises
more than a decade after the plans were drawn|pending a review that could take years|to the surprise of most observers
with immediate effect|without giving a reason|and said that more would follow|but left the details to a working group
though the figures have not been audited|whatever the outcome of the appeal|on terms that were not disclosed
under rules that date from another era|in what was described as a routine matter""")

MONTHS = _words("""January February March April May June July August September October November December""")
DAYS = _words("""Monday Tuesday Wednesday Thursday Friday Saturday Sunday""")
SECTIONS = _words("""Home World Region Politics Business Markets Science Health Culture Books Sport Weather Opinion Letters
Travel Property Motoring Food Education Archive Podcasts Crossword Newsletters Obituaries""")
