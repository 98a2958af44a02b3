"""Writes codes.txt, the codes that elements of FHIR are bound to, from the npm packages
hl7.fhir.r4.examples 4.0.1 and hl7.fhir.r5.core 5.0.0 (definitions of HL7, CC0):
python3 codes.py R4_FOLDER R5_FOLDER > codes.txt"""

import json
import pathlib
import sys

HEAD = """\
# The codes that an element of type `code` may have, where FHIR binds it to them (strength `required`):
# those of R4 (4.0.1) and of R5 (5.0.0) together, for elements that R4 has.
# Written by codes.py from the npm packages hl7.fhir.r4.examples 4.0.1 and hl7.fhir.r5.core 5.0.0
# (HL7 FHIR definitions, CC0 1.0). One element a line; sets of more than 60 codes are left out.
"""
MOST = 60


class Version:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.value_sets = self.by_url("ValueSet")
        self.systems = self.by_url("CodeSystem")

    def read(self, kind):
        for path in sorted(self.folder.glob(f"{kind}-*.json")):
            yield json.loads(path.read_text(encoding="utf-8"))

    def by_url(self, kind):
        return {found["url"]: found for found in self.read(kind) if "url" in found}

    def codes(self, url):
        """The codes of a value set; none where it does not list them."""
        found = self.value_sets.get(url.split("|")[0])
        parts = found.get("compose", {}).get("include", []) if found else []
        listed = [self.included(part) for part in parts]
        return None if not listed or None in listed else {code for part in listed for code in part}

    def included(self, part):
        if "filter" in part:
            return None
        if "concept" in part:
            return {concept["code"] for concept in part["concept"]}
        if "system" in part:
            system = self.systems.get(part["system"])
            complete = system and system.get("content") == "complete"
            return set(flat(system.get("concept", []))) if complete else None
        sets = [self.codes(url) for url in part.get("valueSet", [])]
        return None if not sets or None in sets else set.intersection(*sets)

    def bound(self):
        """Each bound element with its codes."""
        for definition in self.read("StructureDefinition"):
            is_core = definition["url"] == "http://hl7.org/fhir/StructureDefinition/" + definition["type"]
            if not is_core or definition.get("derivation") == "constraint":
                continue
            for element in definition["snapshot"]["element"]:
                is_own = element.get("base", {}).get("path") == element["path"]
                is_code = [entry["code"] for entry in element.get("type", [])] == ["code"]
                binding = element.get("binding", {})
                if is_own and is_code and binding.get("strength") == "required" and "valueSet" in binding:
                    yield element["path"], self.codes(binding["valueSet"])


def flat(concepts):
    for concept in concepts:
        yield concept["code"]
        yield from flat(concept.get("concept", []))


def main(r4, r5):
    later = dict(Version(r5).bound())
    for path, codes in sorted(Version(r4).bound()):
        # One that is no code any more has those of R4; one whose codes nobody can list may say anything.
        more = later.get(path, codes)
        if codes and more is not None and len(codes | more) <= MOST:
            yield f"{path} {'|'.join(sorted(codes | more))}"


print(HEAD + "\n".join(main(*sys.argv[1:])))
