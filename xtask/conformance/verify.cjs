// Verifies one delivery with the official JavaScript library.
//
// Reads {"secret", "headers", "body"} as JSON from stdin; exit 0 means the library accepts it.

const { readFileSync } = require("node:fs");
const { Webhook } = require("standardwebhooks");

const delivery = JSON.parse(readFileSync(0, "utf8"));
new Webhook(delivery.secret).verify(delivery.body, delivery.headers);
