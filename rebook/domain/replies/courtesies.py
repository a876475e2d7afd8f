"""Yes, no, another time, and questions: what is said without a day or an hour."""

import re

from rebook.domain.replies.clauses import Clause

_YES = (
    r"y|yes|yeah|yep|yup|yea|ya|yess+|ok|k|sure|alright|all right|sounds (?:good|great|perfect"
    r"|fine)|looks good|perfect|great"
    r"|(?:that|this|it|which)(?: time| day| one| date)?(?: is|'s| will| would"
    r"| should)? ?(?:works?|be|do|is|fits|suits)?(?: (?:fine|good|great|perfect|ok|well|me))*"
    r"|works?(?: for (?:me|us))?|good|fine|awesome|excellent|wonderful|cool|absolutely"
    r"|definitely|certainly|of course|confirm(?:ed|ing)?|i confirm|agreed|deal|done|book (?:it"
    r"|me)|i will (?:take|be) (?:it|that|there)|i will be there|we will be there"
    r"|see you (?:then|there)|for me|for us|please"
    r"|(?:thanks|thank you)(?: again)? for (?:your (?:patience|help|understanding|time)|everything"
    r"|waiting|the reminder|understanding|(?:getting|reaching) (?:back|out)(?: to me)?)"
    r"|gracias por (?:todo|la paciencia|(?:su|tu|vuestra) (?:paciencia|ayuda|comprension)|avisar|esperar)"
    r"|thanks|thank you|so much|very much|you"
    r"|i can (?:make|do) (?:it|that)|i accept|accept|go ahead|lets do (?:it|that)|do it"
    r"|that one"
    r"|si|claro|claro que si|por supuesto|vale|de acuerdo|dale|bueno|sale|va|listo|orale"
    r"|perfecto|perfecta|excelente|genial|estupendo|confirmo|confirmado|acepto|me (?:parece"
    r"|viene|queda|va|sirve) (?:bien|perfecto|genial)|esta bien|ahi estare|alli estare|gracias"
    r"|muchas gracias|por favor|correcto|hecho|por mi (?:bien|perfecto)"
    r"|that one|(?:okie|okey) dokie|dokie|sure thing|thing|yes ?sir|yessir|sip|aja|fine by me"
    r"|fine with me|by me|with me|all good|nice|no problem|no prob|will do|roger|got it|(?:ahi "
    r"|alli )?nos vemos(?: ahi| alli| entonces)?|me (?:queda|va|viene|parece)|ahi|alli|bien"
    r"|mahalo|hi|hello|hola|buenos dias|buenas tardes|👍|👌|✅|✔|💯|🤙|😊|🙂|🙏|❤|😀|🎉"
)
_ALL_YES = re.compile(rf"(?:(?:{_YES})(?![\w'])[\s.,!;:-]*)+")
_REALLY_YES = re.compile(
    r"(?<!\w)(?:y|yes+|yeah|yep|yup|yea|ya|ok|k|sure|alright|all right|sounds|looks good"
    r"|perfect|great|works?|good|fine|awesome|excellent"
    r"|wonderful|cool|absolutely|definitely|certainly|of course|confirm\w*|agreed|yes ?sir"
    r"|yessir|all good|nice|no prob\w*|that one|okie|okey|will do|roger|nos vemos|deal|done"
    r"|book|take|be there|see you|i can|accept|go ahead|do it|do that"
    r"|si|sip|aja|claro|supuesto|vale|acuerdo|dale|bueno|sale|va|listo|orale|perfect[oa]|excelente"
    r"|genial|estupendo|confirmo|confirmado|acepto|bien|estare|correcto|hecho"
    r"|👍|👌|✅|✔|💯|🤙)(?!\w)"
)
_NO = re.compile(
    r"\b(?:no|nope|nah|none|neither|ninguna?o?|negative|naw|nay|n)\b|\b(?:can|will|would|does"
    r"|do|is|are|am|could) not\b|\b(?:all|every one) (?:of )?(?:those|these|them"
    r"|the)(?: \w+)? (?:are|is) (?:bad|no good|out|terrible|busy|booked)\b|\btoo (?:soon|early"
    r"|late)$|\b(?:those|these|esos|estos) (?:days|dias|horarios) (?:i work|trabajo|estoy)"
    r"|\b(?:those|these)(?: (?:times?|days?|dates?|slots?))?(?: are)? all (?:of them )?(?:during|while|when"
    r"|in the middle of|clash\w*|conflict\w*)\b|\btodas? esas horas (?:trabajo|estoy|tengo)\b"
    r"|\bpass\b|\bnot\b.*\bany of (?:those|these|them)\b|\bno (?:me )?es posible\b"
    r"|\bunfortunately\b|\bunable\b|\bnot (?:really|available|possible|good|gonna work|ideal"
    r"|great|for me)\b|\bwont\b"
    r"|\bno puedo\b|\bbusy\b|\bunavailable\b|\bimposible\b"
)
_NO_CHAT = re.compile(
    r"\b(?:no|can not|could not|do not|does not|is not|am not|will not) (?:stop|problem|worries"
    r"|idea|clue|prob|one|body|wait|wonder|matter|issue|need|sure|think|know|understand|have"
    r"|see|remember|hear|get|believe|rush|hurry|preference"
    r"|mind|call|text|send|cancel\w*|open|read|click|charge|bring|forget|entiendo|se|veo|tengo"
    r"|recuerdo|importa|hay|recibi|manches|preocupes?)\b"
)
_NO_WORDS = re.compile(
    r"\b(?:works?|make|come|good|great|available|free|able|do|for me|suit|fit|possible|attend"
    r"|those|these|any|them|that|thanks|thank|sorry|none|neither|nope|nah|busy|gracias|puedo"
    r"|podemos|podre|bien|sirven?|vienen?|van?|ninguna?o?|siento|lamento|there|it|way|then"
    r"|really|ones|of|pass|posible|days|queda|otr[oa]|cuadra|trabajo|dias?|not)\b"
    r"|\b(?:can|could|will|do|does) not$"
)
_ANOTHER = re.compile(
    r"\b(?:another|other|different|new|alternat\w+|additional|more|better|any other"
    r"|some other)(?: \w+)? ?(?:times?|days?|dates?|options?|slots?|openings?|appointments?"
    r"|availabilit\w+|hours?|week|choices?|ones?)\b"
    r"|\b(?:something|anything|sometime|nothing|somewhere) (?:else|earlier|later|sooner"
    r"|different|better|other)\b|\bwhat else\b"
    r"|\b(?:asap|as soon as possible|as early as possible|lo antes posible|cuanto antes"
    r"|sooner|sometime soon|some time soon|soonest possible)\b|\b(?:earlier|sooner"
    r"|later)(?: (?:in the (?:day|week|month)|that day|times?|dates?|slots?|appointments?"
    r"|please|than that|than those|today))"
    r"|^(?:(?:any|anything|something|please|no|yes|is there|do you have|got|have|a bit|a little"
    r"|can we do|can i come|maybe|nothing|but|much|way|ok) )*(?:earlier|sooner|later in the day"
    r"|later that day)(?: (?:please|possible|if possible|available|than that))*\W*$"
    r"|\b(?:re-?schedul\w*|re-?book\w*)\b(?<!not rescheduling)|\b(?:move|change|switch|push"
    r"|bump|postpone)(?:d|ing)? (?:it|this|that|the|my|our|me|back|up)\b(?! mind)"
    r"|\botr[oa]s? (?:dias?|horas?|fechas?|horarios?|opcion(?:es)?|citas?|semana|momento"
    r"|cosa)\b|\b(?:algo|nada) (?:mas )?(?:antes|despues|tarde|temprano|pronto|distinto"
    r"|diferente)\b|\bmas (?:temprano|tarde|tardecito|pronto|adelante|opciones|horarios"
    r"|fechas)\b"
    r"|\b(?:reprogram|reagend|recalendariz)\w*|\b(?:cambi|mov|aplaz|pospon)(?:ar|er|arla|erla"
    r"|emos|arlo)\b|\bantes\?|\bnada antes\b|\bay?lgo antes\b|\bdiferente (?:dia|hora)\b"
    r"|\bwhat (?:other |else )?(?:times?|days?|dates?|openings?) (?:do you have"
    r"|are (?:available|open))\b|\bwhen (?:is|are) (?:your|the) next\b"
)
_ASKS = re.compile(
    r"^(?:(?:hi|hello|hey|ok|yes|sure|and|but|so|also|hola|thanks|quick question|question"
    r"|pregunta|una pregunta|perdon|sorry|oh|well|wait|just curious|buenas|buenos dias"
    r"|por cierto|oye|y|disculpe|disculpa|great)[,:.! -]*)*"
    r"(?:who|what(?! a )|whats|where|why|how|which|whose|when|is (?:this|it|the|my|there (?:a"
    r"|parking|any (?:parking|cost|charge|fee)))|are (?:you|they|there any|pets)|do (?:i|you|we"
    r"|they)|(?:will|does|did|would|should|was|were|had|has|is|are) (?:it|i|you|there|the|my"
    r"|they|someone|anyone|he|she|we|this|your|our|dr|a|any|parking|insurance)|have you"
    r"|can (?:my|someone|i (?:bring|pay|still|use|ask|eat|drive|get|have|see|leave|park|wait"
    r"|just|keep|take))|could (?:my|i (?:bring|ask|get))|may i|am i|(?:can|could) you (?:tell"
    r"|send|remind|explain|confirm what)|are (?:your|pets|kids|we)|tiene (?:coste|costo)|cuesta"
    r"|quien|que (?:es|cita|hora|pasa|paso|significa|doctor|dia|tal es|tengo|debo|hay que"
    r"|necesito|quieren|quiere|esto|is|are)|cual|donde|por ?que|como (?:llego|se|es|puedo|esta"
    r"|pago)|cuanto|cuanta|cuando|puedo (?:llevar|ir con|pagar|traer|comer)|tengo que|debo"
    r"|hay que|es (?:el|la|gratis|necesario|con|obligatorio)|acept(?:an|ais|as|a)|cobr(?:an|ais|as|a)"
    r"|(?:is|are|will) (?!it|that|this)[a-z]+ (?:doing|still doing|the one|be doing|seeing|cutting)"
    r"|se puede (?:pagar"
    r"|aparcar)|hay (?:parking|estacionamiento|aparcamiento)|necesito llevar|van a|me van a"
    r"|esto es|con quien|de que|para que|a que|desde cuando|hace falta llevar)\b"
)
_WANTS_TIME = re.compile(
    r"\b(?:how about|what about|do you (?:guys )?(?:have|happen)|have you got|can (?:we|you"
    r"|i) (?:do|come|make|move|get|have|reschedule|switch|try|see me|fit|squeeze|stop by)"
    r"|could (?:we|you|i)|is (?:there )?(?:any|something|anything|friday|monday|tuesday"
    r"|wednesday|thursday|saturday|sunday|tomorrow)"
    r"|are (?:there|you (?:open|available|free))|would|will .* work|does .* work|what time|any"
    r"|available|openings?|free|possible|puede ser|podria|que tal|tienen (?:algo|hora|hueco"
    r"|cita|disponib\w+)|hay algo|hay (?:hueco|hora|cita|espacio|disponib\w*)|se puede"
    r"|puedo (?:ir|pasar|venir)|pueden (?:el|la|a)|que tienen|y (?:el|la|a))\b"
)
_TOPIC = re.compile(
    r"\b(?:cost\w*|price|pay|paid|charge\w*|fee|fees|insurance|parking|park|dog|address|located"
    r"|location|doctor|dr|bring|how long|who is|what is (?!available|open|free|there)|why|home"
    r"|with whom|refund|deposit|eat\w*|cuesta|precio|cobr\w+|seguro|direccion|donde|quien"
    r"|por que|llevar|estacion\w+|aparc\w+|cuanto|technician|form|paperwork|what time (?:was|is"
    r"|were)|what happened|eat|open on|your hours|coste|costo)\b"
)
_COMING = re.compile(
    r"\b(?:can|could|would|will|is|puede|podria|podra) (?:the |your |a |el |la |su )?(?:technician|tech"
    r"|doctor"
    r"|dr|dentist|plumber|tecnico|doctora|fontanero|plomero) (?:able to )?(?:please )?(?:come|visit|stop by"
    r"|see (?:me|us)|make it|be here|do it|venir|pasar|verme|vernos|atenderme|atendernos)\b"
)


def is_yes(words: str) -> bool:
    """Nothing but assent, and more than thanks."""
    return _ALL_YES.fullmatch(words) is not None and _REALLY_YES.search(words) is not None


def is_no(words: str, found: list[Clause]) -> bool:
    if re.search(r"👎|❌|🚫|🙅", words):
        return False
    if "?" in words or _NO_CHAT.search(words) or any(clause.has("hedge") for clause in found):
        return False
    if not (_NO.search(words) or any(clause.refuses for clause in found)):
        return False
    return len(words.split()) <= 2 or words.startswith("not ") or bool(_NO_WORDS.search(words))


def wants_another(words: str) -> bool:
    return _ANOTHER.search(words) is not None


def is_question(words: str, *, dated: bool) -> bool:
    """About something else than a time: with a day in it, only where its topic is plain."""
    if dated or wants_another(words):
        about = _TOPIC.search(_COMING.sub(" ", words))
        return bool(about) and ("?" in words or _ASKS.search(words) is not None)
    if _ASKS.search(words) and not re.match(r"(?:que|como) (?:si|no)\b", words):
        return len(words.split()) > 1 or "?" in words
    return "?" in words and len(words.split()) > 2 and not _WANTS_TIME.search(words)
