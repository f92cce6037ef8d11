'use strict';
// The reporter for people: results as an indented list, then what failed.

const process = require('process');
const { relative } = require('path');
const { Transform } = require('stream');
const colors = require('internal/util/colors');
const { colorOf, formatResult, indent, symbols } = require('internal/test_runner/reporter/format');

class SpecReporter extends Transform {
  /** Tests that have started and have no result yet, the innermost last. */
  #started = [];
  /** Those of them whose names have been printed, because a subtest was. */
  #printed = [];
  #failed = [];
  #cwd = process.cwd();

  constructor() {
    super({ __proto__: null, writableObjectMode: true });
    colors.refresh();
  }

  #failures() {
    if (this.#failed.length === 0) return '';
    const lines = [`\n${colors.red}${symbols['test:fail']}failing tests:${colors.white}\n`];
    for (const test of this.#failed) {
      if (test.file) lines.push(`test at ${relative(this.#cwd, test.file)}:${test.line}:${test.column}`);
      lines.push(formatResult('test:fail', test));
    }
    this.#failed = [];
    return lines.join('\n');
  }

  #result(type, data) {
    this.#started.pop();
    let prefix = '';
    for (const parent of this.#started) {
      prefix += `${indent(parent.nesting)}${symbols.parent}${parent.name}\n`;
      this.#printed.push(parent);
    }
    this.#started.length = 0;
    const last = this.#printed[this.#printed.length - 1];
    if (last !== undefined && last.nesting === data.nesting && last.name === data.name) this.#printed.pop();
    return `${formatResult(type, data, prefix, indent(data.nesting), false)}\n`;
  }

  #text(type, data) {
    switch (type) {
      case 'test:fail':
        if (data.details?.error?.failureType !== 'subtestsFailed') this.#failed.push(data);
        return this.#result(type, data);
      case 'test:pass':
        return this.#result(type, data);
      case 'test:start':
        this.#started.push(data);
        return undefined;
      case 'test:stderr':
      case 'test:stdout':
        return data.message;
      case 'test:diagnostic':
        return `${colorOf(data.level ?? type)}${indent(data.nesting)}${symbols[type]}${data.message}${colors.white}\n`;
      case 'test:summary':
        // those of single files say nothing
        return data.file === undefined ? this.#failures() : undefined;
      case 'test:interrupted':
        return interruptedText(data.tests, this.#cwd);
      default:
        return undefined;
    }
  }

  _transform({ type, data }, encoding, callback) {
    callback(null, this.#text(type, data));
  }

  _flush(callback) {
    callback(null, this.#failures());
  }
}

function interruptedText(tests, cwd) {
  if (tests.length === 0) return undefined;
  let text = `\n${colors.yellow}Interrupted while running:${colors.white}\n\n`;
  for (const { column, file, line, name, nesting } of tests) {
    text += `${indent(nesting)}${symbols.alert}${name}`;
    if (file) text += ` ${colors.gray}(${relative(cwd, file)}:${line}:${column})${colors.white}`;
    text += '\n';
  }
  return text;
}

module.exports = SpecReporter;
