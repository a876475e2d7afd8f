"""The words of days, hours and choices, English and Spanish, as patterns over plain text.

The order of KINDS is part of the grammar: where two match at one place the earlier wins.
"""

import re
from collections.abc import Iterable

from rebook.domain.replies.vocabulary import MONTHS, NUMBERS, ORDINALS, WEEKDAYS


def _any(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


WEEKDAY = "|".join(f"(?:{one})" for one in WEEKDAYS)
MONTH = "|".join(f"(?:{one})" for one in MONTHS)
NUMBER = rf"(?:\d{{1,2}}|{_any(NUMBERS)})"
_TH = r"(?:st|nd|rd|th)?"
_ONE = (
    r"(?:,? (?:one|ones|option|opcion|choice|slot|time|date|appointment|cita|hora|horario|turno"
    r"|hueco|de (?:ell[ao]s|l[ao]s \w+)|que (?:me |nos )?(?:habeis|han|has|ha) (?:puesto|dado"
    r"|mandado|enviado|ofrecido|propuesto)"
    r"|you (?:gave|sent|offered|listed)(?: me)?|on the list|listed))*"
)
_WHEN = r"(?:next|this|coming|following|proxim[oa]|siguiente|est[ae]|upcoming)"
_AM = r"(?:am|pm)"
_JOIN = r" ?(?:-|to|thru|through|until|till|til|al?|hasta|and|y|or|o|,|&) ?"

KINDS: tuple[tuple[str, str], ...] = (
    ("greeting",
        r"\b(?:good (?:morning|afternoon|evening|day)|buen(?:os|as|) (?:dias?|tardes?|noches?)"
        r"|have a (?:good|great|nice) \w+|happy \w+|merry (?:christmas|xmas)|feli(?:z"
        r"|ces) \w+)\b"),
    ("visit", r"\b(?:stop|stopping|come|coming|drop|swing|pass|pop|run) (?:by|over)\b"),
    ("same_day", r"\b(?:(?:the )?same day|(?:el )?mismo dia)\b"),
    ("refusal", (
        r"\bni (?:el |la )?un[oa] ni (?:el |la )?otr[oa]\b|\bneither one(?: nor the other)?\b"
        r"|\b(?:sorry )?(?:none|neither|nothing|not any|ninguna?o?)(?: (?:of|de))?(?: (?:the"
        r"|these|those|them|that|above|your|las|los|esas|esos|estas|estos|ellas|ellos|mentioned"
        r"|choices))*"
        r"(?: (?:times?|dates?|days?|options?|slots?|ones?|fechas|horas|opciones|horarios"
        r"|dias))?(?: (?:you (?:gave|sent|offered)(?: me)?))?"
        r"(?: (?:really |will |would |can |me |nos |is |are |)(?:work\w*|good|fine|suit\w*"
        r"|fits?|do it|va|viene|queda|sirve|vienen|van|sirven|quedan|conviene|convienen|cuadra"
        r"|cuadran)(?: bien)?)?(?: for (?:me|us))?\b"
    )),
    ("ask", (
        r"\b(?:how about|what about|wht about|can (?:we|you|i|u)|could (?:we|you|i)"
        r"|would (?:you|it be)|do you(?: guys)? have|have you got|is there|are there|any chance"
        r"|que tal|puede(?:n)? ser|podria(?:mos|n)?(?: ser)?|se puede|tienen|tiene algo|hay algo)\b"
    )),
    ("rather",
        r"\b(?:mejor|prefiero|(?:i |i would |would )?prefer|(?:i would "
        r"|would )?rather(?! than))\b"),
    ("fine",
        r"\b(?:(?:did not|had not|have not|just|only) (?:get|got|see|seen|saw|receive|received"
        r"|notice|noticed|realize|hear|read) (?:your|the|this|that|my|ur|it)|no (?:vi|recibi"
        r"|habia visto|lei|pude ir|fui|me llego)|no (?:problem\w*|prob|worries|issues?"
        r"|hay problema)|why not|not a problem|sin problemas?|no pasa nada)\b"
        r"|\b(?:for|para) (?:my|our|the|mi|nuestr[oa]) (?:son|daughter|wife|husband|kids?|child|children"
        r"|mom|mum|mother|dad|father|hij[oa]s?|espos[oa]|mujer|marido|madre|padre|mama|papa)\b"
        r"|\bsorry (?:again )?(?:about|for) (?:yesterday|last time|the (?:mix ?up|trouble|no show"
        r"|confusion)|(?:missing|forgetting) (?:it|that|yesterday|the \w+|my \w+))\b"),
    ("same_time", r"\b(?:same time|same hour|(?:la |a la )?misma hora)\b"),
    ("except",
        r"\b(?:except(?: for)?|but not(?! (?:before|after|until|later|earlier|past|too)\b)"
        r"|other than|besides|apart from|anything but|any day but"
        r"|any time but|anytime but|all but|every day but|menos cuarto_|menos (?:el|los|la|las)"
        r"|excepto|salvo)\b"),
    ("instead", r"\b(?:instead of|rather than|en vez de|en lugar de|not on|anything other than)\b"),
    ("repeat", (
        rf"\b(?:every|cada|all|todos? l[oa]s|only|always|siempre"
        rf"|usually)? ?(?:(?:on )?(?:mondays|tuesdays|wednesdays|thursdays|fridays|saturdays"
        rf"|sundays|weekdays|weekends|mornings|afternoons|evenings|nights|mananas|tardes|noches"
        rf"|sabados|domingos)|los (?:{WEEKDAY})|las (?:mananas|tardes|noches)|entre semana"
        rf"|fines de semana|dias de semana)\b"
        rf"|\b(?:every|cada|any) (?:{WEEKDAY})\b|\bany (?:day|date|weekday|morning|afternoon"
        rf"|evening)\b(?= (?:after|before|at|from|between|past|but|except|a|despues|antes))"
        rf"|\bcualquier (?:dia|tarde|manana)\b"
    )),
    ("unknown_day",
        r"\bor (?:the )?(?:next|following)(?: one)?$|\b(?:my|her|his) birthday\b"
        r"|\b(?:(?:the )?day (?:before|after) (?:thanksgiving|christmas|xmas|new year'?s?)"
        r"|black friday|cyber monday|(?:christmas|new year'?s?) eve|(?:thanksgiving|christmas"
        r"|new year'?s?|labor|memorial) day|nochebuena|(?:on|for) (?:thanksgiving|christmas))\b"),
    ("fuzzy_day", (
        r"\b(?:after |before |until |over |the )*(?:the )?(?:holidays?|christmas|xmas"
        r"|thanksgiving|easter|new year'?s?|navidad(?:es)?|reyes|vacaciones|vacation)\b"
        r"|\b(?:in|en|dentro de) (?:a )?(?:few|couple(?: of)?|some|unas?|unos|un par de|\d+|one"
        r"|two|three|four|dos|tres|cuatro|una?|a)(?: or \w+)? (?:weeks?|months?|semanas?"
        r"|mes(?:es)?|years?)\b(?! from)"
        r"|\b(?:the |la |el )?(?:early|mid|late|(?:1st|2nd|3rd|second|third|segunda|tercera"
        r"|ultima) (?:week|semana) (?:of|de)|end of|beginning of|start of|middle of"
        r"|first (?:week|half) of|second week of|last week of|later in|principios de|finales de"
        r"|fines de|mediados de|primera semana de|final de|inicio de)(?: the)? (?:next |this "
        r"|the |el |la )?"
        rf"(?:week|month|year|semana|mes|(?:{MONTH}))\b|\b(?:few|couple(?: of)?) (?:days"
        rf"|weeks)(?: from now| later)?\b|\b(?:following|next) year\b|\bsomeday\b"
        rf"|\b(?:any ?time )?after (?:that|then)\b|\bthereafter\b|\bfrom then on\b|\bother day\b"
    )),
    ("iso", r"\b20\d\d-\d\d?-\d\d?\b"),
    ("slashed", r"(?<![\d/])\d{1,2}/\d{1,2}(?:/(?:20)?\d\d)?(?![\d/])|\b\d{1,2}-\d{1,2}-20\d\d\b"),
    ("dates", (
        rf"\b(?:{MONTH})\.? (?:the )?\d{{1,2}}{_TH}{_JOIN}(?:the )?\d{{1,2}}{_TH}\b(?! ?(?::"
        rf"|{_AM}|o'?clock))(?=(?:,? 20\d\d)?)"
        rf"|\b(?:the |del? |el )?\d{{1,2}}{_TH}{_JOIN}(?:the |el )?\d{{1,2}}{_TH} (?:of "
        rf"|de )?(?:{MONTH})\b"
    )),
    ("date", (
        rf"\b(?:{MONTH})\.? (?:the )?(?:\d{{1,2}}{_TH}|{_any(ORDINALS)})\b(?! ?(?::|{_AM}"
        rf"|o'?clock))(?:,? 20\d\d)?"
        rf"|\b(?:the |el |dia )?(?:\d{{1,2}}{_TH}|{_any(ORDINALS)}|uno) ?(?:of "
        rf"|de )?(?:{MONTH})\b(?:,? (?:de |del )?20\d\d)?"
    )),
    ("week_of", r"\b(?:week of|semana del)(?: the)?\b"),
    ("week", (
        r"\b(?:the )?week after next\b|\b(?:the )?(?:week after|following week|week following)\b"
        r"|\bsubsiguiente semana\b"
        r"|\b(?:(?:next|nxt|coming|following) (?:week|wk|semana)|(?:la )?(?:proxima|siguiente"
        r"|otra) semana|semana (?:proxima|siguiente|entrante|que (?:viene|entra)))\b"
        r"|\b(?:(?:later |sometime |rest of |the rest of |anytime |any day )*(?:this"
        r"|esta) (?:week|wk|semana))\b"
    )),
    ("weekend",
        r"\b(?:next |this |coming |el |este |proximo )*(?:weekend|fin de semana"
        r"|finde)(?: que viene)?\b"),
    ("month", (
        r"\bnext month\b|\bthis month\b|\b(?:el )?(?:proximo|siguiente|este) mes\b"
        r"|\bmes que viene\b"
        r"|\b(?:in|en|during|sometime in|for|until|till|hasta) (?:march|may|mayo|marzo|june?|mar)\b"
        r"|\b(?:january|enero|february|febrero|marzo|april|abril|june|junio|july|julio|august"
        r"|agosto|sept?ember|septiembre|setiembre|october|octubre|november|noviembre|december"
        r"|diciembre)\b"
        r"|\b(?:in|en) (?:jan|feb|apr|jul|aug|sept?|oct|nov|dec|dic|ene)\b"
    )),
    ("in_time",
        r"\b(?:in|en|dentro de) (?:an?|half an|una?|media|\d+|two|three|four|dos"
        r"|tres)(?: and a half)? ?(?:hours?|hrs?|min(?:ute)?s?|horas?|minutos?)\b"),
    ("in_days",
        r"\b(?:in|en|dentro de) (?:\d{1,2}|one|two|three|four|five|six|un|dos|tres|cuatro|cinco"
        r"|seis) (?:days?|dias?)\b"),
    ("weeks_from",
        rf"\b(?:(?:a|one|1|una) week|(?:two|2|dos) (?:weeks|semanas)|a fortnight) (?:from|after"
        rf"|on) (?:today|now|tomorrow|this|next|on|{WEEKDAY})(?: (?:{WEEKDAY}))?\b"),
    ("relative", (
        r"\b(?:the )?day after (?:tomorrow|tmrw|tmr)\b|\bpasado manana\b|\btonight\b|\btonite\b"
        r"|\besta noche\b|\bthis (?:morning|afternoon|evening)\b|\besta (?:manana|tarde)\b"
        r"|\btom+or+ow\b|\btomm?or+ow\b|\btomorr?w\b|\btmr+w?\b|\btmo?rw\b|\b2m(?:o?r+o?w"
        r"|orrow)\b|\btmw\b|\btomo\b|\btommorow\b|\btoday\b|\b2day\b|\bhoy\b"
        r"|(?<!la )(?<!las )\bmanana\b|(?<=\bo )pasado\b"
    )),
    ("weekday", (
        rf"\b(?:(?:{_WHEN}|on|el|la|the|del|este|proximo) )*(?:{WEEKDAY})\b"
        r"(?: (?:that comes|que viene|que entra|proximo|siguiente|after next|week))?"
    )),
    ("clock", (
        rf"(?<![\d$.,/])\b(?:at |@ ?|a las? |las? |sobre las |around |about |by )?\d{{1,2}}(?::"
        rf"|h|\.)[0-5]\d ?(?:{_AM}|h(?:rs?|s|oras)?)?\b(?!%)"
        rf"|(?<![\d$.,/#])\b(?:at |@ ?|a las? )?\d{{1,2}}[0-5]\d ?(?:{_AM})\b"
        rf"|\b(?:at |@ ?)?{NUMBER} ?{_AM}\b(?! (?:i|not|going|sure|free|here)\b)"
        rf"|\b(?:at |@ ?)?\d{{1,2}}(?::[0-5]\d)?[ap]\b|\b(?:at |a las? |las? "
        rf"|the )?{NUMBER} ?(?:o ?'?clocks?|oclock|hrs|horas|hs|h)\b(?! (?:drive|away|late|early"
        rf"|ago|notice|from))"
        r"|\b(?:half past|quarter (?:past|after|to|till|of)|half) (?:\d{1,2}|one|two|three|four"
        r"|five|six|seven|eight|nine|ten|eleven|twelve)\b"
        rf"|\b(?:a las? |las? |at )?{NUMBER} (?:y media|y cuarto|menos cuarto|y (?:quince"
        rf"|treinta|diez|veinte))\b"
        rf"|\b(?:at |say |like |around )?(?:one|two|three|four|five|six|seven|eight|nine|ten"
        rf"|eleven|twelve) (?:thirty|fifteen|forty ?five|oh? ?five)(?: ?{_AM})?\b"
        rf"|(?<!\w)(?:at|@|a las|a la (?=1\b|una\b)|around|about|like|say|sobre las?|tipo"
        rf"|hacia las?|a eso de las?|como a las?|at like|at around|at about|make it"
        rf"|make that)(?: say| like)? ?{NUMBER}(?:ish)?\b(?![/:\d%])(?! (?:minutes?|min|people"
        rf"|weeks?|days?|hours?|months?|years?|times?|of|hundred|dollars|kids|miles|persons?"
        rf"|personas|blocks|different))"
        rf"|\blas {NUMBER}\b|\b\d{{1,2}} ?ish\b|\b(?:at )?(?:12 )?(?:noon|midday|noonish)\b"
        rf"|\b(?:al |a )?(?:mediodia|medio dia)\b"
    )),
    ("compact",
        r"(?<![\d$.,/#:+-])\b(?:[1-9]|1[0-2])[0-5][05]\b(?![\d/:-])(?! (?:\w+ )?(?:st|street"
        r"|ave|road|rd|dollars))|(?<![\d$.,/#:+-])\b1[3-9][0-5]0\b(?![\d/:-])"),
    ("fuzzy_time", (
        r"\b(?:after|before|during|at|around) (?:work|school|lunch|dinner|breakfast|class)\b"
        r"|\blunch ?time\b|\b(?:first thing|bright and early|early|earlier|as early as possible"
        r"|late|temprano|tempranito|primera hora|a ultima hora|ultima hora)\b(?= in the"
        r"| morning| afternoon| tarde| manana| en la| por la| a las?| on\b| $|$| el| [a-z]+day)"
        r"|\b(?:despues|antes) d(?:el|e) (?:trabajo|comer|almorzar|almuerzo|la escuela|clase"
        r"|la comida)\b|\bfirst thing\b|\ba primera hora\b"
    )),
    ("part", (
        r"\b(?:in the |on the |por la |en la |de la |a la |x la |del |la |the )?(?:morning"
        r"|mornin|mornng|(?:(?<=the )|(?<=day )|(?<=sat )|(?<=sun )|(?<=mon )|(?<=tue )"
        r"|(?<=wed )|(?<=thu )|(?<=fri )|(?<=urs )|(?<=hur )|(?<=ues )|(?<=eds )|(?<=row )"
        r"|(?<=mrw ))[ap]m(?! (?:i|not|free|off|going|available)\b)|manana|afternoon|afternon"
        r"|afternoons?|aftn|arvo|tarde|eve|evening|evenin|night|nite|noche)\b(?! (?:que"
        r"|cuando))"
    )),
    ("not_before",
        r"\b(?:not (?:before|until|till|earlier than)|no (?:earlier|sooner|before) than"
        r"|no antes de|no hasta|nothing before|nada antes de)\b"),
    ("not_after",
        r"\b(?:not (?:after|later than|past)|no later than|no despues de|no mas tarde de"
        r"|nothing after|nada despues de|a mas tardar)\b"),
    ("gone_until", (
        r"\b(?:out of (?:town|state|the country|office)|away|busy|gone|on (?:vacation|a trip"
        r"|holiday)|travell?ing|not (?:available|free|here|back|home|around|in town|able)"
        r"|unavailable|booked(?: up)?|working|tied up|fuera|de viaje|ocupad[oa]|no estoy"
        r"|no puedo|no regreso|can not(?: \w+)?"
        r"|(?:am|are|is|be|estoy|estamos|estare|visiting|visitando)(?: still)? (?:in|at|with|en|con|de)"
        r" (?!town|the (?:area|office)|here|home|today|casa|la oficina)(?:[a-z']+ ){0,2}?[a-z']+)(?: \w+)?"
        r"(?: (?:until|till|til|through|thru|hasta))\b"
    )),
    ("and_later",
        r"\b(?:or|and) (?:later|after|onwards?|thereafter|beyond|anytime after)\b|\bonwards?\b"
        r"|(?:(?<=\d)|(?<=[ap]m)) on(?=$|[.,;!?\n])|\b(?:en|para) adelante\b|\bo (?:mas tarde"
        r"|despues)\b|(?<=[\dm])\+"),
    ("and_earlier", r"\b(?:or|and) (?:earlier|before|sooner)\b|\bo (?:antes|mas temprano)\b"),
    ("later",
        r"\b(?:mas tarde|mas tardecito|mas temprano que|a bit (?:later|earlier)|(?:a little"
        r"|much|way|bit|but) (?:later|earlier)|later in the day|later that day)\b"),
    ("from",
        r"\b(?:from|starting(?: from| on| at)?|beginning|desde|a partir del?"
        r"|de(?= \d{1,2}(?::\d\d)? a ))\b"),
    ("after",
        r"\b(?:any ?time (?:after|past)|after|past|later than|despues del?|pasadas|luego de)\b"),
    ("before",
        r"\b(?:any ?time before|before|earlier than|until|till|til|up to|by|antes del?|hasta"
        r"|prior to)\b"),
    ("between", r"\b(?:between|btwn|btw|entre)\b"),
    ("code",
        rf"(?:\b(?:option|opt|number|num|numero|slot|choice|opcion|choose|la opcion)|#) ?(?:is "
        rf"|# ?)?(?:{NUMBER})\b(?![:/\d])|\b(?:la|el) (?:\d|una|dos|tres|cuatro|cinco|seis"
        rf"|uno)\b(?![:/\d%])"),
    ("dom",
        r"\b(?:the |el |on the |dia )?(?:\d{1,2}(?:th)|2[1-3](?:st|nd|rd)|31st|(?:2\d|1[3-9]"
        r"|3[01])(?= ?(?:st|nd|rd)\b))\b|\b(?:the|el|dia|on the) (?:1[3-9]|2\d|3[01])\b(?![:/])"
        r"|\b(?:el|dia) 1[0-2]\b(?![:/])"),
    ("ordinal",
        rf"(?<!a )(?<!one )(?<!give me a )\b(?:the |la "
        rf"|el )?(?:very )?(?:{_any(ORDINALS)}){_ONE}\b(?! (?:thing|of all|time i|week|available"
        rf"|opening|appointment you|floor|two|2|name|visit))"),
    ("last",
        rf"\b(?:the |la |el )?(?:very )?(?:last|final|ultim[oa]){_ONE}\b(?! (?:time|week|month"
        rf"|year|night|visit|minute|tuesday|monday|friday|thing|semana|vez))"),
    ("middle", rf"\b(?:the |la |el )?(?:middle|del medio|de en medio|de enmedio){_ONE}\b"),
    ("earliest",
        rf"\b(?:the |la |el )?(?:earliest|soonest|mas (?:temprano|pronto|temprana|cercan[oa])"
        rf"|mas proxim[oa]){_ONE}\b"),
    ("latest", rf"\b(?:the |la |el )?(?:latest|mas (?:tardia|lejan[oa])){_ONE}\b"),
    ("earlier_one",
        r"\b(?:el|la) (?:de )?mas (?:temprano|pronto) de l[ao]s dos\b|\b(?:the |la |el )(?:earlier|sooner"
        r"|former|de antes)(?: (?:one|option|time|slot|date"
        r"|appointment))?\b|\b(?:earlier|sooner) (?:one|option|slot)\b|^former$"),
    ("later_one",
        r"\b(?:el|la) (?:de )?mas tarde(?: de (?:l[ao]s|ell[ao]s) ?(?:dos)?)?\b|\bthe later of the (?:two"
        r"|2)\b|\b(?:the |la |el )(?:later|latter|de despues)(?: (?:one|option|time|slot|date"
        r"|appointment))?\b|\blater (?:one|option|slot)\b|^latter$"),
    ("hedge", (
        rf"\b(?:if|si) (?:(?:you|u|ya|they|ustedes|vosotros|guys|all|are|do|even|es que) )*(?:work|open|do"
        rf"|trabaj\w+|abr\w+|atiend\w+|atend\w+|estais abiertos|estan abiertos)"
        rf"(?: (?:on|los|l[ao]s|el|the))? ?(?:(?:{WEEKDAY})s?|weekends?|fines de semana|that day"
        rf"|then|ese dia|esos dias|holidays)\b"
        r"|\b(?:maybe|might|perhaps|possibly|probably|if|unless|depends?|depending|i think"
        r"|i guess|guess|hopefully|assuming|provided|unsure|not sure|tentative\w*|prefer not"
        r"|tal vez|quizas?|creo|a lo mejor|puede que|dudo|supongo|depende|wait|actually|hold on"
        r"|otherwise|or else|sino|backup|en caso)\b"
    )),
    ("negation", (
        r"\b(?:not|no|never|nor|neither|none|nope|nah|without|unable|impossible|can not|busy"
        r"|bad|worst|sucks|unavailable|est(?:oy|are|amos|aremos) fuera|de viaje|conflict\w*|booked|full"
        r"|away|out of town|traveling|ni"
        r"|tampoco|ningun[oa]?|nunca|imposible|jamas|ocupad[oa]|mal|fatal|working|at work"
        r"|have work|trabajo|i work|am at|have (?:class|school|a meeting|another|plans|an?)"
        r"|out of|won)\b|[👎❌🚫✖✗🙅]"
    )),
    ("to",
        r"\b(?:to|thru|through|al|till)\b|(?<=\d) a (?=\d)|(?<=\w) a (?=(?:lun|mar|mie|jue|vie"
        r"|sab|dom))| ?- ?"),
    ("or", r"\b(?:or|o|either)\b"),
    ("and", r"\b(?:and|y|e)\b|&"),
    ("number",
        r"(?:(?<![\w$.:/+-])|(?<=\d-)|(?<=[ap]m-))\d+(?![\w%])(?!:\d)(?!\.\d)(?! of (?:us|them|my))"
        r"|(?<=#)\d+"),
    ("number_word", rf"\b(?:{_any(NUMBERS)})\b"),
    ("query", r"\?"),
    ("stop",
        r"[.;!\n()]|,|\.\.\.|\b(?:but|however|pero|although|though|aunque|because|since|cuz"
        r"|cause|porque|pues|otherwise|then again|so)\b"),
)  # fmt: skip
LEXER = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in KINDS))
