"""Reads {"version", "bundle"} and lets libraries that are not ours judge the Bundle and what stands in it.

R4 is read by fhirclient, R4B and R5 by fhir.resources.
"""

import importlib
import json
import sys

PACKAGES = {"4.3.0": "fhir.resources.R4B", "5.0.0": "fhir.resources"}


def model(package: str, resource: dict):
    name = resource["resourceType"]
    return getattr(importlib.import_module(f"{package}.{name.lower()}"), name)


def read(version: str, resource: dict) -> None:
    if version == "4.0.1":
        # The class reads strictly: a member that is unknown, missing or of another type raises.
        model("fhirclient.models", resource)(resource, strict=True)
    else:
        model(PACKAGES[version], resource).model_validate(resource)


def main() -> None:
    asked = json.load(sys.stdin)
    version, bundle = asked["version"], asked["bundle"]
    read(version, bundle)
    for entry in bundle.get("entry", []):
        resource = entry.get("resource")
        if resource is not None:
            read(version, resource)


main()
