// Makes one self-contained OpenAPI description of openapi.json, which is written by hand, and of the JSON Schemas of the
// MQTT messages. The API gives the same objects as the messages, so their members are described once:
//
//   {"$ref": "feed/alarm.schema.json#/properties/limit"}   becomes that schema itself. What stands beside the $ref goes
//                                                          over it; `properties` and `required` are added to its own.
//   "x-without": ["v", "seq"]                              beside such a $ref: without these members.
//   {"$ref": "feed/alarm.schema.json#/$defs/time"}         what a message defines by a name becomes a component of that
//                                                          name (Time), once for all messages.
//
//   node bundle-openapi.mjs OPENAPI FEED_SCHEMA_FOLDER VERSION OUT
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [source, feed, version, out] = process.argv.slice(2);
if (!out) {
  console.error('usage: node bundle-openapi.mjs OPENAPI FEED_SCHEMA_FOLDER VERSION OUT');
  process.exit(2);
}

const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
const is_object = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** What a JSON pointer names (RFC 6901). */
function look_up(document, pointer, where) {
  let found = document;
  for (const step of pointer.split('/').slice(1)) {
    found = found?.[step.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  if (found === undefined) throw new Error(`${where}: there is no ${pointer}`);
  return found;
}

const messages = {};
const shared = {};

/** The component that stands for `$defs/<name>` of a message. */
function named(name, schema, where) {
  const component = name[0].toUpperCase() + name.slice(1);
  if (shared[component] && !same(shared[component], schema)) throw new Error(`${where}: another ${name} than elsewhere`);
  shared[component] = schema;
  return `#/components/schemas/${component}`;
}

/** A message's schema as it stands in the description: its own definitions have become components. */
function settled(schema, message, where) {
  if (Array.isArray(schema)) return schema.map((item) => settled(item, message, where));
  if (!is_object(schema)) return schema;
  const { $ref, $schema, $id, $defs, ...rest } = schema;
  const made = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, settled(value, message, where)]));
  if ($ref === undefined) return made;
  if (!$ref.startsWith('#/$defs/')) throw new Error(`${where}: ${$ref} is no definition of its own`);
  return { $ref: named($ref.slice('#/$defs/'.length), look_up(message, $ref.slice(1), where), where), ...made };
}

/** The schema that "feed/<file>#<pointer>" names, with what stands beside the reference. */
function merged(reference, { 'x-without': without = [], properties, required, ...beside }) {
  const [, file, pointer] = /^feed\/([^#]+)#?(.*)$/.exec(reference);
  const message = (messages[file] ??= read(join(feed, file)));
  if (pointer.startsWith('/$defs/') && without.length === 0) {
    return { $ref: named(pointer.slice('/$defs/'.length), look_up(message, pointer, reference), reference), ...beside };
  }
  const made = { ...settled(look_up(message, pointer, reference), message, reference), ...beside };
  for (const name of without) {
    if (!made.properties?.[name]) throw new Error(`${reference}: there is no ${name} to leave out`);
  }
  const stays = (name) => !without.includes(name);
  if (made.properties) {
    const own = Object.entries(made.properties).filter(([name]) => stays(name));
    made.properties = { ...Object.fromEntries(own), ...properties };
  }
  if (made.required) made.required = [...new Set([...made.required.filter(stays), ...(required ?? [])])];
  return made;
}

function resolved(node) {
  if (Array.isArray(node)) return node.map(resolved);
  if (!is_object(node)) return node;
  const made = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, resolved(value)]));
  const { $ref, ...beside } = made;
  return typeof $ref === 'string' && $ref.startsWith('feed/') ? merged($ref, beside) : made;
}

/** Every schema says what it means: members of answers and forms have a description, or are described elsewhere. */
function check_words(node, where) {
  if (Array.isArray(node)) return node.forEach((item, i) => check_words(item, `${where}/${i}`));
  if (!is_object(node)) return;
  // Inside allOf and oneOf members are only narrowed.
  if (node.type !== undefined && is_object(node.properties)) {
    for (const [name, member] of Object.entries(node.properties)) {
      if (!member.description && !member.$ref) throw new Error(`${where}/properties/${name} has no description`);
    }
  }
  for (const [key, value] of Object.entries(node)) check_words(value, `${where}/${key}`);
}

/** Every reference leads somewhere, and every component is used. */
function check_references(document) {
  const used = new Set();
  JSON.stringify(document, (key, value) => {
    if (key === '$ref' && typeof value === 'string') {
      if (!value.startsWith('#/')) throw new Error(`${value} leads out of the description`);
      look_up(document, value.slice(1), value);
      used.add(value.split('/').slice(0, 4).join('/'));
    }
    return value;
  });
  for (const [kind, components] of Object.entries(document.components)) {
    if (kind === 'securitySchemes') continue;
    for (const name of Object.keys(components)) {
      if (!used.has(`#/components/${kind}/${name}`)) throw new Error(`components/${kind}/${name} is not used`);
    }
  }
}

const written = read(source);
check_words(written, '#');
const description = resolved(written);
description.info.version = version;
for (const [name, schema] of Object.entries(shared)) {
  if (description.components.schemas[name]) throw new Error(`there are two components ${name}`);
  description.components.schemas[name] = schema;
}
check_references(description);
writeFileSync(out, JSON.stringify(description, null, 1) + '\n');
