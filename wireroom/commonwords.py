"""Words that say little about what a text is about. Pure: tables, no code that runs.

Three tables, written by hand from what function words, news formulas and the frames of sites are. The first two only bridge
the time until the store has seen enough documents to know for itself (see `wireroom.stories.weight`), so they are short on
purpose.
"""

# ruff: noqa: RUF001 - the letters of other alphabets are meant

from __future__ import annotations

from typing import Final

_ENGLISH = """
a about above across after again against ago all almost along already also although always am amid among an and another
any anyone anything are around as at away back be became because become been before began behind being below between both
but by came can cannot come could did do does doing done down during each either else enough even ever every few first for
from further gave get gets getting give given go goes going gone got had has have having he her here hers herself him
himself his how however i if in including instead into is it its itself just keep kept last later least less let like made
make makes making many may me might more most much must my myself near neither never next no nobody none nor not nothing
now of off often on once one only onto or other others our ours out over own per perhaps put quite rather same say saying
says see seen several shall she should since so some someone something soon still such take taken than that the their
theirs them themselves then there these they thing things this those though through thus to together told too took toward
towards under unless until up upon us use used using very via was way we well went were what when where whether which while
who whole whom whose why will with within without would yes yet you your yours s t re ve ll d m don didn doesn isn wasn
aren couldn wouldn hasn haven said two three
"""
_GERMAN = """
aber als am an auch auf aus bei bin bis bist da damit dann das dass dem den denn der des die dies diese diesem diesen
dieser doch dort du durch ein eine einem einen einer eines er es für gegen habe haben hat hatte hier ich ihm ihn ihr ihre
im in ist ja jetzt kann kein keine mehr mit muss nach nicht noch nun nur ob oder ohne schon sei sein seine sich sie sind so
soll sowie um und uns unter vom von vor war waren was wegen weil wenn wer werden wie wieder will wir wird wurde wurden zu
zum zur zwei zwischen über
"""
_FRENCH = """
au aussi autre aux avait avec avoir bien c car ce cela ces cet cette comme contre d dans de depuis des deux dont du elle
elles en encore entre est et été être eu fait il ils j je jusqu l la le les leur leurs lui m mais me même moins n ne nous
on ont ou où par pas peu plus pour qu que qui sa sans se selon ses si son sont sous sur tous tout toute très tu un une vers
vous y à
"""
_SPANISH = """
a al algo ante antes aunque cada como con contra cual cuando de del desde donde dos durante e el ella ellos en entre era es
esa ese eso esta este estos fue fueron ha había han hasta hay la las le les lo los mas más me mientras muy ni no nos o otro
otra para pero por porque que quien se según ser si sí sido sin sobre son su sus también tan tiene todo todos tras un una
uno y ya
"""
_ITALIAN = """
a ad ai al alla alle anche ancora che chi ci come con contro cui da dal dalla dei del della delle di dopo dove due e ed era
essere fa fra già gli ha hanno i il in io la le lo loro ma mentre nei nel nella no non o ogni per perché più poi prima
quando quanto quello questa questo se sono stata stato su sua sul sulla suo tra tutti tutto un una uno è
"""
_PORTUGUESE = """
a ao aos as até com como contra da das de depois do dos e ela ele eles em entre era essa esse esta este está foi foram há
isso já mais mas mesmo muito na nas no nos não o os ou para pela pelo por porque quando que quem se segundo sem ser seu sua
são são também tem um uma você à às é
"""
_DUTCH = """
aan al als bij dan dat de deze die dit door een en er geen had heeft hebben het hij hun ik in is je kan maar meer met na
naar niet nog nu of om onder ook op over te tegen tot uit van veel voor was wat we wel werd wie wordt ze zich zij zijn zo zou
"""
_POLISH = """
a ale bez być był była było by co czy dla do go i ich jak jako je jego jej jest już która które który lub ma może na nad nie
niż o od oraz po pod przed przez przy roku się są ta tak tego ten to tym w we z za ze że
"""
_TURKISH = "ama bir bu böyle çok da daha de değil diye en gibi göre hem her için ile ise kadar ki ne o olan olarak son sonra var ve veya ya yok"
_RUSSIAN = """
а без был была были было быть в вам вас во вот все всех вы где да для до его ее если есть еще же за и из или им их к как
когда кто ли между мы на над не него нет но ну о об однако он она они от по под после при про с сам свой себя со так также
то тоже только том у уже что чтобы эта эти это этого этот я который которые которая года году
"""
_ARABIC = "في من على إلى عن أن إن كان كانت هذا هذه ذلك التي الذي الذين ما لا لم لن قد بعد قبل بين حتى مع كما أو ثم كل هو هي هم و أي غير عند منذ خلال"
_HINDI = "के का की में है से को और पर ने कि यह हैं भी एक नहीं लिए था थी थे इस हो तो जो कर वह अपने किया गया या ही उन"

_FUNCTION_WORDS = (
    f"{_ENGLISH} {_GERMAN} {_FRENCH} {_SPANISH} {_ITALIAN} {_PORTUGUESE} "
    f"{_DUTCH} {_POLISH} {_TURKISH} {_RUSSIAN} {_ARABIC} {_HINDI}"
)
STOP: Final = frozenset(_FUNCTION_WORDS.split())
"""Function words of twelve languages, case folded: never a term of a story."""

_NEWS = """
according add added agency agree agreed agreement announce announced area ask asked authority based began begin believe
best better big bring build business call called case cause center central centre change chief children city close come
comment community company continue continued control cost council country county court create current cut data date
daily day deal decade decision department described despite development director district early effort end ending
european evening event expect expected face fact family far federal final find follow followed following foreign former
found four five six seven eight nine ten free friday full future general global good government great group grow half
hand hard head help held high higher hit hold home hope hour hundred image important include included increase
increased industry information international interview issue january february march april may june july august
september october november december job join known large late latest law lead leader leading leave left level life line
live local long longer look lost low main major man market matter measure media meet meeting member men message million
billion minister ministry minute moment monday money month morning move name national need new newspaper night
north northern number offer office officer official old open opened order part party past pay people percent period
person photo place plan planned play point police policy political possible power present president press pressure
problem process project public question raise rate reach reached read ready real reason receive received recent recently
record region remain remained report reported reporter resident response rest result return right rise risk role room
rule run running saturday second secretary section security seek send senior sent series service set share show showed
side sign significant similar situation small social source south southern speak spoke spokesman spokesperson
spokeswoman staff stage stand start started state statement step stop story street strong sunday support system talk
team term thousand thursday time today told tomorrow top total town trade tuesday turn twitter union united vote wait
wednesday week weekend west western eastern east white win woman women work worked worker working world year yesterday
young
"""
NEWS: Final = frozenset(_NEWS.split())
"""Words that many news texts hold whatever they are about: known to be frequent before the first document."""

_FRAME = """
abonnement abonnez abonnieren abonné abonnés accedi accept acceso access accesso account acuerdo ad ads advertisement
agree aktivieren allow already android anmelden app article articles articolo artikel artículo browse browser browsing
button cancel cancelar cancelled choose click clicking conditions consent content contenu contenus continuar continue
continuer cookie cookies create day days deal delivered device disable download e email enable enjoy enter everyday
exclusive experience facebook follow free full get gratis gratuit gratuitement ilimitado illimité improve inbox info
iniciar inscrivez instagram ios javascript jederzeit join journalism kostenlos kündbar latest leer lesen link linkedin
lire lock locked log login mail member members membership mobile mois monat monate monatlich month monthly months more
need news newsletter newsroom notification notifications offer offers ok online only page pages password pay paywall
phone plan plans please plus policy preferences premium press print privacy probieren read reader readers reading
refresh register registered registrarse registrieren reload required reserved rights réservé save sesión settings share
shop show sign signed site sites start stay stories story straight subscribe subscriber subscribers subscribing
subscription subscriptions suite support supported suscribirse suscripción suscríbete tap terms testen text times top
trial turn twitter unlimited unlock updates upgrade use user username video view visit want watch web website week
weekly weiter weiterlesen whatsapp year years youtube zugang
"""
FRAME: Final = frozenset(_FRAME.split())
"""Words of invitations that sites put in place of a text: to read on, to subscribe, to sign in, to allow cookies."""
