"""Reads {"version", "bundle"} and lets fhir.resources, which is not ours, judge the Bundle and what stands in it."""

import importlib
import json
import sys

PACKAGES = {"4.3.0": "fhir.resources.R4B", "5.0.0": "fhir.resources"}


def model(package: str, resource: dict):
    name = resource["resourceType"]
    return getattr(importlib.import_module(f"{package}.{name.lower()}"), name)


def main() -> None:
    asked = json.load(sys.stdin)
    package = PACKAGES[asked["version"]]
    bundle = asked["bundle"]
    model(package, bundle).model_validate(bundle)
    for entry in bundle.get("entry", []):
        resource = entry.get("resource")
        if resource is not None:
            model(package, resource).model_validate(resource)


main()
