"""Products of matrices: two square ones, alone or with a bias and max(x, 0); with the transpose; small ones; with a vector."""


def numpy(*args):
    import numpy as np

    what, *args = args if isinstance(args[0], str) else ("product", *args)
    if what == "batched":
        a, b = (m.reshape(-1, 32, 32) for m in args[:2])
        return lambda: (a @ b).ravel()
    n = args[-1]
    x = args[0].reshape(n, n)
    if what == "syrk":
        return lambda: (x @ x.T).ravel()
    if what == "vector":
        return lambda: x @ args[1]
    y = args[1].reshape(n, n)
    if what == "product":
        return lambda: (x @ y).ravel()
    bias = args[2]
    return lambda: np.maximum(x @ y + bias, 0).ravel()
