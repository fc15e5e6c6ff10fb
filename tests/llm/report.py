"""Holds what the command has written against the contract: report.py FILE."""

import json
import sys

report = json.load(open(sys.argv[1]))
keys = "messages ticker predictions news_sentiment final_report recommendation confidence last_price".split()
missing = [key for key in keys if report.get(key) is None]
assert not missing, f"the report has no {missing}"
author = report["written_by"]
assert author["by"] in ("model", "template"), author
who = author["name"] if author["by"] == "model" else author["why"]
assert "smollm2:135m" in who and who in report["final_report"], f"the report does not say who wrote it: {author}"
known = {fact["id"] for fact in report["facts"]}
strange = [number for number in report["numbers"] if number["fact"] not in known and " " not in number["fact"]]
assert report["numbers"] and not strange, f"numbers that are no facts: {strange}"
print(f"written by the {author['by']}: {who}; {report['cost']['calls']} calls")
