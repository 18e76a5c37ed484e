# Holds answers of the API against its description.     api_check.py OPENAPI EXCHANGES
#
# EXCHANGES has one JSON object a line: method ("FRAME" for one of the live connection), target, form (or null), status,
# type, headers, body. Prints what is wrong, one fault a line: an answer that the description does not have, a member
# that it does not know, an operation that was never done.
import json
import sys
import urllib.parse

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

description = json.load(open(sys.argv[1], encoding="utf-8"))
methods = ("get", "put", "post", "delete", "patch")
told_headers = ("set-cookie", "etag", "retry-after", "allow", "content-disposition")


def follow(node):
    while isinstance(node, dict) and isinstance(node.get("$ref"), str):
        found = description
        for step in node["$ref"].split("/")[1:]:
            found = found[step.replace("~1", "/").replace("~0", "~")]
        node = found
    return node


def refuse(word):
    raise ValueError(f"{word} is no JSON")


def fault(schema, value):
    """What is wrong with a value, or None. The description stands around the schema, for its references."""
    worst = best_match(Draft202012Validator({**description, "allOf": [schema]}).iter_errors(value))
    return worst and f"{worst.json_path}: {worst.message[:400]}"


def operation_of(exchange):
    asked = urllib.parse.urlsplit(exchange["target"]).path.split("/")
    method = "get" if exchange["method"] in ("FRAME", "HEAD") else exchange["method"].lower()
    fits = [
        pattern
        for pattern, item in description["paths"].items()
        if method in item
        and len(pattern.split("/")) == len(asked)
        and all(p.startswith("{") or p == a for p, a in zip(pattern.split("/"), asked))
    ]
    return (min(fits, key=lambda pattern: pattern.count("{")), method) if fits else (None, method)


def faults_of_request(operation, exchange):
    """What was taken must be described as what is taken."""
    known = {p["name"] for p in map(follow, operation.get("parameters", [])) if p["in"] == "query"}
    for name, _ in urllib.parse.parse_qsl(urllib.parse.urlsplit(exchange["target"]).query):
        if name not in known:
            yield f"parameter {name} is not described"
    if exchange["form"] is None:
        return
    form = follow(operation.get("requestBody", {}))
    if not form:
        yield "a request body is not described"
    elif wrong := fault(form["content"]["application/json"]["schema"], exchange["form"]):
        yield f"request {wrong}"


def faults_of_answer(operation, exchange):
    if exchange["method"] == "FRAME":
        if wrong := fault(operation["x-frames"]["schema"], json.loads(exchange["body"])):
            yield wrong
        return
    response = follow(operation["responses"].get(str(exchange["status"]), operation["responses"]["default"]))
    for name in told_headers:
        if name in exchange["headers"] and name not in (known.lower() for known in response.get("headers", {})):
            yield f"header {name} is not described"
    content = response.get("content", {})
    if not content:
        if exchange["body"]:
            yield "has a body, and none is described"
    elif exchange["type"] not in content:
        yield f"is {exchange['type'] or 'nothing'}, described is {', '.join(content)}"
    elif exchange["method"] != "HEAD":
        is_json = exchange["type"].endswith("json")
        body = json.loads(exchange["body"], parse_constant=refuse) if is_json else exchange["body"]
        if wrong := fault(content[exchange["type"]]["schema"], body):
            yield wrong


def open_objects(schema, where, seen):
    """Objects of an answer that would take any member."""
    if isinstance(schema, list):
        for i, item in enumerate(schema):
            yield from open_objects(item, f"{where}/{i}", seen)
        return
    if not isinstance(schema, dict):
        return
    if isinstance(schema.get("$ref"), str):
        if schema["$ref"] not in seen:
            seen.add(schema["$ref"])
            yield from open_objects(follow(schema), schema["$ref"], seen)
    if "type" in schema and "properties" in schema and schema.get("additionalProperties") is not False:
        yield where
    for key, value in schema.items():
        if key not in ("enum", "const"):
            yield from open_objects(value, f"{where}/{key}", seen)


def main():
    operations = {(p, m): item[m] for p, item in description["paths"].items() for m in methods if m in item}
    for schema in description["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    seen = set()
    for (pattern, method), operation in operations.items():
        for part in (list(map(follow, operation["responses"].values())), operation.get("x-frames", {})):
            for where in open_objects(part, f"{method} {pattern}", seen):
                print(f"{where}: takes members that nobody described")
    done = set()
    for line in open(sys.argv[2], encoding="utf-8"):
        exchange = json.loads(line)
        name = f"{exchange['method']} {exchange['target']} {exchange['status']}"
        pattern, method = operation_of(exchange)
        if pattern is None:
            if exchange["status"] < 400:
                print(f"{name}: is not described")
            continue
        operation = operations[pattern, method]
        for wrong in faults_of_answer(operation, exchange):
            print(f"{name}: {wrong}")
        if exchange["status"] < 400:
            done.add((pattern, method))
            for wrong in faults_of_request(operation, exchange):
                print(f"{name}: {wrong}")
    for pattern, method in operations.keys() - done:
        print(f"{method.upper()} {pattern}: was never done")


main()
