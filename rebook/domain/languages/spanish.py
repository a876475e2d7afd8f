"""What clients are told in Spanish. Accents that a cheap text message lacks are left out when it is sent."""

TEXTS: dict[str, str] = {
    "lost.client_cancelled": "su cita de {service} del {old} se canceló",
    "lost.noshow": "le echamos en falta el {old}",
    "lost.failed_access": "no pudimos entrar el {old}",
    "lost.our_fault": "sentimos haber tenido que cancelar su cita de {service} del {old}",
    "lost.weather": "el mal tiempo nos impidió su cita de {service} del {old}",
    "lost.cancelled": "su cita de {service} del {old} se canceló",
    "lost.stands": "tenemos noticias de su cita de {service} del {old}",
    "lost.asked_to_move": "pidió cambiar su cita de {service} del {old}",
    "lost.asked_to_cancel": "pidió cancelar su cita de {service} del {old}, que sigue en pie hasta que"
    " usted decida",
    "offer_sms": "{business}: {greeting}{lost}. Nuevas horas:\n{choices}\nResponda con el número o elija"
    " aquí: {link}\nResponda STOP para no recibir más mensajes.",
    "offer_sms.one_way": "{business}: {greeting}{lost}. Nuevas horas:\n{choices}\nElija aquí: {link}\n"
    "No más mensajes: {stop_link}",
    "last_sms.one_way": "{business}: aún podemos darle otra hora para {service}: {link}\n"
    "No más mensajes: {stop_link}",
    "taken_sms.one_way": "{business}: lo sentimos, esa hora se acaba de ocupar. Quedan libres:\n{choices}\n"
    "Elija aquí: {link}",
    "late_sms.one_way": "{business}: lo sentimos, llegamos con retraso a su cita de {service} del {old}."
    " Estamos de camino. ¿Dudas? {phone}\nNo más mensajes: {stop_link}",
    "last_sms": "{business}: aún podemos darle otra hora para {service}: {link}\n"
    "Responda STOP para no recibir más mensajes.",
    "taken_sms": "{business}: lo sentimos, esa hora se acaba de ocupar. Quedan libres:\n{choices}\n"
    "Responda con el número o elija aquí: {link}",
    "booked_sms": "{business}: reservado. {service}, {when}. Le esperamos. Cámbiela o cancélela"
    " aquí: {link}",
    "too_late_sms": "{business}: su cita de {service} es el {when}. Si no le viene bien, llame al {phone}.",
    "late_sms": "{business}: lo sentimos, llegamos con retraso a su cita de {service} del {old}. Estamos de"
    " camino. ¿Dudas? {phone}\nResponda STOP para no recibir más mensajes.",
    "by_link_sms": "{business}: reserve aquí usted mismo su nueva hora para {service}; hasta entonces no está"
    " reservada: {link}",
    "by_link_email.subject": "Reserve su cita de {service}",
    "by_link_email": "Hola{comma_name}:\n\nreserve aquí usted mismo su nueva hora para {service}; hasta"
    " entonces no está reservada: {link}\n\n{business}",
    "link_sms": "{business}: aquí tiene otra vez el enlace a su cita de {service}: {link}",
    "link_email.subject": "Su enlace",
    "link_email": "Hola{comma_name}:\n\naquí tiene otra vez el enlace a su cita de {service}: {link}"
    "\n\n{business}",
    "offer_email.subject": "Nuevas horas para {service}",
    "offer_email": "Hola{comma_name}:\n\n{lost}. Le guardamos estas horas:\n\n{choices}\n\n"
    "Elija una aquí: {link}\n\nPara no recibir más mensajes, responda STOP.\n\n{business}",
    "taken_email.subject": "Esa hora se ocupó: aquí tiene otras",
    "taken_email": "Hola{comma_name}:\n\nalguien se adelantó, lo sentimos. Ahora le guardamos estas"
    " horas:\n\n{choices}\n\nElija una aquí: {link}\n\n{business}",
    "booked_email.subject": "Reservado: {when}",
    "booked_email": "Hola{comma_name}:\n\nsu cita de {service} es el {when}.\n\n{place}\n\n"
    "Puede cambiarla o cancelarla aquí: {link}\n\n{business}",
    "service": "visita",
    "call_us": " También puede llamar al {phone}.",
    "greeting": "Hola, {name}: ",
    "answer_sms": "{business}: {answer}",
    "answer_email.subject": "Sobre su cita de {service}",
    "answer_email": "Hola{comma_name}:\n\n{answer}\n\n{business}",
    "answer.wish": "Para {wish} tenemos:\n{choices}\nResponda con el número o elija aquí: {link}",
    "answer.nearest": "No queda nada libre para {wish}, lo sentimos. Lo más cercano:\n{choices}\nResponda"
    " con el número o elija aquí: {link}",
    "answer.too_far": "Aún no podemos reservar para {wish}. Lo más cercano:\n{choices}\nResponda con el"
    " número o elija aquí: {link}",
    "answer.too_soon": "No nos da tiempo para {wish}, lo sentimos. Lo más cercano:\n{choices}\nResponda con"
    " el número o elija aquí: {link}",
    "answer.ask_day": "¿Qué día o parte del día le viene bien? Por ejemplo: el martes por la tarde. O"
    " responda con un número:\n{choices}",
    "answer.declined": "No hay problema. ¿Qué día o parte del día le viene mejor? Por ejemplo: el martes por"
    " la tarde.{call_us}",
    "answer.unclear": "Perdone, no le hemos entendido. Responda con un número o con un día que le venga"
    " bien:\n{choices}",
    "answer.withdrawn": "Hemos anotado que ya no quiere su cita de {service}. Si no es así, responda a este"
    " mensaje.{call_us}",
    "answer.call": "Gracias. Le llamará una persona.{call_us}",
    "answer.to_staff": "Gracias. Una persona leerá su mensaje y le responderá.{call_us}",
    "answer.help": "Le escribimos por su cita de {service} del {old}. Responda con el número de una hora o"
    " con un día que le venga bien, o STOP para no recibir más mensajes.{call_us}",
    "answer.welcome_back": "Volverá a recibir nuestros mensajes sobre sus citas. Responda STOP para no"
    " recibir más.",
}
