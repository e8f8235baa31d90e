"""Two maps, then sum, minimum and maximum, in 32 bits that wrap."""


def numpy(v):
    import numpy as np

    def run():
        y = np.int32(3) * (v * v) + np.int32(1)
        return y.sum(dtype=np.int32), y.min(), y.max()

    return run


def numba(v):
    import numpy as np
    from numba import njit

    @njit
    def reduce(v):
        total, least, most = np.int32(0), np.int32(2**31 - 1), np.int32(-(2**31))
        for x in v:
            y = np.int32(np.int32(3) * np.int32(x * x) + np.int32(1))
            total = np.int32(total + y)
            least = min(least, y)
            most = max(most, y)
        return total, least, most

    return lambda: reduce(v)
