"""A large synthetic company, drawn and written set-wise inside the database, to measure the product on.

Every draw is a hash of what it is about and of the seed: the same seed and day give the same company.
"""
