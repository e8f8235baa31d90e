"""One step of PageRank with damping 0.85."""

DAMPING = 0.85


def numpy(source, target, rank, degree):
    import numpy as np

    nodes = len(rank)

    def run():
        share = rank / degree
        received = np.bincount(target, weights=share[source], minlength=nodes)
        return received * DAMPING + (1 - DAMPING) / nodes

    return run


def numba(source, target, rank, degree):
    import numpy as np
    from numba import njit

    @njit(fastmath=True)
    def step(source, target, rank, degree):
        nodes = len(rank)
        share = rank / degree
        received = np.zeros(nodes)
        for i in range(len(source)):
            received[target[i]] += share[source[i]]
        return received * DAMPING + (1 - DAMPING) / nodes

    return lambda: step(source, target, rank, degree)
