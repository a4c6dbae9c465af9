"""Which records are the same customer: an unsupervised Fellegi–Sunter model over NumPy arrays.

Plain modules that know no Django: text in, pairs with probabilities and reasons out.
"""
