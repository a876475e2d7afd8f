"""The days, months, numbers and places in a list, as people write and misspell them."""

WEEKDAYS = (
    r"mon(?:day?s?)?|mondy|munday|monady|moday|mnday|lun(?:e[sz])?",
    r"tues?|tue?sd[ae]?y?s?|tuesdays?|teusday|tuseday|tuesdy|tusday|tuesd|tuesdsy|marte[sz]",
    r"weds?|wednes|wednesdays?|we[dn]+s?d[ae]y|wensday|wendsday|wednsday|wedensday|wednesdy"
    r"|wedesday|wensdy|mie(?:rc(?:ole[sz])?)?|mi?ercole[sz]|mierkole[sz]",
    r"thu(?:rs?)?|thursdays?|thrusday|thursdy|thurday|tursday|thirsday|thrsday|thers?day"
    r"|jue(?:ve[sz])?|juebe[sz]",
    r"fri(?:days?)?|fryday|firday|frday|frida|friady|fridy|vie(?:r(?:ne[sz])?)?|bierne[sz]|vierns",
    r"(?<!\bi )(?<!\bwe )(?<!\bhe )(?<!\bshe )(?<!\bthey )sat(?! (?:on hold|down|there|in the"
    r"|waiting))"
    r"|saturdays?|saterday|saturdy|satuday|sturday|saturady|sab(?:ados?)?|savado",
    r"(?<!the )(?<!had )(?<!some )(?<!of )sun(?! (?:is|was|screen|burn|light))|sundays?|sundy"
    r"|domingos?",
)  # fmt: skip
FULL_NAMES = {
    name: number
    for number, names in enumerate((("monday",), ("tuesday",), ("wednesday", "miercoles"),
                                    ("thursday", "jueves"), ("friday", "viernes"), ("saturday",),
                                    ("sunday", "domingo")))
    for name in names
}  # fmt: skip
"""What a longer word may be a typo of."""

MONTHS = (
    "jan(?:uary)?|enero|ene", "feb(?:ruary|uary)?|febrero", "mar(?:ch)?|marzo", "apr(?:il)?|abril|abr",
    "may(?:o)?", "june?|junio", "july?|julio", "aug(?:ust)?|agosto|ago",
    "sept?(?:ember)?|septiembre|setiembre",
    "oct(?:ober)?|octubre", "nov(?:ember|iembre)?", "dec(?:ember)?|dic(?:iembre)?|decem",
)  # fmt: skip
NUMBERS = {
    word: number
    for number, words in enumerate(
        ("one un una uno", "two dos", "three tres", "four cuatro", "five cinco", "six seis",
         "seven siete", "eight ocho", "nine nueve", "ten diez", "eleven once", "twelve doce"), start=1)
    for word in words.split()
}  # fmt: skip
ORDINALS = {
    word: number
    for number, words in enumerate(
        ("first 1st frist fist primera primero primer 1ra 1er 1era 1ero",
         "second 2nd secnd segunda segundo 2da 2do",
         "third 3rd tercera tercero tercer 3ra 3er 3ero 3era", "fourth 4th cuarta cuarto 4ta 4to",
         "fifth 5th quinta quinto 5ta 5to"), start=1)
    for word in words.split()
}  # fmt: skip
ORDINALS |= {f"{n}st": n for n in range(1, 6)}
