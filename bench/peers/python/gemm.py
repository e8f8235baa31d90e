"""The product of two square matrices, alone or with a bias and max(x, 0)."""


def numpy(*args):
    import numpy as np

    what, *args = args if isinstance(args[0], str) else ("product", *args)
    n = args[-1]
    x, y = (a.reshape(n, n) for a in args[:2])
    if what == "product":
        return lambda: (x @ y).ravel()
    bias = args[2]
    return lambda: np.maximum(x @ y + bias, 0).ravel()
