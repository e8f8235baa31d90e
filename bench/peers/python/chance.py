"""Random numbers: normal, uniform, whole ones, and a permutation."""


def numpy(what, n):
    import numpy as np

    generator = np.random.default_rng(7)
    return {
        "normal": lambda: generator.standard_normal(n),
        "uniform": lambda: generator.random(n),
        "integers": lambda: generator.integers(0, 1_000_000, n),
        "permutation": lambda: generator.permutation(n),
    }[what]
