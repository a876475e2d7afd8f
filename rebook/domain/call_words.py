"""What callers hear, in English and Spanish, with times put into words that are spoken."""

from datetime import datetime
from zoneinfo import ZoneInfo

from rebook.domain.calls import Line

LANGUAGES = ("en", "es")
_DAYS = "lunes martes miércoles jueves viernes sábado domingo".split()
_MONTHS = (
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
).split()

WORDS: dict[str, tuple[str, str]] = {
    "language": (
        "Thank you for calling {business}. For English, press 1 or say English.",
        "Para español, oprima 2 o diga español.",
    ),
    "check": (
        "To be sure that we speak with the right person, please say your first name, or key in the"
        " day of the month of your appointment with two digits. For a person, press 0 twice.",
        "Para saber que hablamos con la persona correcta, diga su nombre o marque el día del mes de su"
        " cita con dos cifras. Para hablar con una persona, oprima el 0 dos veces.",
    ),
    "stands": (
        "Your {service} is on {when}. For new times, press 1. To keep it, press 2. To cancel it for"
        " good, press 3. For a person, press 0.",
        "Su cita de {service} es el {when}. Para otras horas, oprima 1. Para dejarla como está, oprima"
        " 2. Para cancelarla del todo, oprima 3. Para hablar con una persona, oprima 0.",
    ),
    "lost": (
        "Your {service} on {when} is no longer booked. For new times, press 1. If you no longer need"
        " it, press 3. For a person, press 0.",
        "Su cita de {service} del {when} ya no está reservada. Para otras horas, oprima 1. Si ya no la"
        " necesita, oprima 3. Para hablar con una persona, oprima 0.",
    ),
    "looking": ("One moment: we are looking for times.", "Un momento: estamos buscando horas."),
    "still": ("One moment, please.", "Un momento, por favor."),
    "time": ("For {when}, press {key}.", "Para el {when}, oprima {key}."),
    "times": (
        "You can also say a day or a time. To hear this again, press 9. If none of these suits you,"
        " press 8. For a person, press 0.",
        "También puede decir un día o una hora. Para oírlo otra vez, oprima 9. Si ninguna le viene"
        " bien, oprima 8. Para hablar con una persona, oprima 0.",
    ),
    "confirm": (
        "Did we hear you right: {when}? To book it, press 1. For the other times, press 2.",
        "¿Le hemos entendido bien: {when}? Para reservarla, oprima 1. Para las otras horas, oprima 2.",
    ),
    "chosen": (
        "Thank you. We are booking {when} now and will send you a message when it is done. Goodbye.",
        "Gracias. Reservamos ahora el {when} y le enviaremos un mensaje cuando esté hecho. Adiós.",
    ),
    "booking": (
        "Your new time is being booked. We will send you a message when it is done. Goodbye.",
        "Estamos reservando su nueva hora. Le enviaremos un mensaje cuando esté hecho. Adiós.",
    ),
    "kept": (
        "Thank you. Your appointment stands: {when}. Goodbye.",
        "Gracias. Su cita sigue en pie: {when}. Adiós.",
    ),
    "cancel": (
        "To cancel your {service} for good, press 1. To go back, press 2.",
        "Para cancelar del todo su cita de {service}, oprima 1. Para volver, oprima 2.",
    ),
    "cancelled": (
        "Thank you for telling us. We have noted that you no longer need it. Goodbye.",
        "Gracias por avisarnos. Hemos anotado que ya no la necesita. Adiós.",
    ),
    "noted": (
        "Thank you. We have noted that and will send you a message. Goodbye.",
        "Gracias. Lo hemos anotado y le enviaremos un mensaje. Adiós.",
    ),
    "silenced": (
        "We will send you no more messages. Goodbye.",
        "No le enviaremos más mensajes. Adiós.",
    ),
    "later": (
        "This takes longer than usual. We will send you the times in a message. Goodbye.",
        "Está tardando más de lo normal. Le enviaremos las horas en un mensaje. Adiós.",
    ),
    "again": ("Sorry, we did not get that.", "Perdone, no le hemos entendido."),
    "unknown": (
        "We do not know the number you are calling from.",
        "No conocemos el número desde el que llama.",
    ),
    "nothing": (
        "We find no appointment of yours that is still ahead.",
        "No encontramos ninguna cita suya que esté por venir.",
    ),
    "dial": ("One moment, we connect you.", "Un momento, le pasamos."),
    "call_back": (
        "Someone from our team will call you back at this number. Goodbye.",
        "Alguien de nuestro equipo le llamará a este número. Adiós.",
    ),
    "withheld": (
        "Your number is hidden, so that we cannot call you back. Please call again and show it."
        " Goodbye.",
        "Su número está oculto y no podemos devolverle la llamada. Llame de nuevo mostrándolo, por"
        " favor. Adiós.",
    ),
}


def say(name: str, language: str, **gaps: str) -> Line:
    spoken = WORDS[name][LANGUAGES.index(language)]
    return Line(spoken.format(**gaps), language)


def when(instant: datetime, zone: str, language: str) -> str:
    """`Tuesday, November 24 at 9:30 in the morning`, `martes 24 de noviembre a las 9:30 de la mañana`"""
    local = instant.astimezone(ZoneInfo(zone))
    hour = f"{local.hour % 12 or 12}" + (f":{local:%M}" if local.minute else "")
    part = 0 if local.hour < 12 else 1 if local.hour < 18 else 2
    if language == "es":
        day = f"{_DAYS[local.weekday()]} {local.day} de {_MONTHS[local.month - 1]}"
        article = "la" if local.hour % 12 == 1 else "las"
        return f"{day} a {article} {hour} de la {('mañana', 'tarde', 'noche')[part]}"
    day = f"{local:%A}, {local:%B} {local.day}"
    return f"{day} at {hour} in the {('morning', 'afternoon', 'evening')[part]}"
