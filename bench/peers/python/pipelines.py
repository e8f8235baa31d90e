"""A median and running sums of expressions, and a layer of a network."""


def numpy(what, *args):
    import numpy as np

    if what == "layer":
        x, w, b, rows = args
        x, w = x.reshape(rows, -1), w.reshape(-1, len(b))
        return lambda: np.maximum(x @ w + b, 0).ravel()
    x, y = args[:2]
    if what == "median":
        return lambda: np.median(x * y + x, keepdims=True)
    return lambda: np.sqrt(np.cumsum(x * y))
