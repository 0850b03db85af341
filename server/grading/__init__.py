"""The grading engine: numbers in, numbers out; no rows, no clock, no printing.

specification, boundaries   what a board says, as data       contents   stored versions and digests
linear                      one learner, exact                bulk       a cohort, the same on int64
tally                       a changed mark as a delta         explanation, routes   why, and what would change it
papers, grade_columns       papers as they were sat, and the columns of a stored grade
packs, verification         published figures and the cases that hold the engine to them
"""
