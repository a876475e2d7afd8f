"""Wordings that are easily confused, each beside the one it must be told from, in both languages."""

import pytest

from rebook.domain.replies import Meaning
from tests.domain.replies.test_plain_words import read

MEANT = {
    Meaning.WITHDRAW: [
        "please cancel it, i do not want to reschedule",
        "Cancel my visit. No need for another appointment.",
        "cancel the appointment and don't rebook me",
        "I want to cancel, not move it",
        "we would like to cancel without rescheduling",
        "cancela la cita, no quiero reprogramar",
        "anulen la visita, no la cambien para otro dia",
        "cancelar sin reagendar por favor",
        "quiero anular la cita y no quiero otra cita",
        "we no longer need the electrician",
        "ya no necesito al fontanero",
        "no me voy a hacer la limpieza",
    ],
    Meaning.PREFER: [
        "cancel that one and rebook me for december 9",
        "can't come, cancel it and reschedule please",
        "cancela esa y reagendame por favor",
        "can your plumber come on december 3?",
        "could the doctor see me on dec 9 at 10am?",
    ],
    Meaning.OPT_IN: [
        "text me again please, I opted out by accident",
        "I accidentally unsubscribed, please put me back on the list",
        "I replied STOP by mistake",
        "sorry I texted stop on accident, I still want the messages",
        "we unsubscribed by mistake, you can message us again",
        "please sign me up again, I unsubscribed by accident",
        "denme de alta de nuevo por favor",
        "dame de alta otra vez",
        "me di de baja sin querer, pueden volver a escribirme",
        "mandé STOP por error, me pueden escribir otra vez",
        "dar de alta",
        "vuelvan a mandarme mensajes",
    ],
    Meaning.OPT_OUT: [
        "I signed up by mistake, unsubscribe me",
        "I unsubscribed and you still text me by mistake",
        "I already unsubscribed. You are texting me by mistake",
        "you texted me by mistake, stop",
        "me di de alta por error, quiero la baja",
        "no me den de alta otra vez, no quiero mensajes",
        "you got this number by mistake please remove me",
        "I hit stop by mistake but please stop texting",
        "STOP by mistake you keep texting",
        "me dieron de alta por error, no me escriban",
        "dadme de baja",
        "unsubscribe, i opted in by mistake",
        "I opted out by mistake before, now for real: unsubscribe",
        "please take me off the list you put me back on",
    ],
    Meaning.CALL_ME: [
        "is there a real person I could talk to",
        "can i get a human please",
        "I need a human",
        "is there somebody there I can speak to?",
        "hay alguien con quien pueda hablar?",
        "¿hay una persona con la que pueda hablar?",
        "could you llamarme mañana",
        "por favor llamarme al 808 555 0101",
    ],
    Meaning.WRONG_PERSON: [
        "I am not Mrs Okafor, she had this phone before",
        "this number used to be someone else's, I've had it since may",
        "I've had this number for 6 years, no idea who that is",
        "We have had this phone since 2019, who is Leilani",
        "no soy la señora Ruiz",
        "no soy el sr. Peña, él tenía este número antes",
        "tengo este número desde hace 3 años, no sé quién es",
        "este número era de otra persona",
        "someone else had this number before me",
    ],
    Meaning.ALREADY: [
        "I rescheduled through your website",
        "already done, I booked it on the site",
        "I moved it with the portal last night",
        "it's all sorted, thanks",
        "ya quedó, gracias",
        "ya está, la reagendé en la web",
        "reservé por internet ayer",
        "la cambié por la app",
        "ya lo moví desde el enlace",
    ],
    Meaning.UNCLEAR: [
        "se puede hacer por la página?",
    ],
    Meaning.DECLINE: [
        "none of the 3 work",
        "I can't make either of the two",
        "ninguna de las 3 me viene bien",
        "ni una ni otra",
        "ni la una ni la otra",
        "those are all during my shift",
    ],
    Meaning.LATER: [
        "I'll tell you friday when I know",
        "we'll tell you tomorrow",
    ],
    Meaning.QUESTION: [
        "will Ana be doing my nails",
        "aceptas visa?",
        "cobráis en efectivo?",
    ],
}


@pytest.mark.parametrize(
    ("text", "meaning"), [(text, meaning) for meaning, texts in MEANT.items() for text in texts]
)
def test_what_sounds_alike_is_told_apart(text: str, meaning: Meaning) -> None:
    assert read(text).meaning is meaning


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ill take the last one", 3),
        ("cógeme el lunes", 1),
        ("el segundo horario", 2),
        ("el último que me han mandado", 3),
        ("la última que habéis puesto", 3),
        ("tuesday no, monday ta bien", 1),
        ("martez", 2),
        ("tuesday 3:30 works for my daughter", 2),
        ("el martes para mi hijo", 2),
        ("el lunes tempranito a las 9", 1),
        ("Monday 9 please. Sorry about yesterday", 1),
    ],
)
def test_a_choice_may_be_misspelt_polite_or_made_for_a_child(text: str, code: int) -> None:
    found = read(text)
    assert (found.meaning, found.code) == (Meaning.ACCEPT, code)


@pytest.mark.parametrize(
    "text",
    [
        "3 kids",
        "for my 2 kids",
        "my wife will take 2, i'll see",
        "2 for my son and 3 for me",
    ],
)
def test_a_number_of_people_is_no_choice(text: str) -> None:
    assert read(text).meaning is not Meaning.ACCEPT


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("next week is no good, the one after", ("11-30 00:00", "12-07 00:00")),
        ("not next week, the following one please", ("11-30 00:00", "12-07 00:00")),
        ("I can't next week but the week after works", ("11-30 00:00", "12-07 00:00")),
        ("la próxima semana estoy fuera, mejor la siguiente", ("11-30 00:00", "12-07 00:00")),
        ("no la semana que viene sino la siguiente", ("11-30 00:00", "12-07 00:00")),
        ("la semana entrante no puedo, la otra", ("11-30 00:00", "12-07 00:00")),
        ("this week is no good, the next one", ("11-23 00:00", "11-30 00:00")),
        ("esta semana no puedo, la siguiente", ("11-23 00:00", "11-30 00:00")),
        ("esta semana imposible, mejor la que viene", ("11-23 00:00", "11-30 00:00")),
        ("semana entrante", ("11-23 00:00", "11-30 00:00")),
        ("week after next, I'm in Reno until the 28th", ("11-30 00:00", "12-07 00:00")),
        ("december 2, we are at my mother's till dec 1", ("12-02 00:00", "12-03 00:00")),
        ("I'm away until sunday. Next week?", ("11-23 00:00", "11-30 00:00")),
        ("estoy en Lima hasta el 28, mejor el 2 de diciembre", ("12-02 00:00", "12-03 00:00")),
        ("estoy fuera hasta el domingo, mejor la semana que viene", ("11-23 00:00", "11-30 00:00")),
        ("I'm away till dec 2", None),
        ("next week, but I'm gone until wednesday the 25th", None),
        ("can we do 10 instead of 9 on monday", ("11-23 10:00", "11-23 11:00")),
        ("4pm rather than 3:30 on tuesday please", ("11-24 16:00", "11-24 17:00")),
        ("a las 5 en vez de a las 3:30 el martes", ("11-24 17:00", "11-24 18:00")),
        ("saturday morning if you are open saturdays", ("11-21 06:00", "11-21 12:00")),
        ("sunday at 10am if u guys work weekends", ("11-22 10:00", "11-22 11:00")),
        ("el sábado por la mañana si abren los sábados", ("11-21 06:00", "11-21 12:00")),
        ("domingo a las 10 si trabajáis domingos", ("11-22 10:00", "11-22 11:00")),
    ],
)
def test_what_is_refused_or_an_absence_does_not_blur_the_wish(
    text: str, window: tuple[str, str] | None
) -> None:
    found = read(text)
    between = found.window and tuple(
        f"{instant:%m-%d %H:%M}" for instant in (found.window.start, found.window.end)
    )
    assert (found.meaning, between) == (Meaning.PREFER, window)
