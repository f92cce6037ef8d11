'use strict';

// Source maps of the modules that were loaded: which maps there are, by file or URL, and whether stacks are to be
// told in the positions of the sources. Maps are read when somebody asks, not when a module is loaded.

const lazy = require('internal/lazy');
const process = require('process');
const { validateBoolean, validateObject } = require('internal/validators');
const { getOptionValue } = require('internal/options');
const { SourceMap } = require('internal/modules/source_map');
const resolver = require('internal/modules/resolver');
const getUrl = lazy(() => require('internal/url'));

const support = { enabled: getOptionValue('--enable-source-maps') === true, nodeModules: true, generatedCode: true };

/** By file path or URL: `{ text, url }` before the map was read, `{ map }` or `{ map: undefined }` after. */
const known = new Map();

function isWanted(name, isGenerated) {
  if (!support.enabled) return false;
  if (!support.nodeModules && /[\\/]node_modules[\\/]/.test(name)) return false;
  return support.generatedCode || !isGenerated;
}

/** Remembers that a module's text names a source map. */
function note(name, text, isGenerated) {
  if (!isWanted(name, isGenerated)) return;
  const comment = lastComment(text);
  if (comment === undefined) return;
  const entry = { text, comment, url: name.startsWith('/') ? resolver.fileUrl(name) : name };
  known.set(name, entry);
  if (entry.url !== name) known.set(entry.url, entry);
  const sourceUrl = /\/[*/][#@]\s*sourceURL=([^\s'"]*)/.exec(text)?.[1];
  if (sourceUrl !== undefined) known.set(sourceUrl, entry);
}

function lastComment(text) {
  const at = text.lastIndexOf('sourceMappingURL=');
  if (at === -1) return undefined;
  // it may stand in a template that has not come to its end
  if (text.slice(at).replace(/\\[^]/g, '').split('`').length % 2 === 0) return undefined;
  const start = text.lastIndexOf('\n', at) + 1;
  return /\/[*/][#@]\s*sourceMappingURL=([^\s'"]+)/.exec(text.slice(start))?.[1];
}

function readPayload({ comment, url }) {
  const { URL } = getUrl();
  try {
    if (comment.startsWith('data:')) {
      const { 1: isBase64, 2: body } = /^data:application\/json[^,]*?(;base64)?,([^]*)$/.exec(comment) ?? [];
      if (body === undefined) return undefined;
      const json = isBase64 ? require('buffer').Buffer.from(body, 'base64').toString() : decodeURIComponent(body);
      return withAbsoluteSources(JSON.parse(json), url);
    }
    const mapUrl = new URL(comment, url).href;
    const json = require('fs').readFileSync(resolver.filePath(mapUrl), 'utf8');
    return withAbsoluteSources(JSON.parse(json), mapUrl);
  } catch {
    return undefined;
  }
}

function withAbsoluteSources(payload, base) {
  if (payload.sections) {
    payload.sections = payload.sections.map((section) => ({ ...section, map: withAbsoluteSources(section.map, base) }));
    return payload;
  }
  const { URL } = getUrl();
  payload.sources = payload.sources.map((source) => {
    const full = (payload.sourceRoot || '') + source;
    try {
      return new URL(full, base).href;
    } catch {
      return full;
    }
  });
  payload.sourceRoot = '';
  return payload;
}

/** The source map of a file path or URL, if source maps are enabled and it has one. */
function findSourceMap(name) {
  const entry = known.get(name);
  if (entry === undefined) return undefined;
  if (!('map' in entry)) {
    const payload = readPayload(entry);
    const lineLengths = entry.text.replace(/\n$/, '').split(/\r\n|\n|\r|\u2028|\u2029/).map((line) => line.length);
    try {
      entry.map = payload === undefined ? undefined : new SourceMap(payload, { lineLengths });
    } catch {
      entry.map = undefined;
    }
    entry.text = undefined;
  }
  return entry.map;
}

function getSourceMapsSupport() {
  return Object.freeze({ __proto__: null, ...support });
}

function setSourceMapsSupport(enabled, options = { __proto__: null }) {
  validateBoolean(enabled, 'enabled');
  validateObject(options, 'options');
  const { generatedCode = false, nodeModules = false } = options;
  validateBoolean(nodeModules, 'options.nodeModules');
  validateBoolean(generatedCode, 'options.generatedCode');
  Object.assign(support, { enabled, nodeModules, generatedCode });
  require('internal/builtins').changed.sourceMaps = enabled;
  setOnProcess();
}

function setOnProcess() {
  require('internal/util').setOwnProperty(process, 'sourceMapsEnabled', support.enabled);
}

/** Whether modules have to be loaded by their text, so that their maps are seen. */
function isEnabled() {
  return support.enabled;
}

module.exports = { SourceMap, findSourceMap, getSourceMapsSupport, isEnabled, note, setSourceMapsSupport };
