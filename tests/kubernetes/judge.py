"""Judges rendered objects: reads a JSON list of {path, text, read} from stdin, prints how many passed.

`text` must mean to a YAML 1.1 parser what `read` says, and the object must fit, with no unknown field, the schemas of old and
new clusters; custom resources those of their definitions, which lie beside this file.
"""

import json
import pathlib
import sys

import jsonschema
import kubernetes_validate
import yaml

VERSIONS = ["1.28", "1.30", ".".join(kubernetes_validate.latest_version().split(".")[:2])]
DEFINITIONS = pathlib.Path(__file__).parent / "crds"


def judge(file):
    documents = list(yaml.safe_load_all(file["text"]))
    assert documents == [file["read"]], f"YAML 1.1 reads {documents}"
    (item,) = documents
    definition = DEFINITIONS / f"{item['kind']}.json"
    if definition.exists():
        jsonschema.validate(item, json.loads(definition.read_text()), cls=jsonschema.Draft202012Validator)
        return
    for version in VERSIONS:
        # It falls back to an older version where it lacks the one asked for.
        assert kubernetes_validate.validate(item, version, strict=True) == version


files = json.load(sys.stdin)
for file in files:
    try:
        judge(file)
    except (AssertionError, jsonschema.ValidationError) as error:
        sys.exit(f"{file['path']}: {error}")
print(len(files), "objects")
