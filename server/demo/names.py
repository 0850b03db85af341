"""Names as English schools have them. Every person of the demo schools is invented."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Pool:
    """Names that go together, the ethnicity codes of the children who bear them, and their first languages."""

    girls: tuple[str, ...]
    boys: tuple[str, ...]
    families: tuple[str, ...]
    ethnicities: tuple[tuple[str, float], ...]
    languages: tuple[tuple[str, float], ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_ENGLISH: Final = (("ENG", 0.97), ("ENB", 0.02), ("REF", 0.005), ("NOT", 0.005))

BRITISH: Final = Pool(
    _words(
        "Olivia Amelia Isla Ava Ivy Freya Lily Florence Mia Willow Rosie Sophia Isabella Grace Daisy Sienna Poppy "
        "Elsie Emily Ella Evelyn Phoebe Evie Charlotte Harper Millie Matilda Maisie Eliza Chloë Zoë Niamh Siân "
        "Erin Megan Holly Bethany Abigail Lucy Jessica Martha Beatrice Imogen Harriet Ellie-Mae Lilly-Rose Caitlín"
    ),
    _words(
        "Noah Oliver George Arthur Muhammad Leo Harry Oscar Archie Henry Theodore Freddie Jack Charlie Theo Alfie "
        "Jacob Thomas Finley Arlo William Lucas Roman Tommy Isaac Teddy Alexander Luca Edward James Joshua Daniel "
        "Ethan Rhys Callum Owen Ewan Ciarán Seán Connor Kieran Samuel Benjamin Toby Elliot Jean-Luc Tyler-James"
    ),
    _words(
        "Smith Jones Taylor Brown Williams Wilson Johnson Davies Patterson Wright Walker White Edwards Green Hall "
        "Thomas Clarke Jackson Wood Harris Turner Hill Cooper Ward Morris Moore Clark Baker Harrison King Morgan "
        "Lewis Allen O'Brien O'Connor O'Neill Murphy Kelly Fitzgerald MacDonald McAllister Price Bennett Griffiths "
        "Hughes Llewellyn Fletcher Ashworth Barraclough Sykes Hargreaves Thistlethwaite Smith-Jones Carter-Reid "
        "Featherstone Holroyd Ramsbottom Dyson Pickles Hirst Whitaker Ackroyd D'Arcy Fox-Lane"
    ),
    (("WBRI", 0.86), ("WIRI", 0.02), ("WOTH", 0.03), ("MWBC", 0.03), ("MWBA", 0.01), ("MWAS", 0.02), ("MOTH", 0.02)),
    _ENGLISH,
)  # fmt: skip
SOUTH_ASIAN: Final = Pool(
    _words(
        "Aisha Fatima Zainab Maryam Khadija Amina Hafsa Sana Iqra Noor Priya Anjali Diya Ananya Kavya Simran Jasleen "
        "Harpreet Meera Riya Tasnim Nusrat Sumaiya Rukhsana Saanvi Ishani"
    ),
    _words(
        "Mohammed Muhammad Ali Hassan Hamza Ibrahim Yusuf Zain Bilal Umar Arjun Rohan Aarav Vihaan Dev Krishan Gurpreet "
        "Harjit Jaspal Amrit Tariq Imran Rahim Shahid Rafiq Nikhil"
    ),
    _words(
        "Khan Ahmed Hussain Ali Patel Begum Akhtar Singh Kaur Mahmood Iqbal Malik Shah Sharma Gupta Rahman Miah Chowdhury "
        "Uddin Islam Mistry Desai Bhatt Gill Dhillon Sandhu Mirza Qureshi Raja Javed"
    ),
    (("APKN", 0.42), ("AIND", 0.28), ("ABAN", 0.18), ("AOTH", 0.09), ("MWAS", 0.03)),
    (("URD", 0.24), ("PNJ", 0.2), ("BNG", 0.16), ("GUJ", 0.12), ("ENG", 0.24), ("OTB", 0.02), ("NOT", 0.02)),
)
AFRICAN_CARIBBEAN: Final = Pool(
    _words(
        "Zara Amara Chidera Adaeze Folasade Ngozi Imani Naomi Esther Abena Akosua Ayaan Hodan Sagal Tiana Chanel Aaliyah"
    ),
    _words(
        "Malachi Elijah Emmanuel Tobi Chinedu Kwame Kofi Abdi Mahad Jerome Marcus Dwayne Ezekiel Oluwaseun Femi Josiah"
    ),
    _words(
        "Okafor Adeyemi Mensah Osei Boateng Nwosu Abdi Mohamud Campbell Grant Francis Joseph Clarke Brown Adebayo "
        "Onyekachi-Bell N'Diaye Warsame Farah Agyeman"
    ),
    (("BAFR", 0.6), ("BCRB", 0.25), ("BOTH", 0.08), ("MWBC", 0.05), ("MWBA", 0.02)),
    (("ENG", 0.62), ("SOM", 0.18), ("FRN", 0.06), ("OTH", 0.12), ("NOT", 0.02)),
)
EUROPEAN: Final = Pool(
    _words("Zofia Zuzanna Maja Oliwia Natalia Inês Beatriz Ștefania Ioana Elena Łucja Anaïs Carla Júlia Agnė Żaneta"),
    _words("Jakub Szymon Antoni Filip Wojciech João Tiago Andrei Ștefan Mateusz Luka Ionuț Łukasz Kacper Jonas Nikola"),
    _words(
        "Kowalski Nowak Wiśniewska Wójcik Kamińska Zieliński Silva Pereira Gonçalves Popescu Ionescu Stanković "
        "Dvořák Müller García Fernández Żuk Łapiński Kaczmarek Petrauskas Horváth"
    ),
    (("WOTH", 0.93), ("WROM", 0.04), ("MOTH", 0.03)),
    (("POL", 0.4), ("POR", 0.14), ("SPA", 0.06), ("ENG", 0.16), ("OTH", 0.22), ("OTB", 0.02)),
)
EAST_AND_OTHER: Final = Pool(
    _words("Mei Yan Xinyi Linh Thảo Yui Layla Nour Yasmin Leyla Shirin Dilan Soraya Hana Mariam Zeynep"),
    _words("Wei Jun Haoran Minh Tuấn Kenji Omar Karim Emre Kian Arash Yousef Mustafa Hamid Samir Can"),
    _words("Chen Wang Li Nguyễn Trần Tanaka Hassan Haddad Yılmaz Öztürk Karimi Hosseini Al-Khatib Ben-Ali Demir Wong"),
    (("CHNE", 0.3), ("AOTH", 0.22), ("OOTH", 0.48)),
    (("CHI", 0.24), ("ARA", 0.3), ("TUR", 0.18), ("OTH", 0.16), ("ENG", 0.1), ("TAM", 0.02)),
)
TRAVELLER: Final = Pool(
    _words("Margaret Bridget Kathleen Nora Mary-Ann Shakira"),
    _words("Patrick Miley John-Joe Martin Jimmy Tom"),
    _words("Doherty Ward McDonagh Connors Lee Boswell"),
    (("WIRT", 0.55), ("WROM", 0.45)),
    (("ENG", 0.95), ("ENB", 0.05)),
)

POOLS: Final[tuple[tuple[Pool, float], ...]] = (
    (BRITISH, 0.68),
    (SOUTH_ASIAN, 0.14),
    (AFRICAN_CARIBBEAN, 0.07),
    (EUROPEAN, 0.065),
    (EAST_AND_OTHER, 0.035),
    (TRAVELLER, 0.01),
)
"""Shares of the families that send their children to the demo schools."""

STREETS: Final = _words(
    "Canal Mill Station Church Victoria Albert Chapel Bridge Moorland Park Hawthorn Beech Sycamore Jubilee Providence "
    "Cobden Peel Wharf Priory Weavers"
)
KINDS_OF_STREET: Final = _words("Street Road Lane Avenue Terrace Close Grove Row")
