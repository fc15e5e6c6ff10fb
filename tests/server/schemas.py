"""Answers and requests against the schemas of their document: tests/server/schemas.sh.

Each answer has what its schema says, and no key that the schema does not know.
"""

import json
import sys

from jsonschema import Draft202012Validator
from openapi_spec_validator import validate


def closed(schema):
    """The same schema, in which an object has the properties that are named and no others."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    within = {key: closed(part) if key not in ("enum", "const", "examples", "default") else part for key, part in schema.items()}
    if "properties" in within:
        within.setdefault("unevaluatedProperties", False)
    return within


def faults(document, schema, value):
    validator = Draft202012Validator(
        {**schema, "components": document["components"]}, format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    for error in validator.iter_errors(value):
        yield f"{error.json_path}: {error.message[:300]}"


def main(path):
    with open(path) as file:
        read = json.load(file)
    validate(read["document"])
    document, wrong = closed(read["document"]), 0
    for name, value in read["answers"]:
        schema = document["paths"][f"/{name}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        for fault in faults(document, schema, value):
            print(f"answer {name}: {fault}")
            wrong += 1
    for name, value in read["requests"]:
        schema = document["paths"][f"/{name}"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        for fault in faults(document, schema, value):
            print(f"request {name}: {fault}")
            wrong += 1
    print(f"{len(read['answers'])} answers and {len(read['requests'])} requests against their schemas: {wrong} faults")
    return wrong > 0


sys.exit(main(sys.argv[1]))
