"""Verifies one delivery with the official Python library.

Reads {"secret", "headers", "body"} as JSON from stdin; exit 0 means the library accepts it.
"""

import json
import sys

from standardwebhooks import Webhook

delivery = json.load(sys.stdin)
Webhook(delivery["secret"]).verify(delivery["body"], delivery["headers"])
