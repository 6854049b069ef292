"""What happens in the invented news: for each kind of event the sentences that tell it, by phase.

Phase 0 is the news itself, 1 what follows in the next days, 2 what comes of it. ``<p1>`` is a person's full name, ``<P1>``
the surname; ``<w1>`` to ``<w6>`` are things that stand in this event only; ``<n1>`` to ``<n6>`` are numbers.
"""

from __future__ import annotations

from typing import Final

_SAID: Final = "{said|told reporters|told this newspaper|explained|wrote in a statement}"
_DAY: Final = "on <day>"

EVENTS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]]] = {
    "election": (
        (
            "{Voters in <town>|People in <town>} {went to the polls|cast their ballots|voted} on <day> to {choose|elect} a {governor|new governor} {for the region of <region>|of <region>}.",
            "{<p1> of the <party1>|<p1>, the <party1>'s candidate,} {leads|is ahead of} <p2> of the <party2> by <n1> points{, early counts show|, the first returns show|}.",
            "Turnout {stood at|reached|was} <n2> percent {by the evening|when polls closed}{, the <commission> said|, according to the <commission>}.",
            "{<P1>|The <party1> candidate} {campaigned on|had made much of|promised} {cheaper <w1>|the <w1>|new rules for the <w1>}, while {<P2>|the rival} {warned about|spoke of} the <w2>.",
            "{Long queues formed|Voters queued for hours} outside {a polling station|the polling stations} in <town> {after|because} {a delay in the delivery of ballots|ballots came late}.",
            "President <president> {has stayed out of the race|did not endorse anybody|visited <region> twice in the campaign}.",
        ),
        (
            "{<P2> conceded defeat|The <party2> candidate conceded} {late on <day>|after the count} and {congratulated|wished luck to} <P1>.",
            "The <commission> {ordered|announced} a recount in <n3> {districts|precincts} {of <region>|around <town>}.",
            "{Lawyers for <P2>|The <party2>'s lawyers} {challenged|went to court over} <n4> postal ballots {in <town>|from <town>}.",
        ),
        (
            "<p1> {was sworn in as|took office as} governor {of <region>|in <town>} and {named|appointed} <p3> to {look after|deal with} the <w1>.",
            "{A court in <town>|Judges} {threw out|rejected} the {complaint|challenge} {of <P2>|by the <party2>} about postal ballots.",
        ),
    ),
    "fire": (
        (
            "{At least <n1> people|<n1> people} {died|were killed|lost their lives} {when|after} {a fire|a blaze|flames} {tore|swept|ripped} through {a <w1>|the <w1>} in <town>{ on <day>| early on <day>}.",
            "{Firefighters|Fire crews} {needed|fought for} <n2> hours {to put out the flames|to control the blaze|before the fire was out}.",
            "{The fire|The blaze} {broke out|started|began} {near the <w2>|beside a <w2>} {shortly after midnight|before dawn|in the evening}, {fire chief <p1>|the chief of the fire brigade, <p1>,} said.",
            "{Residents|Neighbours} {jumped|climbed} from windows {while|as} smoke filled the {stairs|<w3>}.",
            "{<n3> people|Another <n3>} were taken to {hospital|the clinic of <town>} with burns{, some in grave condition|}.",
            "{The owner|The owner of the building}, <p2>, {could not be reached|declined to comment|said the alarms had been tested}.",
        ),
        (
            "{Investigators|Police} {believe|suspect|think} {a faulty <w4>|the <w4>} {caused|started} the {fire|blaze}.",
            "{Police arrested|Officers detained} <p2> {on suspicion of negligence|over missing exits}.",
            "{Hundreds|Families} {laid flowers|held a vigil|lit candles} {outside the ruined <w1>|where the <w1> had stood}.",
        ),
        (
            "{The city of <town>|Mayor <p3>} {promised|announced} {checks of|inspections at} every <w1> {in <town>|in the city}.",
            "{<P2> was charged|Prosecutors charged <P2>} with {manslaughter|the deaths of <n1> people}.",
        ),
    ),
    "flood": (
        (
            "{Rivers burst their banks|The river <river> rose over its banks} {in <region>|around <town>} {after|following} <n1> {days|hours} of rain{, forcing <n2> people from their homes|}.",
            "{Soldiers|Rescue teams|Volunteers} {used boats|waded through water|flew helicopters} to {reach|save} {families|people} {stranded on roofs|cut off by the water}.",
            "{<p1>, who leads the rescue work,|The head of civil protection, <p1>,} {said|warned} the {water|level of the <river>} {would rise again|might not fall before the weekend}.",
            "{The <w1> was swept away|Water carried the <w1> off}{ and the <w2> stood under mud| and damaged the <w2>|}.",
            "{Roads and railways|The railway and two roads} {to <town>|near <town>} {were closed|remained shut}.",
            "{Farmers|Growers} {lost|feared for} {<n3> cattle|their <w3>}.",
        ),
        (
            "{The water began to fall|The <river> fell slowly} {and|while} {residents|people} {came back to|returned to} {muddy homes|ruined houses}.",
            "{Engineers|Surveyors} {found|discovered} {a breach|<n4> breaches} in the {dyke|dam} {above <town>|beside the <w2>}.",
        ),
        (
            "{The government|President <president>} {pledged|promised} <n5> million for {rebuilding|repairs in} <region>.",
            "{<P1> resigned|<P1> stepped down} over {late warnings|the failed sirens} {in <town>|on the <river>}.",
        ),
    ),
    "trial": (
        (
            "{The trial of <p1>|Proceedings against <p1>} {opened|began} {in <town> on <day>|at a court in <town>}, {with|where} {prosecutors accusing|the prosecution accused} {the former head|the founder} of <org1> {of fraud|of stealing <n1> million}.",
            "{<P1>|The accused} {denied|rejected} {the charges|every charge|all accusations} {and called them invented|through a lawyer|}.",
            "{Judge <p2>|The judge, <p2>,} {allowed|refused} {cameras in the courtroom|evidence about the <w1>}.",
            "{Prosecutor <p3>|The prosecutor, <p3>,} {said|told the court} {money|funds} {meant for|from} the <w2> {was spent on|paid for} {a <w3>|the <w3>}.",
            "{A former accountant|A witness} {described|told of} {false invoices|hidden accounts} {for <w4>|in the name of a <w4> dealer}.",
            "{Investors|Savers} {waited outside|filled the benches}, {some holding|many with} {photographs of the <w3>|letters from <org1>}.",
        ),
        (
            "{Jurors|The jury} {began to deliberate|retired to consider a verdict} {in the case|on the case} {against <P1>|of <org1>}.",
            "<P1> {took the stand|testified for the first time} and {blamed|accused} {former partners|the auditors} {for the <w2>|over the <w2>}.",
        ),
        (
            "{A jury|The jury} {found <P1> guilty|convicted <P1>} on <n2> {counts|charges}.",
            "{<P1> was sentenced|Judge <P2> sentenced <P1>} to <n3> years in prison{, less than <P3> had asked for|}.",
        ),
    ),
    "merger": (
        (
            "{<org1> agreed to buy|<org1> will buy|<org1> said it was buying} <org2> for <n1> {billion|billion in cash}{, creating the largest maker of <w1>|, in the biggest deal in <w1> this year|}.",
            "{Chief executive <p1>|<p1>, who runs <org1>,} {said|argued} the {deal|takeover|purchase} {would save|saves} <n2> million {a year|each year}.",
            "{Shares in|Stock of} <org2> {rose|jumped|climbed} <n3> percent{, while <org1> fell| in early trading|}.",
            "{Unions|Workers} at {the <w2> plant|the plant} in <town> {feared|warned of} {job losses|cuts}.",
            "{<p2>|The founder, <p2>,} {who founded <org2>|who started <org2>} {with a <w3>|in a <w3>}, {will leave|keeps a seat on the board}.",
        ),
        (
            "{Regulators|The competition authority} {opened an inquiry into|will examine} the {deal|takeover} {between <org1> and <org2>|of <org2>}.",
            "{A rival bidder|The investor <p3>} {offered|is weighing an offer of} <n4> billion for {<org2>|the maker of <w1>}.",
        ),
        (
            "{Shareholders|Owners} of <org2> {approved|voted for} the {sale|takeover} {to <org1>|by a wide margin}.",
            "{<org1> will close|<org1> announced it would shut} the <w2> plant in <town> {by the summer|next year}.",
        ),
    ),
    "match": (
        (
            "<team1> {beat|defeated|won against|overcame} <team2> <score> {in the league|in a league match} on <day>{, with <p1> scoring the winner|, thanks to <p1>|}.",
            "{<P1> struck|<P1> scored|The goal by <P1> came} in the <n1>th minute {from a corner|after a pass from <p2>|with a header}.",
            "{<team2> had|The visitors had} {most of the ball|more chances} but {goalkeeper <p3>|<p3> in goal} {saved|stopped} {everything|a penalty|two shots}.",
            "{Coach <p4>|<p4>, the coach of <team1>,} {praised|spoke of} {the patience of the side|the defence|his young players}.",
            "{A crowd of <n2>00|Some <n2>00 people} {watched|saw} the {game|match} {in the rain|at the <stadium>}.",
            "{<team1> move|The win takes <team1>} to {<n3> points|the top half of the table}.",
        ),
        ("{<P1> will miss|An injury keeps <P1> out of} the next {match|game}, {<team1> said|doctors said}.",),
        ("{The league|Officials} {fined <team2>|ordered <team2> to pay <n4>} over {crowd trouble|flares}.",),
    ),
    "strike": (
        (
            "{Workers at <org1>|Staff of <org1>} {walked out|went on strike|stopped work} {on <day>|in <town> on <day>} over {pay|wages} and {the <w1>|new rules on the <w1>}.",
            "{The union|<p1> of the union|Union leader <p1>} {said|claimed} <n1> {people|members} had {joined|taken part}.",
            "{<org1> called|Management called} the {strike|walkout} {irresponsible|illegal} and {offered|put forward} <n2> percent {more|over two years}.",
            "{Passengers|Customers|Travellers} {were stranded|waited for hours} {beside the <w2>|at the <w2>}{ in <town>|}.",
            "{Pickets|Strikers} {lit fires|sang|handed out leaflets} {at the gates|near the <w3>}.",
            "{<p2>, who heads <org1>|The director, <p2>}, {said|insisted} {the company could not pay|there was no money for} the <w4>.",
        ),
        (
            "{Talks between|Negotiations between} <org1> and the union {broke down|resumed} {on <day>|after <n3> hours}.",
            "{Courts|A judge in <town>} {refused to ban|ordered an end to} the {strike|walkout}.",
        ),
        (
            "{The union accepted|Members accepted} <n4> percent {and a new <w1>|and changes to the <w1>}, ending the {strike|walkout} {at <org1>|}.",
        ),
    ),
    "discovery": (
        (
            "{Archaeologists|Researchers|A team of archaeologists} {found|unearthed|discovered} {a <w1>|the remains of a <w1>} {near <town>|in a field near <town>}, {thought to be|believed to be} <n1>00 years old.",
            "{<p1>, who led the dig,|The leader of the dig, <p1>,} {called|described} it {the find of a lifetime|unlike anything in <region>}.",
            "{Beside it lay|The team also found|Next to it were} {a <w2>|a broken <w2>} and {<n2> coins|traces of a <w3>}.",
            "{A farmer|A walker}, <p2>, {had come across|noticed} a {piece of <w4>|<w4>} {in the spring|after heavy rain}.",
            "{The museum|The museum of <town>} {will show|plans to show} the <w1> {from next year|once it is cleaned}.",
        ),
        (
            "{Tests|Laboratory tests} {showed|suggest} the <w2> {came from|was made in} {another country|the south}.",
            "{Looters|Thieves} {dug at|damaged} the site {at night|near <town>}, {<P1> said|the police said}.",
        ),
        ("{Visitors queued|Crowds came} to see the <w1> {in <town>|when the museum opened the hall}.",),
    ),
    "bill": (
        (
            "{Lawmakers|Members of parliament|The lower house} {passed|approved|voted for} a bill {on the <w1>|to change the <w1>} on <day> by <n1> votes to <n2>.",
            "{<p1> of the <party1>|<p1>, who wrote the bill,} {said|argued} {it would|the law would} {protect|help} {families|those with a <w2>}.",
            "{The <party2>|<p2> of the <party2>} {called|attacked} the {bill|law} {as an attack on the <w3>|as a gift to the <w3> lobby}.",
            "President <president> {is expected to sign|promised to sign|threatened to veto} {it|the bill}.",
            "{Doctors|Experts|Economists} {doubt|question} {whether the <w4> can be paid for|the cost of the <w4>}.",
            "{Under the bill|Under the new rules}, {every <w2>|each <w2>} {must|will have to} be {registered|inspected} {within <n3> months|by the <w4> office}.",
        ),
        (
            "{The upper house|Senators} {amended|sent back} the {bill|<w1> bill} {after|following} a {debate|session} of <n4> hours.",
            "{Thousands marched|Protesters gathered} {against|over} the {<w1> law|bill on the <w1>} {in <town>|outside parliament}.",
        ),
        (
            "President <president> {signed|vetoed} the <w1> {bill|law}, {<P1> said it was a great day|and <P2> said it was a mistake}.",
        ),
    ),
    "crash": (
        (
            "{A train|A passenger train} {derailed|left the rails|crashed} {near <town>|outside <town>} on <day>, {killing <n1>|leaving <n1> dead} and {injuring|hurting} <n2>.",
            "{The train|It} {was going from|was on its way from} <town> to <town2> {when it hit|and struck} {a <w1>|the <w1>}.",
            "{Rescuers|Crews} {cut|pulled} {passengers|people} {from|out of} {overturned carriages|the wreck} {until dark|with a <w2>}.",
            "{The driver, <p1>,|<p1>, the driver,} {survived|is in hospital|had braked}, {<org1> said|according to <org1>}.",
            "{<p2>, a passenger,|A passenger, <p2>,} {spoke of|heard} {a loud bang|screams} {near the <w3>|and saw the <w3> burn}.",
        ),
        (
            "{Investigators|Experts} {found|recovered} the {recorder|data recorder} {and a broken <w4>|beside the <w4>}.",
            "{<org1> had been warned|Inspectors had warned <org1>} {about the <w4>|of the <w4>} {last year|twice}.",
        ),
        (
            "{The head of <org1>, <p3>,|<p3>, who ran <org1>,} {resigned|quit} over the {crash|derailment} {near <town>|}.",
        ),
    ),
}

QUOTES: Final = (
    '"{We will|I will|They will} {not give up|remember this|need time}," {<p1>|<P1>} said.',
    '"{Nobody|No one here} {expected|was prepared for} {this|such a day}," {said <P1>|<P2> said}.',
    '"{It is|This is} {a matter of|about} the <w1>{ and nothing else|}," <P2> {said|added}.',
    '"{The <w2>|That <w2>} {was|has been} {everything to us|our hope|the worst of it}," {a woman|a man|an onlooker} {in <town>|from <town>} {said|told reporters}.',
    '"{People|Families} {want|deserve} {answers|the truth} {about the <w3>|}," {said <P2>|<P1> told reporters}.',
)
"""What people say about any event."""

BACKGROUND: Final = (
    "{<country> has|The country has} {seen|lived through} {a hard year|many such days}, {with|and} {prices rising|the economy slow to recover}.",
    "{President <president>|The government of President <president>} {faces|is under} {pressure|growing pressure} {at home|from the opposition}{ before the vote in the autumn|}.",
    "{Opinion polls|Surveys} {show|suggest} {that trust in|trust in} {the authorities|institutions} {has fallen|is low}.",
    "{Analysts|Observers} {say|said} {it is too early to tell|the coming days will show} {what this means|what follows} for <country>.",
    "{The ministry|A spokesman for the ministry} {did not answer|had no comment|could not be reached} {on <day>|}.",
    "{The news came|It came} {at the end of|in} a week {of|marked by} {uncertainty|anxious waiting} {across <country>|in the capital}.",
    "{Similar|Comparable} {cases|events} {were reported|have been reported} {last year|in recent years} {elsewhere in <country>|in other regions}.",
)
"""What may stand in any article of a country."""

THINGS: Final = ["anchor", "antenna", "apron", "armchair", "auditorium", "awning", "bakery", "balcony", "ballroom", "barge", "barometer", "barrel", "basement", "basin", "beacon", "beehive", "bell", "bicycle", "binder", "blanket", "boiler", "bookcase", "boulder", "bracelet", "brewery", "brickwork", "buoy", "cabinet", "cable", "canal", "candle", "canopy", "canvas", "caravan", "carousel", "carpet", "casket", "catapult", "cellar", "chandelier", "chapel", "chimney", "cider", "cinema", "cistern", "clinic", "cloister", "coal", "cobalt", "compass", "conveyor", "copper", "corridor", "cottage", "courtyard", "crane", "cranberry", "crossbow", "crypt", "curtain", "cymbal", "dairy", "dagger", "dormitory", "drainpipe", "drawbridge", "drill", "dungeon", "dynamo", "easel", "elevator", "embankment", "enamel", "escalator", "estuary", "factory", "ferry", "fiddle", "flagpole", "flute", "foundry", "fountain", "freight", "fresco", "fuselage", "galley", "garage", "gasket", "gazebo", "generator", "girder", "glacier", "glazing", "goblet", "granary", "granite", "gravel", "greenhouse", "grove", "gutter", "hammock", "harbour", "harness", "harp", "hatchery", "hearth", "hedge", "helmet", "herring", "hinge", "honey", "hostel", "hydrant", "incubator", "insulin", "inverter", "ivory", "jetty", "jukebox", "kennel", "kiln", "kiosk", "ladder", "lagoon", "lantern", "lattice", "laundry", "lavender", "ledger", "lichen", "lighthouse", "limestone", "linen", "locomotive", "loom", "lumber", "mandolin", "manor", "marble", "marina", "marquee", "marsh", "mast", "meadow", "medallion", "mill", "mosaic", "moss", "motel", "mural", "mussel", "nursery", "oak", "oar", "oatmeal", "oboe", "olive", "orchard", "organ", "otter", "oven", "oyster", "paddle", "pagoda", "pantry", "parachute", "parasol", "parchment", "pasture", "pavilion", "peat", "pedestal", "pendulum", "pension", "perfume", "pheasant", "piano", "pigment", "pillar", "pipeline", "pistachio", "plaster", "playground", "plinth", "plough", "poplar", "porcelain", "pottery", "prairie", "propeller", "pulley", "pump", "quarry", "quartz", "quilt", "rafter", "ramp", "ravine", "reactor", "reed", "refinery", "refrigerator", "reservoir", "resin", "rifle", "rudder", "saddle", "saffron", "sandbag", "sauna", "sawmill", "scaffold", "schooner", "sculpture", "shed", "shutter", "silo", "skylight", "sled", "sluice", "smelter", "solarium", "spice", "spindle", "spire", "stable", "statue", "steeple", "stove", "suitcase", "sundial", "sycamore", "tannery", "tapestry", "tavern", "teapot", "telescope", "terrace", "thatch", "theatre", "thermostat", "tile", "timber", "toboggan", "toll", "trapdoor", "treadmill", "trellis", "trombone", "trough", "tulip", "tunnel", "turbine", "turnstile", "turret", "typewriter", "umbrella", "urn", "valve", "vault", "velvet", "veranda", "viaduct", "vineyard", "viola", "wagon", "walnut", "warehouse", "watermill", "weir", "wharf", "wheelchair", "whistle", "wicker", "windmill", "winery", "woodland", "workshop", "yacht", "yeast", "zinc"]
"""Things that make one event unlike another of its kind."""
