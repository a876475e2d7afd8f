"""What a client says about themselves or asks of us, in fixed wordings; no times are read here."""

import re

from rebook.domain.replies.meaning import Meaning

_CITA = r"(?:cita|visita|turno|reserva|hora|consulta|appointment|servicio)"
_VISIT = (
    r"(?:appointment|appointments|visit|booking|reservation|service|cita|visita|turno|reserva|meeting"
    r"|consult\w*|slot|job|cleaning|everything|it all|whole thing|order|request|inspection|repair|session)"
)
CANCELS = "asks to cancel"
_BARE = r"(?:please|por favor|thanks|gracias|again)"

_WORDS: tuple[tuple[Meaning, str, str], ...] = (
    (Meaning.OPT_IN, "asks for messages again", (
        rf"^(?:start|unstop|alta|empezar|iniciar|reanudar|resume|subscribe|resubscribe|optin|opt in)(?: {_BARE})*$"
        r"|(?<!you )(?<!why )\b(?:start|resume|restart|continue|keep) (?:the |my |your )?(?:text\w*|messag\w*|sms|sending|reminders)\b"
        r"|\b(?:re-?subscribe|subscribe me|opt (?:me )?(?:back )?in|sign me (?:back )?up)\b"
        r"|\byou can (?:text|message|write|contact) me(?: again| now)?\b"
        r"|\b(?:pueden|puede|puedes) (?:volver a )?(?:escribirme|mandarme mensajes)(?: otra vez| de nuevo)?\b"
        r"|\bvolver a recibir\b|\bvuelv(?:an|a) a (?:escribirme|mandarme|enviarme)\b|\bdar(?:me)? de alta\b"
        r"|\b(?:changed my mind|accident\w*|mistake)\b.*\b(?:text|messages?|stop|unsubscribe)\b|\b(?:stop|unsubscribe\w*)\b.*\b(?:accident\w*|mistake)\b"
        r"|\b(?:do not|never) (?:stop|unsubscribe|remove me)\b(?! (?:by|in|at|for|over|off|to|here|there))"
    )),
    (Meaning.HELP, "help alone", rf"^(?:{_BARE} )*(?:help|info|ayuda|informacion|help me|ayudame)(?: {_BARE})*$"),
    (Meaning.WRONG_PERSON, "not the person", (
        r"\bwrong (?:number|#|num\w*|person|guy|lady|patient|e-?mail\w*|phone|recipient|contact|address|party|one$)"
        r"|\b(?:incorrect|mistaken) (?:number|person|recipient|e-?mail)\b|\bwrong ?#"
        r"|\b(?:numero|persona|telefono|correo|contacto) (?:equivocad[oa]|incorrect[oa]|erroneo|erronea)\b"
        r"|\b(?:se|te|os) (?:equivoc\w+|confund\w+)\b(?! de (?:hora|dia))|\bequivocad[oa]s? de (?:numero|persona)\b"
        r"|\bnumero equivocado\b|\bequivocado$|\b(?:this|it) is not (?!a\b|good|going|great|possible|working|what|my"
        r"|convenient|ideal|the (?:right|best) (?:time|day)|for me|on|fair|ok|urgent|true|enough|right|easy|even|so"
        r"|really|going|very|an?\b|about|in|at|necessary|important|needed|too|that|how|cool|bad|the)[a-z]{3,}$"
        r"|\bthis is not (?:her|his|their|him|\w+'s) (?:\w+ )?(?:number|phone|cell|e-?mail)\b"
        r"|\bthis is not the (?:right|correct) (?:number|person|e-?mail)\b|\bnot (?:her|his|their) (?:number|phone|e-?mail)\b"
        r"|\bi am not (?!\w+(?:ed|ing|able|ible|ful|ly)\b)(?!sure|available|free|able|going|interested|in|at|home|here|there|a|an|the|available|feeling|well"
        r"|coming|ready|working|certain|ok|on|around|back|out|off|comfortable|happy|sick|good|too|that|sorry|really"
        r"|looking|getting|planning|paying|needing|doing|gonna|due|up|so|as|with|very|yet|asking|using|open|late"
        r"|doing|seeing|driving|able|afraid|busy|kidding|like|your?|changing|rescheduling|cancell?ing|understanding"
        r"|receiving|their|his|her|even|mad|upset|complaining|worried|done|finished|near|close|able)[a-z]{3,}(?: \w+)?$"
        r"|^no [a-z]{3,} (?:here|at this number)$|\b(?:phone|number|e-?mail)(?: address)? (?:now )?belongs to\b|\bno(?:body| one| ?one|t anyone)?(?: here)? (?:by|with|named|called) (?:that|the|this)? ?(?:name|person)?"
        r"|\bnobody (?:here )?(?:named|called|by)\b|\bthere is no (?:one |body )?\w+ (?:here|at this (?:number|address))\b"
        r"|\b(?:do not|does not|never) know (?:a |an |any |any\w* (?:named |called )?)(?!if|when|what|how|yet|time|of)\w+$"
        r"|\bdo not know (?:who|anyone|anybody|this person|that person|him|her|them)\b(?! (?:is|can))"
        r"|\b(?:not|no longer|never) (?:\w+ )?(?:number|phone|e-?mail)(?: anymore| any more)?$"
        r"|\b(?:does not|no longer) (?:have|has|own|use|uses|live|lives|work|works|belong\w*)(?: \w+){0,2} (?:this|that|here"
        r"|to)\b(?! work| for me)|\bno longer (?:has|uses|at|lives) (?:\w+ )?(?:number|phone|this|here)\b"
        r"|\bmoved (?:away|out) years ago\b|\b(?:new|previous|old) (?:owner|number)\b.*\b(?:number|belong\w*)\b"
        r"|\bjust got this (?:number|phone)\b|\bi am not (?:this|that|your) (?:person|patient|client|customer)\b"
        r"|\bnot (?:your|a) (?:patient|client|customer)\b|\bnever (?:been|made|had|booked|scheduled) (?:there|an appointment)\b"
        r"|\b(?:passed away|deceased|has died|fallecio|murio|fallecid[oa])\b|\bmeant for someone else\b|\b(?:that|this|it|its) (?:is )?not me\b|\b(?:did not|never) (?:make|book|schedule|request|set up) (?:an|any|a)(?: \w+)? ?(?:appointment|thing|visit)?\b|\bdid not book anything\b|\bnot my appointment\b|\bconfused (?:me )?with (?:someone|somebody)\b|\bbusiness line\b|^[a-z]{3,} who$|\bno tengo ninguna cita\b|\bse han? confundido\b|^aqui no es\b|\bno soy (?:el|la) (?:titular|paciente|dueno|persona)\b|^(?:sorry )?not me\b|\bmy name is not\b|\bnever heard of (?:you|him|her|them|this)\b|\bnot (?:a|the) (?:customer|client|patient|person)\b|\best[ae] no es (?!la hora|el dia|mi|buen|un|una)\w+|\bpor error\b|\bby mistake\b"
        r"|\bthink you (?:meant|want|are looking for) (?:someone|somebody|another)\b|\bwho is (?!this|it|that|the|calling|my"
        r"|going|coming|available|texting|with)[a-z]{3,}$"
        r"|\bno soy (?!capaz|de|yo quien|una|muy|seguro)\w+$|\bno soy (?:la|esa|el|ese) (?:persona|paciente|cliente)\b"
        r"|\b(?:aqui|aca) no (?:vive|hay|esta|trabaja|existe)\b|\bno (?:vive|trabaja) (?:aqui|aca)\b"
        r"|\bno conozco a (?:nadie|ningun[oa]?|est[ae]|es[ae])\b|\bno conozco (?:esa|a esa|ninguna)\b"
        r"|\b(?:ya )?no (?:es|tiene|usa) (?:\w+ )?(?:de |este |ese |su )?(?:numero|telefono)\b|\bno es (?:el|su) (?:numero|telefono)\b"
        r"|\beste (?:numero|telefono|correo) (?:ya )?no (?:es|pertenece)\b|\bno pertenece a\b|\bno es mi cita\b"
    )),
    (Meaning.WITHDRAW, "no longer wants it", (
        r"\b(?:do not|no longer|not|will not|dont|no) (?:\w+ )?(?:need|want|wish|wanna|care|going|require|be|interested)"
        rf"(?:ed|ing)? (?:to )?(?:(?:the|this|that|an?|my|your|any|be|in) )*(?:re-?schedul\w*|{_VISIT}|come in|coming"
        r"|come anymore|come back|go anymore|another (?:appointment|visit))\b"
        r"|\b(?:do not|no longer|dont) (?:need|want|require) (?:it|this|you|to go|to come|one)\b(?! (?:on|that|at|then|so))"
        r"|\bno (?:longer )?need (?:for (?:it|this|the|an?)|to re-?schedul\w*|to re-?book)\b|\bno longer (?:needed|necessary)\b"
        r"|\bnot (?:needed|necessary)(?: anymore| any more)?\b|\bnot interested\b|\bno longer interested\b|\bforget (?:it|about it)\b"
        r"|^never ?mind\b|\bnever ?mind,? (?:i|we)\b|\bchanged (?:my|our) minds?\b|\bdo not bother re-?schedul\w*"
        r"|\b(?:going|went|gone|decided|found|chose|chosen|using|switched|hired)(?: \w+){0,4} (?:another|a different|someone else"
        r"|somebody else|elsewhere|other) ?(?:provider|dentist|doctor|company|office|place|clinic|plumber|contractor|one|guy)?\b"
        r"|\b(?:ya )?no (?:la|lo|las|los) (?:necesito|quiero|necesitamos|queremos)\b"
        rf"|\bya no (?:necesito|quiero|voy a|queremos|necesitamos|me interesa|hace falta|deseo|ire|iremos)(?: \w+)?(?: {_CITA})?"
        rf"|\bno (?:necesito|quiero|deseo|me interesa) (?:la |mi |otra |esa |una |esta |ninguna )?{_CITA}\b"
        r"|\bno (?:hace|me hace) falta\b|\bno (?:me )?interesa\b|\bolvid(?:elo|alo|enlo|arlo)\b|\bcambie de (?:opinion|idea)\b"
        r"|\b(?:not|no longer) (?:be )?needing\b|\bdo not (?:re)?book me\b|\b(?:skip|scratch|drop) (?:it|this|that)\b|\bgive (?:my|the|that) (?:spot|slot|time|appointment) to (?:someone|somebody|another)\b|\bno appointment (?:needed|necessary)\b|\bfixed it (?:myself|ourselves)\b|\bwithdraw\b|\bgoing elsewhere\b|\bso no need\b|\bmejor lo (?:dejamos|dejo)\b|\b(?:he )?cambiad?[oe] de (?:idea|opinion)\b|\b(?:ya )?no (?:la|lo) quiero\b|\bno necesito ya\b|\bya no necesito\b|\bcancelacion\b|\banulo\b|\bnot (?:coming|going) (?:anymore|any more|back|in anymore)\b|\bdecided not to\b|\bdecidido no\b|\bno voy a (?:ir|acudir|asistir|hacerlo|hacerla)\b|\bno (?:quiero|necesito) the \w+|^ya no(?: gracias| thanks)?[, ]*(?:gracias|thanks)?$|\b(?:fixed|solved|resolved|went away|got better)\b.*\b(?:cancel|no need)\b|\bno need,? (?:i|we|it|thanks)\b|\bno need$|\bfu(?:i|imos) a otr[oa]\b|\bwe moved away\b|\bno quiero mas (?:citas|visitas)\b|\b(?:dejalo|dejelo|dejenlo) (?:estar|asi)?\b|\bno quiero (?:reprogramar|reagendar|cambiarla|ir)\b"
    )),
    (Meaning.WITHDRAW, CANCELS, (
        rf"\b(?:cancel|cancle|cancell|cansel|canel|call off|scrap|drop|delete|kill|stop) (?:it|this|that|all|everything|both"
        rf"|(?:(?:the|my|our|this|that|any|all|whole|entire|her|his|for|of|upcoming|next|mi|la|\w+'s) )*(?:\w+ )?{_VISIT})\b"
        r"|(?:^|[.,;!\n] ?)(?:please |just |so |then |and )*(?:cancel|cancle)(?:$|[.,;!\n]| and refund)|\b(?:cancel|cancle)(?: please| thanks| thank you| por favor| for me| me| entirely| altogether| completely| it)+$"
        r"|^(?:please|just|ok|yes|no|hi|sorry|kindly|lets|then|so|well|i guess|por favor| )*(?:cancel|cancle)$"
        r"|\b(?:want|like|need|have|going|wish|decided|prefer|rather|must|choose)(?: to)? (?:cancel|cancle)\b|\bcancell?ing\b|\bcancell?ation\b"
        r"|^(?:quiero |por favor |favor de |deseo |prefiero |necesito |voy a |tengo que |mejor |hay que |quisiera |si |ok )*"
        r"(?:cancel(?:ar|en|a|e|o|ala|enla|ela|arla|arlo|amos)|anul(?:ar|en|a|e|o|ala|enla|ela|arla))\b"
        rf"|\b(?:cancel|anul)(?:ar|en|a|e|o|ame|enme|eme) (?:la |mi |esa |esta |todo|de |las |por favor)*(?:{_CITA}|todo|appointment)?\b"
        rf"|\btake me off (?:the |your )?(?:schedule|calendar|books?|wait ?list)\b|\bremove me from (?:the |your )?(?:schedule|calendar|book\w*)"
        rf"|\b(?:quit|saqu|sac)\w* de la agenda\b"
    )),
    (Meaning.ALREADY, "settled elsewhere", (
        r"\balready on (?:the|your) (?:books?|schedule|calendar)\b|\bya (?:la|lo) (?:tengo|tenemos)\b|\bgot (?:it|this|that) (?:re-?scheduled|re-?booked|moved|changed|sorted|fixed)\b|\b(?:booked|scheduled|set) it\b|\bi cancell?ed (?:it|already|yesterday|last|this morning|on|by)\b|\b(?:l[ao]s? )?han? (?:cambiado|movido|arreglado|reprogramado)(?: \w+)? ?ya\b|\balready (?:\w+ )?(?:re-?schedul\w*|re-?book\w*|book\w*|schedul\w*|made|set|got|have|had|spoke\w*|talk\w*|call\w*|arrang\w*"
        r"|changed|moved|done|fixed|taken|settled|been|came|seen|went|handled|sorted|resolved|did|completed|confirmed|picked|chose"
        r"|phoned|emailed|cancel\w*|saw|worked|found|put|gave)\b"
        r"|\b(?:re-?scheduled|re-?booked|booked|changed it|moved it|set it up|got a new (?:time|date|appointment))(?: \w+){0,4} (?:yesterday|already"
        r"|online|on the phone|by phone|over the phone|with (?:your|the|\w+ at)|this morning|last week|last night|on (?:your|the) (?:web\w*|app|portal))\b"
        r"|\b(?:been|is|all|was) (?:taken care of|sorted(?: out)?|settled|handled|resolved|done already)\b|\btaken care of\b"
        r"|\b(?:called|spoke|talked|phoned)(?: \w+){0,5} and (?:\w+ )?(?:got|made|set|re-?scheduled|booked|moved|changed|fixed|sorted)\b"
        r"|\b(?:someone|somebody|your (?:office|guy|tech\w*|receptionist)|they|he|she|the (?:office|front desk|tech\w*))"
        r" (?:from your office )?(?:already|just|has|have) (?:\w+ )?(?:call\w*|came|come|fixed|re-?schedul\w*|book\w*|help\w*|set|moved)\b"
        r"|\bi (?:re-?scheduled|re-?booked) (?:yesterday|this|last|online|it|by|with|on|through|via)\b|\ball set\b|\b(?:call|came|spoke|talk|book|schedul|confirm|told)\w*(?: \w+){0,3} already\b|\b(?:tech\w*|guy|plumber|crew|someone|somebody|he|she|they) (?:came|was here|were here|stopped by|showed up)(?: \w+)? (?:this morning|today|yesterday|last|earlier)\b"
        r"|\bya (?:he|hemos|habia) \w+(?:ado|ido|cho)\b|\bya l[ao]s? (?:he|hemos) \w+|\besta todo (?:arreglado|solucionado|resuelto)\b|\bya (?:tengo|tenemos|hice|hicimos|reserve|reservamos|la (?:cambie|reprograme|movi|hice|reserve|arregle)|lo (?:arregle|hice|resolvi"
        r"|solucione|cambie|hable)|llame|llamamos|hable|hablamos|me (?:dieron|llamaron|atendieron|la cambiaron|cambiaron|agendaron|reprogramaron)"
        r"|quede|quedamos|reagende|reprograme|agende|pedi|saque|cambie|vinieron|vino|fui(?! a otr)|fuimos(?! a otr)|esta (?:arreglad|resuelt|todo|list|solucionad|hech)\w*"
        r"|estuvo|nos (?:dieron|llamaron)|se (?:arreglo|resolvio|soluciono))\b"
    )),
    (Meaning.CALL_ME, "wants a person", (
        r"\b(?:please |just |can you |could you |would you |someone |somebody |to |better |pls |you |and |me |can |then |so |yes |no |ok )*"
        r"(?<!will )(?<!i )(?<!not )(?<!can not )(?<!we )(?<!them )(?:call|phone|ring|telephone) (?:me|us|my (?:wife|husband|son|daughter|mom|mother|dad|father|cell|mobile|home|office|work|number|phone)|back)\b"
        r"|^(?:please )?call (?:\+?\d[\d -]{6,})|\b(?:a|me a|quick|phone) (?:phone )?(?:call|ring|callback|buzz)(?: back)?\b(?! from)"
        r"|\b(?:talk|speak|chat)(?:ing)? (?:to|with) (?:a|an|someone|somebody|the|your|you|one of)(?: \w+){0,3}\b(?<!my boss)"
        r"|\b(?:talk|speak) (?:to|with) (?:\w+ )?(?:person|human|agent|representative|rep|receptionist|office|staff|manager|doctor|nurse)\b"
        r"|\b(?:real|live|actual) (?:person|human|agent)\b|^(?:please |pls )?(?:call|cal)(?: me)?(?: please| pls| thanks)?$|^(?:agent|human|operator|representative|person|representante|agente|persona|operador)$"
        r"|\bhave (?:someone|somebody|\w+|the \w+) (?:call|phone|contact|reach)\b|\bneed (?:a|to) (?:call|talk|human|speak)\b|\bcall ?back\b"
        r"|\b(?:someone|somebody|anyone|a person) (?:that )?(?:i|we) can (?:talk|speak|call)\b|\b(?:discuss|talk|do this|handle (?:this|it)) (?:by|over|on) (?:the )?phone\b|\bconnect me\b|\b(?:please |can you )?ring \d|\bpor telefono\b|\bme llam[ae]is\b|\bllamadme\b|\bque me llamen?\b|\bpick up the phone\b|\breach me (?:at|on|by phone)\b|\brather (?:talk|speak|discuss|call)\b|\beasier (?:by|over|on) (?:the )?phone\b"
        r"|\b(?:ll[aeo]m[ae](?:me|nme|dme|nos|nnos)|marqu?[ae](?:me|nme|le)|telefone\w+me|hableme|hablame|hablenme)\b"
        r"|\b(?:me|nos) llam(?:an|a|as) (?:por favor|porfa|please)\b|\bhablar con (?:someone|alguien|a person)\b|\b(?:me|nos) (?:pued\w+|podri\w+) (?:llamar|marcar|hablar|telefonear)\b|\b(?:pued\w+|podri\w+) (?:llamar|marcar|hablar)(?:me|nos)\b"
        r"|\bhablar con (?:algui?en|una persona|un humano|un agente|la (?:recep\w+|doctora|oficina|clinica|secretaria)|el (?:doctor|encargado)|ustedes|usted)\b"
        r"|\bque (?:alguien )?me (?:llam\w+|marqu\w+)\b|\b(?:una )?llamada\b(?! perdida)|\bpor telefono (?:mejor|por favor)\b|\bmejor por telefono\b"
    )),
    (Meaning.LATER, "will get back", (
        r"\byet$|^(?:sec|checking|still (?:checking|thinking|looking))\b|\bnot (?:at|near|in front of) my (?:calendar|computer|desk|schedule|planner)\b|\b(?:get|circle|write|text|come|reach|message|report|respond|answer|reply) (?:right )?back (?:to you|at you|with you|you|later|soon|on (?:that|this|it)"
        r"|when|after|tomorrow|tonight|in)\b|\bget back\b|\btext you back\b|\bbe in touch\b|\b(?<!please )(?<!to )let (?:you|u|ya) (?:all )?know\b|\blet (?:you|u) know\b"
        r"|\b(?:let me|lemme|i will|ill|need to|have to|going to|must|gotta|i need|want to|got to)(?: just| first| have to| go| quickly)* (?:check|ask|look|see|think"
        r"|find out|confirm|talk (?:to|with) my|speak (?:to|with) my|consult|figure|verify|discuss|run it by)\b(?! (?:you|the doctor|a doctor|someone|if you|the dentist))"
        r"|\b(?:can|could) ?not (?:talk|text|respond|answer|reply|check|say|chat)\b|\b(?:not sure|do not know)(?: of)?(?: about)?(?: \w+)? (?:yet|schedule|right now|calendar|my)\b"
        r"|\bdo not know (?:my|our|yet|when|if)\b|\bgive me (?:until|till|til) \w+|\bi will (?:know|see|find out|have to)\b(?! you)|\bcan not (?:look|check)\b|\blet me (?:look|see)\b|\bahora (?:estoy|mismo)\b|\b(?:tonight|tomorrow) i will (?:know|see)\b|^ya (?:vere|veremos)\b|\bdadme\b|^let me see\b|\bnot sure (?:yet|when|if|about my)\b|\b(?:give|gimme) (?:me )?(?:a|an|some|one|until|till|\d+) ?(?:few |couple |couple of |more |\d+ )?"
        r"(?:min\w*|sec\w*|moment|bit|hour|time|day|while|tomorrow)\b|^(?:one|1|a|just a|hold on a?) ?(?:sec\w*|min\w*|moment)\b|\bhold on\b|\bbrb\b|\bone moment\b"
        r"|\b(?:in a|at a|in class|at work|in the middle of|with a)(?: \w+)? ?(?:meeting|class|session|client|patient)\b|\b(?:driving|in surgery)\b(?!.*\b(?:schedule|distance)\b)"
        r"|\b(?:busy|can not|not) (?:right now|at the moment|atm)\b|\bnot (?:right )?now\b|\b(?:ask|text|message|try|write|remind|ping) me (?:again )?(?:later|tonight|tomorrow|in a|another|next)\b"
        r"|\b(?:i|we) will (?:call|phone|text|message|respond|reply|answer|confirm|decide|email|contact|write|ring)\b|\bwill (?:reply|respond|answer|confirm|decide|text|call|advise)\b"
        r"|\b(?:reply|respond|answer|decide|confirm) (?:you )?(?:later|tonight|tomorrow|soon|shortly|asap|monday)\b|\bthink about it\b|\bthinking about it\b|\btalk later\b|\bttyl\b"
        r"|\bwaiting (?:to hear|on|for) my\b|\bafter i (?:talk|speak|check|ask|hear|know)\b|^(?:maybe )?later(?: please| thanks)?$|^in a (?:bit|minute|few)$|\bneed (?:some |more )?time to\b"
        r"|\b(?:te|le|les|os|yo) (?:aviso|avisare|aviso|digo|dire|confirmo|confirmare|escribo|escribire|contesto|contestare|respondo|respondere|llamo|llamare|comento|cuento|hablo)\b"
        r"|\b(?:luego|despues|al rato|mas tarde|manana|en un rato|ahorita|enseguida) (?:te |le |les |os |se )?(?:\w+ )?(?:aviso|digo|dire|confirmo|escribo|contesto|respondo|llamo|contestare|cuento|veo)\b"
        r"|\b(?:tengo que|dejame|dejeme|dejenme|deja|necesito|voy a|debo|hay que|permiteme|permitame|tendria que)(?: \w+)? ?(?:ver|mirar\w*|consultar\w*|revisar\w*|checar\w*|preguntar\w*|pensar\w*"
        r"|confirmar\w*|comprobar\w*|hablar\w*|chequear\w*|verlo|mirarlo|verificar\w*|pensarlo)\b(?! con (?:alguien|una|un|la rec))|\b(?:ahora|ahorita|en este momento|ahora mismo) no (?:puedo|me)\b|\bno puedo (?:hablar|ahora|contestar|ahorita|responder|escribir)\b"
        r"|\b(?:un momento|un momentito|un segundo|un minuto|espera|espere|esperame|dame un|deme un|estoy (?:conduciendo|manejando|en (?:una )?(?:reunion|junta|clase|el trabajo)|trabajando))\b"
        r"|\b(?:todavia|aun) no (?:se|lo se|estoy segur)\w*|\bno (?:lo )?se (?:todavia|aun)\b|\blo (?:pienso|consulto|miro|reviso|checo|veo y)\b|\bme lo pienso\b|^(?:luego|al rato|mas adelante)$"
    )),
)  # fmt: skip
_KEPT = re.compile(
    r"\b(?:do not|never|not|did not|no|would not)(?: (?:want|wish|mean|need|like|have|going|trying|please|you|to|quiero|vaya|vayan|voy|a|me|la|lo))*"
    r" (?:cancel|cancle|anul)\w*"
)
RULES = [(meaning, name, re.compile(pattern)) for meaning, name, pattern in _WORDS]


def said(words: str, *among: Meaning) -> tuple[Meaning, str] | None:
    """The first intent, `among` these, that these plain words state."""
    kept = _KEPT.sub(" ", words)
    for meaning, name, pattern in RULES:
        if meaning in among and pattern.search(kept if meaning is Meaning.WITHDRAW else words):
            return meaning, name
    return None
