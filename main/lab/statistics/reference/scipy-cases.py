"""Random cases with SciPy's answers, for scipy.test.ts.

    python3 main/lab/statistics/reference/scipy-cases.py > main/lab/statistics/reference/scipy-cases.json
    npx biome format --write main/lab/statistics/reference

Needs SciPy 1.11 or newer (`pip install 'scipy>=1.11'`); the fixture names the version that made it.
"""

import json
import sys

import numpy
import scipy
from scipy import stats

SEED = 20130215
random = numpy.random.default_rng(SEED)


def group(size, tied):
    """Times in ns, skewed as trials are; `tied` rounds them so that values repeat."""
    values = random.lognormal(3, 0.25, size) * random.choice([1.0, 1.15])
    return [float(value) for value in (numpy.round(values) if tied else values)]


def two_groups(m, n, tied):
    a, b = group(m, tied), group(n, tied)
    ties = len(set(a + b)) < m + n
    case = {"a": a, "b": b, "ties": ties}
    u = stats.mannwhitneyu(a, b, method="asymptotic" if ties else "exact")
    case["mannWhitney"] = {"u": float(u.statistic), "p": float(u.pvalue)}
    approximate = stats.mannwhitneyu(a, b, method="asymptotic")
    case["mannWhitneyAsymptotic"] = float(approximate.pvalue)
    ks = stats.ks_2samp(a, b, method="exact")
    case["kolmogorovSmirnov"] = {"d": float(ks.statistic), "p": float(ks.pvalue)}
    case["median"] = [float(numpy.median(a)), float(numpy.median(b))]
    # Cliff's delta by its link with U: delta(new=b over base=a) = 1 - 2 U / (m n).
    case["cliffsDelta"] = float(1 - 2 * u.statistic / (m * n))
    return case


def paired(n, tied):
    d = random.normal(0.3, 1, n)
    if tied:
        d = numpy.round(d * 4) / 4
        d = d[d != 0]
    d = [float(value) for value in d]
    ties = len(set(abs(value) for value in d)) < len(d)
    exact = (
        stats.wilcoxon(d, method=stats.PermutationMethod(n_resamples=numpy.inf))
        if ties
        else stats.wilcoxon(d, method="exact")
    )
    wins = stats.rankdata(numpy.abs(d))[numpy.array(d) > 0].sum()
    walsh = [(d[i] + d[j]) / 2 for i in range(len(d)) for j in range(i, len(d))]
    return {
        "differences": d,
        "ties": ties,
        "wPlus": float(wins),
        "p": float(exact.pvalue),
        "hodgesLehmann": float(numpy.median(walsh)),
    }


def adjusted(n):
    p = [float(value) for value in numpy.concatenate([random.uniform(0, 1, n - n // 3), random.uniform(0, 0.01, n // 3)])]
    return {"p": p, "benjaminiHochberg": [float(value) for value in stats.false_discovery_control(p, method="bh")]}


def bootstrap(n):
    values = group(n, False)
    interval = stats.bootstrap(
        (values,), numpy.median, n_resamples=50_000, method="percentile", confidence_level=0.95, rng=random
    ).confidence_interval
    return {"values": values, "low": float(interval.low), "high": float(interval.high)}


def bootstrap_shift(m, n):
    a, b = group(m, False), group(n, False)

    def shift(x, y, axis=-1):
        return numpy.median(y, axis=axis) / numpy.median(x, axis=axis) - 1

    interval = stats.bootstrap(
        (a, b), shift, n_resamples=50_000, method="percentile", vectorized=True, confidence_level=0.95, rng=random
    ).confidence_interval
    return {"a": a, "b": b, "low": float(interval.low), "high": float(interval.high)}


def kendall(n, tied):
    x, y = group(n, tied), group(n, tied)
    y = [a + 0.3 * b for a, b in zip(y, x)] if not tied else y
    ties = len(set(x)) < n or len(set(y)) < n
    result = stats.kendalltau(x, y, method="asymptotic" if ties else "exact")
    return {"x": x, "y": y, "ties": ties, "tau": float(result.statistic), "p": float(result.pvalue)}


sizes = [(1, 1), (2, 3), (3, 3), (5, 5), (5, 7), (8, 8), (9, 12), (20, 20), (30, 30), (12, 40), (40, 40), (60, 55)]
z = [-12.0, -6.0, -2.5, -1.0, -0.1, 0.0, 0.3, 1.0, 1.959963984540054, 2.4999, 2.5001, 4.0, 8.0, 20.0, 36.0]
lambdas = [0.2, 0.4, 0.6, 0.79, 0.81, 1.0, 1.36, 1.63, 2.5]
probabilities = [1e-12, 1e-6, 0.005, 0.025, 0.2, 0.5, 0.8, 0.975, 0.9999]

json.dump(
    {
        "command": "python3 main/lab/statistics/reference/scipy-cases.py > main/lab/statistics/reference/scipy-cases.json",
        "scipy": scipy.__version__,
        "numpy": numpy.__version__,
        "seed": SEED,
        "twoGroups": [two_groups(m, n, tied) for tied in (False, True) for m, n in sizes for _ in range(3)],
        "paired": [paired(n, tied) for tied in (False, True) for n in (2, 4, 6, 9, 12, 15) for _ in range(3)]
        + [paired(40, False), paired(50, False)],
        "adjusted": [adjusted(n) for n in (1, 2, 5, 15, 40)],
        "bootstrap": [bootstrap(n) for n in (3, 5, 8, 15, 40)],
        "bootstrapShift": [bootstrap_shift(m, n) for m, n in ((5, 5), (8, 10), (20, 20), (40, 30))],
        "normalUpperTail": [[value, float(stats.norm.sf(value))] for value in z],
        "normalQuantile": [[value, float(stats.norm.ppf(value))] for value in probabilities],
        "kolmogorovUpperTail": [[value, float(stats.kstwobign.sf(value))] for value in lambdas],
        "kendall": [kendall(n, tied) for tied in (False, True) for n in (3, 5, 6, 9, 12, 20, 33, 50)],
    },
    sys.stdout,
)
sys.stdout.write("\n")
