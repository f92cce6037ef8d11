'use strict';
// console.table(): rows and columns of a value, and their drawing.

const { inspect, getStringWidth, engine } = require('internal/util/inspect');
const { isMap, isMapIterator, isSet, isSetIterator } = require('internal/util/types');

const indexHead = '(index)';
const iterationHead = '(iteration index)';
const keyHead = 'Key';
const valuesHead = 'Values';

function drawRow(cells, widths) {
  const drawn = cells.map(
    (cell, i) => ` ${cell}${' '.repeat(widths[i] - getStringWidth(cell))} `);
  return `│${drawn.join('│')}│\n`;
}

// `columns` holds an array of cells for each head.
function draw(heads, columns) {
  const height = Math.max(...columns.map((column) => column.length));
  const cell = (column, row) => columns[column][row] ?? '';
  const widths = heads.map((head, column) => {
    let width = getStringWidth(head);
    for (let row = 0; row < height; row++) {
      width = Math.max(width, getStringWidth(cell(column, row)));
    }
    return width;
  });
  const lines = widths.map((width) => '─'.repeat(width + 2));
  let table = `┌${lines.join('┬')}┐\n${drawRow(heads, widths)}├${lines.join('┼')}┤\n`;
  for (let row = 0; row < height; row++) {
    table += drawRow(heads.map((_, column) => cell(column, row)), widths);
  }
  return `${table}└${lines.join('┴')}┘`;
}

function indexes(length) {
  return Array.from({ length }, (_, i) => String(i));
}

function cellFormat(options) {
  return (value) => {
    const large = value !== null && typeof value === 'object' && !Array.isArray(value) &&
                  Object.keys(value).length > 2;
    return inspect(value, {
      depth: large ? -1 : 0, maxArrayLength: 3, breakLength: Infinity, ...options,
    });
  };
}

// The table of an object, or undefined if it is no collection whose order of iteration counts.
function iterationTable(data, format) {
  let entries;
  let isKeyValue = isMap(data);
  if (isKeyValue) entries = [...data].flat();
  else if (isSet(data)) entries = [...data];
  else if (isMapIterator(data) || isSetIterator(data)) {
    [entries, isKeyValue] = engine.previewEntries(data); // without consuming it
    if (isSetIterator(data)) isKeyValue = false;
  } else {
    return undefined;
  }
  if (!isKeyValue) {
    return draw([iterationHead, valuesHead], [indexes(entries.length), entries.map(format)]);
  }
  const keys = entries.filter((_, i) => i % 2 === 0).map(format);
  const values = entries.filter((_, i) => i % 2 === 1).map(format);
  return draw([iterationHead, keyHead, valuesHead], [indexes(keys.length), keys, values]);
}

// `options` are those of inspect(); `properties` names the columns, if given.
function tableOf(data, properties, options) {
  const format = cellFormat(options);
  const iterated = iterationTable(data, format);
  if (iterated !== undefined) return iterated;

  const rows = Object.keys(data);
  const columns = new Map(); // head -> cells
  const values = []; // of rows that are no objects
  rows.forEach((name, row) => {
    const item = data[name];
    const isPrimitive = item === null || (typeof item !== 'function' && typeof item !== 'object');
    if (isPrimitive && properties === undefined) {
      values[row] = format(item);
      return;
    }
    for (const key of properties ?? Object.keys(item)) {
      if (!columns.has(key)) columns.set(key, []);
      columns.get(key)[row] = isPrimitive || !Object.hasOwn(item, key) ? '' : format(item[key]);
    }
  });
  // As properties of an object are ordered: numbers first.
  const heads = Object.keys(Object.fromEntries(columns));
  const cells = heads.map((head) => columns.get(head));
  if (values.length > 0) {
    heads.push(valuesHead);
    cells.push(values);
  }
  return draw([indexHead, ...heads], [rows, ...cells]);
}

module.exports = { tableOf };
