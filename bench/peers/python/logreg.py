"""One gradient step of logistic regression."""


def numpy(features, labels, weights, rate):
    import numpy as np

    matrix = features.reshape(len(labels), len(weights))

    def run():
        error = 1 / (1 + np.exp(-(matrix @ weights))) - labels
        return weights - matrix.T @ error / len(labels) * rate

    return run


def numba(features, labels, weights, rate):
    import math

    import numpy as np
    from numba import njit

    matrix = features.reshape(len(labels), len(weights))

    @njit(fastmath=True)
    def step(matrix, labels, weights, rate):
        n, k = matrix.shape
        gradient = np.zeros(k)
        for i in range(n):
            score = 0.0
            for j in range(k):
                score += matrix[i, j] * weights[j]
            error = 1 / (1 + math.exp(-score)) - labels[i]
            for j in range(k):
                gradient[j] += matrix[i, j] * error
        return weights - gradient / n * rate

    return lambda: step(matrix, labels, weights, rate)
