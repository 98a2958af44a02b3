"""Writes r4.txt, the types of FHIR R4, from the StructureDefinitions of the npm package
hl7.fhir.r4.examples 4.0.1 (definitions of HL7, CC0): python3 model.py PACKAGE_FOLDER > r4.txt"""

import json
import pathlib
import sys

HEAD = """\
# The types of FHIR R4 (4.0.1): which elements there are, which repeat, which are a choice.
# Written by model.py from the StructureDefinitions of the npm package hl7.fhir.r4.examples 4.0.1
# (HL7 FHIR definitions, CC0 1.0). One type a line: name, kind, base, own elements.
# Kinds: p primitive, c complex, b part of another type, r resource. After an element's name
# `*` says that it repeats and `~` that its JSON name ends with its type.
"""
SYSTEM = "http://hl7.org/fhirpath/System."


def types_of(element):
    if "contentReference" in element:
        return [element["contentReference"].split("#")[-1]]
    return [entry["code"] for entry in element.get("type", [])]


def element_text(element, parts):
    path = element["path"]
    name = path.rsplit(".", 1)[1]
    choice = name.endswith("[x]")
    kinds = [path] if path in parts else types_of(element)
    # Ids are strings of the system in the definitions and FHIR types for everybody who reads one.
    kinds = [("id" if path == "Resource.id" else "string") if kind.startswith(SYSTEM) else kind for kind in kinds]
    marks = ("*" if element["max"] not in ("0", "1") else "") + ("~" if choice else "")
    return f"{name.removesuffix('[x]')}{marks}:{'|'.join(kinds)}"


def lines(definition):
    elements = definition["snapshot"]["element"]
    parts = {element["path"].rsplit(".", 1)[0] for element in elements if "." in element["path"]}
    parts.discard(definition["type"])
    primitive = definition["kind"] == "primitive-type"
    kind = {"primitive-type": "p", "complex-type": "c", "resource": "r"}[definition["kind"]]
    base = definition.get("baseDefinition", "/-").rsplit("/", 1)[1]
    heads = {definition["type"]: (kind, base)}
    for element in elements:
        if element["path"] in parts:
            heads[element["path"]] = ("b", types_of(element)[0])
    for name, (kind, base) in heads.items():
        own = [
            element_text(element, parts)
            for element in elements
            if element["path"].rsplit(".", 1)[0] == name
            and element["path"] != name
            and element.get("base", {}).get("path", element["path"]) == element["path"]
            and not (primitive and element["path"].endswith(".value"))
        ]
        yield " ".join([name, kind, base, *own])


def main(folder):
    found = []
    for path in pathlib.Path(folder).glob("StructureDefinition-*.json"):
        definition = json.loads(path.read_text(encoding="utf-8"))
        is_core = definition["url"] == "http://hl7.org/fhir/StructureDefinition/" + definition["type"]
        if is_core and definition.get("derivation") != "constraint" and definition["kind"] != "logical":
            found.extend(lines(definition))
    print(HEAD + "\n".join(sorted(found)))


main(sys.argv[1])
