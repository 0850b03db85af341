"""Ethnicity, language and sex, from the department's lists of census codes."""

from datetime import date

from server.register.code import Code, Provenance, same

ORIGIN_CODES: tuple[Code, ...] = (
    *same(
        "ethnicity",
        Provenance.PUBLISHED,
        (
            ("WBRI", "White British"),
            ("WIRI", "White Irish"),
            ("WIRT", "Traveller of Irish heritage"),
            ("WROM", "Gypsy or Roma"),
            ("WOTH", "Any other White background"),
            ("MWBC", "White and Black Caribbean"),
            ("MWBA", "White and Black African"),
            ("MWAS", "White and Asian"),
            ("MOTH", "Any other mixed background"),
            ("AIND", "Indian"),
            ("APKN", "Pakistani"),
            ("ABAN", "Bangladeshi"),
            ("AOTH", "Any other Asian background"),
            ("CHNE", "Chinese"),
            ("BCRB", "Black Caribbean"),
            ("BAFR", "Black African"),
            ("BOTH", "Any other Black background"),
            ("OOTH", "Any other ethnic group"),
            ("REFU", "Refused"),
            ("NOBT", "Information not yet obtained"),
        ),
    ),
    *same(
        "ethnicity_extended",
        Provenance.PUBLISHED,
        (
            ("WCOR", "White Cornish"),
            ("WENG", "White English"),
            ("WNIR", "White Northern Irish"),
            ("WSCO", "White Scottish"),
            ("WWEL", "White Welsh"),
            ("WOWB", "Other White British"),
        ),
        main="WBRI",
    ),
    *same(
        "ethnicity_extended",
        Provenance.PUBLISHED,
        (
            ("WALB", "Albanian"),
            ("WBOS", "Bosnian-Herzegovinian"),
            ("WCRO", "Croatian"),
            ("WGRE", "Greek or Greek Cypriot"),
            ("WGRK", "Greek"),
            ("WGRC", "Greek Cypriot"),
            ("WITA", "Italian"),
            ("WKOS", "Kosovan"),
            ("WPOR", "Portuguese"),
            ("WSER", "Serbian"),
            ("WTUR", "Turkish or Turkish Cypriot"),
            ("WTUK", "Turkish"),
            ("WTUC", "Turkish Cypriot"),
            ("WEUR", "White European"),
            ("WEEU", "White Eastern European"),
            ("WWEU", "White Western European"),
            ("WOTW", "Any other White"),
        ),
        main="WOTH",
    ),
    *same(
        "ethnicity_extended",
        Provenance.PUBLISHED,
        (("WROG", "Gypsy"), ("WROR", "Roma"), ("WROO", "Other Gypsy or Roma")),
        main="WROM",
    ),
    *same(
        "ethnicity_extended",
        Provenance.PUBLISHED,
        (("MWAP", "White and Pakistani"), ("MWAI", "White and Indian"), ("MWAO", "White and any other Asian")),
        main="MWAS",
    ),
    *same(
        "first_language",
        Provenance.PUBLISHED,
        (
            ("ENG", "English"),
            ("ENB", "Believed to be English"),
            ("OTH", "Other than English"),
            ("OTB", "Believed to be other than English"),
            ("NOT", "Information not obtained"),
            ("REF", "Refused"),
        ),
    ),
    *same(
        "first_language",
        Provenance.GENERAL_KNOWLEDGE,
        (
            ("ARA", "Arabic"),
            ("BNG", "Bengali"),
            ("CHI", "Chinese"),
            ("FRN", "French"),
            ("GUJ", "Gujarati"),
            ("PNJ", "Panjabi"),
            ("POL", "Polish"),
            ("POR", "Portuguese"),
            ("SOM", "Somali"),
            ("SPA", "Spanish"),
            ("TAM", "Tamil"),
            ("TUR", "Turkish"),
            ("URD", "Urdu"),
        ),
    ),
    # Left the census from 2018/19; schools may go on recording it as their own.
    *(
        Code(
            "english_proficiency", code, label, date(2016, 9, 1), date(2018, 8, 31), Provenance.GENERAL_KNOWLEDGE
        )
        for code, label in (
            ("A", "New to English"),
            ("B", "Early acquisition"),
            ("C", "Developing competence"),
            ("D", "Competent"),
            ("E", "Fluent"),
            ("N", "Not yet assessed"),
        )
    ),
    *same("sex", Provenance.PUBLISHED, (("F", "Female"), ("M", "Male"))),
    *same("gender", Provenance.PUBLISHED, (("F", "Female"), ("M", "Male"), ("U", "Unknown"))),
)  # fmt: skip
