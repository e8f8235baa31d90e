"""Bitmaps, the first row in the lowest bit: packed, unpacked, counted, and one without another."""


def numpy(what, bits, other=None):
    import numpy as np

    return {
        "pack": lambda: np.packbits(bits, bitorder="little"),
        "unpack": lambda: np.unpackbits(bits, count=other, bitorder="little"),
        "count": lambda: np.bitwise_count(bits).sum(dtype=np.int64),
        "andnot": lambda: bits & ~other,
    }[what]
