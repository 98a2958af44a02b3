// Answers questions with fhirpath.js, an engine that shares nothing with ours.
//
// Reads {"resources": [JSON], "questions": [{"expression", "resource"}]} from stdin; a resource is asked by
// its place. Writes what each expression gives, null for an error; what JSON cannot say comes as text.

const { readFileSync } = require("node:fs");
const fhirpath = require("fhirpath");
const r4 = require("fhirpath/fhir-context/r4");

const { resources, questions } = JSON.parse(readFileSync(0, "utf8"));
const plain = (item) => (item !== null && typeof item === "object" && item.constructor !== Object ? String(item) : item);
const answers = questions.map(({ expression, resource }) => {
  try {
    return fhirpath.evaluate(resources[resource], expression, { loinc: "http://loinc.org" }, r4).map(plain);
  } catch {
    return null;
  }
});
process.stdout.write(JSON.stringify(answers));
