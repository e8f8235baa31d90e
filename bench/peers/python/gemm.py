"""The product of two square matrices."""


def numpy(a, b, n):
    x, y = a.reshape(n, n), b.reshape(n, n)
    return lambda: (x @ y).ravel()
