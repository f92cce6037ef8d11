'use strict';

// Stacks in the positions of the sources: lines of a stack and the excerpt above an uncaught error, where source
// maps are enabled and known. Who formats stacks calls this; nothing here looks at errors.

const lazy = require('internal/lazy');
const resolver = require('internal/modules/resolver');
const { findSourceMap, isEnabled } = require('internal/modules/source_map_cache');
const getFs = lazy(() => require('fs'));

/** `{ map, source, line, column }` of a call site, counted from 1; undefined where no map knows better. */
function originOf(site) {
  if (!isEnabled()) return undefined;
  const file = site.getFileName() ?? site.getEvalOrigin?.();
  const line = site.getLineNumber();
  const column = site.getColumnNumber();
  if (typeof file !== 'string' || !line || !column) return undefined;
  const map = findSourceMap(file);
  if (map === undefined) return undefined;
  const { originalColumn, originalLine, originalSource } = map.findEntry(line - 1, column - 1);
  if (originalSource === undefined || originalLine === undefined || originalColumn === undefined) return undefined;
  return { map, source: originalSource, line: originalLine + 1, column: originalColumn + 1 };
}

/** A source as stacks show it: files by their paths. */
function shownName(source) {
  return source.startsWith('file:') ? resolver.filePath(source) : source;
}

/** A call site as a line of a stack has it, without `at`. */
function describe(site) {
  const text = `${site}`;
  const origin = originOf(site);
  if (origin === undefined) return text;
  const place = `${site.getFileName()}:${site.getLineNumber()}:${site.getColumnNumber()}`;
  const at = text.lastIndexOf(place);
  if (at === -1) return text;
  const own = `${shownName(origin.source)}:${origin.line}:${origin.column}`;
  return text.slice(0, at) + own + text.slice(at + place.length);
}

/** The stack: its head and a line for each call site. */
function format(head, sites) {
  let text = head;
  for (let i = 0; i < sites.length; i++) text += `\n    at ${describe(sites[i])}`;
  return text;
}

function textOf({ map, source }) {
  const { sources, sourcesContent } = map.payload;
  const own = sourcesContent?.[sources.indexOf(source)];
  if (typeof own === 'string') return own;
  try {
    return getFs().readFileSync(shownName(source), 'utf8');
  } catch {
    return undefined;
  }
}

/** `file:line`, the line and a caret below it, for the place where an error was thrown; undefined without a map. */
function excerptOf(site) {
  const origin = originOf(site);
  if (origin === undefined) return undefined;
  const line = textOf(origin)?.split(/\r\n|\n|\r|\u2028|\u2029/)[origin.line - 1];
  if (!line) return undefined;
  const indent = line.slice(0, origin.column - 1).replace(/[^\t]/g, ' ');
  return `${shownName(origin.source)}:${origin.line}\n${line}\n${indent}^\n`;
}

module.exports = { describe, excerptOf, format, originOf };
