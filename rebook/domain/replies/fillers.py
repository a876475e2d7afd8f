"""What people say around a choice: a reply of these words and one time is that choice."""

FILLER = frozenset(
    """
    say the a an one ones that this option slot time times number appointment please thanks thank you
    so much i we me us my would will ll d like love want take choose pick picking select go going
    with for is are be it its do does am only fenomenal apunto solo works fine good great
    perfect best better ok yes yeah yep yup sure alright absolutely definitely awesome cool
    excellent wonderful lovely nice ideal fantastic okay k lets let have can make book schedule
    put down sign reserve confirm confirmed confirming on in at of then there come coming
    available free open well also too hi hello hey dear team sorry just preferably prefer could
    should sounds suits suit fits fit very really honestly everyone kindly mahalo aloha cheers
    done deal keep grab get give looks set lock able your guys o'clock sir maam madam
    doctor yo yea ya y s si claro vale bueno dale sale va listo orale el la los las lo un una uno
    por favor gracias muchas nos te le quedo queda viene vendria iria bien perfecto perfecta
    excelente genial estupendo con para opcion cita hora horario tomo elijo escojo quiero quisiera
    prefiero prefiere puedo podria podemos esta estoy es seria ser sea estaria de acuerdo que hola
    buenas buenos dias tardes mejor conviene sirve cuadra apunta apunteme apuntame agendame
    agendeme reserva reserveme reservame numero ahi alli entonces okey tambien al del confirmo
    confirmado señor gusta encanta puede perfectamente code perfectly exactly
    cogeme cojo coge ponme ponnos anotame apuntanos senor senora senorita guapa guapo ta
    vere vemos quedamos ire voy estare pues mero esa ese 👍 👌 🙏 😊 🙂 😀 😃 ✅ ✔ ❤ 🎉 💯 🤙 🌺 😁 😄 🤗
    😘 💕 🥰 💙 💚 ✨ 👏 😎 😉 🙌 🌞
    """.split()
)
