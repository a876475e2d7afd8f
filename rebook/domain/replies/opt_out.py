"""Any reasonable wish for no more messages. When unsure it is one: silence can be undone, a complaint not."""

import re

from rebook.domain.replies.plain import squeezed
from rebook.domain.replies.undone import without_undone

CARRIER_WORDS = frozenset("stop stopall unsubscribe cancel end quit revoke optout".split())
"""The carriers' list for long codes; alone in a message they end all messages."""

_ABOUT = (
    r"(?:text\w*|sms|messag\w*|e-?mail\w*|mails?|mailing|contact\w*|communicat\w*|correspond\w*"
    r"|notif\w*"
    r"|remind\w*|alerts?|updates|bother\w*|bugging|annoy\w*|harass\w*|spam\w*|pester\w*|send\w*"
    r"|writing|write"
    r"|calling|calls|pinging|blow\w* up|hitting me up|reaching out|robo\w*|mensaj\w*|avisos)"
)
_NOUN = (
    r"(?:text|texts|texting|sms|messages?|messaging|e-?mails?|reminders?|notifications?|alerts?"
    r"|updates"
    r"|communications?|spam|contact|calls|mensajes?|correos?|avisos|recordatorios|notificaciones)"
)
_VERB = (
    r"(?:text|message|contact|e-?mail|bother|write|spam|bug|sms|notify|harass|disturb|reach out"
    r"|hit me up"
    r"|ping|annoy|pester|call|phone)"
)
_WHEN = (
    r"(?:before|after|until|till|at night|at work|during|while|when|on|so (?:late|early)|this|that"
    r"|tomorrow|today|about (?:this|it))"
)
_START = (
    r"(?:^|[.,;!?\n:-] ?|\b(?:please|and|so|just|but|you|ok|now|stop|seriously|again|thanks"
    r"|number|person) )"
)
_MENSAJES = (
    r"(?:mensaj\w*|comunicaciones|envios?|sms|textos?|correos?|e?-?mails?|notificaci\w*"
    r"|recordatori\w*|avisos?"
    r"|whats\w*|wasaps?"
    r"|messages?|texts?)"
)
_IMPERATIVO = (
    r"(?:escrib(?:a|an|as|ais|iendo)|mand(?:e|en|es|eis)|envi(?:e|en|es|eis)|contact(?:e|en|es"
    r"|eis)|molest(?:e|en|es|eis)"
    r"|llam(?:e|en|es|eis)|sig(?:a|an|as|ais) \w+ndo|hagan? spam|texte(?:e|en|es|en)?|busqu(?:e"
    r"|en|es)|fastidi(?:e|en|es)|jod(?:a|an|as)|chingu?e?n?"
    r"|insist(?:a|an|as)|est(?:e|en|es|eis) \w+ndo|notifi(?:que|quen))"
)
_GERUNDS = (
    r"(?:escrib|mand|envi|molest|llam|contact|texte|fastidi|chinga|jode|acosa|insist"
    r"|notific)\w*"
)

_PHRASES: dict[str, str] = {
    "asks us to stop writing": (
        rf"\b(?:stop\w*|quit|cease|halt|discontinue|desist|suspend|end|enough|turn off"
        rf"|block(?:ing|ed)?)"
        rf"(?: (?!the pain)[\w']+){{0,4}}? {_ABOUT}\b"
        rf"|\bno more (?:of )?(?:\w+ ){{0,2}}?{_NOUN}\b|\bno more$|^no more\b(?! (?:times?"
        rf"|appointments?|openings?|days?|slots?|pain|mornings?|questions?|visits?"
        rf"|availab\w+)\b)"
        r"|\b(?:turn|switch|shut) (?:this|these|it|them|that)(?: \w+)? off\b|\b(?:turn"
        r"|switch) off (?:this|these|the|your)\b|\blay off\b"
        r"|\b(?:disable|mute|silence|deactivate|pause|block|kill) (?:me|this|these|it|them|your"
        r"|the|all|alerts?|notif\w*|text\w*|messages?)\b"
        rf"|\bcancel\w* (?:all |the |my |these |those |your )*(?:{_NOUN}|subscription)\b"
        r"|\b(?:end|stop|quit) (?:\w+ )?subscription\b"
    ),
    "says not to write": (
        rf"\bnot (?:want|wanna|need) these (?:\w+ )?(?:anymore|any more)\b|\bnot (?:want|like"
        rf"|wish|wanna)(?: to)? (?:be on|get|receive|stay on) (?:the|this|your|these|those"
        rf"|any)\b(?! (?:appointment|time|slot|service|visit|shot|treatment|work))"
        rf"|{_START}(?:do not|never|no longer|dont|not)(?: you)?(?: (?:ever|again|even|dare"
        rf"|you))* {_VERB}\b(?!(?<=call)[ ,.;].{{0,20}}\b(?:text\w*|sms|message|e-?mail"
        rf"|write)\b)(?! by (?:phone|e-?mail|mail))"
        rf"(?! (?:well|much|back|often|{_WHEN})\b)"
        rf"|{_START}(?:do not|never)(?: ever)? send (?:me |us )?(?:any\w*|these|more|text\w*"
        rf"|messages?|sms"
        r"|stuff|this|reminders?|e-?mails?)\b"
        r"|\bdo not bother me\b|(?:^|[.,;!\n] ?|\b(?:please|just|now|and) )(?:quit|stop)(?: it"
        r"| now| please)*(?:$|[.,;!\n])|\bi (?:said|told you|asked you) (?:to )?(?:stop|quit)\b"
    ),
    "wants no messages": (
        rf"\b(?:not|no longer|never)(?: \w+){{0,1}} (?:want|wanna|wish|need|care|like|agree"
        rf"|consent|sign\w* up"
        rf"|subscribe|ask)(?:ed)?(?: \w+){{0,5}}? (?:{_NOUN}|contacted|texted|messaged|emailed"
        rf"|bothered"
        r"|hear from you|hearing from you)\b"
        rf"|\b(?:not interested in (?:receiving|getting|any)|not interested in|sick of|tired of"
        rf"|hate) (?:\w+ ){{0,3}}?(?:your |these |this "
        rf"|those )"
        rf"(?:\w+ ){{0,2}}?{_NOUN}\b|\bnot interested in (?:receiving|getting|any|your"
        rf"|these)(?: \w+){0,2}? (?:communication\w*|messag\w*|text\w*|e-?mails?|sms)\b"
        r"|\bno (?:contact|texting|texts?|sms|messages"
        rf"|soliciting)\b(?! (?:number|info))"
    ),
    "asks to be removed": (
        r"\b(?:remove|delete|take|erase|scrub|get|drop|strike) (?:me|us|my (?:\w+ )?(?:number"
        r"|phone|name|cell"
        r"|info\w*|e-?mail|contact\w*|address|data|details)|this (?:\w+ )?(?:number|phone"
        r"|e-?mail|address))"
        r"(?: (?:off|out|from|of|please|now|immediately|asap))*"
        r"(?: (?:of |from )?(?:the|your|this|that|all|any|ur)? ?(?:\w+ )?(?:list|lists|system"
        r"|database|contacts"
        r"|records|text\w*|messag\w*|sms|phone|everything|files?))"
        r"|\b(?:remove|delete|unlist|erase) (?:me|us|my (?:\w+ )?number"
        r"|this number)\b(?! from (?:the |your )?"
        r"(?:schedule|calendar|appointment|book|wait))|(?:^|[.,;!\n] ?|\b(?:please|pls|and"
        r"|just) )(?:remove|delete|unlist)(?: (?:it|this|me|us|please|now|thanks|thank you"
        r"|from (?:\w+ ){0,2}lists?))*$"
        r"|^(?:borrar|eliminar|quitar)(?: por favor| gracias)*$|\btake (?:me|us|my (?:name"
        r"|number)) off$"
        r"|\btake (?:me|us|my (?:name|number)) off (?:this|it|these|please|now|ur|your list)\b"
        r"|\blose (?:my|this|the|our) (?:number|phone|digits|contact|#)"
        r"|\b(?:off|from|out of|out)(?: of)? (?:the|your|this|ur|that|all|any|these|su"
        r"|la) ?(?:\w+ )?(?:\w+ )?lists?\b(?! of)|\b(?:mailing|contact|text|sms"
        r"|distribution) list\b"
    ),
    "asks to be forgotten": (
        r"\b(?:remov|delet|tak|eras|scrub|wip|purg|clear|drop|strik|unlist|exclud|forget|forgot"
        r"|los|get rid of|get)\w*(?: \w+){0,2}? (?:my|this|our|that|the)"
        r" (?:\w+ )?(?:number|#|phone number|cell|digits|info\w*|data|details"
        r"|e-?mail(?: address)?|contact)(?! (?:of|is|was|for))"
        r"|\b(?:number|#|phone|info\w*|data|name|e-?mail|i) (?:\w+ ){0,3}?(?:be |been "
        r"|get )?(?:removed|deleted|erased|taken off|taken out)\b(?! (?:tooth|teeth"
        r"|from the schedule|stitches|cast))"
        r"|\bget (?:me |us )?off (?:of )?(?:this|the|your)\b|\b(?:been|getting|got|is|are"
        r"|am) (?:now )?block(?:ed|ing)\b|\bblocked\b"
        r"|\bno (?:autorizo|consiento|doy|di|he dado|tienen|tiene"
        r"|tienes) (?:\w+ ){0,2}?(?:permiso|consentimiento|autorizacion)"
        r"|\bno (?:autorizo|consiento)\b|\b(?:hart[oa]s?"
        r"|cansad[oa]s?) (?:\w+ ){0,3}?(?:mensaj\w*|sms|correos|avisos)\b|\b(?:borr|elimin|quit"
        r"|sac|saqu)\w* (?:\w+ ){0,2}?(?:numero|telefono|datos|contacto)\b"
    ),
    "unsubscribes": (
        r"\bun-? ?s[uo]\w{0,3}c\w{0,3}b\w*|\bun-?s[uo]b?s?c?[rb]+[ie]+b\w*|\bunsub\b"
        r"|\bunsuscri\w*|\bunsubcri\w*|\bunsubscr\w*"
        r"|\bunscubscri\w*"
        r"|\bun subscribe\b|\bopt(?:ing|ed)?[ -]?(?:\w+ )?out\b|\boptout\b|\bstop ?all\b"
        r"|\b(?:revoke|withdraw|rescind)\w* (?:\w+ )?(?:consent|permission|authorization)\b"
        r"|\bdo[ -]not[ -](?:call|contact|text)(?: list| registry)?$|\bdnc\b"
    ),
    "wants to be left alone": (
        r"\bleave (?:me|us) out\b|^discontinue(?: please)?$|\bsolicit\w*\b|[🛑⛔🔕🤐]|\b(?:sign"
        r"|signed) up for (?:this|these|it)\b"
        r"|\b(?:do not|never) (?:reply|respond) to (?:this|me|my)\b|\bleave (?:me|us"
        r"|my \w+) (?:the \w+ |tf )?(?:alone|be|in peace)\b"
        r"|\b(?:cease and desist|cease|desist)$"
        r"|\bcease and desist\b|\bgo away\b|\bget lost\b|\bbuzz off\b|\bpiss off\b|\bback off\b"
        r"|\b(?:fuck|f+|eff|screw|f\*+k?|f-+) ?(?:you|off|u)\b|\b(?:stfu|gtfo)\b|\bshut up\b"
        r"|\bknock (?:it )?off\b"
        r"|\bcut it out\b|\bgive it a rest\b|\bharass(?:ing|ment)\b|\b(?:my )?(?:lawyer"
        r"|attorney)\b|\btcpa\b"
        r"|\b(?:fcc|ftc)\b|\bsue you\b|^(?:enough|junk|unwanted|unsolicited|dnd|mute me|spam"
        r"|spammers?|scam|silence|mute|block(?:ed)?)(?: already)?$"
        r"|\b(?:this is|its|it is|you are|just) (?:\w+ )?(?:spam\w*|scam\w*)\b|\breport(?:ed"
        r"|ing)? (?:you|this|as|spam"
        r"|for)\b|\bblock(?:ed|ing)? (?:you|this|your)\b|\bspam,? report"
    ),
    "pide que no se escriba": (
        rf"\bno (?:me |nos |le |les |se )?(?:vuelv(?:a|an|as) a \w+|{_IMPERATIVO})\b"
        r"(?! (?:antes|despues|por la|en la|hasta|el|los|al|un|una|tan|a las|manana|hoy)\b)"
        rf"|\b(?:dej(?:a|e|en|ar|ad|ame|enme|eme|adme)|par(?:a|e|en|ar|ad)|basta|ces(?:a|e|en)"
        rf"|termin(?:a|e|en))"
        rf"(?: ya)? (?:de|con) (?:\w+ ){{0,2}}?(?:{_GERUNDS}|{_MENSAJES})"
        rf"|\b(?:no|ya no|nunca|jamas)(?: \w+)? (?:quiero|queremos|quisiera|deseo|deseamos"
        rf"|necesito|acepto"
        rf"|autorizo|me interesa|me interesan)(?: \w+){{0,4}}? {_MENSAJES}"
        rf"|\b(?:no|ya no|ni un|nada de"
        rf"|sin) ?(?:mas)? (?:mas )?{_MENSAJES}(?! (?:de ustedes )?(?:llego|recib))"
        r"|\bno quiero (?:saber (?:mas |nada )|que me (?:escriban|manden|envien|contacten"
        r"|molesten|llamen))"
        r"|\bdej\w+ de (?:recibir|mandar)\b|\bno quiero recibir (?:mas|nada|esto)\b"
        r"|\bno quiero estar en\b|\bcomo (?:cancelo|paro|quito|desactivo|bloqueo) (?:esto|estos"
        r"|los|las)\b|\bno more mensajes\b"
    ),
    "pide la baja": (
        r"\b(?:dar(?:me|nos)|de(?:n|me|nme|d)?|dame|denme|doy|quiero|pido|solicito|deseo"
        r"|causar)(?: de)?(?: la)? baja\b"
        r"|^(?:la )?baja\b|\bbaja(?: por favor| ya| gracias)?$"
        r"|\b(?:borr|elimin|quit|sac|remuev|remov|suprim)\w* (?:mi|este|mis|me|el"
        r"|nuestro) (?:\w+ )?(?:numero"
        r"|telefono|celular|movil|datos|contacto|correo|nombre|email)\b"
        r"|\b(?:borr|elimin|quit|saqu|sac|remuev|remov|quitad|borrad|sacad|eliminad)(?:a|e|en"
        r"|ar|ad|)(?:me|nos)\b(?! (?:de )?(?:la |el )?(?:cita|agenda))"
        r"|\b(?:borr|elimin|quit|saqu|sac|remuev|remov|salir)\w* de (?:\w+ )?(?:list\w*|base"
        r"|sistema|registros?|contactos)\b|\bde (?:su|tu|la|esta|vuestra) lista\b"
        r"|\bdes-?s?u?scri\w*|\bdesapunt\w*|\bsuscripcion\b"
        rf"|\bcancel\w* (?:la |mi |las |los |estos |esos |mis |todos |de )*(?:suscri\w*"
        rf"|{_MENSAJES})"
    ),
    "pide que lo dejen en paz": (
        r"\bdej(?:a|e|en|ad|ar)(?:me|nos)? (?:ya )?(?:en paz|tranquil[oa]s?)\b|\bdej(?:adme"
        r"|enme|eme|ame|ennos)(?: ya)?$|\bdejad?me en paz\b"
        r"|\bolvid(?:en|e|a)(?:se|te)? de (?:mi|nosotros)\b|\bolvid(?:en|e|a) (?:mi|este) numero\b"
        r"|\bvay(?:an|a)(?:se)? a la\b|\bvete a la\b|\ba la mierda\b|\bacos(?:o|an|ando|ar)\b"
        r"|\bdenunci\w+"
        r"|\brevoco\b"
        r"|\bno (?:insist|molest)\w*|(?:^|[.,;!\n] ?|\b(?:por favor|que|ya|porfa"
        r"|favor) )(?:paren|pare|paradlo|parad|basta|dejenlo|cesen)(?: ya| por favor)*(?:$"
        r"|[.,;!\n])|^(?:ya )?(?:alto|para|parar|pare|paren|paralo|para ya|pare ya|detener"
        r"|detengan"
        r"|detengase|basta|basta ya|no mas|ya no mas|fin|terminar|salir|parad)(?: ya| por favor"
        r"| gracias| esto| todo)*$"
    ),
}  # fmt: skip
_RULES = [(name, re.compile(pattern)) for name, pattern in _PHRASES.items()]

_OTHER_STOPS = re.compile(
    r"\b(?:bus|truck|pit|rest|train|next|last|non|a|full|trolley|quick|one) ?-?stops?\b"
    r"|\bstop(?:ping)? (?:by|in|over|off|here|there|to|into|out)\b(?! (?:all )?means)"
    r"|\bstop at (?!once)\w+|\bstop for (?!good|ever|now)\w+"
    r"|\bstop and (?:see|pick|get|visit|grab|drop|say|chat|look|check|fix)\b"
    r"|\b(?:can|could|did|does|will|would|has) not stop\b|\bnon-?stop\b"
    r"|\bstop (?:smok|drink|eat|tak|bleed|leak|work|hurt|cough|itch|run|drip|us|crying|vomit)\w*"
    r"|\bstop (?:the|my) (?:leak|bleed|pain|water|noise|itch|medic|cough|appointment|visit"
    r"|service|car)\w*"
    r"|\b(?:pain|bleeding|noise|leak\w*|drip\w*|water|alarm|cough\w*|itch\w*|rain"
    r"|snow)(?: \w+){0,2} stop\b"
)
_UNWANTED = re.compile(
    r"\b(?:not|no|never|nor|without|annoy\w*|unwanted|unsolicited|invasive|intrusive|permission"
    r"|tired|hate|sick|enough|illegal|creepy"
    r"|ridiculous|too many|so many|nunca|basta|harto|harta|jamas|prohib\w*|autoriz\w*"
    r"|demasiad\w*)\b"
)
_WRITING = re.compile(
    r"\b(?:text(?:s|ing|ed)?|messages?|messaging|sms|contact(?:ing|ed)?|reach(?:ing)? out"
    r"|notif\w*|spam\w*|e-?mails?|e-?mailing"
    r"|mensaj\w*|escrib\w*|contact(?:en|e|ar|ado|ada|arme|arnos)|molest\w*|notificaci\w*"
    r"|textear\w*|correos)\b"
)
_WRITING_WELL = re.compile(
    r"\b(?:did not|do not|does not|have not|has not|had not|never|can not|could not|not"
    r"|no)(?: \w+){0,2}? (?:get|got|gotten|receive|received|see|seen"
    r"|read|open|understand|remember|have (?:a|an|any|your|the|my)|find|know|mind|think|belong"
    r"|able|answer|respond|reply|text(?:ing)? (?:well|much|right now|now|at|while|and|you|back"
    r"|until)|text$)\b"
    r"|\bno (?:me |lo |he |les |te |os |puedo |pude |se )*(?:recib\w*|lleg\w*|lei\w*|vi\b|visto"
    r"|entend\w*|entiendo|leer|abrir|escribir (?:ahora|bien)|escribirte|tengo|llamo|conozco)"
    r"|\b(?:text|texting|message|sms|email|e-mail)(?: me)? (?:(?:is|would be) (?:better|best"
    r"|fine|ok|easier|good|great)|works?|instead|ok|fine|better|please|only|anytime|first"
    r"|the address|if|when|back)\b"
    r"|\bwrong (?:number|person|e-?mail)\b|\b(?:got|saw|received|read|thanks for|about"
    r"|for) (?:the|your|this|my|a) (?:text|message|e-?mail|sms)\b"
    r"|\b(?:this|your|my|the) (?:text|message|e-?mail)(?: address)? (?:is|was|does|did|said"
    r"|says|about)\b|\bi (?:do not|never|dont|will|would|can)(?: \w+)? text\b|\b(?:will"
    r"|going to|let me|need to|can|to) (?:text|message|e-?mail|write|contact) (?:you|u|back|her"
    r"|him|them|the)\b|\bwill (?:text|message|e-?mail)\b|\bemergency contact\b"
    r"|\bcontact (?:info\w*|number|lens\w*|me (?:at|by|on))\b"
    r"|\bif .* not\b|\btext (?:my|him|her|them)\b|\b(?:te|les|os|le) (?:escribo|escribire"
    r"|mando)\b|\bescribo\b|\bquien (?:me )?escrib\w*|\b(?:puede\w*|podeis"
    r"|podria\w*) (?:escribir|contactar)\w*"
)
_STOP = re.compile(
    r"\b(?:(?!(?:stopped|stopping|stops|stopover|stopgap|stopwatch|stopper|stopping)\b)stop\w+"
    r"|(?!unstop|nonstop|doorstop|backstop|shortstop)\w*stop|st(?:ah|aw|oo|uh)p|st+o+p+|sotp"
    r"|stpo|stoip|stp|stopit|st0p|dtop|stopo|stopp+)\b"
)
_ALONE = re.compile(
    r"(?:(?:please|just|ok|now|thanks|thank you|yes|no|por favor|gracias|hey|all|it|this|that) ?)*"
    r"(?:quit|end|revoke|alto|baja|basta|parar|unsubscribe)"
    r"(?: (?:it|now|please|this|all|already|thanks|thank you|por favor|ya|gracias))*"
)


def opt_out(words: str) -> str | None:
    """The rule by which these `words` (made plain) ask for silence."""
    bare = squeezed(words)
    if bare in CARRIER_WORDS or any(_repeats(bare, word) for word in CARRIER_WORDS):
        return "carrier word"
    kept = without_undone(words)
    for name, pattern in _RULES:
        if pattern.search(kept):
            return name
    if _ALONE.fullmatch(kept):
        return "a word for silence alone"
    if _STOP.search(_OTHER_STOPS.sub(" ", kept)):
        return "says stop"
    unwanted = _UNWANTED.search(kept) and _WRITING.search(kept) and not _WRITING_WELL.search(kept)
    return "writing is not wanted" if unwanted else None


def _repeats(bare: str, word: str) -> bool:
    """`STOP STOP STOP`"""
    times = len(bare) // len(word)
    return 1 < times <= 20 and bare == word * times
