"""Numbers that may stand for the local authority in a unique pupil number: real ones since April 1998, and pseudo ones.

The ranges are those of the department's published check 1530. The last one, of the authorities formed in Cumbria in
2023, is general knowledge.
"""

LOCAL_AUTHORITY_RANGES: tuple[tuple[int, int], ...] = (
    (1, 5),
    (201, 213),
    (301, 320),
    (330, 336),
    (340, 344),
    (350, 359),
    (370, 373),
    (380, 384),
    (390, 394),
    (420, 420),
    (660, 681),
    (701, 708),
    (800, 803),
    (805, 808),
    (810, 813),
    (815, 816),
    (820, 823),
    (825, 826),
    (830, 831),
    (835, 841),
    (845, 846),
    (850, 852),
    (855, 857),
    (860, 861),
    (865, 896),
    (908, 909),
    (916, 916),
    (919, 919),
    (921, 921),
    (925, 926),
    (928, 929),
    (931, 931),
    (933, 933),
    (935, 938),
    (940, 941),
    (942, 943),
)


def is_local_authority(number: int) -> bool:
    return any(low <= number <= high for low, high in LOCAL_AUTHORITY_RANGES)
