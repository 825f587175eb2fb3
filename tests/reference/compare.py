"""Reference against simulation, as a table: `python -m reference.compare CATALOGUE REPLICATIONS REQUESTS SCENARIO…`.

To be started in the folder above this package. `difference` is reference / simulation - 1; the interval is 99 %.
"""

import sys
from pathlib import Path

from .files import read_catalogue, read_scenario
from .simulation import bracket, simulate
from .solver import reference


def table(path: str, catalogue: str, replications: int, requests: int) -> str:
    """One scenario: a line for the mean and three quantiles of each class."""
    vcpus, prices = read_catalogue(catalogue)
    scenario = read_scenario(path)
    solved = reference(scenario, vcpus, prices)["requests"]
    runs = [
        simulate(scenario, vcpus, requests, seed, requests // 10)
        for seed in range(1, replications + 1)
    ]
    lines = []
    for name, row in solved.items():
        for label, q in (("mean", None), ("p50", 0.50), ("p95", 0.95), ("p99", 0.99)):
            low, high = bracket([run[name] for run in runs], q)
            middle, value = (low + high) / 2, row[label]
            beyond = max(low - value, value - high, 0.0)
            lines.append(
                f"{Path(path).stem:14} {name:9} {label:4} {value * 1e3:10.4f} ms {middle * 1e3:10.4f} "
                f"[{low * 1e3:.4f}, {high * 1e3:.4f}] {value / middle - 1:+8.3%} "
                + ("inside" if beyond == 0 else f"outside by {beyond / middle:.3%}")
            )
    return "\n".join(lines)


if __name__ == "__main__":
    for argument in sys.argv[4:]:
        print(table(argument, sys.argv[1], int(sys.argv[2]), int(sys.argv[3])), flush=True)
