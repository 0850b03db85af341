"""Measures of a learner and of a cohort, from grades that are known: fractions in, fractions out.

tables                    points, tariff and estimates as a boundary pack has them
entries                   one qualification with its grade, points, slots and source
attainment8, progress8    the eight slots, and the distance from the estimate
cohorts                   the mean of a school and its interval
ebacc, basics, tariff     entry, achievement and average points; grades 4+ and 5+; UCAS points
methods, rounding         which version of which rule was used: every result says so
"""
