"""The demo company: Horizonte Crédito e Seguros, made up from lists of real Brazilian words.

`loading.load` writes it. What it writes depends on a fixed seed and on today, so that every installation
shows the same people while purchases and contracts stay fresh.
"""
