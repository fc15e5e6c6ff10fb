"""The wheel's side of wheel.py: a child of the shipped parent from a CSV file, and its forecasts.

usage: child_ours.py FILE
"""

import sys
import time

import stockops

start = time.perf_counter()
bars = stockops.Bars.from_csv(sys.argv[1], "AMZN")
child = stockops.TransferTrainer("freeze", early_stopping=10).fit(bars, compare=False)
forecast = child.predict(bars)
seconds = time.perf_counter() - start

with open("/proc/self/status") as status:
    peak = next(float(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:"))
print(f"seconds {seconds:.4f}")
print(f"peak_mib {peak:.1f}")
print(f"epochs {len(child.history)}")
