"""What clients are told in English."""

TEXTS: dict[str, str] = {
    "lost.client_cancelled": "your {service} on {old} was cancelled",
    "lost.noshow": "we missed you on {old}",
    "lost.failed_access": "we could not get in on {old}",
    "lost.our_fault": "we are sorry that we had to cancel your {service} on {old}",
    "lost.weather": "the weather kept us from your {service} on {old}",
    "lost.cancelled": "your {service} on {old} was cancelled",
    "lost.stands": "we have news of your {service} on {old}",
    "lost.asked_to_move": "you asked to move your {service} on {old}",
    "lost.asked_to_cancel": "you asked to cancel your {service} on {old}, which stands until you decide",
    "offer_sms": "{business}: {greeting}{lost}. New times:\n{choices}\nReply with the number, or choose here:"
    " {link}\nReply STOP to opt out.",
    "offer_sms.one_way": "{business}: {greeting}{lost}. New times:\n{choices}\nChoose here: {link}\n"
    "No more messages: {stop_link}",
    "last_sms.one_way": "{business}: we can still find you a new time for your {service}: {link}\n"
    "No more messages: {stop_link}",
    "taken_sms.one_way": "{business}: sorry, that time has just been taken. These are free:\n{choices}\n"
    "Choose here: {link}",
    "late_sms.one_way": "{business}: sorry, we are running late for your {service} on {old}. We are on our"
    " way. Questions? {phone}\nNo more messages: {stop_link}",
    "last_sms": "{business}: we can still find you a new time for your {service}: {link}\n"
    "Reply STOP to opt out.",
    "taken_sms": "{business}: sorry, that time has just been taken. These are free:\n{choices}\n"
    "Reply with the number, or choose here: {link}",
    "booked_sms": "{business}: booked! {service}, {when}. See you then. Move or cancel it here:"
    " {link}",
    "too_late_sms": "{business}: your {service} is booked for {when}. If that does not suit you, call"
    " {phone}.",
    "late_sms": "{business}: sorry, we are running late for your {service} on {old}. We are on our way."
    " Questions? {phone}\nReply STOP to opt out.",
    "by_link_sms": "{business}: please book your new time for your {service} here yourself; it is not booked"
    " before you do: {link}",
    "by_link_email.subject": "Please book your {service}",
    "by_link_email": "Hello{comma_name},\n\nplease book your new time for your {service} here yourself; it is"
    " not booked before you do: {link}\n\n{business}",
    "link_sms": "{business}: here is the link to your {service} again: {link}",
    "link_email.subject": "Your link",
    "link_email": "Hello{comma_name},\n\nhere is the link to your {service} again: {link}\n\n{business}",
    "offer_email.subject": "New times for your {service}",
    "offer_email": "Hello{comma_name},\n\n{lost}. These times are held for you:\n\n{choices}\n\n"
    "Choose one here: {link}\n\nTo hear no more from us about this, answer STOP.\n\n{business}",
    "taken_email.subject": "That time was taken: here are others",
    "taken_email": "Hello{comma_name},\n\nsomeone was faster, sorry. These times are held for you now:\n\n"
    "{choices}\n\nChoose one here: {link}\n\n{business}",
    "booked_email.subject": "Booked: {when}",
    "booked_email": "Hello{comma_name},\n\nyour {service} is booked for {when}.\n\n{place}\n\n"
    "You can move or cancel it here: {link}\n\n{business}",
    "service": "appointment",
    "greeting": "Hi {name}, ",
    "call_us": " You can also call {phone}.",
    "answer_sms": "{business}: {answer}",
    "answer_email.subject": "About your {service}",
    "answer_email": "Hello{comma_name},\n\n{answer}\n\n{business}",
    "answer.wish": "For {wish} we have:\n{choices}\nReply with the number, or choose here: {link}",
    "answer.nearest": "Nothing is free for {wish}, sorry. The nearest:\n{choices}\nReply with the number, or"
    " choose here: {link}",
    "answer.too_far": "We cannot book as far ahead as {wish}. The nearest:\n{choices}\nReply with the"
    " number, or choose here: {link}",
    "answer.too_soon": "{wish} is too soon for us, sorry. The nearest:\n{choices}\nReply with the number,"
    " or choose here: {link}",
    "answer.ask_day": "Which day or part of the day suits you? For example: Tuesday afternoon. Or reply"
    " with a number:\n{choices}",
    "answer.declined": "No problem. Which day or part of the day suits you better? For example: Tuesday"
    " afternoon.{call_us}",
    "answer.unclear": "Sorry, we did not understand. Reply with one number, or with a day that suits"
    " you:\n{choices}",
    "answer.withdrawn": "We have noted that you no longer want your {service}. If that is wrong, answer"
    " this message.{call_us}",
    "answer.call": "Thank you. Somebody will call you.{call_us}",
    "answer.to_staff": "Thank you. A person will read this and answer you.{call_us}",
    "answer.help": "We write to you about your {service} on {old}. Reply with the number of a time or with"
    " a day that suits you, or STOP for no more messages.{call_us}",
    "answer.welcome_back": "You will hear from us again about your appointments. Reply STOP to opt out.",
}
