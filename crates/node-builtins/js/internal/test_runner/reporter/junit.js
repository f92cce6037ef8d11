'use strict';
// Results as the XML that JUnit made common: a suite for each test with subtests, a case for each other one.

const { hostname } = require('os');
const { inspectPlainly } = require('internal/test_runner/reporter/format');

const inspectOptions = { __proto__: null, colors: false, breakLength: Infinity };

const escapeContent = (text) => text.replace(/(&)(?!#\d{1,7};)/g, '&amp;').replaceAll('<', '&lt;');
const escapeAttribute = (text = '') => escapeContent(`${text}`.replaceAll('\n', '&#10;')).replaceAll('"', '&quot;');
const escapeComment = (text = '') => text.replaceAll('--', '&#45;&#45;');

function xml(node) {
  if (typeof node === 'string') return `${escapeContent(node)}\n`;
  const { attributes, children, comment, nesting, tag } = node;
  const indent = '\t'.repeat(nesting + 1);
  if (comment !== undefined) return `${indent}<!-- ${escapeComment(comment)} -->\n`;
  let open = `${indent}<${tag}`;
  for (const { 0: name, 1: value } of Object.entries(attributes)) open += ` ${name}="${escapeAttribute(String(value))}"`;
  if (children.length === 0) return `${open}/>\n`;
  return `${open}>\n${children.map(xml).join('')}${indent}</${tag}>\n`;
}

const isFailure = (node) =>
  node?.children?.some((child) => child.tag === 'failure') || node?.attributes?.failures > 0;
const isSkipped = (node) =>
  node?.children?.some((child) => child.tag === 'skipped') || node?.attributes?.skipped > 0;

class Report {
  #current;

  start({ name, nesting }) {
    const parent = this.#current;
    const node = { __proto__: null, attributes: { __proto__: null, name }, nesting, parent, children: [] };
    if (parent !== undefined) parent.children.push(node);
    this.#current = node;
  }

  /** Ends a test; its XML, if no other is around it. */
  end(type, data) {
    if (this.#current?.attributes.name !== data.name || this.#current.nesting !== data.nesting) this.start(data);
    const node = this.#current;
    const { attributes, children } = node;
    this.#current = node.parent;
    attributes.time = (data.details.duration_ms / 1000).toFixed(6);
    const tests = children.filter((child) => child.comment === undefined);
    if (tests.length > 0) {
      node.tag = 'testsuite';
      attributes.disabled = 0;
      attributes.errors = 0;
      attributes.tests = tests.length;
      attributes.failures = tests.filter(isFailure).length;
      attributes.skipped = tests.filter(isSkipped).length;
      attributes.hostname = hostname();
    } else {
      node.tag = 'testcase';
      attributes.classname = data.classname ?? 'test';
      if (data.file) attributes.file = data.file;
      addOutcome(node, type, data);
    }
    return node.parent === undefined ? xml(node) : undefined;
  }

  comment({ message, nesting }) {
    const node = { __proto__: null, nesting, comment: message };
    if (this.#current === undefined) return xml(node);
    this.#current.children.push(node);
    return undefined;
  }
}

function addOutcome({ attributes, children }, type, { details, nesting, skip, todo }) {
  const add = (tag, kind, message, content) => {
    children.push({
      __proto__: null, nesting: nesting + 1, tag, attributes: { __proto__: null, type: kind, message }, children: content,
    });
  };
  if (skip) add('skipped', 'skipped', skip, []);
  if (todo) add('skipped', 'todo', todo, []);
  if (type !== 'test:fail') return;
  const { error } = details;
  add('failure', error?.failureType || error?.code, error?.message?.trim() ?? '', [inspectPlainly(error, inspectOptions)]);
  attributes.failure = error?.message ?? '';
}

module.exports = async function* junitReporter(source) {
  yield '<?xml version="1.0" encoding="utf-8"?>\n';
  yield '<testsuites>\n';
  const report = new Report();
  for await (const { type, data } of source) {
    let text;
    if (type === 'test:start') report.start(data);
    else if (type === 'test:pass' || type === 'test:fail') text = report.end(type, data);
    else if (type === 'test:diagnostic') text = report.comment(data);
    if (text !== undefined) yield text;
  }
  yield '</testsuites>\n';
};
