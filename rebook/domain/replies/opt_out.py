"""Any reasonable wish for no more messages. When unsure it is one: silence can be undone, a complaint not."""

import re

from rebook.domain.replies.plain import squeezed

CARRIER_WORDS = frozenset("stop stopall unsubscribe cancel end quit revoke optout".split())
"""The carriers' list for long codes; alone in a message they end all messages."""

_ABOUT = (
    r"(?:text\w*|sms|messag\w*|e-?mail\w*|mails?|mailing|contact\w*|communicat\w*|correspond\w*|notif\w*"
    r"|remind\w*|alerts?|updates|bother\w*|bugging|annoy\w*|harass\w*|spam\w*|pester\w*|send\w*|writing|write"
    r"|calling|calls|pinging|blow\w* up|hitting me up|reaching out|robo\w*|mensaj\w*|avisos)"
)
_NOUN = (
    r"(?:text|texts|texting|sms|messages?|messaging|e-?mails?|reminders?|notifications?|alerts?|updates"
    r"|communications?|spam|contact|calls|mensajes?|correos?|avisos|recordatorios|notificaciones)"
)
_VERB = (
    r"(?:text|message|contact|e-?mail|bother|write|spam|bug|sms|notify|harass|disturb|reach out|hit me up"
    r"|ping|annoy|pester|call|phone)"
)
_WHEN = (
    r"(?:before|after|until|till|at night|at work|during|while|when|on|so (?:late|early)|this|that"
    r"|tomorrow|today|about (?:this|it))"
)
_START = r"(?:^|[.,;!?\n:-] ?|\b(?:please|and|so|just|but|you|ok|now|stop|seriously|again|thanks|number|person) )"
_MENSAJES = (
    r"(?:mensaj\w*|sms|textos?|correos?|e?-?mails?|notificaci\w*|recordatori\w*|avisos?|whats\w*|wasaps?"
    r"|messages?|texts?)"
)
_IMPERATIVO = (
    r"(?:escrib(?:a|an|as|ais|iendo)|mand(?:e|en|es|eis)|envi(?:e|en|es|eis)|contact(?:e|en|es|eis)|molest(?:e|en|es|eis)"
    r"|llam(?:e|en|es|eis)|sig(?:a|an|as|ais) \w+ndo|hagan? spam|texte(?:e|en|es|en)?|busqu(?:e|en|es)|fastidi(?:e|en|es)|jod(?:a|an|as)|chingu?e?n?"
    r"|insist(?:a|an|as)|est(?:e|en|es|eis) \w+ndo|notifi(?:que|quen))"
)
_GERUNDS = r"(?:escrib|mand|envi|molest|llam|contact|texte|fastidi|chinga|jode|acosa|insist|notific)\w*"

_PHRASES: dict[str, str] = {
    "asks us to stop writing": (
        rf"\b(?:stop\w*|quit|cease|halt|discontinue|desist|suspend|end|enough|turn off|block(?:ing|ed)?)"
        rf"(?: (?!the pain)[\w']+){{0,4}}? {_ABOUT}\b"
        rf"|\bno more (?:of )?(?:\w+ ){{0,2}}?{_NOUN}\b|\bno more$|^no more\b(?! \w)"
        rf"|\bcancel\w* (?:all |the |my |these |those |your )*(?:{_NOUN}|subscription)\b"
    ),
    "says not to write": (
        rf"{_START}(?:do not|never|no longer|dont|not)(?: you)?(?: (?:ever|again|even|dare|you))* {_VERB}\b(?!.{{0,12}}\b(?:text|sms|texting|e-?mail) (?:me|is|instead|only|works|better|please))"
        rf"(?! (?:well|much|back|often|{_WHEN})\b)"
        rf"|{_START}(?:do not|never)(?: ever)? send (?:me |us )?(?:any\w*|these|more|text\w*|messages?|sms"
        r"|stuff|this|reminders?|e-?mails?)\b"
        r"|\bdo not bother me\b|(?:^|[.,;!\n] ?|\b(?:please|just|now|and) )(?:quit|stop)(?: it| now| please)*(?:$|[.,;!\n])|\bi (?:said|told you|asked you) (?:to )?(?:stop|quit)\b"
    ),
    "wants no messages": (
        rf"\b(?:not|no longer|never)(?: \w+){{0,1}} (?:want|wanna|wish|need|care|like|agree|consent|sign\w* up"
        rf"|subscribe|ask)(?:ed)?(?: \w+){{0,5}}? (?:{_NOUN}|contacted|texted|messaged|emailed|bothered"
        r"|hear from you|hearing from you)\b"
        rf"|\b(?:not interested in|sick of|tired of|hate) (?:\w+ ){{0,3}}?(?:your |these |this |those )"
        rf"(?:\w+ ){{0,2}}?{_NOUN}\b|\bno (?:contact|texting|texts?|sms|messages|soliciting)\b(?! (?:number|info))"
    ),
    "asks to be removed": (
        r"\b(?:remove|delete|take|erase|scrub|get|drop|strike) (?:me|us|my (?:\w+ )?(?:number|phone|name|cell"
        r"|info\w*|e-?mail|contact\w*|address|data|details)|this (?:\w+ )?(?:number|phone|e-?mail|address))"
        r"(?: (?:off|out|from|of|please|now|immediately|asap))*"
        r"(?: (?:of |from )?(?:the|your|this|that|all|any|ur)? ?(?:\w+ )?(?:list|lists|system|database|contacts"
        r"|records|text\w*|messag\w*|sms|phone|everything|files?))"
        r"|\b(?:remove|delete|unlist|erase) (?:me|us|my (?:\w+ )?number|this number)\b(?! from (?:the |your )?"
        r"(?:schedule|calendar|appointment|book|wait))|(?:^|[.,;!\n] ?|\b(?:please|pls|and|just) )(?:remove|delete|unlist)(?: (?:it|this|me|us|please|now|thanks|thank you|from (?:\w+ ){0,2}lists?))*$"
        r"|^(?:borrar|eliminar|quitar)(?: por favor| gracias)*$|\btake (?:me|us|my (?:name|number)) off$"
        r"|\btake (?:me|us|my (?:name|number)) off (?:this|it|these|please|now|ur|your list)\b"
        r"|\blose (?:my|this|the|our) (?:number|phone|digits|contact|#)"
        r"|\b(?:off|from|out of|out)(?: of)? (?:the|your|this|ur|that|all|any|these|su|la) ?(?:\w+ )?(?:\w+ )?lists?\b(?! of)|\b(?:mailing|contact|text|sms|distribution) list\b"
    ),
    "asks to be forgotten": (
        r"\b(?:remov|delet|tak|eras|scrub|wip|purg|clear|drop|strik|unlist|exclud|forget|forgot|los|get rid of|get)\w*(?: \w+){0,2}? (?:my|this|our|that|the)"
        r" (?:\w+ )?(?:number|#|phone number|cell|digits|info\w*|data|details|e-?mail(?: address)?|contact)(?! (?:of|is|was|for))"
        r"|\b(?:number|#|phone|info\w*|data|name|e-?mail|i) (?:\w+ ){0,3}?(?:be |been |get )?(?:removed|deleted|erased|taken off|taken out)\b(?! (?:tooth|teeth|from the schedule|stitches|cast))"
        r"|\bget (?:me |us )?off (?:of )?(?:this|the|your)\b|\b(?:been|getting|got|is|are|am) (?:now )?block(?:ed|ing)\b|\bblocked\b"
        r"|\bno (?:autorizo|consiento|doy|di|he dado|tienen|tiene|tienes) (?:\w+ ){0,2}?(?:permiso|consentimiento|autorizacion)"
        r"|\bno (?:autorizo|consiento)\b|\b(?:hart[oa]s?|cansad[oa]s?) (?:\w+ ){0,3}?(?:mensaj\w*|sms|correos|avisos)\b|\b(?:borr|elimin|quit|sac|saqu)\w* (?:\w+ ){0,2}?(?:numero|telefono|datos|contacto)\b"
    ),
    "unsubscribes": (
        r"\bun-?s[uo]b?s?c?[rb]+[ie]+b\w*|\bunsub\b|\bunsuscri\w*|\bunsubcri\w*|\bunsubscr\w*|\bunscubscri\w*"
        r"|\bun subscribe\b|\bopt(?:ing|ed)?[ -]?(?:\w+ )?out\b|\boptout\b|\bstop ?all\b"
        r"|\b(?:revoke|withdraw|rescind)\w* (?:\w+ )?(?:consent|permission|authorization)\b"
        r"|\bdo[ -]not[ -](?:call|contact|text)(?: list| registry)?$|\bdnc\b"
    ),
    "wants to be left alone": (
        r"\bleave (?:me|us|my \w+) (?:the \w+ |tf )?(?:alone|be|in peace)\b|\b(?:cease and desist|cease|desist)$"
        r"|\bcease and desist\b|\bgo away\b|\bget lost\b|\bbuzz off\b|\bpiss off\b|\bback off\b"
        r"|\b(?:fuck|f+|eff|screw|f\*+k?|f-+) ?(?:you|off|u)\b|\b(?:stfu|gtfo)\b|\bshut up\b|\bknock (?:it )?off\b"
        r"|\bcut it out\b|\bgive it a rest\b|\bharass(?:ing|ment)\b|\b(?:my )?(?:lawyer|attorney)\b|\btcpa\b"
        r"|\b(?:fcc|ftc)\b|\bsue you\b|^(?:enough|spam|spammers?|scam|silence|mute|block(?:ed)?)(?: already)?$"
        r"|\b(?:this is|its|it is|you are|just) (?:\w+ )?(?:spam\w*|scam\w*)\b|\breport(?:ed|ing)? (?:you|this|as|spam"
        r"|for)\b|\bblock(?:ed|ing)? (?:you|this|your)\b|\bspam,? report"
    ),
    "pide que no se escriba": (
        rf"\bno (?:me |nos |le |les |se )?(?:vuelv(?:a|an|as) a \w+|{_IMPERATIVO})\b"
        r"(?! (?:antes|despues|por la|en la|hasta|el|los|al|un|una|tan|a las|manana|hoy)\b)"
        rf"|\b(?:dej(?:a|e|en|ar|ad|ame|enme|eme|adme)|par(?:a|e|en|ar|ad)|basta|ces(?:a|e|en)|termin(?:a|e|en))"
        rf"(?: ya)? (?:de|con) (?:\w+ ){{0,2}}?(?:{_GERUNDS}|{_MENSAJES})"
        rf"|\b(?:no|ya no|nunca|jamas)(?: \w+)? (?:quiero|queremos|quisiera|deseo|deseamos|necesito|acepto"
        rf"|autorizo|me interesa|me interesan)(?: \w+){{0,4}}? {_MENSAJES}"
        rf"|\b(?:no|ya no|ni un|ningun|nada de|sin) ?(?:mas)? (?:mas )?{_MENSAJES}(?! (?:de ustedes )?(?:llego|recib))"
        r"|\bno quiero (?:saber (?:mas |nada )|que me (?:escriban|manden|envien|contacten|molesten|llamen))"
        r"|\bno quiero recibir (?:mas|nada)\b|\bno more mensajes\b"
    ),
    "pide la baja": (
        r"\b(?:dar(?:me|nos)|de(?:n|me|nme|d)?|dame|denme|doy|quiero|pido|solicito|deseo|causar)(?: de)?(?: la)? baja\b"
        r"|^(?:la )?baja\b|\bbaja(?: por favor| ya| gracias)?$"
        r"|\b(?:borr|elimin|quit|sac|remuev|remov|suprim)\w* (?:mi|este|mis|me|el|nuestro) (?:\w+ )?(?:numero"
        r"|telefono|celular|movil|datos|contacto|correo|nombre|email)\b"
        r"|\b(?:borr|elimin|quit|saqu|sac|remuev|remov|quitad|borrad|sacad|eliminad)(?:a|e|en|ar|ad|)(?:me|nos)\b(?! (?:de )?(?:la |el )?(?:cita|agenda))"
        r"|\b(?:borr|elimin|quit|saqu|sac|remuev|remov|salir)\w* de (?:\w+ )?(?:list\w*|base|sistema|registros?|contactos)\b|\bde (?:su|tu|la|esta|vuestra) lista\b"
        r"|\bdes-?s?u?scri\w*|\bdesapunt\w*|\bsuscripcion\b"
        rf"|\bcancel\w* (?:la |mi |las |los |estos |esos |mis |todos |de )*(?:suscri\w*|{_MENSAJES})"
    ),
    "pide que lo dejen en paz": (
        r"\bdej(?:a|e|en|ad|ar)(?:me|nos)? (?:ya )?(?:en paz|tranquil[oa]s?)\b|\bdejad?me en paz\b"
        r"|\bolvid(?:en|e|a)(?:se|te)? de (?:mi|nosotros)\b|\bolvid(?:en|e|a) (?:mi|este) numero\b"
        r"|\bvay(?:an|a)(?:se)? a la\b|\bvete a la\b|\ba la mierda\b|\bacoso\b|\bdenunci\w+|\brevoco\b"
        r"|\bno (?:insist|molest)\w*|(?:^|[.,;!\n] ?|\b(?:por favor|que|ya|porfa|favor) )(?:paren|pare|paradlo|parad|basta|dejenlo|cesen)(?: ya| por favor)*(?:$|[.,;!\n])|^(?:ya )?(?:alto|para|parar|pare|paren|paralo|para ya|pare ya|detener|detengan"
        r"|detengase|basta|basta ya|no mas|ya no mas|fin|terminar|salir|parad)(?: ya| por favor| gracias| esto| todo)*$"
    ),
}  # fmt: skip
_RULES = [(name, re.compile(pattern)) for name, pattern in _PHRASES.items()]

_KEPT = re.compile(
    r"\b(?<!you )(?:do not|never|did not mean to|please not|not want (?:you )?to|not wish to|not trying to)"
    r"(?: ever)? (?:stop|unsubscribe|opt out|opt me out|remove me|delete me|take me off|quit|end)"
    r"(?: (?:text\w*|send\w*|messag\w*|remind\w*|contact\w*|calling|writing)(?: me| us)?)?(?! (?:getting|receiving) no)"
    r"|\bno me (?:de|den) de baja\b|\bno dej(?:e|en|es) de \w+"
    r"|\bno me dej(?:e|en|es) de \w+"
)
_OTHER_STOPS = re.compile(
    r"\b(?:bus|truck|pit|rest|train|next|last|non|a|full|trolley|quick|one) ?-?stops?\b"
    r"|\bstop(?:ping)? (?:by|in|over|off|here|there|to|into|out)\b(?! (?:all )?means)"
    r"|\bstop at (?!once)\w+|\bstop for (?!good|ever|now)\w+"
    r"|\bstop and (?:see|pick|get|visit|grab|drop|say|chat|look|check|fix)\b"
    r"|\b(?:can|could|did|does|will|would|has) not stop\b|\bnon-?stop\b"
    r"|\bstop (?:smok|drink|eat|tak|bleed|leak|work|hurt|cough|itch|run|drip|us|crying|vomit)\w*"
    r"|\bstop (?:the|my) (?:leak|bleed|pain|water|noise|itch|medic|cough|appointment|visit|service|car)\w*"
    r"|\b(?:pain|bleeding|noise|leak\w*|drip\w*|water|alarm|cough\w*|itch\w*|rain|snow)(?: \w+){0,2} stop\b"
)
_UNWANTED = re.compile(
    r"\b(?:not|no|never|nor|without|annoy\w*|unwanted|unsolicited|invasive|intrusive|permission|tired|hate|sick|enough|illegal|creepy"
    r"|ridiculous|too many|so many|nunca|basta|harto|harta|jamas|prohib\w*|autoriz\w*|demasiad\w*)\b"
)
_WRITING = re.compile(
    r"\b(?:text(?:s|ing|ed)?|messages?|messaging|sms|contact(?:ing|ed)?|reach(?:ing)? out|notif\w*|spam\w*|e-?mails?|e-?mailing"
    r"|mensaj\w*|escrib\w*|contact(?:en|e|ar|ado|ada|arme|arnos)|molest\w*|notificaci\w*|textear\w*|correos)\b"
)
_WRITING_WELL = re.compile(
    r"\b(?:did not|do not|does not|have not|has not|had not|never|can not|could not|not|no)(?: \w+){0,2}? (?:get|got|gotten|receive|received|see|seen"
    r"|read|open|understand|remember|have (?:a|an|any|your|the|my)|find|know|mind|think|belong|able|answer|respond|reply|text(?:ing)? (?:well|much|right now|now|at|while|and|you|back|until)|text$)\b"
    r"|\bno (?:me |lo |he |les |te |os |puedo |pude |se )*(?:recib\w*|lleg\w*|lei\w*|vi\b|visto|entend\w*|entiendo|leer|abrir|escribir (?:ahora|bien)|escribirte|tengo|llamo|conozco)"
    r"|\b(?:text|texting|message|sms|email|e-mail)(?: me)? (?:(?:is|would be) (?:better|best|fine|ok|easier|good|great)|works?|instead|ok|fine|better|please|only|anytime|first|the address|if|when|back)\b"
    r"|\bwrong (?:number|person|e-?mail)\b|\b(?:got|saw|received|read|thanks for|about|for) (?:the|your|this|my|a) (?:text|message|e-?mail|sms)\b"
    r"|\b(?:this|your|my|the) (?:text|message|e-?mail)(?: address)? (?:is|was|does|did|said|says|about)\b|\bi (?:do not|never|dont|will|would|can)(?: \w+)? text\b|\b(?:will|going to|let me|need to|can|to) (?:text|message|e-?mail|write|contact) (?:you|u|back|her|him|them|the)\b|\bwill (?:text|message|e-?mail)\b|\bemergency contact\b|\bcontact (?:info\w*|number|lens\w*|me (?:at|by|on))\b"
    r"|\bif .* not\b|\btext (?:my|him|her|them)\b|\b(?:te|les|os|le) (?:escribo|escribire|mando)\b|\bescribo\b|\bquien (?:me )?escrib\w*|\b(?:puede\w*|podeis|podria\w*) (?:escribir|contactar)\w*"
)
_STOP = re.compile(r"\b(?:stop\d\w*|st+o+p+|sotp|stpo|stoip|stp|stopit|st0p|dtop|stopo|stopp+)\b")
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
    kept = _KEPT.sub(" ", words)
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
