"""Which figures of a school may be told to those who may not read what they are made of. Pure: no rows, no clock."""
