"""One math function on columns; the functions have NumPy's names."""

import numpy as np


def numpy(name, *columns):
    f = getattr(np, name)
    return lambda: f(*columns)
